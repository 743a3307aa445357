//! The flags of every tool that asks the network, and the client that they make.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::{Args, ValueEnum};
use gomod_module::GoEnv;
use gomod_proxy_client::auth::AuthPrograms;
use gomod_proxy_client::client::EnvNote;
use gomod_proxy_client::policy::{RetryPolicy, Timeouts};
use gomod_proxy_client::report::{Limit, MinThroughput};
use gomod_proxy_client::{GoProxy, ProxyClient, ProxyClientBuilder};

use crate::certificates::Certificates;
use crate::direct::{Direct, git};
use crate::flags::seconds;
use crate::progress::Progress;
use crate::settings::SettingsError;
use crate::waiting;

/// How long servers may take, and how often they are asked.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
#[non_exhaustive]
pub struct Network {
    /// Give a source up that sends nothing for so many seconds.
    #[arg(long, global = true, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub stall: Duration,

    /// Give a connection up that is not there after so many seconds, TLS included; not longer than --stall.
    #[arg(long, global = true, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub connect: Duration,

    /// Give a file up that one source has not sent after so many seconds, retries and all: 1800, in `sumdb`, whose files are
    /// small, 90.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub total: Option<Duration>,

    /// Give a file up that comes with fewer bytes a second, counted over a minute; 0 for any speed.
    #[arg(long, global = true, value_name = "BYTES", default_value = "1024")]
    pub min_throughput: u64,

    /// How often a failed request is made again at the last source that may be asked.
    ///
    /// What a source earns by its answers, a zip that goes on, and an outage that is waited out cost none of it.
    #[arg(long, global = true, value_name = "POLICY", default_value = "default")]
    pub retries: Retries,

    /// Whom it trusts besides the machine's authorities, and what it shows of itself.
    #[command(flatten)]
    pub certificates: Certificates,

    /// Set when it was said what in the environment has no effect.
    #[arg(skip)]
    told: Arc<OnceLock<()>>,
}

/// A list of sources that is the first argument, and how they are asked. It comes last in the definition of a tool: what
/// follows would stand among its flags in the help.
#[derive(Debug, Clone, Args)]
#[non_exhaustive]
pub struct Sources {
    /// Whom to ask, as in the variable.
    #[arg(index = 1, value_name = "GOPROXY", value_parser = |list: &str| GoProxy::parse(list))]
    pub list: GoProxy,

    /// Its limits.
    #[command(flatten)]
    pub network: Network,
}

impl Sources {
    /// A client for them, with all else as in the environment; see [`Network::client`].
    ///
    /// # Errors
    /// [`SettingsError::Env`], [`SettingsError::Source`], [`SettingsError::Certificates`], [`SettingsError::Client`].
    pub fn client(self, progress: &Progress) -> Result<ProxyClient, SettingsError> {
        let env = GoEnv::load()?;
        let (builder, mut notes) = ProxyClient::builder(self.list)
            .connecting_as_in(&env)
            .map_err(|source| SettingsError::Source(source.into()))?;
        let problems = env.pattern_problems().into_iter();
        notes.extend(problems.map(|(variable, problem)| EnvNote::Pattern { variable, problem }));
        self.network.tell(&notes, progress, false);
        self.network.build(builder, &env, progress)
    }
}

/// The presets of [`RetryPolicy`].
#[derive(Debug, Clone, Copy, ValueEnum)]
#[non_exhaustive]
pub enum Retries {
    /// Never, as in the go command.
    None,
    /// Up to 2 times for one file, 30 within ten minutes for all.
    Gentle,
    /// Up to 5 times for one file, 300 within ten minutes for all.
    Default,
    /// Up to 12 times for one file, without a limit for all.
    Patient,
}

impl Network {
    /// The same, with a limit of so many seconds for a file unless `--total` sets another one.
    #[must_use]
    pub fn total_or(mut self, seconds: u64) -> Self {
        self.total = self.total.or(Some(Duration::from_secs(seconds)));
        self
    }

