//! What the roles of vending must be allowed, generated from the table of calls ([`crate::operations`]): no role of ours
//! needs more than its calls, and a call that is added to the table is added here.

use std::collections::BTreeMap;

use super::{Document, Effect, Statement, trust};
use crate::aws::policy::{boundary, state_access};
use crate::operations::{Access, MEMBER, ORGANIZATION, On, Operation};
use crate::partition::Partition;

/// What the policies speak of. What is not said is any: a policy then allows more than it has to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// The partition of every ARN.
    pub partition: Partition,
    /// `o-…`
    pub organization_id: Option<&'a str>,
    /// The account that manages it.
    pub management_account_id: Option<&'a str>,
    /// The mutation owner: accounts are made and closed with its tag only.
    pub managed_by: Option<&'a str>,
    /// The member account of [`Subject::member_reader`] and [`Subject::member_manager`].
    pub account_id: Option<&'a str>,
    /// The roles that only make the other two.
    pub bootstrap_role_names: &'a [String],
    /// The role through which an apply works in an account.
    pub manage_role_name: Option<&'a str>,
    /// The role through which a plan looks at an account.
    pub read_role_name: Option<&'a str>,
}

impl Subject<'_> {
    /// Of the role that plans: it reads the organization and assumes the reading role of its accounts. Where there is
    /// none, a plan assumes another one and limits its session; such a role has to be allowed whole.
    #[must_use]
    pub fn plan_reader(&self) -> Document {
        let entered = match self.read_role_name {
            Some(name) => vec![name],
            None => self.entered(),
        };
        // Its own account is whichever it is in.
        let anywhere = Self { account_id: None, ..*self };
        let mut statements = anywhere.calls(ORGANIZATION, Access::Read);
        statements.extend(self.assume("EnterToRead", entered));
        Document::new(statements)
    }

    /// Of the role that applies, beside [`Self::plan_reader`]: it changes the organization and assumes the roles that
    /// work in its accounts.
    #[must_use]
    pub fn vending_writer(&self) -> Document {
        let mut statements = self.calls(ORGANIZATION, Access::Write);
        // What is ours is changed, what is nobody's is taken up, and what is another manager's is left alone. AWS asks for
        // TagResource beside CreateAccount, CreateOrganizationalUnit and CreatePolicy as well, since ours come with tags.
        // There is no id yet, and nothing says which resource stands in for it.
        let tag = Statement::new("TakeUp", Effect::Allow, ["organizations:TagResource"])
            .on(["*"])
            .when("Null", CARRIED, ["true"]);
        statements.push(self.ours(tag, ASKED));
        statements.extend(self.assume("EnterToWork", self.entered()));
        Document::new(statements)
    }

    /// Of the role through which a plan looks at an account; also what limits the session of any other role there.
    #[must_use]
    pub fn member_reader(&self) -> Document {
        Document::new(self.calls(MEMBER, Access::Read))
    }

    /// Of the role through which an apply works in an account. It makes no role without a boundary of ours, and where
    /// it has a name it cannot change itself, nor rewrite what limits it and the others: that is for the roles that
    /// made it.
    #[must_use]
    pub fn member_manager(&self) -> Document {
        let mut statements = self.calls(MEMBER, Access::Read);
        statements.extend(self.calls(MEMBER, Access::Write));
        // What is asked for beside a call, and is no call of its own.
        let named = |action: &str| MEMBER.iter().any(|of| of.action == action);
        for of in MEMBER {
            for action in of.also.iter().copied().filter(|action| !named(action)) {
                statements.push(
                    Statement::new(tagging(of.on), Effect::Allow, [action])
                        .on(self.resources(of.on)),
                );
            }
        }
        if let Some(name) = self.manage_role_name {
            let on_roles = MEMBER
                .iter()
                .filter(|of| of.access == Access::Write && of.on.contains(&On::Role))
                .map(|of| of.action);
            let itself = [self.iam(&format!("role/{name}"))];
            let rewritten = ["iam:CreatePolicyVersion", "iam:DeletePolicyVersion"];
            statements.extend([
                Statement::new("NotItself", Effect::Deny, on_roles).on(itself),
                Statement::new("NotItsLimits", Effect::Deny, rewritten)
                    .on(self.arns(On::OurPolicy)),
            ]);
        }
        Document::new(statements)
    }

    /// The commands by which an administrator of an account makes `role`, which lets the account `caller` work in it
    /// ([create-role](https://docs.aws.amazon.com/cli/latest/reference/iam/create-role.html)).
    #[must_use]
    pub fn remedy(&self, role: &str, caller: &str, organization_id: &str) -> String {
        let trust = trust::vending(self.partition.as_str(), caller, organization_id).to_json();
        let policy = Self { manage_role_name: None, ..*self }.member_manager().to_json();
        format!(
            "aws iam create-role --role-name {role} --assume-role-policy-document '{trust}'\n\
             aws iam put-role-policy --role-name {role} --policy-name vending --policy-document '{policy}'"
        )
    }

    /// The roles that an apply may enter by.
    fn entered(&self) -> Vec<&str> {
        self.manage_role_name
            .into_iter()
            .chain(self.bootstrap_role_names.iter().map(String::as_str))
            .collect()
    }

    fn assume(&self, sid: &'static str, names: Vec<&str>) -> Option<Statement> {
        if names.is_empty() {
            return None;
        }
        let roles = names.iter().map(|name| self.iam(&format!("role/{name}")));
        let statement = Statement::new(sid, Effect::Allow, trust::ASSUME).on(roles);
        Some(match self.organization_id {
            Some(id) => statement.when("StringEquals", "aws:ResourceOrgID", [id]),
            None => statement,
        })
    }

    /// A statement for all calls that can be allowed on the same, one for each call that a condition narrows, and one for
    /// each kind of resource that has to be ours.
    fn calls(&self, table: &[Operation], access: Access) -> Vec<Statement> {
        let mut alike: BTreeMap<&[On], Vec<&str>> = BTreeMap::new();
        let mut tagged: BTreeMap<(&str, &[On]), Vec<&str>> = BTreeMap::new();
        let mut narrowed = Vec::new();
        for of in table.iter().filter(|of| of.access == access) {
            if let Some(statement) = self.narrowed(of) {
                narrowed.push(statement);
                continue;
            }
            let (ours, any) = on_ours(of);
            if let Some(ours) = ours {
                tagged.entry(ours).or_default().push(of.action);
            }
            if !any.is_empty() {
                alike.entry(any).or_default().push(of.action);
            }
        }
        narrowed.extend(tagged.into_iter().map(|((sid, on), calls)| {
            let statement = Statement::new(sid, Effect::Allow, calls).on(self.resources(on));
            self.ours(statement, CARRIED)
        }));
        let mut statements: Vec<Statement> = alike
            .into_iter()
            .map(|(on, calls)| {
                Statement::new(sid(access, on), Effect::Allow, calls).on(self.resources(on))
            })
            .collect();
        statements.extend(narrowed);
        statements
    }

    /// The statement of a call that can be allowed under a condition only.
    fn narrowed(&self, of: &Operation) -> Option<Statement> {
        let on = |sid| Statement::new(sid, Effect::Allow, [of.action]).on(self.resources(of.on));
        let bounded = |sid| {
            on(sid).when("ArnLike", "iam:PermissionsBoundary", self.policies([boundary::NAME]))
        };
        Some(match of.call {
            // An account is never made without the marks by which it is found again.
            "organizations:CreateAccount" => self.ours(on("CreateMarked"), ASKED),
            "organizations:CreatePolicy" => on("CreateGuardrails").when(
                "StringEquals",
                "organizations:PolicyType",
                ["SERVICE_CONTROL_POLICY"],
            ),
            "iam:AttachRolePolicy" => bounded("AttachWithinBoundary"),
            "iam:CreateRole" => bounded("CreateWithinBoundary"),
            "iam:PutRolePermissionsBoundary" => bounded("KeepWithinBoundary"),
            _ => return None,
        })
    }

    /// The statement, where the tag `key` names the manager; any manager if it is not known.
    fn ours(&self, statement: Statement, key: &str) -> Statement {
        match self.managed_by {
            Some(manager) => statement.when("StringEquals", key, [manager]),
            None => statement.when("Null", key, ["false"]),
        }
    }

    fn resources(&self, on: &[On]) -> Vec<String> {
        on.iter().flat_map(|on| self.arns(*on)).collect()
    }

    fn arns(&self, on: On) -> Vec<String> {
        let organization = self.organization_id.unwrap_or("*");
        let management = self.management_account_id.unwrap_or("*");
        let of = |service: &str, kind: &str| {
            format!("arn:{}:{service}::{management}:{kind}/*", self.partition)
        };
        let node = |kind: &str| of("organizations", &format!("{kind}/{organization}"));
        vec![match on {
            On::Everything => "*".to_owned(),
            On::Account => node("account"),
            On::Unit => node("ou"),
            On::Root => node("root"),
            On::Policy => {
                of("organizations", &format!("policy/{organization}/service_control_policy"))
            }
            On::AccountSettings => of("account", &format!("account/{organization}")),
            On::OwnSettings => {
                let account = self.account_id.unwrap_or("*");
                format!("arn:{}:account::{account}:account", self.partition)
            }
            On::Role => {
                let own = [self.manage_role_name, self.read_role_name].into_iter().flatten();
                let names = own.filter(|name| !name.starts_with("fleet-"));
                return ["fleet-*"]
                    .into_iter()
                    .chain(names)
                    .map(|name| self.iam(&format!("role/{name}")))
                    .collect();
            }
            On::OurPolicy => return self.policies([boundary::NAME, state_access::NAME]),
            On::OidcProvider => self.iam("oidc-provider/*"),
        }]
    }

    /// Policies of these names, and those of vending's own roles, which limit them as well.
    fn policies<const N: usize>(&self, names: [&str; N]) -> Vec<String> {
        let own = [self.manage_role_name, self.read_role_name].into_iter().flatten();
        names.into_iter().chain(own).map(|name| self.iam(&format!("policy/{name}"))).collect()
    }

    fn iam(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account_id.unwrap_or("*"))
    }
}

