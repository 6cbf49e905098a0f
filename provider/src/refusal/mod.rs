//! The engine's refusals, said to a person. Accounts and organizational units share them.

use fleet_vending::aws::api::NotCreated;
use fleet_vending::aws::policy::exemption::Open;
use fleet_vending::error::{Kind, Tries};
use fleet_vending::partition::Partition;
use fleet_vending::{Flaw, Refusal, Unusable};

use crate::diagnostic::{Report, error};

pub(crate) mod cause;
pub(crate) mod close;
pub(crate) mod duplicate;
mod not_created;
#[cfg(test)]
mod tests;
pub(crate) mod undo;
pub(crate) mod vendor;

/// Says why something was refused or failed. `doing` completes "Cannot …": `create account "a"`.
pub fn report(refusal: &Refusal, doing: &str) -> Report {
    match refusal {
        Refusal::OtherManager { object, manager } => {
            error("FLEET0501", "Another manager holds this object")
                .what(format!("Cannot {doing}: {object} carries `fleet:managed-by` = {manager:?}."))
                .why("Each object is changed by one configuration only: two configurations that change the same object would undo each other's changes.")
                .todo(format!("Change it where {manager:?} is applied. If that configuration is gone, release the object from there first, or set `managed_by` to that name."))
        }
        Refusal::OtherKey { object, key } => error("FLEET0502", "The object was made under another key")
            .what(format!("Cannot {doing}: {object} is ours under the key {key:?}."))
            .why("The key is fixed at create: it is how an object is found again after a crash.")
            .todo(format!("Use the key {key:?}, or another name or email for a new object. An organizational unit that was renamed is imported by its id or path.")),
        Refusal::Unmanaged { object, released_from } => {
            let who = match released_from {
                Some(manager) => format!("{object} was released by {manager:?} and nobody manages it"),
                None => format!("{object} exists already and nobody manages it"),
            };
            error("FLEET0503", "The object exists and is not managed")
                .what(format!("Cannot {doing}: {who}."))
                .why("What somebody made by other means is not taken over silently.")
                .todo("Set `adopt = true` to take it over: the plan then shows what that changes. Or use another name and email, or keep managing it where it was made.")
        }
        Refusal::NotAsPlanned { object, found } => error("FLEET0154", "What was to be taken over is not there any more")
            .what(match found {
                Some(id) => format!("Cannot {doing}: the plan was to take over {object}, and {id} has its name or email now."),
                None => format!("Cannot {doing}: the plan was to take over {object}, and nothing has its name or email any more."),
            })
            .why("An apply does what its plan showed. Something was changed at AWS in between; nothing was done here.")
            .todo("Plan again, and look at what it says now."),
        Refusal::Problem(problem) => vendor::report(problem, doing),
        Refusal::NotStarted(why) => vendor::not_started(why, doing),
        Refusal::KeyTaken { problem, .. } => key_taken(
            error("FLEET0156", "The key belongs to an account that is not usable"),
            problem,
            &refusal.to_string(),
            doing,
        ),
        Refusal::Duplicate(found) => duplicate::describe(
            error("FLEET0158", format!("Two accounts have the key {}", found.key())),
            found,
        ),
        Refusal::ManagementAccount { object } => error("FLEET0155", "The management account is not vended")
            .at("email")
            .what(format!("Cannot {doing}: {object} is the management account of the organization."))
            .why("It holds the keys to every other account: it is never vended, taken over, moved or closed.")
            .todo("Use the email of a member account."),
        Refusal::HeldTwice { object } => error("FLEET0204", "Two blocks are one organizational unit")
            .what(format!("Cannot {doing}: another block of this configuration holds {object}."))
            .why("Both would be the same unit: each would undo what the other does, and the first to be destroyed would delete it.")
            .todo("Remove one of the blocks, or give one another `name` or `parent`. For a block that was renamed, add a `moved` block."),
        Refusal::NameTaken { name, by } => error("FLEET0205", "The name of an organizational unit is taken")
            .what(format!("Cannot {doing}: the name {name:?} is taken by {by}."))
            .why("AWS wants the names of the units under one parent to differ.")
            .todo("Use another name, or rename the other unit first, in an apply of its own.")
            .at("name"),
        Refusal::CannotMove { object, from, to } => error("FLEET0201", "An organizational unit cannot be moved")
            .at("parent")
            .what(format!("Cannot {doing}: {object} is in {from}, and `parent` says {to}."))
            .why("AWS Organizations can move accounts, not organizational units.")
            .todo("Declare a second unit under the other parent, change `parent` of the accounts, and remove this unit once it is empty."),
        Refusal::Inactive { object, state } => error("FLEET0504", "The email belongs to an account that is not active")
            .what(format!("Cannot {doing}: {object} holds this email and is {state}."))
            .why("AWS keeps the address of a suspended or closed account; no other account can have it.")
            .todo("Use another email, or have AWS Support reopen that account.")
            .at("email"),
        Refusal::CreateFailed { reason, message, request_id } => {
            not_created::report(reason, message, request_id.as_deref(), doing)
        }
        Refusal::NoSuchParent { path, nearest } => error("FLEET0506", "No such organizational unit")
            .what(format!("Cannot {doing}: there is no organizational unit {path:?}."))
            .why(if nearest.is_empty() {
                "A path is the names of organizational units from the root down, with `/` between them; a `/` that is part of a name is written `%2F`.".to_owned()
            } else {
                format!("Near it there are: {}.", nearest.join(", "))
            })
            .todo("Correct the path, or refer to the `id` of a `fleet_organizational_unit`, so that it is made first.")
            .at("parent"),
        Refusal::OnboardingParent(refusal) => report(refusal, doing).at("onboarding_parent"),
        Refusal::WrongCaller { caller, management } => error("FLEET0012", "The caller may not read the organization")
            .what(format!("Cannot {doing}: the organization is managed by account {management}, and the calls that read it are made from account {caller}."))
            .why("Only the management account and its delegated administrators may see the organization. AWS would refuse every call, one after the other.")
            .todo(format!("Set `organization.read_role_arn` and `organization.write_role_arn` of the provider block to roles of account {management} that the caller may assume, or use credentials of that account. If account {caller} is a delegated administrator, its role needs `organizations:ListDelegatedAdministrators`.")),
        Refusal::NotManagement { task, caller, management } => error("FLEET0013", "Only the management account can do this")
            .what(format!("Cannot {doing}: only the management account {management} can {task}, and the calls that change the organization are made from account {caller}."))
            .why("AWS lets a delegated administrator read the organization and tag what is in it, and do nothing else to it.")
            .todo(format!("Set `organization.write_role_arn` of the provider block to a role of account {management} that the caller may assume. A plan does not assume it.")),
        Refusal::NotInPartition { partition, region, task } => error("FLEET0014", "This partition does not have that")
            .what(format!("Cannot {doing}: AWS Organizations does not {task} in {}, and the region of the provider block is {region}.", match partition {
                Partition::Other => "its partition".to_owned(),
                known => format!("the partition `{known}`"),
            }))
            .why(if *partition == Partition::GovCloud {
                "In AWS GovCloud (US) accounts are made in pairs, by CreateGovCloudAccount in the commercial partition, and then invited to an organization."
            } else {
                "This version knows the partitions `aws`, `aws-us-gov` and `aws-cn`."
            })
            .todo("Make the account by those means and import it, or give the provider block a `region` of the partition that is meant."),
        Refusal::NoSuchObject { object } => error("FLEET0507", "Not in this organization")
            .what(format!("Cannot {doing}: {object} is not in this organization."))
            .why("The credentials may belong to another organization, or the object was removed by other means.")
            .todo("Check which organization the credentials belong to (`aws organizations describe-organization`) and the id."),
        Refusal::Quarantine { policy, flaw } => {
            let (why, todo) = quarantine(flaw);
            error("FLEET0128", "The quarantine's policy cannot be used")
                .what(format!("Cannot {doing}: the policy `{policy}` of the block `quarantine` cannot be used: {flaw}."))
                .why(why)
                .todo(todo)
                .at("lifecycle_state")
        }
        Refusal::CreateUnknown(failed) => {
            let cause::Meaning { why, todo, .. } = cause::meaning(failed);
            error("FLEET0553", "Not known whether an account was created")
                .what(format!("Cannot {doing}: {}", cause::what(failed)))
                .why(format!("It is not known whether AWS created the account: its answer was not understood, and no account of this key or email has shown since. {why}"))
                .todo(format!("Run the same command again: it looks for the account first, and asks for one only if there is none. {todo}"))
        }
        Refusal::NothingHolds { unit, enabled, nearest } => nothing_holds(unit, *enabled, nearest.as_ref(), doing),
        Refusal::NotClosed { object, reason } => close::report(object, *reason, doing, &[]),
        // Who asks knows why, and says that instead.
        Refusal::NotProven { object } => error("FLEET0317", "The inventory is not known to be current")
            .what(format!("Cannot {doing}: {object} is left as it is. Right before the step, the inventory could not be shown to be current and without clusters in the account."))
            .why("The step cannot be taken back, and the apply may have waited for its turn. A cluster that came meanwhile would be lost.")
            .todo("Bring the inventory up to date and plan again."),
        Refusal::MovedMeanwhile { object, from, found } => error("FLEET0199", "The account was moved during the apply")
            .at("parent")
            .what(format!("Cannot {doing}: {object} was in {from} when the apply began, and is in {found} now."))
            .why("Somebody moved the account while the apply was at work, and may have meant it. Where an account goes back to after a freeze is written down before the move, so it is moved from that place and from no other.")
            .todo("Nothing was moved. Plan again, and look at what it says now."),
        Refusal::NotUndone { object, reason } => undo::report(object, reason, doing),
        Refusal::NoAccess { reason } => error("FLEET0512", "There is no way into the account")
            .what(format!("Cannot {doing}: {reason}."))
            .why("The access that this configuration gave to pipelines in the account has to be revoked before the account is released or closed. Otherwise it would stay as a back door.")
            .todo("Apply again: a role that refuses now may let the provider in later. Where that does not help, name another role that the caller may assume in `member_access.bootstrap_role_names`."),
        Refusal::NoAccessRole { account_id, caller, tried, remedy } => no_access_role(
            error("FLEET0535", "No role lets the provider into an account"),
            account_id,
            caller,
            tried,
            remedy,
        ),
        Refusal::OutOfTime { waiting_for, tried } => {
            out_of_time(waiting_for, tried.as_deref(), doing)
        }
        Refusal::Stopped { waiting_for } => error("FLEET0509", "Stopped")
            .what(format!("The apply was asked to stop while it was about to {doing}; it was waiting for {waiting_for}."))
            .why("An interrupted apply ends at the next safe point.")
            .todo("Apply again: what is under way is found again."),
        Refusal::Call(error) => cause::report(error, doing),
    }
}

