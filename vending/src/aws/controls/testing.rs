//! An account in memory: it keeps what it is told, counts calls, and fails on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use fleet_model::account::{
    AccountClass, BaselinePolicy, BaselineVersion, Contract, ControlMode, FederatedRole, Identity,
    OidcProvider as AskedProvider, SubjectFormat,
};
use fleet_model::name::{Key, Name};
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::VendingRoles;
use super::{Ports, Scope};
use crate::aws::api::member::{
    Attached, Change, Identities, ManagedPolicy, Member, NewPolicy, OidcProvider, PasswordPolicy,
    Policies, PolicyContent, RegionStatus, RegionStatuses, Regions, Role, ServiceControlPolicy,
    Tags,
};
use crate::aws::api::{
    AccountId, AccountSettings, Call, Clock, Found, RootUser, Setting, SettingKind, Settings, Site,
};
use crate::aws::policy::speaks_of;
use crate::aws::testing::switches::Switches;
use crate::error::{Error, Kind};
use crate::memory::Memory;

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const OU: &str = "ou-ab12-prod0000";
pub(super) const ROOT: &str = "r-ab12";

/// Everything that an account and its organization hold.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) identities: Identities,
    pub(super) providers: BTreeMap<String, OidcProvider>,
    pub(super) password: Option<PasswordPolicy>,
    pub(super) switches: Switches,
    pub(super) root_user: RootUser,
    pub(super) regions: RegionStatuses,
    pub(super) policies_enabled: bool,
    pub(super) policies: BTreeMap<String, (ServiceControlPolicy, PolicyContent)>,
    /// Calls that fail, and how.
    pub(super) failing: BTreeMap<&'static str, Kind>,
    /// Calls that take effect, and whose answer is lost.
    pub(super) lost: BTreeSet<&'static str>,
    /// Regions where every call about a switch fails, and how.
    pub(super) failing_regions: BTreeMap<&'static str, Kind>,
    /// How many reads still show the world as it was before the last write.
    pub(super) stale_reads: usize,
    pub(super) before: Option<Identities>,
    /// Every call, in order.
    pub(super) calls: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Fake(pub(super) Mutex<World>);

impl Fake {
    pub(super) fn new(world: World) -> Self {
        Self(Mutex::new(world))
    }

    pub(super) fn ports(&self) -> Ports<'_> {
        Ports { member: Some(self), regions: self, policies: self, clock: self }
    }

    pub(super) fn writes(&self) -> Vec<String> {
        let reads = ["List", "Get", "Describe"];
        let world = self.0.lock().unwrap();
        let is_read = |call: &str| {
            call.split_once(':').is_some_and(|(_, op)| reads.iter().any(|r| op.starts_with(r)))
        };
        world.calls.iter().filter(|call| !is_read(call)).cloned().collect()
    }

    /// A call about a switch; those in the regions of `failing_regions` fail.
    fn switch<'a, T: Send + 'a>(
        &'a self,
        of: SettingKind,
        site: Site<'a>,
        verb: &'static str,
        effect: impl FnOnce(&mut World) -> T,
    ) -> Call<'a, T> {
        let region = match site {
            Site::Account => "",
            Site::Region(region) => region,
        };
        let call = if verb == "Get" { "switch:Get" } else { "switch:Put" };
        let broken = self.0.lock().unwrap().failing_regions.get(region).cloned();
        self.answer(call, &format!("{of:?} {region}"), |world| match broken {
            Some(kind) => Err(kind),
            None => Ok(effect(world)),
        })
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        call: &'static str,
        subject: &str,
        effect: impl FnOnce(&mut World) -> Result<T, Kind>,
    ) -> Call<'a, T> {
        let mut world = self.0.lock().unwrap();
        world.calls.push(format!("{call} {subject}").trim_end().to_owned());
        let result = match world.failing.get(call) {
            Some(kind) => Err(*kind),
            None => effect(&mut world),
        };
        let result = match world.lost.contains(call) {
            true => result.and(Err(Kind::Unanswered)),
            false => result,
        };
        let result =
            result.map_err(|kind| Error::new(call, kind, format!("{kind:?}"), "request id 4711"));
        Box::pin(async move { result })
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

