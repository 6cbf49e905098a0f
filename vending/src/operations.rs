//! Every call that vending makes, in one table: where it is made, whether it reads or writes, and on what.
//!
//! The adapters take from it whose credentials sign a call, and the generated policies what these credentials
//! must be allowed. A call that is missing here fails a test.

/// Whether a call only looks, or changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It changes nothing.
    Read,
    /// It changes something.
    Write,
}

/// What a call can be allowed on, as its service's page in the
/// [Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/)
/// names the types of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// Any resource: the action takes none, or none that is known beforehand or that AWS is sure to ask for.
    Everything,
    /// Accounts of the organization.
    Account,
    /// Organizational units.
    Unit,
    /// The organization's root.
    Root,
    /// Service control policies.
    Policy,
    /// Accounts of the organization, as the Account API names them.
    AccountSettings,
    /// The account's own settings, in the Account API.
    OwnSettings,
    /// Roles of ours in a member account.
    Role,
    /// Policies of ours in a member account: the boundary of those roles, and what some of them are given.
    OurPolicy,
    /// OIDC providers in a member account.
    OidcProvider,
}

/// A call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// `service:Operation`.
    pub call: &'static str,
    /// The name of its IAM action, which is another one in some services.
    pub action: &'static str,
    /// The actions that AWS asks for beside it: a create with tags is a tagging as well.
    pub also: &'static [&'static str],
    /// Whether it reads or writes.
    pub access: Access,
    /// What it can be allowed on.
    pub on: &'static [On],
}

const fn read(call: &'static str, on: &'static [On]) -> Operation {
    Operation { call, action: call, also: &[], access: Access::Read, on }
}

const fn write(call: &'static str, on: &'static [On]) -> Operation {
    Operation { call, action: call, also: &[], access: Access::Write, on }
}

/// A call that makes something with tags; `tagging` is the action that AWS asks for on what it makes.
const fn create(
    call: &'static str,
    on: &'static [On],
    tagging: &'static [&'static str],
) -> Operation {
    Operation { call, action: call, also: tagging, access: Access::Write, on }
}

/// What the tags of a create are asked for by.
const TAG_RESOURCE: &[&str] = &["organizations:TagResource"];

const EVERYTHING: &[On] = &[On::Everything];
const NODES: &[On] = &[On::Account, On::Unit, On::Root];
const PARENTS: &[On] = &[On::Unit, On::Root];
const TAGGED: &[On] = &[On::Account, On::Unit, On::Root, On::Policy];

/// Calls about the organization and, from outside, about its accounts.
pub const ORGANIZATION: &[Operation] = &[
    write("account:AcceptPrimaryEmailUpdate", &[On::AccountSettings]),
    write("account:DeleteAlternateContact", &[On::AccountSettings]),
    write("account:EnableRegion", &[On::AccountSettings]),
    read("account:GetAlternateContact", &[On::AccountSettings]),
    // Of the caller's own account as well: what regions there are.
    read("account:ListRegions", &[On::AccountSettings, On::OwnSettings]),
    write("account:PutAccountName", &[On::AccountSettings]),
    write("account:PutAlternateContact", &[On::AccountSettings]),
    write("account:StartPrimaryEmailUpdate", &[On::AccountSettings]),
    read("controltower:ListEnabledBaselines", EVERYTHING),
    write("organizations:AttachPolicy", &[On::Account, On::Policy]),
    write("organizations:CloseAccount", &[On::Account]),
    create("organizations:CreateAccount", EVERYTHING, TAG_RESOURCE),
    create("organizations:CreateOrganizationalUnit", PARENTS, TAG_RESOURCE),
    create("organizations:CreatePolicy", EVERYTHING, TAG_RESOURCE),
    write("organizations:DeleteOrganizationalUnit", &[On::Unit]),
    read("organizations:DescribeAccount", &[On::Account]),
    read("organizations:DescribeCreateAccountStatus", EVERYTHING),
    read("organizations:DescribeEffectivePolicy", EVERYTHING),
    read("organizations:DescribeOrganization", EVERYTHING),
    read("organizations:DescribeOrganizationalUnit", &[On::Unit]),
    read("organizations:DescribePolicy", &[On::Policy]),
    write("organizations:DetachPolicy", &[On::Account, On::Policy]),
    read("organizations:ListAWSServiceAccessForOrganization", EVERYTHING),
    read("organizations:ListAccounts", EVERYTHING),
    read("organizations:ListAccountsForParent", PARENTS),
    read("organizations:ListCreateAccountStatus", EVERYTHING),
    read("organizations:ListDelegatedAdministrators", EVERYTHING),
    read("organizations:ListOrganizationalUnitsForParent", PARENTS),
    read("organizations:ListParents", &[On::Account, On::Unit]),
    read("organizations:ListPolicies", EVERYTHING),
    read("organizations:ListPoliciesForTarget", NODES),
    read("organizations:ListRoots", EVERYTHING),
    read("organizations:ListTagsForResource", TAGGED),
    read("organizations:ListTargetsForPolicy", &[On::Policy]),
    write("organizations:MoveAccount", NODES),
    write("organizations:TagResource", EVERYTHING),
    write("organizations:UntagResource", EVERYTHING),
    write("organizations:UpdateOrganizationalUnit", &[On::Unit]),
    write("organizations:UpdatePolicy", &[On::Policy]),
    read("servicequotas:GetServiceQuota", EVERYTHING),
    read("tag:GetResources", EVERYTHING),
];

