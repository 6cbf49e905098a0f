//! What can be wrong with the roles of a provider block.

use std::collections::BTreeSet;
use std::time::Duration;

use fleet_vending::aws::policy::{boundary, state_access};
use fleet_vending::config::BOOTSTRAP_ROLE_NAMES;
use fleet_vending::profile;
use tfplugin::diagnostic::{Diagnostics, Path};
use tfplugin::{Attr, duration};

use super::{AssumeRole, AssumeRoleWithWebIdentity, MemberAccess, ProviderConfig};
use crate::diagnostic::error;
use crate::env;
use crate::tags::given;

const SHORTEST: Duration = Duration::from_secs(15 * 60);
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// STS's limit for a role that is assumed with the session of another role.
const LONGEST_IN_A_CHAIN: Duration = Duration::from_secs(60 * 60);

/// Checks `assume_role`, `assume_role_with_web_identity`, `organization` and `member_access`.
pub(super) fn check(config: &ProviderConfig, diagnostics: &mut Diagnostics) {
    let by_token = config.assume_role_with_web_identity.known();
    let starts_with_role = by_token.is_some_and(|blocks| !blocks.is_empty());
    for (index, block) in (0_i64..).zip(by_token.into_iter().flatten()) {
        let path = Path::attribute("assume_role_with_web_identity").index(index);
        check_token(&path, block, diagnostics);
        check_arn(&path, "role_arn", &block.role_arn, diagnostics);
        check_duration(&path, &block.duration, LONGEST, diagnostics);
        check_name(&path, "session_name", &block.session_name, diagnostics);
        check_limits(&path, &block.policy, &block.policy_arns, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.assume_role.known().into_iter().flatten()) {
        let path = Path::attribute("assume_role").index(index);
        let chained = starts_with_role || index > 0;
        let longest = if chained { LONGEST_IN_A_CHAIN } else { LONGEST };
        check_arn(&path, "role_arn", &block.role_arn, diagnostics);
        check_duration(&path, &block.duration, longest, diagnostics);
        check_transitive(&path, block, diagnostics);
        check_name(&path, "session_name", &block.session_name, diagnostics);
        check_name(&path, "source_identity", &block.source_identity, diagnostics);
        check_external_id(&path, &block.external_id, diagnostics);
        check_limits(&path, &block.policy, &block.policy_arns, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.organization.known().into_iter().flatten()) {
        let path = Path::attribute("organization").index(index);
        check_arn(&path, "read_role_arn", &block.read_role_arn, diagnostics);
        check_arn(&path, "write_role_arn", &block.write_role_arn, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.member_access.known().into_iter().flatten()) {
        let path = Path::attribute("member_access").index(index);
        check_bootstrap_roles(&path, block, diagnostics);
        check_member_roles(&path, block, diagnostics);
    }
}

/// The roles of vending's own in member accounts: names of their own, since their policies are.
fn check_member_roles(path: &Path, block: &MemberAccess, diagnostics: &mut Diagnostics) {
    let names =
        [("manage_role_name", &block.manage_role_name), ("read_role_name", &block.read_role_name)];
    for (attribute, name) in names {
        let Some(name) = name.as_str() else { continue };
        let others: Vec<&str> = match &block.bootstrap_role_names {
            Attr::Known(names) => names.iter().map(String::as_str).collect(),
            Attr::Null => BOOTSTRAP_ROLE_NAMES.to_vec(),
            Attr::Unknown => Vec::new(),
        };
        // Names in IAM differ by more than their case.
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        let twin = attribute == "read_role_name" && block.manage_role_name.as_str().is_some_and(is);
        let problem = if !is_role_name(name) {
            "an IAM role has 1 to 64 letters, digits and _ + = , . @ -"
        } else if profile::ROLES.iter().any(|role| is(&profile::role_name(role))) {
            "`access-roles` makes a role of that name for the account's own pipelines"
        } else if [boundary::NAME, state_access::NAME].into_iter().any(is) {
            "`access-roles` makes a policy of that name"
        } else if twin {
            "`manage_role_name` has it"
        } else if others.into_iter().any(is) {
            "it is a bootstrap role, by which the provider makes this one"
        } else {
            continue;
        };
        diagnostics.push(
            error("FLEET0007", "Not a name for a role of vending's own")
                .at(path.clone().nested(attribute))
                .what(format!("`{attribute}` is {name:?}: {problem}."))
                .why("The control `access-roles` makes this role in each account, with a policy of its own.")
                .todo("Give a name that nothing else uses, for example `fleet-vending` and `fleet-vending-plan`.")
                .build(),
        );
    }
}

/// The letters that AWS takes in the names of roles and of sessions, and in what a session says of its source.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
}

fn is_role_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && is_name(name)
}

/// The roles that are tried in an account. A role may have a path before its name.
fn check_bootstrap_roles(path: &Path, block: &MemberAccess, diagnostics: &mut Diagnostics) {
    const NAME: &str = "bootstrap_role_names";
    let Some(names) = block.bootstrap_role_names.known() else { return };
    let mut said = |at: Path, what: String, why: &str| {
        diagnostics.push(
            error("FLEET0007", "Not the name of a role")
                .at(at)
                .what(what)
                .why(why)
                .todo("Give the names of roles that are in the accounts, for example `OrganizationAccountAccessRole`, or leave the argument out.")
                .build(),
        );
    };
    if names.is_empty() {
        said(
            path.clone().nested(NAME),
            format!("`{NAME}` is empty."),
            "These are the roles by which the provider enters an account that it did not make. Without one it could not enter any.",
        );
    }
    for (index, name) in (0_i64..).zip(names) {
        let (folders, last) = name.rsplit_once('/').unwrap_or(("", name));
        let has_path = name.contains('/')
            && folders
                .split('/')
                .any(|part| part.is_empty() || !part.chars().all(|c| c.is_ascii_graphic()));
        if is_role_name(last) && !has_path {
            continue;
        }
        said(
            path.clone().nested(NAME).index(index),
            format!("`{NAME}` holds {name:?}."),
            "An IAM role has 1 to 64 letters, digits and _ + = , . @ -, so no account has a role of this name.",
        );
    }
}

/// A text that STS takes into a session as a name; its length is checked by the attribute's validator.
fn check_name(path: &Path, attribute: &str, text: &Attr<String>, diagnostics: &mut Diagnostics) {
    let Some(text) = text.as_str().filter(|text| !is_name(text)) else { return };
    diagnostics.push(
        error("FLEET0007", "Not a name for a session")
            .at(path.clone().nested(attribute))
            .what(format!("`{attribute}` is {text:?}."))
            .why("STS refuses a session whose name or source has a blank, or anything but letters, digits and _ + = , . @ -, and no call could be made.")
            .todo("Leave the other characters out.")
            .build(),
    );
}

fn check_external_id(path: &Path, id: &Attr<String>, diagnostics: &mut Diagnostics) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    if id.as_str().is_none_or(|id| id.chars().all(allowed)) {
        return;
    }
    // It may be a secret.
    diagnostics.push(
        error("FLEET0007", "Not an external id")
            .at(path.clone().nested("external_id"))
            .what("`external_id` has a character that none has.")
            .why("STS takes letters, digits and _ + = , . @ : / - in it, and refuses the session otherwise.")
            .todo("Copy it from the role's trust policy, without blanks and line breaks.")
            .build(),
    );
}

