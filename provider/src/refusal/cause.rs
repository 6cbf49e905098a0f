//! A call that failed, said by what stands behind it: a person does something else about each cause.

use fleet_vending::error::{CREDENTIALS, Cause, Error, Kind};
use fleet_vending::operations::{Access, ORGANIZATION};

use crate::diagnostic::{Report, error};

/// What a failed call means to a person.
pub(crate) struct Meaning {
    /// Its code.
    pub(crate) code: &'static str,
    /// A title of at most 60 characters.
    pub(crate) summary: &'static str,
    /// Why.
    pub(crate) why: String,
    /// What to do.
    pub(crate) todo: String,
}

/// The report of a call that failed. `doing` completes "Cannot …".
pub(super) fn report(failed: &Error, doing: &str) -> Report {
    let Meaning { code, summary, why, todo } = meaning(failed);
    error(code, summary).what(format!("Cannot {doing}: {}", what(failed))).why(why).todo(todo)
}

/// What happened, in one sentence or two: the call, where it was sent to, how often, and what came back.
pub(crate) fn what(failed: &Error) -> String {
    let end = |text: &str| format!("{}.", text.trim_end_matches(['.', ' ', ':']));
    let Error { call, code, message, place, tried, cause, .. } = failed;
    let at = place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
    let times = match tried.as_ref().map(|tries| tries.times) {
        Some(times) => format!(", tried {times} times,"),
        None => String::new(),
    };
    match cause {
        // Nothing was sent.
        _ if call == CREDENTIALS => end(message),
        Cause::NoCredentials
        | Cause::NoSuchProfile
        | Cause::SignInEnded
        | Cause::SourceFailed
        | Cause::AccountNotAllowed
        | Cause::InvalidProxy
        | Cause::InvalidCaBundle => end(message),
        cause if cause.is_unreachable() => {
            end(&format!("{call}{at}{times} got no answer: {message}"))
        }
        _ => end(&format!("{call}{at}{times} answered {}", said(code, message))),
    }
}

fn said(code: &str, message: &str) -> String {
    super::said(code, message)
}

/// What stands behind a failure, and what to do about it.
pub(crate) fn meaning(failed: &Error) -> Meaning {
    let mut meaning = of_cause(failed);
    if failed.may_have_changed() {
        meaning.why.push_str(" Whether the call had its effect is not known: the next plan looks.");
    }
    meaning
}

