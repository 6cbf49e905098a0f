//! What a person who watches an apply is told: one line of the log for each phase and each step, with the
//! request at AWS behind it.

use super::create::Run;
use super::phase::Phase;
use crate::ports::CreateStatus;

impl Run<'_> {
    /// AWS took the request for the account.
    pub(crate) fn log_request(&self, request: &CreateStatus) {
        let answered = self.patience.answered();
        tracing::info!(
            account = self.wish.contract.key.as_str(),
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
        let (call, request_id) = self.last_call();
        tracing::info!(
            account = self.wish.contract.key.as_str(),
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
        let (call, request_id) = self.last_call();
        tracing::info!(
            account = self.wish.contract.key.as_str(),
            account_id,
            call,
            request_id,
            "{step}"
        );
    }

    /// The last call that AWS answered, and the id of its request.
    fn last_call(&self) -> (Option<&'static str>, Option<String>) {
        self.patience.answered().map(|of| (of.call, of.request_id)).unzip()
    }
}
