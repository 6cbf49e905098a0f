//! What is in an account, and around it: the way in, regions, policies.

use super::*;
use crate::aws::api::member::Tags;
use crate::aws::policy::speaks_of;

impl MemberAccess for Cloud {
    fn assume<'a>(
        &'a self,
        account_id: &'a AccountId,
        role_name: &'a str,
        entry: Entry,
    ) -> Call<'a, Arc<dyn Member>> {
        let (id, role) = (account_id.clone(), role_name.to_owned());
        let member = MemberOf { cloud: self.clone(), id, role };
        self.call("AssumeRole", |world| {
            let of = world.accounts.iter().find(|of| of.id == *account_id);
            let born = of.and_then(|of| of.joined_at).map_or(0, Timestamp::as_millisecond);
            if world.now < born + world.role_seconds * 1000 {
                return Err(Error::new("sts:AssumeRole", Kind::NotYet, "AccessDenied", ""));
            }
            world.denied("sts:AssumeRole", account_id, &world.denies_entry)?;
            world.sessions.push((role_name.to_owned(), entry));
            Ok(Arc::new(member) as Arc<dyn Member>)
        })
    }
}

impl Regions for Cloud {
    fn of_caller(&self) -> Call<'_, RegionStatuses> {
        self.call("ListRegions", |world| {
            let by_default = |name: &str| (name.to_owned(), RegionStatus::EnabledByDefault);
            let mut statuses: RegionStatuses =
                ["ap-southeast-1", "eu-north-2"].map(by_default).into();
            let home =
                world.tower.as_ref().map(|of| of.home).filter(|of| control_tower::opted_in(of));
            statuses.extend(home.map(|of| (of.to_owned(), RegionStatus::Enabled)));
            Ok(statuses)
        })
    }
    fn statuses<'a>(&'a self, account_id: &'a AccountId) -> Call<'a, RegionStatuses> {
        self.call("ListRegions", |world| {
            let key = (account_id.to_string(), "ap-southeast-3".to_owned());
            let jakarta = match world.regions.get(&key) {
                None => RegionStatus::Disabled,
                Some(ends) if world.now < *ends => RegionStatus::Enabling,
                Some(_) => RegionStatus::Enabled,
            };
            Ok(BTreeMap::from([
                ("ap-southeast-1".to_owned(), RegionStatus::EnabledByDefault),
                ("ap-southeast-3".to_owned(), jakarta),
            ]))
        })
    }

    fn enable<'a>(&'a self, account_id: &'a AccountId, region: &'a str) -> Call<'a, ()> {
        self.call("EnableRegion", |world| {
            let ends = world.now + world.region_seconds * 1000;
            world.regions.insert((account_id.to_string(), region.into()), ends);
            Ok(())
        })
    }
}

impl Policies for Cloud {
    fn enabled(&self) -> Call<'_, bool> {
        self.call("ListRoots", |world| Ok(!world.policy.content.is_empty()))
    }
    fn targets<'a>(&'a self, id: &'a str) -> Call<'a, BTreeSet<String>> {
        self.call("ListTargetsForPolicy", |world| {
            Ok(world.policy.targets.get(id).cloned().unwrap_or_default())
        })
    }
    fn find<'a>(&'a self, name: &'a str) -> Call<'a, Option<ServiceControlPolicy>> {
        let finding = self.call("ListPolicies", |world| {
            Ok(world.guardrails.contains_key(name).then(|| format!("p-{name}")))
        });
        Box::pin(async move {
            let Some(id) = finding.await? else { return Ok(None) };
            let targets = self.targets(&id).await?;
            Ok(Some(ServiceControlPolicy { id, targets }))
        })
    }
    fn content<'a>(&'a self, id: &'a str) -> Call<'a, PolicyContent> {
        self.call("DescribePolicy", |world| {
            if let Some(content) = world.guardrails.get(id.trim_start_matches("p-")) {
                return Ok(content.clone());
            }
            let content = world.policy.content.clone();
            Ok(PolicyContent { content, ..PolicyContent::default() })
        })
    }
    fn attached<'a>(&'a self, _target: &'a str) -> Call<'a, usize> {
        self.call("ListPoliciesForTarget", |world| Ok(world.attached))
    }
    fn names_at<'a>(&'a self, target: &'a str) -> Call<'a, BTreeMap<String, BTreeSet<String>>> {
        self.call("ListPoliciesForTarget", |world| {
            Ok(world.policy_names.get(target).cloned().unwrap_or_default())
        })
    }
    fn create<'a>(&'a self, policy: &'a NewPolicy) -> Call<'a, String> {
        self.call("CreatePolicy", |world| {
            let NewPolicy { name, content, tags, .. } = policy.clone();
            if world.guardrails.insert(name.clone(), PolicyContent { content, tags }).is_some() {
                return Err(Error::new("CreatePolicy", Kind::AlreadyExists, "Duplicate", ""));
            }
            Ok(format!("p-{name}"))
        })
    }
    fn tag<'a>(&'a self, id: &'a str, tags: &'a Tags) -> Call<'a, ()> {
        self.call("TagResource", |world| {
            let found = world.guardrails.get_mut(id.trim_start_matches("p-"));
            let found = found.ok_or_else(|| not_found("TagResource", "PolicyNotFound"))?;
            found.tags.extend(tags.clone());
            Ok(())
        })
    }
    fn update<'a>(&'a self, id: &'a str, content: &'a str) -> Call<'a, ()> {
        self.call("UpdatePolicy", |world| {
            let found = world.guardrails.get_mut(id.trim_start_matches("p-"));
            found.ok_or_else(|| not_found("UpdatePolicy", "PolicyNotFound"))?.content =
                content.to_owned();
            Ok(())
        })
    }
    fn attach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, Attached> {
        self.call("AttachPolicy", |world| {
            let by_hand = world.policy.attached_by_hand.take();
            let targets = world.policy.targets.entry(id.to_owned()).or_default();
            targets.extend(by_hand);
            Ok(if targets.insert(target.to_owned()) { Attached::Now } else { Attached::Before })
        })
    }
    fn detach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, ()> {
        self.call("DetachPolicy", |world| {
            world.policy.targets.entry(id.to_owned()).or_default().remove(target);
            Ok(())
        })
    }
    fn refresh(&self) {}
}