fn of_cause(failed: &Error) -> Meaning {
    let of = |code, summary, why: &str, todo: &str| Meaning {
        code,
        summary,
        why: why.to_owned(),
        todo: todo.to_owned(),
    };
    let endpoint = failed.place.as_ref().map_or("the endpoint", |place| &place.endpoint);
    match failed.cause {
        Cause::NoSuchProfile => of(
            "FLEET0546",
            "The AWS profile does not exist",
            "The profile is the only source of credentials once it is named: keys from anywhere else would make the calls as somebody else.",
            "Correct the name (`profile` of the provider block, or `AWS_PROFILE`), or add the profile to the shared files; `aws configure list-profiles` lists what is there.",
        ),
        Cause::SignInEnded => of(
            "FLEET0536",
            "The AWS credentials have expired",
            "The profile signs in with IAM Identity Center (SSO), and there is no valid sign-in for it on this machine.",
            "Sign in with `aws sso login` for the profile, then run the same command again.",
        ),
        Cause::SessionEnded => of(
            "FLEET0536",
            "The AWS credentials have expired",
            "Temporary credentials are valid for minutes to hours. No call can be made with them any more, and repeating a call does not help.",
            "Get new credentials (`aws sso login`, or a new session of the role; in a pipeline, a longer session or a profile that renews itself), then run the same command again: an apply goes on where it stopped.",
        ),
        Cause::UnknownKey => of(
            "FLEET0537",
            "AWS does not accept the credentials",
            "AWS does not know the access key. It was deleted or deactivated, belongs to another partition, or its session token is missing. An opt-in region knows it only after the caller's own account has enabled the region.",
            "Check with `aws sts get-caller-identity` which credentials are used, and replace them.",
        ),
        Cause::WrongSecret => of(
            "FLEET0537",
            "AWS does not accept the credentials",
            "The signature of the call does not match the access key: the secret key belongs to another access key, or was copied incompletely. A proxy that rewrites requests has the same effect.",
            "Check with `aws sts get-caller-identity` which credentials are used, and replace access key and secret key together.",
        ),
        Cause::TokenRefused => of(
            "FLEET0537",
            "AWS does not accept the credentials",
            "STS does not accept the identity provider's token: it has expired, was made for another audience, or the account has no such identity provider.",
            "Get a new token, and compare its issuer, audience and subject with the IAM identity provider and the role's trust policy.",
        ),
        Cause::ClockSkew => of(
            "FLEET0538",
            "The clock of this machine is wrong",
            "Each call is signed with the time, and AWS refuses a signature that is more than a few minutes off.",
            "Set the clock of this machine (virtual machines lose time while they are suspended; `timedatectl status` shows whether it is synchronised), then run the same command again.",
        ),
        Cause::NoSuchHost => {
            unreachable(&format!("The host name of {endpoint} cannot be resolved."))
        }
        Cause::ConnectionRefused => unreachable(&format!(
            "Nothing listens at {endpoint}, or a firewall rejects the connection.{}",
            match failed.place.as_ref().and_then(|place| place.proxy.as_ref()) {
                Some(proxy) => format!(
                    " It is called through the proxy {proxy}, if `no_proxy` does not name its host: then the proxy is what refuses, or cannot be reached."
                ),
                None => String::new(),
            }
        )),
        Cause::ConnectionLost => unreachable(&format!(
            "The connection to {endpoint} was closed before there was an answer, each time. Proxies and firewalls do that."
        )),
        Cause::NoAnswer => unreachable(&format!("{endpoint} did not answer in time.")),
        Cause::NoConnection => unreachable(&format!("No connection to {endpoint} could be made.")),
        Cause::UntrustedCertificate => of(
            "FLEET0540",
            "The endpoint's certificate is not trusted",
            "No trusted authority has signed the certificate, it has expired, or it is for another host. A proxy that opens TLS connections shows a certificate of its own authority.",
            "Where such a proxy is meant, set `custom_ca_bundle` of the provider block (or `AWS_CA_BUNDLE`) to a file with its authority's certificate. Otherwise check the endpoint's host name.",
        ),
        Cause::NotTheService => of(
            "FLEET0541",
            "What answered is not AWS",
            "The answer is a web page, not an answer of the service. A proxy's error page, a login page of the network, or an endpoint with the wrong address answers like that.",
            "Check `endpoints`, `http_proxy` and `https_proxy` of the provider block, and the environment variables `AWS_ENDPOINT_URL…`, `HTTP_PROXY` and `HTTPS_PROXY`.",
        ),
        Cause::IncompleteAnswer => of(
            "FLEET0542",
            "An answer of AWS is incomplete",
            "The service always sends what is missing here, so something between this machine and AWS changed the answer, or the endpoint is not AWS. Such an answer is never taken for an empty list.",
            "Run the same command again. If that does not help, check the endpoint and the proxy; `TF_LOG_PROVIDER=DEBUG` shows each call.",
        ),
        Cause::AccountNotAllowed => of(
            "FLEET0545",
            "The credentials belong to another account",
            "The provider block says by `allowed_account_ids` or `forbidden_account_ids` in which accounts the provider may work. No call was made.",
            "Use credentials of an account that is allowed (`aws sts get-caller-identity` shows whose they are), or correct the list.",
        ),
        Cause::NoOrganization => of(
            "FLEET0549",
            "The credentials belong to no organization",
            "The caller's account is not a member of any organization.",
            "Use credentials of the organization's management account (`aws sts get-caller-identity` shows whose they are), or create the organization first.",
        ),
        Cause::RoleRefused => of(
            "FLEET0547",
            "A role of the provider block cannot be assumed",
            "The role does not exist, its trust policy does not name the caller or asks for more (an external id, tags), or the caller's own policies do not allow `sts:AssumeRole` on it.",
            "Compare the role's trust policy with the caller (`aws sts get-caller-identity`), and allow the caller to assume the role.",
        ),
        Cause::InvalidProxy => of(
            "FLEET0548",
            "The connection settings cannot be used",
            "Calls to AWS go through the proxy that `http_proxy` and `https_proxy` of the provider block name, or else the environment variables `HTTP_PROXY` and `HTTPS_PROXY`.",
            "Give scheme, host and port, for example `http://proxy.example.com:3128`.",
        ),
        Cause::InvalidCaBundle => of(
            "FLEET0548",
            "The connection settings cannot be used",
            "`custom_ca_bundle` of the provider block, or the environment variable `AWS_CA_BUNDLE`, names the file with the certificates to trust.",
            "Give a file with one or more certificates in PEM format.",
        ),
        Cause::NoCredentials | Cause::SourceFailed => credentials(),
        Cause::PolicyDenies => of(
            "FLEET0510",
            "AWS denied a call",
            "A policy denies the call: a service control policy of the organization, a permissions boundary, or a policy with an explicit deny. Trying again does not change that.",
            "Allow the action that is named above in that policy, or use a role that the policy leaves out.",
        ),
        Cause::Verification => of(
            "FLEET0510",
            "AWS has not verified the account yet",
            "A new account can use some services only after AWS has verified it, which takes minutes, and up to four hours in some cases.",
            "Apply again later.",
        ),
        Cause::PoliciesPerTarget => of(
            "FLEET0140",
            "No room for service control policies",
            "AWS attaches at most ten policies of one type to one account, organizational unit or root, and fewer where its quota was lowered; those that are inherited do not count.",
            "Detach policies from the account, or attach those that it needs to its organizational unit. Those of the profile are not attached with `controls = { organization-policies = \"verify\" }`.",
        ),
        Cause::AccessDenied if failed.kind == Kind::NotYet => of(
            "FLEET0510",
            "AWS denied a call",
            "The role in the member account may not do this, or does not let the caller in. AWS says the same of a role or an account that was made minutes ago; the provider has waited for that where this run made it.",
            "Allow the action that is named above to the role by which the provider enters the account (for `sts:AssumeRole`: in the role's trust policy), and look for a policy of the organization that takes it away. If role and account are minutes old, apply again.",
        ),
        Cause::AccessDenied | Cause::Unsaid => by_kind(failed),
    }
}

