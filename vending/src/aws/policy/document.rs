//! A policy document as a value. The order of everything in it is fixed, so the same input gives
//! the same bytes; a principal is made only from an account or an ARN, never from a wildcard.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The only version of the policy language that knows variables and every operator.
const VERSION: &str = "2012-10-17";

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "IAM's own words")]
pub enum Effect {
    Allow,
    Deny,
}

/// Who a trust policy speaks of. There is no way to make one that stands for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    kind: &'static str,
    arn: String,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    sid: &'static str,
    effect: Effect,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Principal>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", serialize_with = "one_or_many")]
    action: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", serialize_with = "one_or_many")]
    not_action: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", serialize_with = "one_or_many")]
    resource: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", serialize_with = "one_or_many")]
    not_resource: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<String, Values>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
struct Values(#[serde(serialize_with = "one_or_many")] BTreeSet<String>);

// === impl Document ===

impl Document {
    /// A document of these statements, in this order.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { version: VERSION, statement: statements.into_iter().collect() }
    }

    /// Its JSON, without white space: AWS's size limits count characters.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default()
    }

    /// Its statements.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statement
    }
}

// === impl Principal ===

impl Principal {
    /// Everything in an account that the account's own IAM allows.
    #[must_use]
    pub fn account(partition: &str, account_id: &str) -> Self {
        Self { kind: "AWS", arn: format!("arn:{partition}:iam::{account_id}:root") }
    }

    /// Tokens of one OIDC provider.
    #[must_use]
    pub fn federated(provider_arn: &str) -> Self {
        Self { kind: "Federated", arn: provider_arn.to_owned() }
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.kind, &self.arn)?;
        map.end()
    }
}

// === impl Statement ===

impl Statement {
    /// A statement about actions. `sid` has letters and digits only.
    pub fn new<A: Into<String>>(
        sid: &'static str,
        effect: Effect,
        actions: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            sid,
            effect,
            principal: None,
            action: actions.into_iter().map(Into::into).collect(),
            not_action: BTreeSet::new(),
            resource: BTreeSet::new(),
            not_resource: BTreeSet::new(),
            condition: BTreeMap::new(),
        }
    }

    /// A statement that denies every action but these, those that AWS adds later as well. There is none that allows
    /// so.
    pub fn deny_all_but<A: Into<String>>(
        sid: &'static str,
        spared: impl IntoIterator<Item = A>,
    ) -> Self {
        let none: [String; 0] = [];
        Self {
            not_action: spared.into_iter().map(Into::into).collect(),
            ..Self::new(sid, Effect::Deny, none)
        }
    }

    /// Of a trust policy: whom it speaks of.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Of any other policy: what it speaks of.
    #[must_use]
    pub fn on<R: Into<String>>(mut self, resources: impl IntoIterator<Item = R>) -> Self {
        self.resource = resources.into_iter().map(Into::into).collect();
        self
    }

    /// Of a statement that denies: what it does not speak of. It speaks of everything else.
    #[must_use]
    pub fn on_all_but<R: Into<String>>(mut self, resources: impl IntoIterator<Item = R>) -> Self {
        self.not_resource = resources.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a condition; several must all hold.
    #[must_use]
    pub fn when<V: Into<String>>(
        mut self,
        operator: &'static str,
        key: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = Values(values.into_iter().map(Into::into).collect());
        self.condition.entry(operator).or_default().insert(key.into(), values);
        self
    }
}

/// IAM gives a list of one back as it was put; we always put a plain string for it.
fn one_or_many<S: Serializer>(values: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match values.first() {
        Some(only) if values.len() == 1 => serializer.serialize_str(only),
        _ => serializer.collect_seq(values),
    }
}

/// Whether two documents (JSON texts) say the same: a list of one equals its element, and the
/// order of lists and of statements does not matter. A text that is no JSON equals only itself.
#[must_use]
pub fn same(left: &str, right: &str) -> bool {
    canonical(left) == canonical(right)
}

/// The first 12 hex digits of the SHA-256 of what a document says: the same for two that are
/// [`same`], so that evidence can name a document without repeating it.
#[must_use]
pub fn fingerprint(document: &str) -> String {
    let digest = Sha256::digest(canonical(document).as_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a document (JSON text) has this text as a whole value anywhere. One that is no JSON has none.
#[must_use]
pub fn speaks_of(document: &str, text: &str) -> bool {
    fn has(value: &Value, text: &str) -> bool {
        match value {
            Value::String(value) => value == text,
            Value::Array(items) => items.iter().any(|item| has(item, text)),
            Value::Object(fields) => fields.values().any(|value| has(value, text)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    serde_json::from_str::<Value>(document).is_ok_and(|value| has(&value, text))
}

fn canonical(document: &str) -> String {
    serde_json::from_str::<Value>(document)
        .map_or_else(|_| document.to_owned(), |value| normal(value).to_string())
}

fn normal(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(normal).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            match <[Value; 1]>::try_from(items) {
                Ok([only]) => only,
                Err(items) => Value::Array(items),
            }
        }
        // Rebuilt in the order of keys: another crate of the build may switch on insertion order.
        Value::Object(fields) => {
            let sorted: BTreeMap<String, Value> =
                fields.into_iter().map(|(key, value)| (key, normal(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        // IAM takes true and "true", 1 and "1" for the same in a condition.
        Value::Bool(flag) => Value::String(flag.to_string()),
        Value::Number(number) => Value::String(number.to_string()),
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_of_one_and_order_do_not_matter() {
        let left = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["b","a"]},{"Effect":"Allow","Action":"c"}]}"#;
        let right = r#"{"Statement":[{"Action":["c"],"Effect":"Allow"},{"Action":["a","b"],"Effect":"Deny"}],"Version":"2012-10-17"}"#;
        assert!(same(left, right));
        assert_eq!(fingerprint(left), fingerprint(right));
    }

    #[test]
    fn a_document_speaks_of_whole_values() {
        let document = r#"{"Statement":[{"Principal":{"Federated":["arn:a","arn:b"]}}]}"#;
        assert!(speaks_of(document, "arn:b"));
        for (text, of) in [(document, "arn"), (document, "Principal"), ("arn:b", "arn:b")] {
            assert!(!speaks_of(text, of), "{text} {of}");
        }
    }

    #[test]
    fn what_matters_is_seen() {
        let base = r#"{"Statement":{"Effect":"Allow","Action":"a","Resource":"*"}}"#;
        for other in [
            r#"{"Statement":{"Effect":"Deny","Action":"a","Resource":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":["a","b"],"Resource":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","NotAction":"a","Resource":"*"}}"#,
            "not json",
        ] {
            assert!(!same(base, other), "{other}");
        }
    }

    proptest! {
        /// The way a list is written down never changes what a document says.
        #[test]
        fn shuffled_actions_are_the_same(actions in prop::collection::vec("[a-z]{1,6}:[A-Z][a-z]{1,8}", 1..8)) {
            let document = |list: &[String]| serde_json::json!({"Statement": [{"Effect": "Deny", "Action": list}]}).to_string();
            let mut reversed = actions.clone();
            reversed.reverse();
            prop_assert!(same(&document(&actions), &document(&reversed)));
            reversed.push("zz:Another".to_owned());
            prop_assert!(!same(&document(&actions), &document(&reversed)));
        }
    }
}