pub(super) struct MemberOf {
    pub(super) cloud: Cloud,
    pub(super) id: AccountId,
    /// The role of the session.
    pub(super) role: String,
}

impl MemberOf {
    /// A call that a policy may deny to the session.
    fn call<'a, T: Send + 'a>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut World) -> Result<T, Error>,
    ) -> Call<'a, T> {
        self.cloud.call(name, |world| match world.denied_roles.contains(&self.role) {
            true => Err(denied(name)),
            false => effect(world),
        })
    }
}

impl Member for MemberOf {
    fn identities<'a>(
        &'a self,
        roles: &'a BTreeSet<String>,
        policies: &'a BTreeSet<String>,
    ) -> Call<'a, Identities> {
        self.call("GetAccountAuthorizationDetails", |world| {
            let mut found =
                Identities { roles: world.roles.clone(), policies: world.managed.clone() };
            found.roles.retain(|name, _| roles.contains(name));
            found.policies.retain(|name, _| policies.contains(name));
            Ok(found)
        })
    }
    fn oidc_provider<'a>(&'a self, arn: &'a str) -> Call<'a, Option<OidcProvider>> {
        self.cloud.call("GetOpenIDConnectProvider", |world| Ok(world.providers.get(arn).cloned()))
    }
    fn trusting<'a>(&'a self, provider_arn: &'a str) -> Call<'a, BTreeSet<String>> {
        self.call("GetAccountAuthorizationDetails", |world| {
            let roles = world.roles.iter();
            let trusting = roles.filter(|(_, role)| speaks_of(&role.trust, provider_arn));
            Ok(trusting.map(|(name, _)| name.clone()).collect())
        })
    }
    fn role_names(&self) -> Call<'_, Vec<String>> {
        self.cloud.call("ListRoles", |world| Ok(world.role_names.clone()))
    }
    fn oidc_providers(&self) -> Call<'_, Vec<OidcProvider>> {
        self.call("ListOpenIDConnectProviders", |w| Ok(w.providers.values().cloned().collect()))
    }
    fn password_policy(&self) -> Call<'_, Option<PasswordPolicy>> {
        self.cloud
            .call("GetAccountPasswordPolicy", |w| Ok(w.passwords.get(self.id.as_str()).copied()))
    }
    fn root_user(&self) -> Call<'_, RootUser> {
        self.call("GetAccountSummary", |_| Ok(RootUser::default()))
    }
    fn change<'a>(&'a self, change: &'a Change) -> Call<'a, ()> {
        self.call("change", |world| {
            change.check()?;
            world.denied("iam:Update", &self.id, &world.denies_changes)?;
            world.change_iam(&self.id, change)
        })
    }
    fn own_regions(&self) -> Call<'_, RegionStatuses> {
        self.cloud.statuses(&self.id)
    }
    fn enable_own_region<'a>(&'a self, region: &'a str) -> Call<'a, ()> {
        self.cloud.enable(&self.id, region)
    }
    fn own_settings(&self) -> &dyn AccountSettings {
        self
    }
    fn switches(&self) -> &dyn Settings {
        self
    }
}

impl Settings for MemberOf {
    fn setting<'a>(&'a self, of: SettingKind, site: Site<'a>) -> Call<'a, Found> {
        self.call("setting", |world| {
            Ok(world.switches.entry(self.id.to_string()).or_default().read(of, site))
        })
    }
    fn set<'a>(&'a self, setting: Setting, site: Site<'a>) -> Call<'a, ()> {
        self.call("set", |world| {
            world.switches.entry(self.id.to_string()).or_default().write(setting, site);
            Ok(())
        })
    }
}