/// The policies that limit a session further.
fn check_limits(
    path: &Path,
    policy: &Attr<String>,
    arns: &Attr<BTreeSet<String>>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(text) = policy.as_str() {
        let problem = match serde_json::from_str::<serde_json::Value>(text) {
            Ok(serde_json::Value::Object(_)) => None,
            Ok(_) => Some("it is no JSON object".to_owned()),
            Err(problem) => Some(format!(
                "it is no JSON (line {}, column {})",
                problem.line(),
                problem.column()
            )),
        };
        if let Some(problem) = problem {
            diagnostics.push(
                error("FLEET0007", "Not a policy")
                    .at(path.clone().nested("policy"))
                    .what(format!("`policy` is no policy: {problem}."))
                    .why("STS refuses a session with it, and no call could be made.")
                    .todo("Give a policy as JSON, best by `jsonencode` or the data source `aws_iam_policy_document`.")
                    .build(),
            );
        }
    }
    for arn in arns.known().into_iter().flatten() {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let is_policy = matches!(
            parts.as_slice(),
            ["arn", partition, "iam", "", _, resource]
                if partition.starts_with("aws")
                    && resource.strip_prefix("policy/").is_some_and(|name| !name.is_empty())
        );
        if !is_policy {
            diagnostics.push(
                error("FLEET0007", "Not the ARN of a policy")
                    .at(path.clone().nested("policy_arns"))
                    .what(format!("`policy_arns` holds {arn:?}."))
                    .why("STS refuses a session with what is not the ARN of a managed policy, and no call could be made.")
                    .todo("Give it in full, for example `arn:aws:iam::aws:policy/ReadOnlyAccess`.")
                    .build(),
            );
        }
    }
}