fn unreachable(why: &str) -> Meaning {
    Meaning {
        code: "FLEET0539",
        summary: "AWS cannot be reached",
        why: why.to_owned(),
        todo: "Check the network, the proxy (`http_proxy`, `https_proxy`, `no_proxy`) and, where the provider block has them, `endpoints` and `region`; then run the same command again.".to_owned(),
    }
}

fn credentials() -> Meaning {
    Meaning {
        code: "FLEET0511",
        summary: "AWS credentials are missing or not accepted",
        why: "Calls to AWS are signed with credentials from the provider block, the environment, the shared files, the container or the instance; the first of these that is configured is used.".to_owned(),
        todo: "Set `profile`, or sign in (`aws sso login`), or give the pipeline a role; `aws sts get-caller-identity` shows who you are.".to_owned(),
    }
}

fn by_kind(failed: &Error) -> Meaning {
    let of = |code, summary, why: &str, todo: &str| Meaning {
        code,
        summary,
        why: why.to_owned(),
        todo: todo.to_owned(),
    };
    match failed.kind {
        Kind::Credentials => credentials(),
        Kind::Denied => of(
            "FLEET0510",
            "AWS denied a call",
            &format!(
                "The caller's policies, or a service control policy, do not allow it.{}",
                from_where(&failed.call)
            ),
            "Check who the caller is (`aws sts get-caller-identity`) and give that role the action named above.",
        ),
        Kind::Throttled if failed.tried.is_some() => of(
            "FLEET0543",
            "AWS limits the calls of this plan",
            "All callers of an account share AWS's limits. A plan waits for a while, in all and not for each object, and then ends; an apply waits until its timeout.",
            "Run the same command again later, with a lower `-parallelism` or `retry_mode = \"adaptive\"`, and look who else calls AWS in this account.",
        ),
        kind => of("FLEET0510", "A call to AWS failed", super::why(kind), todo(kind)),
    }
}

/// From where AWS takes a call about the organization, as one more sentence.
fn from_where(call: &str) -> &'static str {
    let of_organization = ORGANIZATION.iter().find(|of| of.call == call);
    match of_organization.filter(|of| of.call.starts_with("organizations:")).map(|of| of.access) {
        Some(Access::Read) => {
            " The organization can be read from the management account, and from the accounts of delegated administrators."
        }
        Some(Access::Write) => {
            " Accounts and organizational units can only be made and moved from the management account."
        }
        None => "",
    }
}

/// What to do about a failure of which no more is known than its kind.
fn todo(kind: Kind) -> &'static str {
    match kind {
        Kind::Throttled | Kind::Busy | Kind::InFlightLimit | Kind::NotYet | Kind::Unanswered => {
            "Run the same command again later: what was done is found again."
        }
        Kind::NotFound => {
            "Plan again: the plan shows what is still there. What was removed by other means has to be made again, or taken out of the configuration."
        }
        Kind::AlreadyExists => {
            "Plan again: the plan shows what is there now. What somebody else made has to be removed, or imported."
        }
        Kind::Invalid => {
            "Read what AWS says about the value, correct it in the configuration, and plan again. Where no value of the configuration is meant, this is a fault of the provider: please report it with the message above."
        }
        Kind::Quota => {
            "Ask for a higher quota (Service Quotas in the console, in us-east-1), or remove what is not needed any more; then apply again."
        }
        Kind::Unsupported => {
            "Check `region` and `endpoints` of the provider block, and the environment variables `AWS_ENDPOINT_URL…`."
        }
        Kind::Cancelled | Kind::DeadlineExceeded => {
            "Apply again: what was done is found again. `timeouts` gives an apply more time."
        }
        Kind::Denied | Kind::Credentials | Kind::Unexpected => {
            "Run the same command again. If AWS gives the same answer, look it up by its code in the API reference of the call; `TF_LOG_PROVIDER=debug` shows what was sent."
        }
    }
}

#[cfg(test)]
mod tests;
