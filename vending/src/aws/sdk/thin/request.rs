//! A request, before it is signed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what RFC 3986 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is sent to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    /// What its host begins with, before the service's own name.
    host: Option<String>,
}

impl Request {
    /// A call of the query protocol, as EC2 speaks it: a form with the operation's name, the API's version and the
    /// parameters.
    pub(crate) fn query(operation: &str, version: &str, parameters: &[(&str, &str)]) -> Self {
        let named = [("Action", operation), ("Version", version)];
        let pairs = named.iter().chain(parameters);
        let body: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        Self {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            )],
            body: body.join("&"),
            host: None,
        }
    }

    /// A call of S3 Control, about the account itself; `body` is XML, or nothing.
    pub(crate) fn of_account(
        account_id: &str,
        method: &'static str,
        path: &str,
        body: String,
    ) -> Self {
        let headers = vec![("x-amz-account-id", account_id.to_owned())];
        Self { method, path: path.to_owned(), headers, body, host: Some(account_id.to_owned()) }
    }

    /// As `tests/data/botocore` writes a request.
    #[cfg(test)]
    pub(in crate::aws::sdk) fn said(&self) -> serde_json::Map<String, serde_json::Value> {
        let headers: std::collections::BTreeMap<&str, &str> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let said = serde_json::json!({
            "method": self.method, "url": self.path, "headers": headers, "body": self.body,
        });
        said.as_object().cloned().unwrap_or_default()
    }

    pub(super) fn host_prefix(&self) -> Option<&str> {
        self.host.as_deref()
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
