//! Why the checksum database does not know a version: the proxies are asked.

use gomod_module::ModuleVersion;
use gomod_proxy_client::report::Attempt;
use gomod_sum::Kind;

use super::Installer;
use crate::failure::Problem;
use crate::sums::Expected;

impl Installer {
    /// What the bytes of a module are held against.
    pub(super) async fn expected(
        &self,
        module: &ModuleVersion,
        kind: Kind,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Expected, Problem> {
        match self.sums.expected(module, kind, attempts).await {
            Err(Problem::Unproven { missing, in_go_sum, source }) if source.is_unknown_version() => {
                Err(match self.refused(module, attempts).await {
                    Some(proxy) => Problem::Unknown { proxy, database: source },
                    None => Problem::Unproven { missing, in_go_sum, source },
                })
            }
            expected => expected,
        }
    }

    /// What the proxies say of a version that they do not have, or not as a whole: the database asks one of them itself,
    /// and their refusal is the reason of its silence. Nothing that comes is kept.
    async fn refused(
        &self,
        module: &ModuleVersion,
        attempts: &mut Vec<Attempt>,
    ) -> Option<gomod_proxy_client::Error> {
        match self.client.info(module).await {
            Ok(info) => attempts.extend_from_slice(info.trace.attempts()),
            Err(error) => return Some(error),
        }
        // What is too large, or cannot be packed, has an `.info` all the same.
        match self.client.zip(module).await {
            Ok(zip) => {
                attempts.extend_from_slice(zip.attempts());
                None
            }
            Err(error) => Some(error),
        }
    }
}