impl Member for Fake {
    fn identities<'a>(
        &'a self,
        roles: &'a BTreeSet<String>,
        policies: &'a BTreeSet<String>,
    ) -> Call<'a, Identities> {
        self.answer("iam:GetAccountAuthorizationDetails", "", |world| {
            let mut identities = world.identities.clone();
            if world.stale_reads > 0 && world.before.is_some() {
                world.stale_reads -= 1;
                identities = world.before.clone().unwrap_or_default();
            }
            identities.roles.retain(|name, _| roles.contains(name));
            identities.policies.retain(|name, _| policies.contains(name));
            Ok(identities)
        })
    }

    fn oidc_provider<'a>(&'a self, arn: &'a str) -> Call<'a, Option<OidcProvider>> {
        self.answer("iam:GetOpenIDConnectProvider", arn, |world| {
            Ok(world.providers.get(arn).cloned())
        })
    }

    fn trusting<'a>(&'a self, provider_arn: &'a str) -> Call<'a, BTreeSet<String>> {
        self.answer("iam:GetAccountAuthorizationDetails", "trusting", |world| {
            let roles = world.identities.roles.iter();
            let trusting = roles.filter(|(_, role)| speaks_of(&role.trust, provider_arn));
            Ok(trusting.map(|(name, _)| name.clone()).collect())
        })
    }

    fn role_names(&self) -> Call<'_, Vec<String>> {
        self.answer("iam:ListRoles", "", |world| {
            Ok(world.identities.roles.keys().cloned().collect())
        })
    }

    fn oidc_providers(&self) -> Call<'_, Vec<OidcProvider>> {
        self.answer("iam:ListOpenIDConnectProviders", "", |world| {
            Ok(world.providers.values().cloned().collect())
        })
    }

    fn password_policy(&self) -> Call<'_, Option<PasswordPolicy>> {
        self.answer("iam:GetAccountPasswordPolicy", "", |world| Ok(world.password))
    }

    fn root_user(&self) -> Call<'_, RootUser> {
        self.answer("iam:GetAccountSummary", "", |world| Ok(world.root_user))
    }

    fn change<'a>(&'a self, change: &'a Change) -> Call<'a, ()> {
        let (call, subject) = name(change);
        self.answer(call, &subject, |world| {
            if world.before.is_none() {
                world.before = Some(world.identities.clone());
            }
            carry_out(world, change)
        })
    }

    fn own_regions(&self) -> Call<'_, RegionStatuses> {
        self.answer("account:ListRegions", "own", |world| Ok(world.regions.clone()))
    }

    fn enable_own_region<'a>(&'a self, region: &'a str) -> Call<'a, ()> {
        self.answer("account:EnableRegion", region, |world| {
            world.regions.insert(region.to_owned(), RegionStatus::Enabling);
            Ok(())
        })
    }

    fn own_settings(&self) -> &dyn AccountSettings {
        unreachable!("no control asks for settings")
    }

    fn switches(&self) -> &dyn Settings {
        self
    }
}

impl Settings for Fake {
    fn setting<'a>(&'a self, of: SettingKind, site: Site<'a>) -> Call<'a, Found> {
        self.switch(of, site, "Get", |world| world.switches.read(of, site))
    }

    fn set<'a>(&'a self, setting: Setting, site: Site<'a>) -> Call<'a, ()> {
        self.switch(setting.kind(), site, "Put", |world| world.switches.write(setting, site))
    }
}

impl Regions for Fake {
    fn statuses<'a>(&'a self, account_id: &'a AccountId) -> Call<'a, RegionStatuses> {
        let denied = self.0.lock().unwrap().failing.get("account:outside").copied();
        self.answer("account:ListRegions", account_id, |world| {
            denied.map_or_else(|| Ok(world.regions.clone()), Err)
        })
    }

