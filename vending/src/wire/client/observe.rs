//! Looks at accounts, which change nothing.

use std::sync::Arc;

use fleet_vending_proto::{limits, v1beta1 as wire};
use prost::Message as _;
use tokio::sync::oneshot;

use super::batch::{WINDOW, Waiting, calls};
use super::instance::Client;
use super::status::Ended;
use super::{Inner, fleet_id_of, refused, stopped_or};
use crate::aws::account::converge::look::{Looked, Unread};
use crate::error::Kind;
use crate::outcome::Facts;
use crate::problem::{Class, Problem};
use crate::refusal::Refusal;
use crate::request::AccountJob;
use crate::wire::convert::problem::{from_message as problem_from, to_error};
use crate::wire::convert::{Nonsense, facts, outcome};

impl Inner {
    /// Looks at one account, with the others that are asked for now.
    pub(super) async fn observe_with_others(
        self: &Arc<Self>,
        account: wire::ObserveAccount,
    ) -> Result<wire::Observation, Refusal> {
        let (answer, is_first) = self.looked_at.join(account);
        if is_first {
            let inner = Arc::clone(self);
            // A task of its own: whoever came first may be cancelled, and the others wait on.
            tokio::spawn(async move {
                inner.clock.sleep(WINDOW).await;
                let all = calls(inner.looked_at.take(), limits::ACCOUNTS, |of| of.encoded_len());
                let all = all.into_iter().map(|call| inner.observe_call(call));
                futures::future::join_all(all).await;
            });
        }
        self.heard_of(answer).await
    }

    /// The answer of a batch.
    pub(super) async fn heard_of<A>(
        &self,
        answer: oneshot::Receiver<Result<A, Refusal>>,
    ) -> Result<A, Refusal> {
        match answer.await {
            Ok(answer) => answer,
            Err(_) => Err(refused(
                self.problem(Class::Call(Kind::Unanswered), "it did not answer".to_owned()),
            )),
        }
    }

    async fn observe_call(&self, call: Vec<Waiting<wire::ObserveAccount, wire::Observation>>) {
        let (accounts, tellers): (Vec<_>, Vec<_>) =
            call.into_iter().map(|of| (of.question, of.teller)).unzip();
        let answers: Vec<Result<wire::Observation, Refusal>> =
            match self.look_at(accounts, self.depth()).await {
                Ok(observations) => observations.into_iter().map(Ok).collect(),
                Err(problem) => vec![Err(problem); tellers.len()],
            };
        for (teller, answer) in tellers.into_iter().zip(answers) {
            // Whoever asked has gone.
            let _is_heard = teller.send(answer).is_ok();
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

    /// Reads what a look found.
    pub(super) fn looked(
        &self,
        job: &AccountJob,
        account_id: Option<&str>,
        is_believed: bool,
        found: wire::Observation,
    ) -> Result<Looked, Refusal> {
        use wire::observation::Result as Found;
        let nonsense = |said: &str| Err(refused(self.broken(&Nonsense(said.to_owned()))));
        match found.result {
            Some(Found::AsBelieved(_)) if is_believed => Ok(Looked::AsBelieved),
            Some(Found::AsBelieved(_)) => {
                nonsense("it answers that nothing has changed, and nothing was believed")
            }
            Some(Found::Found(told)) => {
                let read = outcome::from_message(told, self.asked(job, account_id));
                let outcome = read.map_err(|nonsense| refused(self.broken(&nonsense)))?;
                Ok(Looked::Found(Box::new(outcome)))
            }
            Some(Found::Gone(_)) => Ok(Looked::Gone),
            Some(Found::Problem(problem)) => {
                let problem = problem_from(&self.name, &problem);
                match to_error(&problem) {
                    // What could not be read is no change of the account.
                    Some(error) if !matches!(error.kind, Kind::Credentials | Kind::Cancelled) => {
                        Ok(Looked::Unread(Unread { calls: vec![error], no_access_role: None }))
                    }
                    _ => Err(stopped_or(problem)),
                }
            }
            None => nonsense("an empty answer"),
        }
    }

    pub(super) fn facts_in(
        &self,
        account_id: &str,
        found: Option<wire::observation::Result>,
    ) -> Result<Option<Facts>, Refusal> {
        use wire::observation::Result as Found;
        let broken = |nonsense: Nonsense| refused(self.broken(&nonsense));
        match found {
            Some(Found::Found(told)) => {
                let (read, _) =
                    facts::from_message(told.facts.unwrap_or_default(), "").map_err(broken)?;
                if read.id != account_id {
                    let said =
                        format!("it was asked about {account_id}, and answers {:?}", read.id);
                    return Err(broken(Nonsense(said)));
                }
                Ok(Some(read))
            }
            Some(Found::Gone(_)) => Ok(None),
            Some(Found::Problem(problem)) => Err(refused(problem_from(&self.name, &problem))),
            Some(Found::AsBelieved(_)) | None => {
                Err(broken(Nonsense("an empty answer".to_owned())))
            }
        }
    }
}