/// The tag of the manager, on what a call is about and in what it asks for.
const CARRIED: &str = "aws:ResourceTag/fleet:managed-by";
const ASKED: &str = "aws:RequestTag/fleet:managed-by";

/// What of a call's resources has to be ours, under the name of its statement, and what may be anything. The
/// [Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html)
/// says which can carry tags: accounts, units and policies of the organization can, accounts as the Account API names them
/// cannot. Parents and policies that an account is moved to or bound by are mostly somebody else's.
fn on_ours(of: &Operation) -> (Option<(&'static str, &'static [On])>, &'static [On]) {
    match of.call {
        "organizations:CloseAccount" => (Some(("WriteOurAccounts", &[On::Account])), &[]),
        "organizations:MoveAccount" => {
            (Some(("WriteOurAccounts", &[On::Account])), &[On::Unit, On::Root])
        }
        "organizations:AttachPolicy" | "organizations:DetachPolicy" => {
            (Some(("WriteOurAccounts", &[On::Account])), &[On::Policy])
        }
        "organizations:DeleteOrganizationalUnit" | "organizations:UpdateOrganizationalUnit" => {
            (Some(("WriteOurUnits", &[On::Unit])), &[])
        }
        "organizations:UpdatePolicy" => (Some(("WriteOurGuardrails", &[On::Policy])), &[]),
        "organizations:TagResource" | "organizations:UntagResource" => {
            (Some(("WriteOurMarks", &[On::Everything])), &[])
        }
        _ => (None, of.on),
    }
}