    fn of_caller(&self) -> Call<'_, RegionStatuses> {
        unreachable!("no control asks for the caller's own regions")
    }

    fn enable<'a>(&'a self, account_id: &'a AccountId, region: &'a str) -> Call<'a, ()> {
        let denied = self.0.lock().unwrap().failing.get("account:outside").copied();
        if let Some(kind) = denied {
            return self.answer("account:EnableRegion", account_id, |_| Err(kind));
        }
        self.enable_own_region(region)
    }
}

impl Policies for Fake {
    fn enabled(&self) -> Call<'_, bool> {
        self.answer("organizations:ListRoots", "", |world| Ok(world.policies_enabled))
    }

    fn find<'a>(&'a self, name: &'a str) -> Call<'a, Option<ServiceControlPolicy>> {
        self.answer("organizations:ListTargetsForPolicy", name, |world| {
            Ok(world.policies.get(name).map(|(policy, _)| policy.clone()))
        })
    }

    fn targets<'a>(&'a self, id: &'a str) -> Call<'a, BTreeSet<String>> {
        self.answer("organizations:ListTargetsForPolicy", id, |world| {
            let found = world.policies.values().find(|(policy, _)| policy.id == id);
            found.map(|(policy, _)| policy.targets.clone()).ok_or(Kind::NotFound)
        })
    }

    fn content<'a>(&'a self, id: &'a str) -> Call<'a, PolicyContent> {
        self.answer("organizations:DescribePolicy", id, |world| {
            let found = world.policies.values().find(|(policy, _)| policy.id == id);
            found.map(|(_, content)| content.clone()).ok_or(Kind::NotFound)
        })
    }

    fn attached<'a>(&'a self, target: &'a str) -> Call<'a, usize> {
        self.answer("organizations:ListPoliciesForTarget", target, |world| {
            let attached = |(policy, _): &&(ServiceControlPolicy, PolicyContent)| {
                policy.targets.contains(target)
            };
            Ok(world.policies.values().filter(attached).count())
        })
    }

    fn names_at<'a>(&'a self, _target: &'a str) -> Call<'a, BTreeMap<String, BTreeSet<String>>> {
        unreachable!("no control asks for names")
    }

    fn create<'a>(&'a self, policy: &'a NewPolicy) -> Call<'a, String> {
        self.answer("organizations:CreatePolicy", &policy.name, |world| {
            if world.policies.contains_key(&policy.name) {
                return Err(Kind::AlreadyExists);
            }
            let id = format!("p-{}", policy.name);
            world.policies.insert(
                policy.name.clone(),
                (
                    ServiceControlPolicy { id: id.clone(), targets: BTreeSet::new() },
                    PolicyContent { content: policy.content.clone(), tags: policy.tags.clone() },
                ),
            );
            Ok(id)
        })
    }

    fn tag<'a>(&'a self, id: &'a str, tags: &'a Tags) -> Call<'a, ()> {
        self.answer("organizations:TagResource", id, |world| {
            let found = world.policies.values_mut().find(|(policy, _)| policy.id == id);
            found.ok_or(Kind::NotFound)?.1.tags.extend(tags.clone());
            Ok(())
        })
    }

    fn update<'a>(&'a self, id: &'a str, content: &'a str) -> Call<'a, ()> {
        self.answer("organizations:UpdatePolicy", id, |world| {
            let found = world.policies.values_mut().find(|(policy, _)| policy.id == id);
            found.ok_or(Kind::NotFound)?.1.content = content.to_owned();
            Ok(())
        })
    }

    fn attach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, Attached> {
        self.answer("organizations:AttachPolicy", id, |world| {
            let found = world.policies.values_mut().find(|(policy, _)| policy.id == id);
            let new = found.ok_or(Kind::NotFound)?.0.targets.insert(target.to_owned());
            Ok(if new { Attached::Now } else { Attached::Before })
        })
    }

    fn detach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, ()> {
        self.answer("organizations:DetachPolicy", id, |world| {
            let found = world.policies.values_mut().find(|(policy, _)| policy.id == id);
            found.ok_or(Kind::NotFound)?.0.targets.remove(target);
            Ok(())
        })
    }

    fn refresh(&self) {}
}

