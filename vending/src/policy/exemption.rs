//! Whom a service control policy leaves out of what it denies.
//!
//! In a frozen account a policy denies nearly everything. It must leave out the roles by which
//! vending enters: nobody could look into the account any more, shut what is ours in it, or bring it
//! back by what is in it.

use serde_json::Value;

/// What vending does in an account that is frozen or retired: it looks, and shuts its ways in.
const NEEDED: &[&str] = &[
    "iam:DeleteOpenIDConnectProvider",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetOpenIDConnectProvider",
    "iam:ListOpenIDConnectProviders",
    "iam:ListPolicyTags",
    "iam:UpdateAssumeRolePolicy",
];
/// Conditions that do not hold for a principal that is named, so that the statement spares it.
const SPARING: &[&str] = &["arnnotlike", "arnnotequals", "stringnotlike", "stringnotequals"];

/// A text that is no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the policy is not a JSON document with statements")]
pub struct NotAPolicy;

/// Those of `roles` (ARNs) to whom `document` denies a call that vending makes.
///
/// # Errors
/// [`NotAPolicy`].
pub fn locked_out(document: &str, roles: &[String]) -> Result<Vec<String>, NotAPolicy> {
    let document: Value = serde_json::from_str(document).map_err(|_| NotAPolicy)?;
    let statements: Vec<&Value> = many(document.get("Statement").ok_or(NotAPolicy)?).collect();
    let denies = |role: &str| {
        let concerns = |of: &&&Value| of.get("Effect").and_then(Value::as_str) == Some("Deny");
        statements.iter().filter(concerns).any(|of| covers(of) && !spares(of, role))
    };
    Ok(roles.iter().filter(|role| denies(role)).cloned().collect())
}

/// What a frozen account could still do under `document` and must not: `None` where a statement denies everything, but to
/// principals that are named, and but for actions that only look. AWS knows no end of actions, so a list of services
/// is never everything, and a condition on anything but the principal is a door.
///
/// # Errors
/// [`NotAPolicy`].
pub fn left_open(document: &str) -> Result<Option<Open>, NotAPolicy> {
    let document: Value = serde_json::from_str(document).map_err(|_| NotAPolicy)?;
    let statements: Vec<&Value> = many(document.get("Statement").ok_or(NotAPolicy)?).collect();
    let denies = |of: &&Value| of.get("Effect").and_then(Value::as_str) == Some("Deny");
    let mut least: Option<Open> = Some(Open::Everything);
    for statement in statements.into_iter().filter(denies) {
        match open_beside(statement) {
            None => return Ok(None),
            Some(open) => least = least.max(Some(open)),
        }
    }
    Ok(least)
}

/// What a policy that should deny everything leaves open; the later ones are closer to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Open {
    /// No statement denies all actions.
    #[error("it denies some actions only, where `\"Action\": \"*\"` denies all")]
    Everything,
    /// Resources are left out.
    #[error("it denies all actions on some resources only, where `\"Resource\": \"*\"` means all")]
    Resources,
    /// It depends on something else than who asks.
    #[error("what it denies depends on `{0}`, and not only on who asks")]
    Condition(String),
    /// It leaves out whoever is not named in an account's or role's own ARN.
    #[error("it leaves out everybody whose ARN is like `{0}`")]
    Principals(String),
    /// Actions that change something are left out.
    #[error("it leaves out `{0}`, which does more than look")]
    Action(String),
}

/// Actions that may stay open: they look, and people need them to see what happens to the account.
const LOOKING: &[&str] = &["describe", "get", "list", "lookup", "search", "simulate", "view"];
/// The same, of services whose actions are about help and bills.
const HELP: &[&str] = &[
    "aws-portal:*",
    "billing:*",
    "ce:*",
    "cur:*",
    "health:*",
    "sts:decodeauthorizationmessage",
    "support:*",
];

