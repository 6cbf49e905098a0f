//! What stands in the way of planned accounts.

use std::collections::BTreeMap;

use fleet_vending_proto::v1beta1 as wire;
use tokio_util::sync::CancellationToken;

use crate::aws::preflight::{Coming, Finding, Intent, Taken};
use crate::aws::vending::Vending;
use crate::refusal::Refusal;
use crate::wire::convert::refusal::to_message_of;
use crate::wire::convert::{planned, request};

/// Everything that stands in the way, whatever the order of the accounts.
pub(super) async fn preflight(
    vending: &Vending,
    request: wire::PreflightRequest,
) -> wire::PreflightResponse {
    // Accounts share an email or a key within one call, and not with those of calls before.
    vending.forget_plans();
    let mut answer = wire::PreflightResponse::default();
    let mut accounts = request.accounts;
    accounts.sort_by_key(|of| of_ref(of).key);
    let cancel = CancellationToken::new();
    let mut twice = Twice::default();
    let mut quota = None;
    for account in &accounts {
        let of = of_ref(account);
        let read = match of.key.is_empty() {
            true => Ok(()),
            false => request::is_of_its_key(&of),
        };
        let intent = match read.and_then(|()| planned::intent_from(account)) {
            Ok(intent) => intent,
            Err(problem) => {
                answer.findings.push(wire::Finding {
                    fleet_id: of.fleet_id,
                    blocks: true,
                    problem: Some(*problem),
                    shared_with: Vec::new(),
                });
                continue;
            }
        };
        twice.add(&intent, &of.fleet_id);
        for finding in vending.preflight(&intent, &cancel).await {
            match finding {
                // Told of each account that shares it.
                Finding::KeyTwice { .. } | Finding::EmailTwice { .. } => {}
                // Of the whole plan: the last one has counted every account.
                Finding::Quota(_) => quota = Some(finding),
                other => answer.findings.push(planned::finding_to(&other, &of.fleet_id)),
            }
        }
        if !intent.create || of.key.is_empty() {
            continue;
        }
        match found(vending, account, &intent, &cancel).await {
            Ok(existing) => answer.existing.extend(existing),
            // What could not be asked is told by the preflight.
            Err(Refusal::Call(_) | Refusal::OutOfTime { .. } | Refusal::Stopped { .. }) => {}
            Err(refusal) => answer.findings.push(wire::Finding {
                fleet_id: of.fleet_id,
                blocks: true,
                problem: Some(wire::Problem {
                    object: "key".to_owned(),
                    ..to_message_of(&refusal)
                }),
                shared_with: Vec::new(),
            }),
        }
    }
    answer.findings.extend(twice.findings());
    answer.findings.extend(quota.map(|of| planned::finding_to(&of, "")));
    answer
}

fn of_ref(account: &wire::PlannedAccount) -> wire::AccountRef {
    account.request.clone().and_then(|of| of.r#ref).unwrap_or_default()
}

/// The account that a create would go on with, and what of ours is in it.
async fn found(
    vending: &Vending,
    account: &wire::PlannedAccount,
    intent: &Intent,
    cancel: &CancellationToken,
) -> Result<Option<wire::ExistingAccount>, Refusal> {
    let key = of_ref(account).key;
    let named = Some(account.known_native_id.as_str()).filter(|id| !id.is_empty());
    let email = intent.email.as_deref().unwrap_or_default();
    let Some(taken) = vending.found(&Coming { key: &key, email, named }, cancel).await? else {
        return Ok(None);
    };
    let existing = planned::existing_to(&taken, &key);
    let asked = account.request.clone().unwrap_or_default();
    // Without its contract nobody knows what would be ours.
    let Ok(job) = request::from_message(asked) else { return Ok(Some(existing)) };
    let Taken { account, .. } = taken;
    Ok(Some(match vending.inside(&job, &account.id, cancel).await {
        Ok(inside) => wire::ExistingAccount {
            inside: inside.objects,
            inside_unread: inside.unread,
            ..existing
        },
        Err(refusal) => {
            wire::ExistingAccount { inside_unread: vec![refusal.to_string()], ..existing }
        }
    }))
}

/// What accounts of one call share that each has to have for itself.
#[derive(Default)]
struct Twice {
    /// By key: who comes in under it.
    keys: BTreeMap<String, Vec<String>>,
    /// By email in lower case: as it is written, and who is created with it.
    emails: BTreeMap<String, Vec<(String, String)>>,
}

impl Twice {
    fn add(&mut self, intent: &Intent, fleet_id: &str) {
        if let Some(key) = &intent.key
            && intent.create
        {
            self.keys.entry(key.clone()).or_default().push(fleet_id.to_owned());
        }
        if let Some(email) = &intent.email
            && intent.create
        {
            let of = self.emails.entry(email.to_ascii_lowercase()).or_default();
            of.push((email.clone(), fleet_id.to_owned()));
        }
    }

    fn findings(self) -> impl Iterator<Item = wire::Finding> {
        let keys = self.keys.into_iter().filter(|(_, of)| of.len() > 1);
        let keys = keys.map(|(key, of)| {
            let finding = planned::finding_to(&Finding::KeyTwice { key }, &of[0]);
            wire::Finding { shared_with: vec![of[0].clone()], ..finding }
        });
        let emails = self.emails.into_values().filter(|of| of.len() > 1);
        let emails = emails.flat_map(|of| {
            let told: Vec<wire::Finding> = of
                .iter()
                .map(|(email, fleet_id)| {
                    let email = email.clone();
                    let finding = planned::finding_to(&Finding::EmailTwice { email }, fleet_id);
                    let others = of.iter().map(|(_, other)| other).filter(|of| *of != fleet_id);
                    wire::Finding { shared_with: others.cloned().collect(), ..finding }
                })
                .collect();
            told
        });
        keys.chain(emails)
    }
}
