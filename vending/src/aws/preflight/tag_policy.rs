//! Tag policies. Accounts are resources of the management account, so that its effective tag policy
//! is the one that counts when they are created and tagged; only what it enforces for
//! `organizations:account` can refuse a call.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How tag policies name accounts of an organization.
const ENFORCED: [&str; 3] =
    ["organizations:account", "organizations:*", "organizations:ALL_SUPPORTED"];

/// What an effective tag policy enforces for accounts: by lower-case tag key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TagPolicy {
    rules: BTreeMap<String, Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    /// The key in the only spelling that complies.
    key: String,
    /// The values that comply; `*` stands for any text. Empty: any value.
    values: Vec<String>,
}

/// A tag that an enforced tag policy does not let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The tag's key as it is planned.
    pub key: String,
    /// Its value.
    pub value: String,
    /// The spelling of the key that complies.
    pub complying_key: String,
    /// The values that comply; empty: any.
    pub complying_values: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    tags: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    tag_key: Option<String>,
    #[serde(default)]
    tag_value: Vec<String>,
    #[serde(default)]
    enforced_for: Vec<String>,
}

impl TagPolicy {
    /// Reads `EffectivePolicy.PolicyContent`; `None` where nothing is enforced for accounts, or where
    /// the text is not such a policy.
    pub(crate) fn parse(content: &str) -> Option<Self> {
        let document: Document = serde_json::from_str(content).ok()?;
        let rules: BTreeMap<String, Rule> = document
            .tags
            .into_iter()
            .filter(|(_, of)| of.enforced_for.iter().any(|what| ENFORCED.contains(&what.as_str())))
            .map(|(name, of)| {
                let rule = Rule { key: of.tag_key.unwrap_or(name), values: of.tag_value };
                (rule.key.to_lowercase(), rule)
            })
            .collect();
        (!rules.is_empty()).then_some(Self { rules })
    }

    /// The tags that do not comply. A tag that the policy does not name always does, and so does an
    /// account without a tag that it names.
    pub(crate) fn violations(&self, tags: &BTreeMap<String, String>) -> Vec<Violation> {
        tags.iter()
            .filter_map(|(key, value)| {
                let rule = self.rules.get(&key.to_lowercase())?;
                let fits = rule.key == *key
                    && (rule.values.is_empty() || rule.values.iter().any(|of| matches(of, value)));
                (!fits).then(|| Violation {
                    key: key.clone(),
                    value: value.clone(),
                    complying_key: rule.key.clone(),
                    complying_values: rule.values.clone(),
                })
            })
            .collect()
    }
}

/// Whether `value` is `pattern`, in which a `*` stands for any text.
fn matches(pattern: &str, value: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == value };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut rest) = value.strip_prefix(start) else { return false };
    // The first place of each part leaves the most for the next ones.
    for part in middle.split('*') {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"tags": {
        "costcenter": {"tag_key": "CostCenter", "tag_value": ["100", "2*"],
                       "enforced_for": ["organizations:account", "s3:bucket"]},
        "team": {"tag_key": "Team", "enforced_for": ["organizations:ALL_SUPPORTED"]},
        "stage": {"tag_key": "Stage", "tag_value": ["prod"], "enforced_for": ["ec2:instance"]}
    }}"#;

    #[test]
    fn a_star_stands_for_any_text_and_is_found_in_no_time() {
        for (pattern, value, fits) in [
            ("*", "", true),
            ("a*", "b", false),
            ("*a", "ba", true),
            ("a*a", "a", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "acb", false),
            ("*ü*", "Zürich", true),
            ("**", "a", true),
        ] {
            assert_eq!(matches(pattern, value), fits, "{pattern} {value}");
        }
        let pattern = format!("{}b", "*a".repeat(100));
        assert!(!matches(&pattern, &"a".repeat(256)));
    }

    #[test]
    fn only_what_is_enforced_for_accounts_is_a_violation() {
        let policy = TagPolicy::parse(POLICY).unwrap();
        for (key, value, fits) in [
            ("CostCenter", "100", true),
            ("CostCenter", "2", true),
            ("CostCenter", "2999", true),
            ("CostCenter", "1000", false),
            ("costcenter", "100", false),
            ("Team", "anything", true),
            ("TEAM", "anything", false),
            ("Stage", "dev", true),
            ("other", "x", true),
        ] {
            let tags = BTreeMap::from([(key.to_owned(), value.to_owned())]);
            assert_eq!(policy.violations(&tags).is_empty(), fits, "{key}={value}");
        }
        assert_eq!(policy.violations(&BTreeMap::new()), []);
    }

    #[test]
    fn what_enforces_nothing_is_no_policy() {
        for text in ["", "{}", "[]", r#"{"tags": {"a": {"tag_key": "a"}}}"#] {
            assert_eq!(TagPolicy::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_star_is_any_text() {
        for (pattern, value, fits) in [
            ("*", "", true),
            ("a*b", "ab", true),
            ("a*b", "axxb", true),
            ("a*b", "axx", false),
            ("*ü*", "grün", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, value), fits, "{pattern} {value}");
        }
    }
}