/// What one statement leaves open.
fn open_beside(statement: &Value) -> Option<Open> {
    let texts = |field: &str| -> Vec<String> {
        let listed = statement.get(field).into_iter().flat_map(many);
        listed.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect()
    };
    let all = |text: &String| !text.is_empty() && text.chars().all(|c| c == '*' || c == ':');
    if statement.get("NotAction").is_some() {
        let changing = |action: &&String| {
            let operation = action.split_once(':').map_or("", |(_, operation)| operation);
            let looks = LOOKING.iter().any(|verb| operation.starts_with(verb));
            // A session token is a way on, and what is read of secrets and data leaves the account.
            let data = ["secretsmanager:get", "s3:get", "sts:get", "ssm:get", "dynamodb:get"];
            let named = action.as_str() == "sts:getcalleridentity";
            let reads = looks && (named || !data.iter().any(|of| action.starts_with(of)));
            let any_service = action.split(':').next().is_some_and(|service| service.contains('*'));
            !(reads && !any_service || HELP.contains(&action.as_str()))
        };
        if let Some(action) = texts("NotAction").iter().find(changing) {
            return Some(Open::Action(action.clone()));
        }
    } else if !texts("Action").iter().any(all) {
        return Some(Open::Everything);
    }
    if statement.get("NotResource").is_some() || !texts("Resource").iter().any(all) {
        return Some(Open::Resources);
    }
    let conditions = statement.get("Condition").and_then(Value::as_object);
    for (operator, keys) in conditions.into_iter().flatten() {
        let lower = operator.to_ascii_lowercase();
        let operator = lower.strip_suffix("ifexists").unwrap_or(&lower);
        for (key, values) in keys.as_object().into_iter().flatten() {
            if !SPARING.contains(&operator) || !key.eq_ignore_ascii_case("aws:PrincipalArn") {
                return Some(Open::Condition(key.clone()));
            }
            let wide =
                many(values).filter_map(Value::as_str).find(|pattern| !names_a_role(pattern));
            if let Some(wide) = wide {
                return Some(Open::Principals(wide.to_owned()));
            }
        }
    }
    None
}

/// Whether a pattern of an ARN is of roles, and says something of their names.
fn names_a_role(pattern: &str) -> bool {
    let name = pattern.splitn(6, ':').nth(5).and_then(|resource| resource.strip_prefix("role/"));
    name.is_some_and(|name| name.chars().filter(|c| !matches!(c, '*' | '?' | '/')).count() >= 3)
}

/// Whether a statement speaks of a call that vending makes.
fn covers(statement: &Value) -> bool {
    let named = |field: &str, action: &str| {
        let patterns = statement.get(field).into_iter().flat_map(many).filter_map(Value::as_str);
        let action = action.to_ascii_lowercase();
        patterns.into_iter().any(|pattern| like(&pattern.to_ascii_lowercase(), &action))
    };
    if statement.get("NotAction").is_some() {
        return NEEDED.iter().any(|action| !named("NotAction", action));
    }
    NEEDED.iter().any(|action| named("Action", action))
}

/// Whether a condition of the statement does not hold for `role`. All of them must hold for the
/// statement to deny, so one that does not is enough.
fn spares(statement: &Value, role: &str) -> bool {
    let Some(conditions) = statement.get("Condition").and_then(Value::as_object) else {
        return false;
    };
    conditions.iter().any(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
        if !SPARING.contains(&operator) {
            return false;
        }
        let keys = keys.as_object().into_iter().flatten();
        keys.filter(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"))
            .flat_map(|(_, values)| many(values))
            .filter_map(Value::as_str)
            .any(|pattern| match operator {
                "stringnotequals" => pattern == role,
                "stringnotlike" => like(pattern, role),
                _ => arn_like(pattern, role),
            })
    })
}

/// A list, or the one element that stands for it.
fn many(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        one => Box::new(std::iter::once(one)),
    }
}

/// `ArnLike`: each of the six parts by itself, so that `*` does not reach over a colon.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    patterns.len() == parts.len() && patterns.iter().zip(&parts).all(|(p, part)| like(p, part))
}

