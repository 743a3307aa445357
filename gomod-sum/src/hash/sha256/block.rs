//! Messages by blocks, as FIPS 180-4 has them.

/// 64 bytes of a message.
pub(crate) type Block = [u8; 64];

/// What the blocks of a message so far have made of [`INITIAL`].
pub(crate) type State = [u32; 8];

/// The state of a message of which nothing was seen: H(0) of FIPS 180-4, section 5.3.3.
pub(crate) const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Adds blocks to two messages: to each as many as there are for both.
pub(crate) type CompressPair = fn([&mut State; 2], [&[Block]; 2]);