/// Says that the account to which a key belongs cannot be used, and that no other one gets the key. `words` is the
/// [`Refusal::KeyTaken`] with this problem.
pub fn key_taken(report: Report, problem: &Unusable, words: &str, doing: &str) -> Report {
    let gone = "If it is gone for good, take its clusters out of the fleet and remove its block; where the state has no such account any more, delete `accounts/<key>.yaml` instead. Then a new account can come in, best under another `key`, and with another `email`.";
    let todo = match problem {
        Unusable::NotHere { organization_id } => format!("If the account belongs here, bring it back: use credentials of its organization, or invite it to {organization_id}. {gone}"),
        Unusable::Over(_) => format!("If the account is still needed, have AWS Support reopen it, which is possible for 90 days after a close. {gone}"),
        Unusable::Another(_) => "Give the account that is to be taken over another `key`; or correct `email`, so that it is that of the account which has the key.".to_owned(),
        Unusable::Unmarked => "If the account is still this configuration's, put its tag `fleet:managed-by` back (`aws organizations tag-resource`), or set `adopt = true`. If another team has it now, delete its file and use another `key`.".to_owned(),
    };
    report
        .what(format!("Cannot {doing}: {words}."))
        .why("A key stands for one account. A new account under it would take over the inventory file, and the clusters that are admitted on the account before it.")
        .todo(todo)
}

