//! Label selectors with the semantics of Kubernetes (`metav1.LabelSelectorRequirement`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One condition on a label. `NotIn` and `DoesNotExist` hold for a cluster without the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchExpression {
    /// The label's key.
    pub key: String,
    /// How it is compared.
    pub operator: Operator,
    /// The values of `In` and `NotIn`; empty for the other two.
    pub values: BTreeSet<String>,
}

/// The four operators of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The label is there, with one of the values.
    In,
    /// The label is not there, or has none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
}

// === impl Operator ===

impl Operator {
    /// Every operator, as users write it.
    pub const WORDS: &'static [&'static str] = &["In", "NotIn", "Exists", "DoesNotExist"];

    /// The operator of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "In" => Some(Self::In),
            "NotIn" => Some(Self::NotIn),
            "Exists" => Some(Self::Exists),
            "DoesNotExist" => Some(Self::DoesNotExist),
            _ => None,
        }
    }

    /// Whether the operator compares with values.
    #[must_use]
    pub fn takes_values(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }

    /// Whether only a cluster that carries the label can match.
    #[must_use]
    pub fn needs_label(self) -> bool {
        matches!(self, Self::In | Self::Exists)
    }
}

// === impl MatchExpression ===

impl MatchExpression {
    /// Whether `labels` meet the condition.
    #[must_use]
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// What is wanted of the label, without its key: `in (a, b)`, `<present>` …
impl fmt::Display for MatchExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = || self.values.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        match self.operator {
            Operator::In => write!(f, "in ({})", values()),
            Operator::NotIn => write!(f, "not in ({})", values()),
            Operator::Exists => f.write_str("<present>"),
            Operator::DoesNotExist => f.write_str("<absent>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of Kubernetes' documentation of label selectors: value of the label (`None` = the
    /// label is absent) against In (a, b), NotIn (a, b), Exists, DoesNotExist.
    #[test]
    fn operators_mean_what_kubernetes_says() {
        let table = [
            (Some("a"), [true, false, true, false]),
            (Some("b"), [true, false, true, false]),
            (Some("c"), [false, true, true, false]),
            (Some(""), [false, true, true, false]),
            (None, [false, true, false, true]),
        ];
        for (value, expected) in table {
            let labels: BTreeMap<String, String> =
                value.map(|value| ("key".into(), value.into())).into_iter().collect();
            for (operator, expected) in Operator::WORDS.iter().zip(expected) {
                let operator = Operator::parse(operator).unwrap();
                let values = if operator.takes_values() {
                    BTreeSet::from(["a".to_owned(), "b".to_owned()])
                } else {
                    BTreeSet::new()
                };
                let expression = MatchExpression { key: "key".into(), operator, values };
                assert_eq!(expression.matches(&labels), expected, "{value:?} {operator:?}");
            }
        }
    }
}
