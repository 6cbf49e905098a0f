//! `data.fleet_access_policies`: what the roles of vending must be allowed, generated from the calls it makes. It calls
//! nobody: the roles have to be there before the provider can call anything.

use std::sync::Arc;

use fleet_vending::aws::controls::member_calls;
use fleet_vending::aws::policy::permissions::Subject;
use fleet_vending::config::BOOTSTRAP_ROLE_NAMES;
use fleet_vending::partition::Partition;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Applied, Attr, Context, DataSource, Object};

use crate::diagnostic::warning;
use crate::runtime::Runtime;

/// Generates the policies that the roles of vending need, from the calls that this version makes: no more and no less.
/// It calls nobody, so a configuration can make the roles with it before the provider may call anything. Write each of
/// them again when the provider is upgraded: a version that makes other calls generates other policies.
#[derive(Debug, Clone, Object)]
pub struct Model {
    /// The id of the organization (`o-…`). Without it the policies allow any.
    #[attribute(optional)]
    pub organization_id: Attr<String>,
    /// The id of the organization's management account. Without it the policies allow any.
    #[attribute(optional)]
    pub management_account_id: Attr<String>,
    /// The partition of the ARNs. Default: `aws`.
    #[attribute(optional, validate(one_of(&["aws", "aws-us-gov", "aws-cn"])))]
    pub partition: Attr<String>,
    /// The role of each member account through which an apply works in it: `member_access.manage_role_name` of the
    /// provider block.
    #[attribute(optional)]
    pub manage_role_name: Attr<String>,
    /// The role of each member account through which a plan looks at it: `member_access.read_role_name` of the provider
    /// block. Without it a plan has to be allowed to assume the other roles, which can be administrators: the provider limits
    /// its own sessions, and nothing limits other code with the same credentials.
    #[attribute(optional)]
    pub read_role_name: Attr<String>,
    /// The roles that only make these two. Default: `OrganizationAccountAccessRole`, `AWSControlTowerExecution`.
    #[attribute(optional)]
    pub bootstrap_role_names: Attr<Vec<String>>,
    /// The policy (JSON) of who plans: reads of the organization, and the way into its accounts to look at them.
    #[attribute(computed)]
    pub plan_reader: Attr<String>,
    /// The policy (JSON) of who applies, beside `plan_reader`: changes of the organization, and the ways into its accounts.
    /// It creates, moves, binds, tags and closes only accounts that carry `fleet:managed-by` of the provider block, the same for units
    /// and policies, and takes up only what carries no such tag. Names, contacts, regions and emails of accounts know no
    /// tags: these it may change everywhere.
    #[attribute(computed)]
    pub vending_writer: Attr<String>,
    /// The policy (JSON) of the role `read_role_name` in a member account.
    #[attribute(computed)]
    pub member_reader: Attr<String>,
    /// The policy (JSON) of the role `manage_role_name` in a member account. It cannot change that role itself.
    #[attribute(computed)]
    pub member_manager: Attr<String>,
}

/// The data source.
pub struct AccessPolicies {
    runtime: Arc<Runtime>,
}

impl AccessPolicies {
    /// The data source of one provider block.
    #[must_use]
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }
}

/// The model with its policies.
fn generated(config: Model, managed_by: Option<&str>) -> Model {
    let bootstrap = match config.bootstrap_role_names.known() {
        Some(names) => names.clone(),
        None => BOOTSTRAP_ROLE_NAMES.map(str::to_owned).to_vec(),
    };
    let subject = Subject {
        partition: config.partition.as_str().and_then(Partition::parse).unwrap_or_default(),
        organization_id: config.organization_id.as_str(),
        management_account_id: config.management_account_id.as_str(),
        managed_by,
        account_id: None,
        bootstrap_role_names: &bootstrap,
        manage_role_name: config.manage_role_name.as_str(),
        read_role_name: config.read_role_name.as_str(),
    };
    let (reader, writer) = (subject.plan_reader().to_json(), subject.vending_writer().to_json());
    let calls = member_calls();
    let (looks, works) =
        (subject.member_reader(calls).to_json(), subject.member_manager(calls).to_json());
    Model {
        plan_reader: reader.into(),
        vending_writer: writer.into(),
        member_reader: looks.into(),
        member_manager: works.into(),
        ..config
    }
}

/// That the role that plans may assume the roles that work, for want of one that looks.
fn enters_as_administrator(config: &Model) -> Option<Diagnostic> {
    config.read_role_name.is_null().then(|| {
        warning("FLEET0173", "Plans may enter accounts as administrator")
            .at("read_role_name")
            .what("Without `read_role_name` the policy `plan_reader` lets the role that plans assume the roles that work in the accounts, which can be administrators.")
            .why("The provider limits its own sessions. Other code with the same credentials, in the job of a pull request for example, is not limited.")
            .todo("Set `read_role_name` here and in `member_access` of the provider block: the next apply makes that role, and plans can enter by no other.")
            .build()
    })
}

impl DataSource for AccessPolicies {
    type Model = Model;

    const TYPE: &'static str = "fleet_access_policies";

    async fn read(&self, _context: &Context, config: Model) -> Applied<Model> {
        let managed_by = self.runtime.managed_by_if_known();
        let said = enters_as_administrator(&config);
        Applied::ok(generated(config, managed_by.as_deref()))
            .with(said.into_iter().collect::<Diagnostics>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Model {
        Model {
            organization_id: "o-exampleorgid".into(),
            management_account_id: Attr::Null,
            partition: "aws-cn".into(),
            manage_role_name: Attr::Null,
            read_role_name: "fleet-reading".into(),
            bootstrap_role_names: Attr::Null,
            plan_reader: Attr::Unknown,
            vending_writer: Attr::Unknown,
            member_reader: Attr::Unknown,
            member_manager: Attr::Unknown,
        }
    }

    #[test]
    fn arguments_reach_the_policies() {
        let made = generated(asked(), Some("platform"));
        let reader = made.plan_reader.as_str().unwrap();
        assert!(reader.contains("arn:aws-cn:iam::*:role/fleet-reading"), "{reader}");
        assert!(reader.contains("o-exampleorgid"), "{reader}");
        let writer = made.vending_writer.as_str().unwrap();
        assert!(writer.contains("role/OrganizationAccountAccessRole"), "{writer}");
        assert!(writer.contains("\"aws:RequestTag/fleet:managed-by\":\"platform\""), "{writer}");
        assert_eq!(enters_as_administrator(&asked()), None);
        let none = Model { read_role_name: Attr::Null, ..asked() };
        let said: Diagnostics = enters_as_administrator(&none).into_iter().collect();
        insta::assert_snapshot!(crate::diagnostic::plain(&said));
        assert!(!made.member_reader.as_str().unwrap().contains("iam:CreateRole"));
        assert!(made.member_manager.as_str().unwrap().contains("iam:CreateRole"));
    }
}
