//! Runs of the commands of GOAUTH beside the tasks of the runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, MutexGuard};
use tokio::task::spawn_blocking;

use crate::auth::commands::{Commands, Filled, Learned, Refused};

/// The commands, and whether they have been asked what they know.
pub(crate) struct CommandRuns {
    commands: Arc<Commands>,
    begun: Mutex<bool>,
}

/// Ends the program that is running when the request that needs it is dropped.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl CommandRuns {
    pub(crate) fn new(commands: Commands) -> Self {
        Self { commands: Arc::new(commands), begun: Mutex::new(false) }
    }

    /// Whether all of them have been asked; held by one request, which sees to it.
    pub(crate) async fn begun(&self) -> MutexGuard<'_, bool> {
        self.begun.lock().await
    }

    pub(crate) async fn run(&self, refused: Option<Refused>) -> (Learned, Vec<Filled>) {
        let run = self.beside(move |commands, cancelled| commands.run(refused.as_ref(), cancelled)).await;
        run.unwrap_or_else(|why| (Learned::nothing(&why), Vec::new()))
    }

    /// Tells git whether a server took what it gave.
    pub(crate) async fn judge(&self, filled: Filled, is_good: bool) {
        let _ = self.beside(move |commands, cancelled| commands.judge(&filled, is_good, cancelled)).await;
    }

    async fn beside<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Commands, &AtomicBool) -> T + Send + 'static,
    ) -> Result<T, String> {
        let commands = Arc::clone(&self.commands);
        let cancel = CancelOnDrop(Arc::default());
        let cancelled = Arc::clone(&cancel.0);
        spawn_blocking(move || run(&commands, &cancelled)).await.map_err(|error| error.to_string())
    }
}
