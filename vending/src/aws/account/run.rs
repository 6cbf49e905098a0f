//! What every part of a run needs, and what a person who watches it is told: one line of the log for each phase and each
//! step, with the request at AWS behind it.

use fleet_model::tags;

use crate::aws::api::{CreateStatus, Ports};
use crate::aws::deadline::Patience;
use crate::aws::organization::shared::Shared;
use crate::config::Config;
use crate::error::Error;
use crate::phase::Phase;
use crate::progress::{self, Step};
use crate::request::AccountJob;

/// What every part of a run needs.
pub(crate) struct Run<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) shared: &'a Shared,
    pub(crate) config: &'a Config,
    pub(crate) job: &'a AccountJob,
    pub(crate) patience: Patience,
}

impl Run<'_> {
    /// Our id of the account.
    pub(crate) async fn fleet_id(&self) -> Result<String, Error> {
        let organization = self.patience.within(self.shared.organization(self.ports)).await?;
        Ok(tags::fleet_id(&organization.id, self.job.request.contract.key.as_str()))
    }

    /// AWS took the request for the account.
    pub(crate) fn log_request(&self, request: &CreateStatus) {
        self.tell(None, Some(Phase::Requested), "the request was taken", Some("the account"));
        let answered = self.patience.answered();
        tracing::info!(
            account = self.job.request.contract.key.as_str(),
            phase = Phase::Requested.as_str(),
            create_request_id = request.request_id,
            request_id = answered.map(|of| of.request_id),
            "AWS took the request for the account"
        );
    }

    /// The account has reached `phase`; `reason` says what keeps it from the next one.
    pub(crate) fn log_phase(
        &self,
        account_id: &str,
        phase: Phase,
        reason: Option<&str>,
        create_request_id: Option<&str>,
    ) {
        self.tell(Some(account_id), Some(phase), "the account has reached a phase", reason);
        let (call, request_id) = self.last_call();
        tracing::info!(
            account = self.job.request.contract.key.as_str(),
            account_id,
            phase = phase.as_str(),
            reason,
            create_request_id,
            call,
            request_id,
            "the account has reached a phase"
        );
    }

    /// Something was done that is no phase: to where the account is, to what binds it, to its life.
    pub(crate) fn log_step(&self, account_id: &str, step: &str) {
        self.tell(Some(account_id), None, step, None);
        let (call, request_id) = self.last_call();
        tracing::info!(
            account = self.job.request.contract.key.as_str(),
            account_id,
            call,
            request_id,
            "{step}"
        );
    }

    /// The same for whoever waits at the other end of a wire.
    fn tell(
        &self,
        account_id: Option<&str>,
        phase: Option<Phase>,
        done: &str,
        waiting_for: Option<&str>,
    ) {
        progress::tell(|| Step {
            account_id: account_id.map(str::to_owned),
            phase,
            done: done.to_owned(),
            waiting_for: waiting_for.map(str::to_owned),
        });
    }

    /// The last call that AWS answered, and the id of its request.
    fn last_call(&self) -> (Option<&'static str>, Option<String>) {
        self.patience.answered().map(|of| (of.call, of.request_id)).unzip()
    }
}