fn check_token(path: &Path, block: &AssumeRoleWithWebIdentity, diagnostics: &mut Diagnostics) {
    let missing = [
        (
            "role_arn",
            block.role_arn.is_null() && env::read(env::ROLE_ARN).is_none(),
            "Set `role_arn`, or AWS_ROLE_ARN in the environment.",
        ),
        (
            "web_identity_token_file",
            block.web_identity_token.is_null()
                && block.web_identity_token_file.is_null()
                && env::read(env::WEB_IDENTITY_TOKEN_FILE).is_none(),
            "Set `web_identity_token_file`, or AWS_WEB_IDENTITY_TOKEN_FILE in the environment.",
        ),
    ];
    for (attribute, _, todo) in missing.into_iter().filter(|(_, is_missing, _)| *is_missing) {
        diagnostics.push(
            error("FLEET0011", "A role is not complete")
                .at(path.clone().nested(attribute))
                .what(format!("`assume_role_with_web_identity` has no `{attribute}`."))
                .why("STS needs the role and the token. Without them the calls would run as somebody else.")
                .todo(todo)
                .build(),
        );
    }
}

fn check_arn(path: &Path, attribute: &str, role_arn: &Attr<String>, diagnostics: &mut Diagnostics) {
    let Some(arn) = role_arn.as_str() else { return };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_role = matches!(
        parts.as_slice(),
        ["arn", partition, "iam", "", account, resource]
            if partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
    );
    if !is_role {
        diagnostics.push(
            error("FLEET0007", "Not the ARN of a role")
                .at(path.clone().nested(attribute))
                .what(format!("`{attribute}` is {arn:?}."))
                .why("STS refuses what is not the ARN of a role, and no call could be made.")
                .todo("Give it in full, for example `arn:aws:iam::111122223333:role/vending`.")
                .build(),
        );
    }
}

/// The text itself is checked by the attribute's validator.
fn check_duration(
    path: &Path,
    text: &Attr<String>,
    longest: Duration,
    diagnostics: &mut Diagnostics,
) {
    let Some(Ok(length)) = text.as_str().map(duration::parse) else { return };
    if length < SHORTEST || length > longest {
        let (most, why) = if longest == LONGEST {
            ("12h", "STS gives sessions of a role for 15 minutes to 12 hours.")
        } else {
            (
                "1h",
                "STS gives a session that one role opens another with for 15 minutes to an hour.",
            )
        };
        diagnostics.push(
            error("FLEET0007", "A session cannot last so long or so short")
                .at(path.clone().nested("duration"))
                .what(format!("`duration` is `{}`.", text.as_str().unwrap_or_default()))
                .why(why)
                .todo(format!(
                    "Give `15m` to `{most}`; the provider renews a session before it ends."
                ))
                .build(),
        );
    }
}

fn check_transitive(path: &Path, block: &AssumeRole, diagnostics: &mut Diagnostics) {
    let (Some(keys), false) = (block.transitive_tag_keys.known(), block.tags.is_unknown()) else {
        return;
    };
    let tags = given(&block.tags).into_known();
    for key in keys {
        if tags.as_ref().is_none_or(|tags| !tags.contains_key(key)) {
            diagnostics.push(
                error("FLEET0007", "A transitive tag is not set")
                    .at(path.clone().nested("transitive_tag_keys"))
                    .what(format!(
                        "`transitive_tag_keys` holds {key:?}, and `tags` has no such key."
                    ))
                    .why("STS refuses a session whose transitive keys are not among its tags.")
                    .todo("Add the tag, or remove the key.")
                    .build(),
            );
        }
    }
}
