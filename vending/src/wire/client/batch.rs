//! Looks at accounts that are asked for at the same time go in one call: a refresh of a fleet is a few calls of a vendor.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fleet_vending_proto::{limits, v1beta1 as wire};
use prost::Message as _;
use tokio::sync::oneshot;

use super::instance::Client;
use super::status::Ended;
use super::{Inner, fleet_id_of, refused};
use crate::error::Kind;
use crate::problem::{Class, Problem};
use crate::refusal::Refusal;
use crate::wire::convert::Nonsense;

/// How long the first of a batch waits for others.
const WINDOW: Duration = Duration::from_millis(10);

/// Bytes of the accounts of one call: well below what a message may have.
const BYTES: usize = limits::MESSAGE_TO_VENDOR / 2;

/// One that waits, and whom to tell.
type Waiting = (wire::ObserveAccount, oneshot::Sender<Result<wire::Observation, Refusal>>);

/// Those that wait for the next call.
#[derive(Default)]
pub(super) struct Batch(Mutex<Vec<Waiting>>);

impl Batch {
    /// Puts one to the others. True: it is the first of them.
    fn join(&self, waiting: Waiting) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(waiting);
        all.len() == 1
    }

    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Cuts a batch into what fits into calls.
fn calls(all: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let mut calls: Vec<Vec<Waiting>> = Vec::new();
    let mut bytes = 0;
    for waiting in all {
        let own = waiting.0.encoded_len();
        match calls.last_mut() {
            Some(call) if call.len() < limits::ACCOUNTS && bytes + own <= BYTES => {
                bytes += own;
                call.push(waiting);
            }
            _ => {
                bytes = own;
                calls.push(vec![waiting]);
            }
        }
    }
    calls
}

impl Inner {
    /// Looks at one account, with the others that are asked for now.
    pub(super) async fn observe_with_others(
        self: &Arc<Self>,
        account: wire::ObserveAccount,
    ) -> Result<wire::Observation, Refusal> {
        let (sender, receiver) = oneshot::channel();
        if self.batch.join((account, sender)) {
            let inner = Arc::clone(self);
            // A task of its own: whoever came first may be cancelled, and the others wait on.
            tokio::spawn(async move {
                inner.clock.sleep(WINDOW).await;
                let all =
                    calls(inner.batch.take()).into_iter().map(|call| inner.observe_call(call));
                futures::future::join_all(all).await;
            });
        }
        match receiver.await {
            Ok(answer) => answer,
            Err(_) => Err(refused(
                self.problem(Class::Call(Kind::Unanswered), "it did not answer".to_owned()),
            )),
        }
    }

    async fn observe_call(&self, call: Vec<Waiting>) {
        let (accounts, senders): (Vec<_>, Vec<_>) = call.into_iter().unzip();
        let answers: Vec<Result<wire::Observation, Refusal>> =
            match self.look_at(accounts, self.depth()).await {
                Ok(observations) => observations.into_iter().map(Ok).collect(),
                Err(problem) => vec![Err(problem); senders.len()],
            };
        for (sender, answer) in senders.into_iter().zip(answers) {
            // Whoever asked has gone.
            let _is_heard = sender.send(answer).is_ok();
        }
    }

    /// Looks by the process that changes nothing; once more where that one died, since to look changes nothing.
    pub(super) async fn look_at(
        &self,
        accounts: Vec<wire::ObserveAccount>,
        depth: wire::Depth,
    ) -> Result<Vec<wire::Observation>, Refusal> {
        let client = self.looking().await?;
        let answer = match self.observe(client, accounts.clone(), depth).await {
            Err(Ended::Lost(_)) => {
                let client = self.looking().await?;
                self.observe(client, accounts, depth).await
            }
            answer => answer,
        };
        answer.map_err(|ended| refused(ended.into_problem()))
    }

    /// The process that changes nothing.
    pub(super) async fn looking(&self) -> Result<Client, Refusal> {
        self.looks.client(&self.settings).await
    }

    /// A refusal as the vendor's problem: where a process could not be started, whoever starts it says why.
    pub(super) fn problem_of(&self, refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Problem(problem) => *problem,
            other => self.problem(Class::Call(Kind::Unanswered), other.to_string()),
        }
    }

    /// One observation for each account, in their order.
    pub(super) async fn observe(
        &self,
        mut client: Client,
        accounts: Vec<wire::ObserveAccount>,
        depth: wire::Depth,
    ) -> Result<Vec<wire::Observation>, Ended> {
        let asked: Vec<String> = accounts
            .iter()
            .map(|of| of.request.as_ref().map_or_else(String::new, fleet_id_of))
            .collect();
        let request = wire::ObserveRequest { accounts, depth: depth.into() };
        let answer = client.rpc.observe(request).await;
        let answer = answer.map_err(|status| self.ended("Observe", &status))?.into_inner();
        let said: Vec<&String> = answer.observations.iter().map(|of| &of.fleet_id).collect();
        if !said.iter().copied().eq(&asked) {
            let nonsense = Nonsense(format!(
                "it was asked about {} accounts, and answers about {}, or about others",
                asked.len(),
                said.len()
            ));
            return Err(Ended::Refused(self.broken(&nonsense)));
        }
        Ok(answer.observations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_no_more_accounts_and_bytes_than_it_may() {
        let waiting = |bytes: usize| {
            let request =
                wire::AccountRequest { memory: vec![0; bytes], ..wire::AccountRequest::default() };
            let account =
                wire::ObserveAccount { request: Some(request), ..wire::ObserveAccount::default() };
            (account, oneshot::channel().0)
        };
        let sizes = |of: Vec<Waiting>| calls(of).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes((0..130).map(|_| waiting(10)).collect()), [64, 64, 2]);
        assert_eq!(sizes((0..40).map(|_| waiting(limits::MEMORY)).collect()), [31, 9]);
        assert_eq!(sizes(vec![waiting(3 << 20), waiting(10)]), [1, 1]);
    }
}