/// The name of a statement for the tagging of what is made.
fn tagging(on: &[On]) -> &'static str {
    match on {
        [On::Role] => "TagOurRoles",
        [On::OidcProvider] => "TagProviders",
        _ => "TagOurPolicies",
    }
}

/// The name of a statement: letters only, and unique in a document.
fn sid(access: Access, on: &[On]) -> &'static str {
    use On::{
        Account, AccountSettings, Everything, OidcProvider, OurPolicy, OwnSettings, Policy, Role,
        Root, Unit,
    };
    match (access, on) {
        (Access::Read, [Everything]) => "Read",
        (Access::Read, [Account]) => "ReadAccounts",
        (Access::Read, [Account, Unit]) => "ReadChildren",
        (Access::Read, [Account, Unit, Root]) => "ReadNodes",
        (Access::Read, [Unit]) => "ReadUnits",
        (Access::Read, [Unit, Root]) => "ReadParents",
        (Access::Read, [Policy]) => "ReadPolicies",
        (Access::Read, [Account, Unit, Root, Policy]) => "ReadTags",
        (Access::Read, [AccountSettings]) => "ReadSettings",
        (Access::Read, [AccountSettings, OwnSettings]) => "ReadRegions",
        (Access::Read, [OwnSettings]) => "ReadOwnSettings",
        (Access::Read, [OurPolicy]) => "ReadOurPolicies",
        (Access::Read, [OidcProvider]) => "ReadProviders",
        (Access::Read, _) => "ReadMore",
        (Access::Write, [Everything]) => "Write",
        (Access::Write, [Unit]) => "WriteUnits",
        (Access::Write, [Unit, Root]) => "WriteParents",
        (Access::Write, [Policy]) => "WritePolicies",
        (Access::Write, [AccountSettings]) => "WriteSettings",
        (Access::Write, [OwnSettings]) => "WriteOwnSettings",
        (Access::Write, [Role]) => "WriteOurRoles",
        (Access::Write, [OurPolicy]) => "WriteOurPolicies",
        (Access::Write, [OidcProvider]) => "WriteProviders",
        (Access::Write, _) => "WriteMore",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// The limits of IAM: a managed policy, and the policy of a session.
    const MANAGED: usize = 6_144;
    const SESSION: usize = 2_048;

    fn names() -> Vec<String> {
        vec!["OrganizationAccountAccessRole".to_owned()]
    }

    fn subject(names: &[String]) -> Subject<'_> {
        Subject {
            organization_id: Some("o-exampleorgid"),
            management_account_id: Some("999999999999"),
            managed_by: Some("platform"),
            bootstrap_role_names: names,
            manage_role_name: Some("fleet-vending"),
            read_role_name: Some("fleet-reading"),
            ..Subject::default()
        }
    }

    fn all(of: &Subject<'_>) -> [(&'static str, Document); 4] {
        [
            ("plan_reader", of.plan_reader()),
            ("vending_writer", of.vending_writer()),
            ("member_reader", of.member_reader()),
            ("member_manager", of.member_manager()),
        ]
    }

    fn statements(document: &Document) -> Vec<Value> {
        let value: Value = serde_json::from_str(&document.to_json()).unwrap();
        value["Statement"].as_array().unwrap().clone()
    }

    fn listed(value: &Value) -> Vec<String> {
        match value {
            Value::String(one) => vec![one.clone()],
            more => more.as_array().unwrap().iter().map(|of| of.as_str().unwrap().into()).collect(),
        }
    }

    fn allowed(document: &Document) -> BTreeSet<String> {
        statements(document)
            .iter()
            .filter(|of| of["Effect"] == "Allow")
            .flat_map(|of| listed(&of["Action"]))
            .collect()
    }

    fn of_table(table: &[Operation], access: Access) -> BTreeSet<String> {
        let calls = table.iter().filter(|of| of.access == access);
        calls.flat_map(|of| [&[of.action][..], of.also].concat()).map(str::to_owned).collect()
    }

    #[test]
    fn they_are_what_was_reviewed() {
        let names = names();
        for (name, document) in all(&subject(&names)) {
            let value: Value = serde_json::from_str(&document.to_json()).unwrap();
            insta::assert_snapshot!(name, serde_json::to_string_pretty(&value).unwrap());
        }
    }

    #[test]
    fn they_allow_the_calls_of_the_table_and_the_roles_to_assume() {
        let names = names();
        let of = subject(&names);
        let with_assume = |mut calls: BTreeSet<String>| {
            calls.extend(trust::ASSUME.map(str::to_owned));
            calls
        };
        assert_eq!(allowed(&of.plan_reader()), with_assume(of_table(ORGANIZATION, Access::Read)));
        assert_eq!(
            allowed(&of.vending_writer()),
            with_assume(of_table(ORGANIZATION, Access::Write))
        );
        assert_eq!(allowed(&of.member_reader()), of_table(MEMBER, Access::Read));
        let mut both = of_table(MEMBER, Access::Read);
        both.extend(of_table(MEMBER, Access::Write));
        assert_eq!(allowed(&of.member_manager()), both);
    }

    #[test]
    fn statements_have_names_of_their_own_and_policies_fit() {
        let names = names();
        for of in [subject(&names), Subject::default()] {
            for (name, document) in all(&of) {
                let sids: Vec<_> =
                    statements(&document).iter().map(|of| of["Sid"].to_string()).collect();
                let unique: BTreeSet<_> = sids.iter().collect();
                assert_eq!(unique.len(), sids.len(), "{name}: {sids:?}");
                assert!(!sids.iter().any(|sid| sid.contains("More")), "{name}: {sids:?}");
                let most = if name == "member_reader" { SESSION } else { MANAGED };
                let length = document.to_json().len();
                assert!(length <= most, "{name}: {length}");
            }
        }
    }

    #[test]
    fn a_plan_with_a_reading_role_enters_by_no_other() {
        let names = names();
        let enter = |document: &Document| {
            let found = statements(document);
            let assume = found.iter().find(|of| of["Sid"] == "EnterToRead").unwrap().clone();
            listed(&assume["Resource"])
        };
        assert_eq!(enter(&subject(&names).plan_reader()), ["arn:aws:iam::*:role/fleet-reading"]);
        let without = Subject { read_role_name: None, ..subject(&names) };
        assert_eq!(enter(&without.plan_reader()).len(), 2);
    }

    #[test]
    fn every_arn_is_of_the_partition() {
        let names = names();
        for partition in [Partition::GovCloud, Partition::China] {
            for (name, document) in all(&Subject { partition, ..subject(&names) }) {
                let text = document.to_json();
                assert!(!text.contains("arn:aws:"), "{name}: {text}");
            }
        }
    }
}