/// Calls inside of a member account, with a session of one of its roles.
pub const MEMBER: &[Operation] = &[
    write("account:DeleteAlternateContact", &[On::OwnSettings]),
    write("account:EnableRegion", &[On::OwnSettings]),
    read("account:GetAlternateContact", &[On::OwnSettings]),
    read("account:ListRegions", &[On::OwnSettings]),
    write("account:PutAccountName", &[On::OwnSettings]),
    write("account:PutAlternateContact", &[On::OwnSettings]),
    write("iam:AddClientIDToOpenIDConnectProvider", &[On::OidcProvider]),
    write("iam:AttachRolePolicy", &[On::Role]),
    create(
        "iam:CreateOpenIDConnectProvider",
        &[On::OidcProvider],
        &["iam:TagOpenIDConnectProvider"],
    ),
    create("iam:CreatePolicy", &[On::OurPolicy], &["iam:TagPolicy"]),
    write("iam:CreatePolicyVersion", &[On::OurPolicy]),
    create("iam:CreateRole", &[On::Role], &["iam:TagRole"]),
    write("iam:DeleteAccountPasswordPolicy", EVERYTHING),
    write("iam:DeleteOpenIDConnectProvider", &[On::OidcProvider]),
    write("iam:DeletePolicyVersion", &[On::OurPolicy]),
    write("iam:DeleteRolePolicy", &[On::Role]),
    write("iam:DetachRolePolicy", &[On::Role]),
    read("iam:GetAccountAuthorizationDetails", EVERYTHING),
    read("iam:GetAccountPasswordPolicy", EVERYTHING),
    read("iam:GetOpenIDConnectProvider", &[On::OidcProvider]),
    read("iam:ListOpenIDConnectProviders", EVERYTHING),
    read("iam:ListPolicyTags", &[On::OurPolicy]),
    read("iam:ListRoles", EVERYTHING),
    write("iam:PutRolePermissionsBoundary", &[On::Role]),
    write("iam:RemoveClientIDFromOpenIDConnectProvider", &[On::OidcProvider]),
    write("iam:TagOpenIDConnectProvider", &[On::OidcProvider]),
    write("iam:TagRole", &[On::Role]),
    write("iam:UpdateAccountPasswordPolicy", EVERYTHING),
    write("iam:UpdateAssumeRolePolicy", &[On::Role]),
];

/// Whether a call about the organization reads or writes. One that the table lacks counts as a read: it then
/// is made with the lesser rights.
pub(crate) fn access(call: &str) -> Access {
    ORGANIZATION.iter().find(|of| of.call == call).map_or(Access::Read, |of| of.access)
}

