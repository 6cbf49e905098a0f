//! What a call tells of its work, and how it ends.

use fleet_vending_proto::v1beta1 as pb;
use pb::event::Event;
use tokio::sync::mpsc;
use tonic::Status;

/// Why an account is not worked on.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// As people are told it.
    Problem(Box<pb::Problem>),
    /// The account of the reference is not there.
    Gone,
}

/// Where events go.
pub(crate) struct Teller(pub(crate) mpsc::Sender<Result<pb::Event, Status>>);

impl Teller {
    /// Tells one event.
    pub(crate) async fn tell(&self, event: Event) {
        // Nobody listens to a call that was cancelled.
        let _ = self.0.send(Ok(pb::Event { event: Some(event) })).await;
    }

    /// Whether nobody listens any more.
    pub(crate) fn nobody(&self) -> bool {
        self.0.is_closed()
    }

    /// Tells the last one, and before it the id of the account.
    pub(crate) async fn end(self, end: Result<pb::Outcome, Refusal>) {
        match end {
            Ok(outcome) => {
                let of = outcome.facts.as_ref().and_then(|facts| facts.r#ref.as_ref());
                let native_id = of.map_or_else(String::new, |of| of.native_id.clone());
                if !native_id.is_empty() {
                    self.tell(Event::Checkpoint(pb::Checkpoint {
                        native_id,
                        resume_token: Vec::new(),
                    }))
                    .await;
                }
                self.tell(Event::Outcome(outcome)).await;
            }
            Err(Refusal::Problem(problem)) => self.tell(Event::Refused(*problem)).await,
            Err(Refusal::Gone) => {
                self.tell(Event::Gone(pb::Gone { looked_in: "requests/".into() })).await;
            }
        }
    }
}
