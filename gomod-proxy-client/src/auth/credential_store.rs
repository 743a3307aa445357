//! The credentials that a client has now: those that it was given, and those that commands told it.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

#[cfg(feature = "os")]
use crate::auth::authorization::Authorization;
#[cfg(feature = "os")]
use crate::auth::command_runs::CommandRuns;
#[cfg(feature = "os")]
use crate::auth::commands::{Commands, Filled, Refused};
use crate::auth::credentials::Credentials;
use crate::protocol::base_url::BaseUrl;
use crate::report::secrets::Secrets;

/// What requests are made with.
pub(crate) struct CredentialStore {
    pub(crate) given: Credentials,
    /// Whose secrets no text may show.
    #[cfg(feature = "os")]
    urls: Vec<BaseUrl>,
    /// What else none may show.
    #[cfg(feature = "os")]
    told: Secrets,
    current: RwLock<Current>,
    #[cfg(feature = "os")]
    commands: Option<CommandRuns>,
}

struct Current {
    credentials: Arc<Credentials>,
    secrets: Secrets,
}

impl CredentialStore {
    /// `urls` are those of the list and of the HTTP proxies, `told` what else no text of a server may show.
    #[cfg_attr(
        not(feature = "os"),
        expect(clippy::needless_pass_by_value, reason = "they are kept for what commands say later")
    )]
    pub(crate) fn new(given: Credentials, urls: Vec<BaseUrl>, told: Secrets) -> Self {
        let current =
            Current { secrets: given.secrets(&urls).and(&told), credentials: Arc::new(given.clone()) };
        Self {
            given,
            #[cfg(feature = "os")]
            urls,
            #[cfg(feature = "os")]
            told,
            current: RwLock::new(current),
            #[cfg(feature = "os")]
            commands: None,
        }
    }

    /// The same with a reason why there may be fewer than expected.
    #[cfg(feature = "os")]
    pub(crate) fn note(self, note: &str) -> Self {
        Self::new(self.given.note(note), self.urls, self.told)
    }

    pub(crate) fn current(&self) -> Arc<Credentials> {
        Arc::clone(&self.read().credentials)
    }

    /// What no text of a server may show.
    pub(crate) fn secrets(&self) -> Secrets {
        self.read().secrets.clone()
    }

    fn read(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "os")]
impl CredentialStore {
    pub(crate) fn with_commands(mut self, commands: Commands) -> Self {
        self.commands = Some(CommandRuns::new(commands));
        self
    }

    /// Sees that every command has been asked once, where requests for this source may need what it says.
    pub(crate) async fn prepare(&self, base: &BaseUrl) {
        let Some(commands) = self.commands_for(base) else { return };
        let mut begun = commands.begun().await;
        if !*begun {
            self.run(commands, None).await;
            *begun = true;
        }
    }

    /// Whether commands are asked about an answer with a status from 400 to 499.
    pub(crate) fn asks_again(&self, base: &BaseUrl) -> bool {
        self.commands_for(base).is_some()
    }

    /// Asks the commands about a request that was refused. Returns what of their answer is git's, or nothing where there is
    /// nothing else to send now than what was sent.
    pub(crate) async fn renew(
        &self,
        base: &BaseUrl,
        relative: &str,
        sent: Option<&Authorization>,
        refused: Refused,
    ) -> Option<Vec<Filled>> {
        let commands = self.commands_for(base)?;
        let has_changed = || match (self.current().of(base, relative), sent) {
            (Some(now), Some(sent)) => !now.is_like(sent),
            (now, sent) => now.is_some() != sent.is_some(),
        };
        // Another request may have been faster.
        if has_changed() {
            return Some(Vec::new());
        }
        let filled = self.run(commands, Some(refused)).await;
        has_changed().then_some(filled)
    }

    /// Tells git whether a server took what it gave.
    pub(crate) async fn judge(&self, base: &BaseUrl, filled: Filled, is_good: bool) {
        if let Some(commands) = self.commands_for(base) {
            commands.judge(filled, is_good).await;
        }
    }

    /// Commands are for https, and user info in a URL comes before all that they say.
    fn commands_for(&self, base: &BaseUrl) -> Option<&CommandRuns> {
        self.commands.as_ref().filter(|_| base.scheme == "https" && base.user_info.is_none())
    }

    async fn run(&self, commands: &CommandRuns, refused: Option<Refused>) -> Vec<Filled> {
        let (learned, filled) = commands.run(refused).await;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let credentials = learned.apply(&self.given, (*current.credentials).clone());
        let secrets = credentials.secrets(&self.urls).and(&self.told);
        *current = Current { credentials: Arc::new(credentials), secrets };
        filled
    }
}
