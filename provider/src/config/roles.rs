//! What can be wrong with the roles of a provider block.

use std::time::Duration;

use fleet_vending::config::BOOTSTRAP_ROLE_NAMES;
use fleet_vending::policy::{boundary, state_access};
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
    }
    for (index, block) in (0_i64..).zip(config.assume_role.known().into_iter().flatten()) {
        let path = Path::attribute("assume_role").index(index);
        let chained = starts_with_role || index > 0;
        let longest = if chained { LONGEST_IN_A_CHAIN } else { LONGEST };
        check_arn(&path, "role_arn", &block.role_arn, diagnostics);
        check_duration(&path, &block.duration, longest, diagnostics);
        check_transitive(&path, block, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.organization.known().into_iter().flatten()) {
        let path = Path::attribute("organization").index(index);
        check_arn(&path, "read_role_arn", &block.read_role_arn, diagnostics);
        check_arn(&path, "write_role_arn", &block.write_role_arn, diagnostics);
    }
    for (index, block) in (0_i64..).zip(config.member_access.known().into_iter().flatten()) {
        check_member_roles(&Path::attribute("member_access").index(index), block, diagnostics);
    }
}

/// The roles of vending's own in member accounts: names of their own, since their policies are.
fn check_member_roles(path: &Path, block: &MemberAccess, diagnostics: &mut Diagnostics) {
    let names =
        [("manage_role_name", &block.manage_role_name), ("read_role_name", &block.read_role_name)];
    for (attribute, name) in names {
        let Some(name) = name.as_str() else { continue };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        let written = block.bootstrap_role_names.known().into_iter().flatten();
        let default = BOOTSTRAP_ROLE_NAMES.iter().filter(|_| block.bootstrap_role_names.is_null());
        let mut others = written.map(String::as_str).chain(default.copied());
        // Names in IAM differ by more than their case.
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        let twin = attribute == "read_role_name" && block.manage_role_name.as_str().is_some_and(is);
        let problem = if !(1..=64).contains(&name.len()) || !name.chars().all(allowed) {
            "an IAM role has 1 to 64 letters, digits and _ + = , . @ -"
        } else if profile::ROLES.iter().any(|role| is(&profile::role_name(role))) {
            "`access-roles` makes a role of that name for the account's own pipelines"
        } else if [boundary::NAME, state_access::NAME].into_iter().any(is) {
            "`access-roles` makes a policy of that name"
        } else if twin || others.any(is) {
            "another role of the block has it, or a role that it uses by default"
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
