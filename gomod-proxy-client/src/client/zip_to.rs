use std::fs::File;
use std::io::{self, Cursor, Seek as _, Write};

use gomod_module::ModuleVersion;

use crate::client::fetched::Fetched;
use crate::client::proxy_client::ProxyClient;
use crate::client::zip_fetch::{Event, Progress, ZipFetch};
use crate::report::error::Error;
use crate::report::rejection::Rejection;

/// What a zip can be written into: it can be emptied, because a source may fail on the way, or send bytes that are wrong,
/// and the next one sends them all.
///
/// [`Write`](std::io::Write) alone cannot take back what was written, and with [`Seek`](std::io::Seek) the end of a longer
/// file would stay behind a shorter one.
pub trait ZipWriter: Write {
    /// Throws away what was written; the next byte is the first.
    ///
    /// # Errors
    /// What the system says.
    fn restart(&mut self) -> io::Result<()>;
}

impl ZipWriter for File {
    fn restart(&mut self) -> io::Result<()> {
        (&*self).restart()
    }
}

impl ZipWriter for &File {
    fn restart(&mut self) -> io::Result<()> {
        self.set_len(0)?;
        self.rewind()
    }
}

impl ZipWriter for Vec<u8> {
    fn restart(&mut self) -> io::Result<()> {
        self.clear();
        Ok(())
    }
}

impl ZipWriter for Cursor<Vec<u8>> {
    fn restart(&mut self) -> io::Result<()> {
        self.set_position(0);
        self.get_mut().restart()
    }
}

impl<W: ZipWriter + ?Sized> ZipWriter for &mut W {
    fn restart(&mut self) -> io::Result<()> {
        (**self).restart()
    }
}

impl ProxyClient {
    /// Writes the zip of a version into `to`, which is emptied first, and returns what `check` says of it: the caller's verdict on
    /// all that was written, its hash for instance. The simple form of [`zip`](Self::zip); for progress, see
    /// [`ZipFetch::write_to`].
    ///
    /// ```
    /// use gomod_module::ModuleVersion;
    /// use gomod_proxy_client::{GoProxy, ProxyClient, Rejection};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # gomod_testkit::ModuleTree::new().module("example.com/m", "v1.0.0", &[]).write_to(dir.path());
    /// # let goproxy = format!("file://{}", dir.path().display());
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let client = ProxyClient::builder(GoProxy::parse(&goproxy)?).build()?;
    /// let m = ModuleVersion::parse("example.com/m", "v1.0.0")?;
    /// let mut zip = Vec::new();
    /// let check = |zip: &mut Vec<u8>| match zip.starts_with(b"PK") {
    ///     true => Ok(zip.len()), // in earnest: its hash, once it is the one that go.sum has
    ///     false => Err(Rejection::malformed("not a zip")),
    /// };
    /// let size = client.zip_to(&m, &mut zip, check).await?.value;
    /// assert_eq!(size, zip.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error`] where no source has it, or none that `check` accepts; of the kind
    /// [`Write`](crate::ErrorKind::Write) where `to` fails. What is in `to` then is not to be used.
    pub async fn zip_to<W: ZipWriter, T>(
        &self,
        module: &ModuleVersion,
        to: &mut W,
        check: impl FnMut(&mut W) -> Result<T, Rejection>,
    ) -> Result<Fetched<T>, Error> {
        self.zip(module).await?.write_to(to, |_| {}, check).await
    }
}

impl ZipFetch {
    /// Writes all that comes into `to`, tells `progress` after each piece, and returns what `check` says of the whole; where that
    /// is a rejection, the next source is asked if the list allows it, as by [`reject`](Self::reject).
    ///
    /// `to` is emptied first, unless [`zip_from`](ProxyClient::zip_from) goes on with what is in it: then it stands
    /// at its end. It is written on the thread that polls: for a slow disk on a runtime, take the client of
    /// `blocking` within `spawn_blocking`, or [`next`](Self::next). So is `check` called.
    ///
    /// # Errors
    /// As [`ProxyClient::zip_to`].
    pub async fn write_to<W: ZipWriter, T>(
        mut self,
        to: &mut W,
        mut progress: impl FnMut(Progress),
        mut check: impl FnMut(&mut W) -> Result<T, Rejection>,
    ) -> Result<Fetched<T>, Error> {
        if !self.resumes() {
            to.restart().map_err(|error| self.fail_write(error))?;
        }
        loop {
            while let Some(event) = self.next().await? {
                let written = match event {
                    Event::Restart => to.restart(),
                    Event::Resume { .. } => Ok(()),
                    Event::Chunk(chunk) => to.write_all(&chunk),
                };
                written.map_err(|error| self.fail_write(error))?;
                progress(self.progress());
            }
            to.flush().map_err(|error| self.fail_write(error))?;
            match check(to) {
                Ok(value) => return Ok(Fetched { value, trace: self.accept() }),
                Err(rejection) => self.reject(rejection)?,
            }
        }
    }
}
