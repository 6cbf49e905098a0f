//! What an account that the state knows comes to by a change.

use std::time::Duration;

use fleet_vending_proto::v1beta1 as wire;
use tokio_util::sync::CancellationToken;

use super::drive::{Came, Change, Drive};
use super::stream::Known;
use super::{Inner, refused, stopped_or};
use crate::outcome::{LetGo, Outcome};
use crate::refusal::Refusal;
use crate::request::AccountJob;
use crate::wire::convert::{let_go, outcome};

impl Inner {
    /// A change of an account that the state knows.
    pub(super) async fn change(
        &self,
        job: &AccountJob,
        account_id: &str,
        change: Change,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Refusal> {
        let native_id = Some(account_id).filter(|id| !id.is_empty()).map(str::to_owned);
        let mut known = Known { native_id, resume_token: Vec::new() };
        let came = self.drive(&Drive { job, change, limit, cancel }, &mut known).await?;
        match came {
            Came::To(told) => {
                let asked = self.asked(job, known.native_id.as_deref());
                outcome::from_message(*told, asked)
                    .map_err(|nonsense| refused(self.broken(&nonsense)))
            }
            Came::Gone => Err(Refusal::NoSuchObject { object: format!("account {account_id}") }),
            Came::Refused(problem) | Came::Untold(problem) => Err(stopped_or(problem)),
        }
    }

    pub(super) async fn let_go(
        &self,
        job: &AccountJob,
        account_id: &str,
        target: wire::LifecycleState,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<LetGo, Refusal> {
        job.intent.proof.ask(&format!("account {account_id}"))?;
        let native_id = Some(account_id).filter(|id| !id.is_empty()).map(str::to_owned);
        let mut known = Known { native_id, resume_token: Vec::new() };
        let drive = Drive { job, change: Change::Transition(target), limit, cancel };
        match self.drive(&drive, &mut known).await? {
            Came::To(told) => {
                let asked = self.asked(job, known.native_id.as_deref());
                match let_go::from_message(*told, asked) {
                    Ok(done) => done.map_err(stopped_or),
                    Err(nonsense) => Err(refused(self.broken(&nonsense))),
                }
            }
            Came::Gone => Ok(LetGo::Gone),
            Came::Refused(problem) | Came::Untold(problem) => Err(stopped_or(problem)),
        }
    }
}
