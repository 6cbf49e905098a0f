//! Whom a service control policy leaves out of what it denies.
//!
//! In a frozen account a policy denies nearly everything. It must leave out the roles by which
//! vending enters: nobody could look into the account any more, shut what is ours in it, or bring it
//! back by what is in it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

mod open;

pub use open::{Open, left_open};

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

/// The principals that the denials of `document` leave out by name, as they are written there.
///
/// # Errors
/// [`NotAPolicy`].
pub fn exempt(document: &str) -> Result<BTreeSet<String>, NotAPolicy> {
    let document: Value = serde_json::from_str(document).map_err(|_| NotAPolicy)?;
    let statements = many(document.get("Statement").ok_or(NotAPolicy)?);
    let denies = |of: &&Value| of.get("Effect").and_then(Value::as_str) == Some("Deny");
    let conditions = statements
        .filter(denies)
        .filter_map(|of| of.get("Condition").and_then(Value::as_object))
        .flatten();
    let sparing = conditions.filter(|(operator, _)| is_sparing(operator));
    let patterns = sparing
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .filter(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"))
        .flat_map(|(_, values)| many(values));
    Ok(patterns.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The statements of `before`, by their `Sid`, that `after` does not have or that say something else there, whomever they
/// leave out.
#[must_use]
pub fn differing(before: &str, after: &str) -> BTreeSet<String> {
    let (before, after) = (statements(before), statements(after));
    let gone = |(sid, of): &(&String, &Value)| after.get(*sid) != Some(*of);
    before.iter().filter(gone).map(|(sid, _)| sid.clone()).collect()
}

/// The statements of a policy by `Sid`, without those whom they leave out; none of a text that is no policy.
fn statements(document: &str) -> BTreeMap<String, Value> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let listed = document.get("Statement").into_iter().flat_map(many);
    let named = listed.enumerate().map(|(at, statement)| {
        let sid = statement.get("Sid").and_then(Value::as_str);
        let sid = sid.map_or_else(|| format!("statement {}", at + 1), str::to_owned);
        let mut statement = statement.clone();
        if let Some(conditions) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
            conditions.retain(|operator, _| !is_sparing(operator));
        }
        (sid, statement)
    });
    named.collect()
}

/// Whether a condition does not hold for a principal that it names.
fn is_sparing(operator: &str) -> bool {
    let operator = operator.to_ascii_lowercase();
    SPARING.contains(&operator.strip_suffix("ifexists").unwrap_or(&operator))
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
mod tests;