    /// A client for GOPROXY with the credentials of the environment and at most `jobs` requests in flight, which says whom
    /// it waits for. Warnings go to `progress`, once however many clients there are: of patterns of GOPRIVATE that match
    /// nothing, before a path that they were meant for is sent to a server, and of credentials. So do notes on the netrc file
    /// where `in_detail`.
    ///
    /// # Errors
    /// [`SettingsError::GoProxy`], [`SettingsError::Source`], [`SettingsError::Certificates`], [`SettingsError::Client`].
    pub fn client(
        &self,
        env: &GoEnv,
        jobs: NonZeroUsize,
        progress: &Progress,
        in_detail: bool,
    ) -> Result<ProxyClient, SettingsError> {
        let (builder, notes) =
            ProxyClientBuilder::from_env(env).map_err(|error| SettingsError::of(env, error))?;
        self.tell(&notes, progress, in_detail);
        self.build(builder.max_in_flight(jobs), env, progress)
    }

    fn build(
        &self,
        builder: ProxyClientBuilder,
        env: &GoEnv,
        progress: &Progress,
    ) -> Result<ProxyClient, SettingsError> {
        let builder = self.certificates.add_to(builder)?;
        // As for the go command: who sets GOAUTH has these programs run.
        let builder = builder.auth_programs(AuthPrograms::new(std::env::vars_os()));
        let builder = builder.timeouts(self.timeouts()).retries(self.retries.into());
        let pages = builder.clone().build()?;
        waiting::watch(&pages, progress);
        let client = builder.direct(Direct::new(env, pages, git(self.stall, self.total))).build()?;
        waiting::watch(&client, progress);
        Ok(client)
    }

    /// Tells people what of their environment is not used, and in detail if they want it.
    fn tell(&self, notes: &[EnvNote], progress: &Progress, in_detail: bool) {
        if self.told.set(()).is_err() {
            return;
        }
        for note in notes {
            match note {
                EnvNote::NetrcLine { .. } if in_detail => progress.say(format_args!("note: {note}")),
                EnvNote::NetrcLine { .. } | EnvNote::GoAuthProgram(_) => {}
                note => progress.warn(format_args!("warning: {note}")),
            }
        }
    }

    fn timeouts(&self) -> Timeouts {
        let min_throughput = Timeouts::new()
            .min_throughput
            .filter(|_| self.min_throughput > 0)
            .map(|lowest| MinThroughput { bytes_per_second: self.min_throughput, ..lowest });
        Timeouts::new()
            .stall(self.stall)
            .connect(self.connect.min(self.stall))
            .total(self.total.or(Timeouts::new().total))
            .min_throughput(min_throughput)
    }
}

impl From<Retries> for RetryPolicy {
    fn from(retries: Retries) -> Self {
        match retries {
            Retries::None => Self::none(),
            Retries::Gentle => Self::interactive(),
            Retries::Default => Self::new(),
            Retries::Patient => Self::batch(),
        }
    }
}

/// The flag of a limit, if it has one.
pub(crate) fn flag(limit: Limit) -> Option<&'static str> {
    Some(match limit {
        Limit::Connect(_) => "--connect",
        Limit::FirstByte(_) | Limit::Stall(_) => "--stall",
        Limit::Total(_) => "--total",
        Limit::MinThroughput(_) => "--min-throughput",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_of_retries_says_what_the_policies_do() {
        for retries in Retries::value_variants() {
            let value = retries.to_possible_value();
            let help = value.as_ref().and_then(|value| value.get_help()).map(ToString::to_string);
            let RetryPolicy { retries, budget, .. } = (*retries).into();
            let budget =
                budget.map_or("without a limit".to_owned(), |all| format!("{all} within ten minutes"));
            let wanted = match retries {
                0 => "Never, as in the go command".to_owned(),
                _ => format!("Up to {retries} times for one file, {budget} for all"),
            };
            assert_eq!(help, Some(wanted));
        }
    }
}