fn name(change: &Change) -> (&'static str, String) {
    match change {
        Change::CreatePolicy { name, .. } => ("iam:CreatePolicy", name.clone()),
        Change::UpdatePolicy { arn, .. } => ("iam:CreatePolicyVersion", arn.clone()),
        Change::CreateRole { name, .. } => ("iam:CreateRole", name.clone()),
        Change::PutBoundary { role, .. } => ("iam:PutRolePermissionsBoundary", role.clone()),
        Change::AttachPolicy { role, policy } => {
            ("iam:AttachRolePolicy", format!("{role} {policy}"))
        }
        Change::DetachPolicy { role, policy } => {
            ("iam:DetachRolePolicy", format!("{role} {policy}"))
        }
        Change::DeleteInlinePolicy { role, name } => {
            ("iam:DeleteRolePolicy", format!("{role} {name}"))
        }
        Change::UpdateTrust { role, .. } => ("iam:UpdateAssumeRolePolicy", role.clone()),
        Change::TagRole { role, .. } => ("iam:TagRole", role.clone()),
        Change::CreateProvider { url, .. } => ("iam:CreateOpenIDConnectProvider", url.clone()),
        Change::AddAudience { audience, .. } => {
            ("iam:AddClientIDToOpenIDConnectProvider", audience.clone())
        }
        Change::RemoveAudience { audience, .. } => {
            ("iam:RemoveClientIDFromOpenIDConnectProvider", audience.clone())
        }
        Change::TagProvider { arn, .. } => ("iam:TagOpenIDConnectProvider", arn.clone()),
        Change::DeleteProvider { arn } => ("iam:DeleteOpenIDConnectProvider", arn.clone()),
        Change::PutPasswordPolicy(_) => ("iam:UpdateAccountPasswordPolicy", String::new()),
        Change::DeletePasswordPolicy => ("iam:DeleteAccountPasswordPolicy", String::new()),
    }
}

fn carry_out(world: &mut World, change: &Change) -> Result<(), Kind> {
    let arn = |resource: &str| format!("arn:aws:iam::{ACCOUNT}:{resource}");
    let roles = &mut world.identities.roles;
    match change.clone() {
        Change::CreatePolicy { name, document, tags, .. } => {
            let policy = ManagedPolicy {
                arn: arn(&format!("policy/{name}")),
                document,
                tags,
                ..ManagedPolicy::default()
            };
            world.identities.policies.insert(name, policy);
        }
        Change::UpdatePolicy { arn, document, .. } => {
            let found = world.identities.policies.values_mut().find(|policy| policy.arn == arn);
            found.ok_or(Kind::NotFound)?.document = document;
        }
        Change::CreateRole { name, trust, boundary, tags, .. } => {
            if roles.contains_key(&name) {
                return Err(Kind::AlreadyExists);
            }
            let role = Role { trust, boundary: Some(boundary), tags, ..Role::default() };
            roles.insert(name, role);
        }
        Change::PutBoundary { role, boundary } => {
            roles.get_mut(&role).ok_or(Kind::NotFound)?.boundary = Some(boundary);
        }
        Change::AttachPolicy { role, policy } => {
            roles.get_mut(&role).ok_or(Kind::NotFound)?.attached.insert(policy);
        }
        Change::DetachPolicy { role, policy } => {
            roles.get_mut(&role).ok_or(Kind::NotFound)?.attached.remove(&policy);
        }
        Change::DeleteInlinePolicy { role, name } => {
            roles.get_mut(&role).ok_or(Kind::NotFound)?.inline.remove(&name);
        }
        Change::UpdateTrust { role, trust } => {
            roles.get_mut(&role).ok_or(Kind::NotFound)?.trust = trust;
        }
        Change::TagRole { role, tags } => {
            roles.get_mut(&role).ok_or(Kind::NotFound)?.tags.extend(tags);
        }
        Change::CreateProvider { url, audiences, tags } => {
            let host = url.trim_start_matches("https://");
            let provider =
                OidcProvider { arn: arn(&format!("oidc-provider/{host}")), audiences, tags };
            world.providers.insert(provider.arn.clone(), provider);
        }
        Change::AddAudience { arn, audience } => {
            world.providers.get_mut(&arn).ok_or(Kind::NotFound)?.audiences.insert(audience);
        }
        Change::TagProvider { arn, tags } => {
            world.providers.get_mut(&arn).ok_or(Kind::NotFound)?.tags.extend(tags);
        }
        Change::DeleteProvider { arn } => {
            world.providers.remove(&arn).ok_or(Kind::NotFound)?;
        }
        Change::RemoveAudience { arn, audience } => {
            world.providers.get_mut(&arn).ok_or(Kind::NotFound)?.audiences.remove(&audience);
        }
        Change::PutPasswordPolicy(policy) => world.password = Some(policy),
        Change::DeletePasswordPolicy => {
            world.password.take().ok_or(Kind::NotFound)?;
        }
    }
    Ok(())
}

