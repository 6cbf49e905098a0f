//! What changes nothing.

use std::time::Duration;

use fleet_vending_proto::v1beta1 as wire;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::aws::account::converge::look::Looked;
use crate::aws::account::refresh::Believed;
use crate::aws::organization::survey::Want;
use crate::aws::preflight::{Coming, Taken};
use crate::aws::vending::Vending;
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::request::AccountJob;
use crate::unit_path::Parent;
use crate::wire::convert::problem::of_error;
use crate::wire::convert::refusal::to_message_of;
use crate::wire::convert::{adoption, facts, outcome, planned, readiness, request};

/// How long a look may take.
const LOOK: Duration = Duration::from_secs(10 * 60);

/// How many accounts a page has, where the host does not say.
const PAGE: usize = 100;

/// The accounts of a call are looked at together.
pub(super) async fn observe(
    vending: &Vending,
    request: wire::ObserveRequest,
) -> wire::ObserveResponse {
    let depth = wire::Depth::try_from(request.depth).unwrap_or_default();
    let looking = request.accounts.into_iter().map(|account| observe_one(vending, account, depth));
    wire::ObserveResponse { observations: join_all(looking).await }
}

async fn observe_one(
    vending: &Vending,
    account: wire::ObserveAccount,
    depth: wire::Depth,
) -> wire::Observation {
    let request = account.request.unwrap_or_default();
    let of = request.r#ref.clone().unwrap_or_default();
    let fleet_id = of.fleet_id.clone();
    let result = match seen(vending, of, request, &account.believed_digest, depth).await {
        Ok(result) => result,
        Err(problem) => wire::observation::Result::Problem(*problem),
    };
    wire::Observation { fleet_id, result: Some(result) }
}

async fn seen(
    vending: &Vending,
    of: wire::AccountRef,
    asked: wire::AccountRequest,
    digest: &str,
    depth: wire::Depth,
) -> Result<wire::observation::Result, Box<wire::Problem>> {
    use wire::observation::Result as Found;
    if !of.key.is_empty() {
        request::is_of_its_key(&of)?;
    }
    let said = |refusal: Refusal| Box::new(to_message_of(&refusal));
    let gone = || Ok(Found::Gone(wire::Gone { looked_in: "the organization".to_owned() }));
    let cancel = CancellationToken::new();
    if depth == wire::Depth::Exists && !of.native_id.is_empty() && digest.is_empty()
        || of.key.is_empty()
    {
        return match vending.facts(&of.native_id, &cancel).await.map_err(said)? {
            Some(found) => {
                let told = facts::to_message(&found, &of.key);
                Ok(Found::Found(planned::only_there(told)))
            }
            None => gone(),
        };
    }
    let (native_id, taken) = match of.native_id.as_str() {
        "" => match found_of(vending, &of, &asked, &cancel).await.map_err(said)? {
            Some(taken) => (taken.account.id.clone(), Some(taken)),
            None => return gone(),
        },
        id => (id.to_owned(), None),
    };
    if let (Some(taken), wire::Depth::Exists) = (&taken, depth) {
        let told = planned::existing_to(taken, &of.key).facts.unwrap_or_default();
        return Ok(Found::Found(planned::only_there(told)));
    }
    let job = request::from_message(asked)?;
    let seen_in = job.intent.seen_in.clone().unwrap_or_default();
    let believed = Believed { account_id: &native_id, parent_id: &seen_in, digest };
    // A full look believes nothing.
    let believes = depth != wire::Depth::Full && !digest.is_empty() && !seen_in.is_empty();
    let believed = believes.then_some(&believed);
    let looked = vending.look(&job, &native_id, believed, LOOK, &cancel).await.map_err(said)?;
    match looked {
        Looked::AsBelieved => Ok(Found::AsBelieved(wire::AsBelieved {})),
        Looked::Found(found) if !digest.is_empty() && is_as_before(&job, &found, digest) => {
            Ok(Found::AsBelieved(wire::AsBelieved {}))
        }
        Looked::Found(found) => Ok(Found::Found(outcome::to_message(&found, &of.key))),
        Looked::Gone => gone(),
        Looked::Unread(unread) => {
            let problem = unread.no_access_role.as_ref().map(to_message_of);
            let problem = problem.or_else(|| unread.calls.first().map(of_error));
            Ok(Found::Problem(problem.unwrap_or_default()))
        }
    }
}

/// Whether a full look found what the host has: the readiness that it believes, and nothing to tell or to do.
fn is_as_before(job: &AccountJob, found: &Outcome, digest: &str) -> bool {
    let quiet = found.work.is_empty()
        && found.warnings.is_empty()
        && found.failures.is_empty()
        && found.unfinished.is_none()
        && found.duplicate.is_none()
        && !found.moved_away;
    quiet
        && found.readiness.digest() == digest
        && (found.phase, found.lifecycle_phase) == (job.past.phase, job.past.lifecycle_phase)
        && found.closing_since == job.past.closing_since
        && found.memory == job.past.memory
        && job.intent.seen_in.as_ref().is_none_or(|parent| *parent == found.facts.parent_id)
}

/// The account of ours that has the key.
async fn found_of(
    vending: &Vending,
    of: &wire::AccountRef,
    asked: &wire::AccountRequest,
    cancel: &CancellationToken,
) -> Result<Option<Taken>, Refusal> {
    let email = asked.contract.as_ref().map_or("", |contract| contract.email.as_str());
    vending.found(&Coming { key: &of.key, email, named: None }, cancel).await
}