/// Says which roles were tried, and the commands that make one.
pub fn no_access_role(
    report: Report,
    account_id: &str,
    caller: &str,
    tried: &[String],
    remedy: &str,
) -> Report {
    report
        .what(format!("None of these roles of account {account_id} lets account {caller} in: {}.", tried.join(", ")))
        .why("The role that AWS makes in a new account trusts the management account alone, and an account that was invited, or made by other means, has none.")
        .todo(format!("As an administrator of account {account_id}, run these commands and apply again:\n\n{remedy}"))
}

/// Throttling, and whatever else is waited out, is said here: with what was tried.
fn out_of_time(waiting_for: &str, tried: Option<&Tries>, doing: &str) -> Report {
    let Some(tries) = tried else {
        return error("FLEET0508", "The time was over")
            .what(format!("Cannot {doing} within its timeout: it was waiting for {waiting_for}."))
            .why("AWS works on some requests for minutes or hours.")
            .todo("Apply again: what is under way is found again. `timeouts` gives it more time.");
    };
    let what = format!(
        "Cannot {doing} within its timeout: it was waiting for {waiting_for}. {}.",
        tries.to_string().trim_end_matches('.')
    );
    let last = &tries.last;
    if last.call == "organizations:CreateAccount"
        && let Some(report) = not_created::still(&NotCreated::parse(&last.code), &what)
    {
        return report;
    }
    let todo = match last.kind {
        Kind::Throttled => {
            "Apply again, with a lower `-parallelism` or `retry_mode = \"adaptive\"`: every caller in the account shares AWS's limits, so look who else calls. `timeouts` gives it more time."
        }
        _ => "Apply again: what is under way is found again. `timeouts` gives it more time.",
    };
    error("FLEET0508", "The time was over").what(what).why(why(last.kind)).todo(todo)
}