pub(super) fn contract() -> Contract {
    let name = |text: &str| Name::new(text).unwrap();
    let role = |environment: &str| FederatedRole {
        provider: "github".into(),
        owner_id: Some("123456".into()),
        repository_id: Some("456789".into()),
        subject_format: SubjectFormat::Immutable,
        claims: BTreeMap::from([
            ("repository".to_owned(), "example/platform".to_owned()),
            ("environment".to_owned(), environment.to_owned()),
        ]),
    };
    Contract {
        vendor: None,
        key: Key::new("payments-prod").unwrap(),
        name: "payments-prod".into(),
        email: "aws+payments-prod@example.com".into(),
        account_class: AccountClass::RegulatedProdWorkloads,
        environment: name("prod"),
        owner: name("payments-platform"),
        data_classification: name("pci"),
        region_set: BTreeSet::from(["ap-northeast-1".to_owned(), "ap-southeast-3".to_owned()]),
        network_profile: name("private-service"),
        baseline_policy: BaselinePolicy::ProdRestricted,
        baseline_version: BaselineVersion::default(),
        budget_owner: name("payments"),
        gitops_enabled: true,
        controls: BTreeMap::new(),
        identity: Some(Identity {
            providers: BTreeMap::from([(
                "github".to_owned(),
                AskedProvider {
                    url: "https://token.actions.githubusercontent.com".into(),
                    audiences: BTreeSet::from(["sts.amazonaws.com".to_owned()]),
                },
            )]),
            roles: BTreeMap::from([
                ("plan".to_owned(), role("payments-prod-plan")),
                ("apply".to_owned(), role("payments-prod")),
            ]),
        }),
        role_name: "OrganizationAccountAccessRole".into(),
    }
}

/// The scope of [`contract`] in the example organization.
pub(super) struct Example {
    account_id: AccountId,
    pub(super) contract: Contract,
    path: Vec<String>,
    pub(super) access: Vec<String>,
    pub(super) vending: VendingRoles<'static>,
    pub(super) memory: Memory,
    pub(super) denied_until: Option<Timestamp>,
}

impl Example {
    pub(super) fn new() -> Self {
        Self {
            account_id: ACCOUNT.into(),
            contract: contract(),
            path: vec![OU.into(), ROOT.into()],
            access: vec!["OrganizationAccountAccessRole".into(), "AWSControlTowerExecution".into()],
            vending: VendingRoles::default(),
            memory: Memory::default(),
            denied_until: None,
        }
    }

    pub(super) fn scope(&self) -> Scope<'_> {
        Scope {
            contract: &self.contract,
            account: Some(&self.account_id),
            organization_id: "o-exampleorgid",
            management_account_id: "999988887777",
            partition: "aws",
            managed_by: "platform",
            path: Ok(&self.path),
            access_role_names: &self.access,
            vending: self.vending,
            memory: &self.memory,
            denied_until: self.denied_until,
        }
    }
}

/// The example, asked for this control alone.
pub(super) fn only(control: &str, mode: ControlMode) -> Example {
    let mut example = Example::new();
    let others = super::metas().filter(|meta| meta.mode.is_some());
    let ignored = others.map(|meta| (meta.name.to_owned(), ControlMode::Ignore));
    example.contract.controls = ignored.collect();
    example.contract.controls.insert(control.to_owned(), mode);
    example
}