/// Each check that was asked for, or why there is none.
pub(super) async fn check(
    vending: &Vending,
    request: wire::CheckRequest,
) -> Vec<wire::CheckResponse> {
    use wire::check_response::Result as Said;
    let said = match checked(vending, request.request.unwrap_or_default()).await {
        Ok(outcome) => outcome
            .readiness
            .checks
            .values()
            .filter(|check| request.names.is_empty() || request.names.contains(&check.check))
            .map(|check| Said::Check(readiness::to_message(check)))
            .collect(),
        Err(problem) => vec![Said::Problem(*problem)],
    };
    said.into_iter().map(|result| wire::CheckResponse { result: Some(result) }).collect()
}

async fn checked(
    vending: &Vending,
    asked: wire::AccountRequest,
) -> Result<Outcome, Box<wire::Problem>> {
    let said = |refusal: Refusal| Box::new(to_message_of(&refusal));
    let of = asked.r#ref.clone().unwrap_or_default();
    request::is_of_its_key(&of)?;
    let job: AccountJob = request::from_message(asked)?;
    let cancel = CancellationToken::new();
    let looked = vending.look(&job, &of.native_id, None, LOOK, &cancel).await.map_err(said)?;
    match looked {
        Looked::Found(outcome) => Ok(*outcome),
        Looked::Unread(unread) => {
            Err(Box::new(unread.calls.first().map(of_error).unwrap_or_default()))
        }
        Looked::Gone | Looked::AsBelieved => {
            let object = format!("account {}", of.native_id);
            Err(said(Refusal::NoSuchObject { object }))
        }
    }
}

/// What taking over an account would change.
pub(super) async fn adopt(
    vending: &Vending,
    request: wire::AdoptRequest,
) -> wire::adopt_response::Result {
    use wire::adopt_response::Result as Said;
    let job = match request::from_message(request.request.unwrap_or_default()) {
        Ok(job) => job,
        Err(problem) => return Said::Problem(*problem),
    };
    let key = job.request.contract.key.as_str();
    match vending.adoption(&job, &CancellationToken::new()).await {
        Ok(Some(found)) if [&found.facts.id, ""].contains(&request.native_id.as_str()) => {
            Said::Adoption(adoption::to_message(&found, key))
        }
        Ok(_) => Said::Nothing(wire::NothingToAdopt {}),
        Err(refusal) => Said::Problem(to_message_of(&refusal)),
    }
}

/// A page of the accounts, by id: the token is the last id of the page before.
pub(super) async fn list(
    vending: &Vending,
    request: wire::ListRequest,
) -> Result<wire::ListResponse, Status> {
    let after = request.page_token.as_str();
    if !after.is_empty() && (after.len() != 12 || !after.bytes().all(|of| of.is_ascii_digit())) {
        return Err(Status::invalid_argument("no page of this list has such a token"));
    }
    let told = |refusal: &Refusal| Status::unavailable(to_message_of(refusal).message);
    let cancel = CancellationToken::new();
    let below = match request.below.as_str() {
        "" => None,
        text => Some(Parent::parse(text).map_err(|why| {
            Status::invalid_argument(format!("`below` is no organizational unit: {why}"))
        })?),
    };
    let survey = vending.survey(&Want::Tags(Default::default()), &cancel).await;
    let survey = survey.map_err(|refusal| told(&refusal))?;
    let units = survey.units.iter().map(|seen| (seen.unit.id.as_str(), seen.path.as_str()));
    let units: Vec<(&str, &str)> = units.collect();
    let path_of = |parent: &Parent| match parent {
        Parent::Id(id) if *id == survey.root.id => Some(String::new()),
        Parent::Id(id) => units.iter().find(|(of, _)| of == id).map(|(_, path)| (*path).to_owned()),
        Parent::Path(names) => Some(crate::unit_path::join(names)),
    };
    let place = below.as_ref().map(|parent| {
        path_of(parent).ok_or_else(|| {
            Status::invalid_argument("there is no such organizational unit as `below` names")
        })
    });
    let place = place.transpose()?;
    let management = &survey.organization.management_account_id;
    let mut accounts: Vec<_> = survey
        .accounts
        .iter()
        .filter(|seen| *management != seen.account.id)
        .filter(|seen| request.unmanaged || seen.managed_by() == Some(vending.managed_by()))
        .filter(|seen| match (&place, &seen.path) {
            (None, _) => true,
            (Some(place), Some(path)) => {
                place.is_empty() || path == place || path.starts_with(&format!("{place}/"))
            }
            (Some(_), None) => false,
        })
        .filter(|seen| seen.account.id.as_str() > after)
        .collect();
    accounts.sort_by(|a, b| a.account.id.cmp(&b.account.id));
    let size = usize::try_from(request.page_size).unwrap_or(PAGE);
    let size = if size == 0 { PAGE } else { size.min(PAGE) };
    let more = accounts.len() > size;
    accounts.truncate(size);
    let last = accounts.last().map(|seen| seen.account.id.clone()).filter(|_| more);
    let none = Default::default();
    Ok(wire::ListResponse {
        next_page_token: last.unwrap_or_default(),
        accounts: accounts
            .into_iter()
            .map(|seen| {
                let has = seen.tags.as_ref().unwrap_or(&none);
                facts::of_account(&seen.account, has, &survey.organization.id)
            })
            .collect(),
    })
}