/// Why a quarantine's policy with this flaw holds no account, and what to do.
/// That the unit of a quarantine without a policy of its own holds nothing.
fn nothing_holds(
    unit: &str,
    enabled: bool,
    nearest: Option<&(String, Open)>,
    doing: &str,
) -> Report {
    let why_not = match (enabled, nearest) {
        (false, _) => {
            "The organization's root has service control policies switched off.".to_owned()
        }
        (true, Some((policy, open))) => format!("The policy {policy} comes closest, and {open}."),
        (true, None) => "No policy there denies all actions.".to_owned(),
    };
    error("FLEET0184", "The quarantine holds nothing")
        .at("lifecycle_state")
        .what(format!("Cannot {doing}: the block `quarantine` has no `policy_id`, and nothing attached to its organizational unit {unit} or above it denies everything. {why_not}"))
        .why("To move an account stops nothing in it. It would count as frozen, and all that runs in it would go on.")
        .todo("Set `policy_id` in the block `quarantine` to a service control policy that denies everything and leaves out a role of `member_access`, or attach one to the unit. FLEET0128 shows such a policy.")
}

fn quarantine(flaw: &Flaw) -> (&'static str, &'static str) {
    const POLICY: &str = "Give the id of a service control policy that denies every action on every resource, and leaves out a role of `role_name` or `member_access`: `\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": { \"ArnNotLike\": { \"aws:PrincipalArn\": \"arn:aws:iam::*:role/OrganizationAccountAccessRole\" } }`.";
    match flaw {
        Flaw::TypeOff => (
            "The policy binds nobody while the organization's root has service control policies switched off.",
            "Switch the type on: `aws organizations enable-policy-type --policy-type SERVICE_CONTROL_POLICY --root-id …`.",
        ),
        Flaw::Missing => (
            "AWS has no policy with this id, so nothing would hold a frozen account.",
            "Correct `policy_id` of the block `quarantine`: `aws organizations list-policies --filter SERVICE_CONTROL_POLICY` lists them.",
        ),
        Flaw::Unreadable(_) => (
            "What it denies decides whether a frozen account is held, so a policy that cannot be read is not attached.",
            "Correct the policy's text, or allow the caller `organizations:DescribePolicy`.",
        ),
        Flaw::LocksOut(_) => (
            "A frozen account is bound by it. Where it denies every role by which the provider enters, nobody could look into the account, revoke access in it, or bring it back.",
            POLICY,
        ),
        Flaw::Open(_) => (
            "A frozen account is bound by it. What it leaves open can go on in an account that everybody takes for stopped.",
            POLICY,
        ),
    }
}

fn why(kind: Kind) -> &'static str {
    match kind {
        Kind::Throttled => {
            "AWS limits how many calls it takes, of all callers of the account together; it was tried again for as long as the time and `max_retries` allow."
        }
        Kind::Busy | Kind::InFlightLimit => {
            "AWS does not take this beside what it is at work on; it was tried again for as long as the time and `max_retries` allow."
        }
        Kind::Unanswered => "The service failed or could not be reached, also when tried again.",
        Kind::Unsupported => "The endpoint does not know this service or operation.",
        Kind::Quota => "A quota of the organization is used up.",
        Kind::Cancelled | Kind::DeadlineExceeded => {
            "The operation ended before there was an answer."
        }
        Kind::NotYet => "What the call needs is new, and AWS did not know it everywhere yet.",
        Kind::NotFound => {
            "What the call is about is not there any more, or not in this organization."
        }
        Kind::AlreadyExists => "Something of this name is there already.",
        Kind::Invalid | Kind::Denied | Kind::Credentials => {
            "AWS refused the request as it was sent."
        }
        Kind::Unexpected => "The provider does not know this answer.",
    }
}

fn said(code: &str, message: &str) -> String {
    if message.is_empty() {
        code.to_owned()
    } else {
        format!("{code}: {}", message.trim_end_matches('.'))
    }
}
