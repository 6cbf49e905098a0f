//! Inventory files that another configuration wrote: accounts that are ready, or not, without vending any.

use anyhow::Result;
use fleet_acceptance::Workspace;

/// The id of such an account. Each has its own: no two files are of one account.
pub(crate) fn id(key: &str) -> String {
    (111_122_220_000 + key.bytes().map(u64::from).sum::<u64>()).to_string()
}

/// Puts `accounts/<key>.yaml` of another manager, which takes our clusters, into the inventory.
pub(crate) fn account(workspace: &Workspace, key: &str, ready: bool) -> Result<()> {
    let (phase, verdict, open) = if ready {
        ("ready", "pass", "")
    } else {
        ("baselined", "fail", "open_checks:\n  password-policy: there is none\n")
    };
    let id = id(key);
    workspace.write(
        &format!("inventory/accounts/{key}.yaml"),
        &format!(
            "schema: fleet/account/v1\nmanaged_by: elsewhere\nid: \"{id}\"\nregistrars: [acceptance]\ncontract:\n  key: {key}\n  name: {key}\n  email: aws+{key}@example.com\n  \
             account_class: sandbox\n  environment: prod\n  owner: platform\n  data_classification: internal\n  \
             region_set: [ap-southeast-1, ap-southeast-3, ap-northeast-1, eu-west-1]\n  network_profile: private-service\n  baseline_policy: sandbox\n  \
             budget_owner: platform\n  gitops_enabled: false\n  role_name: OrganizationAccountAccessRole\n\
             phase: {phase}\nlifecycle_phase: active\nready: {ready}\ndigest: \"0\"\nverdicts:\n  password-policy: {verdict}\n{open}"
        ),
    )
}
