//! Accounts that somebody made without the provider.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use fleet_acceptance::Workspace;
use serde_json::json;

/// Makes an account by hand; gives its id when it is there.
pub(crate) fn account(workspace: &Workspace, name: &str) -> Result<String> {
    let email = format!("aws+{}@example.com", name.replace(' ', "-"));
    let request = json!({"AccountName": name, "Email": email});
    let mut answer = workspace.aws.call("organizations", "create_account", &request)?;
    while answer["CreateAccountStatus"]["State"] == "IN_PROGRESS" {
        thread::sleep(Duration::from_millis(100));
        let request = json!({"CreateAccountRequestId": answer["CreateAccountStatus"]["Id"]});
        answer = workspace.aws.call("organizations", "describe_create_account_status", &request)?;
    }
    let id = answer["CreateAccountStatus"]["AccountId"].as_str();
    Ok(id.with_context(|| format!("the account was not made: {answer}"))?.to_owned())
}

/// Sets a tag of an account.
pub(crate) fn tag(workspace: &Workspace, id: &str, key: &str, value: &str) -> Result<()> {
    let request = json!({"ResourceId": id, "Tags": [{"Key": key, "Value": value}]});
    workspace.aws.call("organizations", "tag_resource", &request)?;
    Ok(())
}