/// Whether `text` is what `pattern` says: `*` stands for anything, `?` for one character.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // What the pattern so far can stand for: every prefix of the text, by its length.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for symbol in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut open = false;
        for at in 0..=text.len() {
            open |= reached[at];
            next[at] = match symbol {
                '*' => open,
                '?' => at > 0 && reached[at - 1],
                plain => at > 0 && reached[at - 1] && text[at - 1] == plain,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole";

    fn deny(rest: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Resource":"*",{rest}}}]}}"#
        )
    }

    fn sparing(operator: &str, key: &str, value: &str) -> String {
        deny(&format!(r#""Action":"*","Condition":{{"{operator}":{{"{key}":{value}}}}}"#))
    }

    #[test]
    fn a_role_is_spared_by_its_arn_alone() {
        let key = "aws:PrincipalArn";
        let ours = r#""arn:aws:iam::*:role/OrganizationAccountAccessRole""#;
        for (document, locked) in [
            (deny(r#""Action":"*""#), true),
            (sparing("ArnNotLike", key, ours), false),
            (sparing("ArnNotEquals", "AWS:principalarn", ours), false),
            (sparing("StringNotLikeIfExists", key, ours), false),
            (sparing("ArnNotLike", key, &format!("[\"arn:aws:iam::*:role/other\",{ours}]")), false),
            (sparing("ArnNotLike", key, r#""arn:*:iam::*:role/Organization*""#), false),
            (sparing("StringNotEquals", key, &format!("\"{ROLE}\"")), false),
            // Equality knows no patterns; an ARN has six parts; a name is a name.
            (sparing("StringNotEquals", key, ours), true),
            (sparing("ArnNotLike", key, r#""*""#), true),
            (sparing("StringNotLike", key, r#""*""#), false),
            (sparing("ArnNotLike", key, r#""arn:aws:iam::*:role/OrganizationAccount""#), true),
            (sparing("ArnNotLike", key, r#""arn:aws:iam::999999999999:role/*""#), true),
            (sparing("ArnLike", key, ours), true),
            (sparing("ArnNotLike", "aws:SourceArn", ours), true),
        ] {
            let found = locked_out(&document, &[ROLE.to_owned()]).unwrap();
            assert_eq!(!found.is_empty(), locked, "{document}");
        }
    }

    #[test]
    fn a_quarantine_is_judged_by_what_it_denies() {
        let ours = r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}"#;
        let with = |rest: &str| {
            format!(r#"{{"Statement":{{"Effect":"Deny",{rest},"Condition":{{{ours}}}}}}}"#)
        };
        let all = r#""Action":"*","Resource":"*""#;
        for closed in [
            with(all),
            with(r#""Action":["s3:*","*"],"Resource":["*"]"#),
            with(r#""Action":"*:*","Resource":"*""#),
            with(
                r#""NotAction":["iam:Get*","ec2:Describe*","support:*","sts:GetCallerIdentity"],"Resource":"*""#,
            ),
            format!(r#"{{"Statement":{{"Effect":"Deny",{all}}}}}"#),
            format!(
                r#"{{"Statement":[{{"Effect":"Deny","Action":"worklink:*","Resource":"*"}},{{"Effect":"Deny",{all},"Condition":{{{ours}}}}}]}}"#
            ),
        ] {
            assert_eq!(left_open(&closed), Ok(None), "{closed}");
        }
        for (open, what) in [
            (with(r#""Action":"worklink:*","Resource":"*""#), Open::Everything),
            (with(r#""Action":["iam:*","ec2:*","s3:*"],"Resource":"*""#), Open::Everything),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.into(),
                Open::Everything,
            ),
            (r#"{"Statement":[]}"#.into(), Open::Everything),
            (with(r#""Action":"*","Resource":"arn:aws:s3:::*""#), Open::Resources),
            (with(r#""Action":"*","NotResource":"arn:aws:s3:::*""#), Open::Resources),
            (with(r#""NotAction":"iam:*","Resource":"*""#), Open::Action("iam:*".into())),
            (with(r#""NotAction":"*:Get*","Resource":"*""#), Open::Action("*:get*".into())),
            (
                with(r#""NotAction":"sts:AssumeRole","Resource":"*""#),
                Open::Action("sts:assumerole".into()),
            ),
            (
                with(r#""NotAction":"secretsmanager:Get*","Resource":"*""#),
                Open::Action("secretsmanager:get*".into()),
            ),
            (
                deny(
                    r#""Action":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#,
                ),
                Open::Condition("aws:RequestedRegion".into()),
            ),
            (
                sparing("ArnLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/a""#),
                Open::Condition("aws:PrincipalArn".into()),
            ),
            (
                sparing("ArnNotLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/*""#),
                Open::Principals("arn:aws:iam::*:role/*".into()),
            ),
            (sparing("StringNotLike", "aws:PrincipalArn", r#""*""#), Open::Principals("*".into())),
            (
                sparing(
                    "ArnNotLike",
                    "aws:PrincipalArn",
                    r#"["arn:aws:iam::*:role/ours","arn:aws:iam::*:user/*"]"#,
                ),
                Open::Principals("arn:aws:iam::*:user/*".into()),
            ),
        ] {
            assert_eq!(left_open(&open), Ok(Some(what)), "{open}");
        }
        assert_eq!(left_open("[]"), Err(NotAPolicy));
    }

    #[test]
    fn only_what_vending_does_counts() {
        for (rest, locked) in [
            (r#""Action":"ec2:*""#, false),
            (r#""Action":["ec2:*","IAM:Update*"]"#, true),
            (r#""Action":"iam:GetAccountAuthorizationDetail?""#, true),
            (r#""NotAction":["iam:*","sts:*"]"#, false),
            (r#""NotAction":"s3:*""#, true),
        ] {
            let found = locked_out(&deny(rest), &[ROLE.to_owned()]).unwrap();
            assert_eq!(!found.is_empty(), locked, "{rest}");
        }
        let allow = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        assert_eq!(locked_out(allow, &[ROLE.to_owned()]), Ok(Vec::new()));
        // Two statements: each denies for itself.
        let two = r#"{"Statement":[{"Effect":"Deny","Action":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}},{"Effect":"Deny","Action":"iam:*"}]}"#;
        assert_eq!(locked_out(two, &[ROLE.to_owned()]), Ok(vec![ROLE.to_owned()]));
        for text in ["", "[]", "{}"] {
            assert_eq!(locked_out(text, &[]), Err(NotAPolicy), "{text}");
        }
    }
}