/// Whether a call, about the organization or in a member account, changes something.
#[must_use]
pub fn writes(call: &str) -> bool {
    let mut all = ORGANIZATION.iter().chain(MEMBER);
    all.any(|of| of.call == call && of.access == Access::Write)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The calls that the adapter's sources name.
    fn named(folder: &Path, calls: &mut BTreeSet<String>) {
        const SERVICES: [&str; 6] =
            ["account", "controltower", "iam", "organizations", "servicequotas", "tag"];
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                named(&path, calls);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let tests = path.to_string_lossy().ends_with("tests.rs");
            // Every second piece is the inside of a literal.
            for literal in code.split('"').skip(1).step_by(2).filter(|_| !tests) {
                let Some((service, operation)) = literal.split_once(':') else { continue };
                let is_call = SERVICES.contains(&service)
                    && operation.starts_with(|c: char| c.is_ascii_uppercase())
                    && operation.chars().all(|c| c.is_ascii_alphanumeric());
                // How calls are paced is said by the beginnings of their names.
                if is_call && !path.ends_with("pace.rs") {
                    calls.insert(literal.to_owned());
                }
            }
        }
    }

    #[test]
    fn the_table_has_the_calls_of_the_adapters_and_no_others() {
        let mut calls = BTreeSet::new();
        named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws/sdk"), &mut calls);
        let table: BTreeSet<String> =
            ORGANIZATION.iter().chain(MEMBER).map(|of| of.call.to_owned()).collect();
        assert_eq!(calls, table, "left: what src/aws/sdk calls; right: vending/src/operations.rs");
    }

    /// The creates of a source that send tags: what stands between the call's name and its sending sets them.
    fn tagged(source: &str, calls: &mut BTreeSet<String>) {
        let literals = source.match_indices('"').filter_map(|(at, _)| {
            let (call, rest) = source.get(at + 1..)?.split_once('"')?;
            let (_, operation) = call.split_once(':')?;
            let sent = rest.split(".send()").next()?;
            let is_create = operation.starts_with("Create")
                && operation.chars().all(|c| c.is_ascii_alphanumeric());
            (is_create && sent.contains("set_tags(")).then(|| call.to_owned())
        });
        calls.extend(literals);
    }

    fn tagged_in(folder: &Path, calls: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                tagged_in(&path, calls);
            } else if !path.ends_with("tests.rs") {
                tagged(&std::fs::read_to_string(&path).unwrap(), calls);
            }
        }
    }

    #[test]
    fn a_create_with_tags_asks_for_the_tagging_too() {
        let source =
            r#"send("iam:CreateA", || x.set_tags(t).send()) send("iam:CreateB", || x.send())"#;
        let mut found = BTreeSet::new();
        tagged(source, &mut found);
        assert_eq!(found, BTreeSet::from(["iam:CreateA".to_owned()]));
        let mut creates = BTreeSet::new();
        tagged_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws/sdk"), &mut creates);
        let table = ORGANIZATION.iter().chain(MEMBER).filter(|of| !of.also.is_empty());
        let table: BTreeSet<String> = table.map(|of| of.call.to_owned()).collect();
        assert_eq!(creates, table, "left: what sends tags; right: what has an action for them");
    }

    #[test]
    fn each_table_is_in_order_without_repetition() {
        for table in [ORGANIZATION, MEMBER] {
            assert!(table.is_sorted_by(|a, b| a.call < b.call));
        }
    }

    #[test]
    fn what_is_called_a_read_reads() {
        for of in ORGANIZATION.iter().chain(MEMBER) {
            let (_, operation) = of.call.split_once(':').unwrap();
            let reads = ["Describe", "Get", "List"].iter().any(|verb| operation.starts_with(verb));
            assert_eq!(of.access == Access::Read, reads, "{}", of.call);
        }
        assert_eq!(access("organizations:MoveAccount"), Access::Write);
        assert_eq!(access("organizations:Unheard"), Access::Read);
    }
}
