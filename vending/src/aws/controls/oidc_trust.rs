//! `oidc-trust`: the OIDC providers of `identity`, and the trust policies of the access roles
//! that they federate (guide §15).
//!
//! A provider that is there already is used: its audiences are completed, and it stays whose it
//! was. One that we make carries our marks, and goes when the account is released.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Severity};
use futures::future::try_join_all;

use super::evidence::{Evidence, advice, refusal};
use super::meta::{Meta, Place};
use super::{ACCESS_ROLES, OIDC_TRUST, Scope};
use crate::aws::api::member::{Change, Holder, Identities, Member, OidcProvider, Tags};
use crate::aws::policy::{fingerprint, same, trust};
use crate::error::Error;
use crate::operations::{EVERYTHING, On, create, read, write};
use crate::profile;

/// What it says of itself.
pub const META: Meta = Meta {
    name: OIDC_TRUST,
    asks: "the providers and exact subjects of `identity`; without `identity` not applicable",
    mode: Some(ControlMode::Own),
    severity: Severity::Critical,
    place: Place::Account,
    operations: &[
        write("iam:AddClientIDToOpenIDConnectProvider", &[On::OidcProvider]),
        create(
            "iam:CreateOpenIDConnectProvider",
            &[On::OidcProvider],
            &["iam:TagOpenIDConnectProvider"],
        ),
        write("iam:DeleteOpenIDConnectProvider", &[On::OidcProvider]),
        read("iam:GetAccountAuthorizationDetails", EVERYTHING),
        read("iam:GetOpenIDConnectProvider", &[On::OidcProvider]),
        read("iam:ListOpenIDConnectProviders", EVERYTHING),
        write("iam:RemoveClientIDFromOpenIDConnectProvider", &[On::OidcProvider]),
        write("iam:TagOpenIDConnectProvider", &[On::OidcProvider]),
        write("iam:UpdateAssumeRolePolicy", &[On::Role]),
    ],
    parameters: "",
    after: &[],
    given_up: "providers, audiences and trust that it made go, but for a provider that a role of somebody else's trusts",
};

const API: &str = "iam:GetOpenIDConnectProvider";

/// What was found of each provider, by ARN.
pub type Providers = BTreeMap<String, Option<OidcProvider>>;

/// What the account must hold.
#[derive(Debug)]
pub struct Desired {
    providers: BTreeMap<String, Provider>,
    trusts: BTreeMap<String, Result<String, trust::Error>>,
    marks: Tags,
}

#[derive(Debug)]
struct Provider {
    url: String,
    audiences: BTreeSet<String>,
}

/// The changes: providers come before the roles that trust them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// Before roles are made.
    pub providers: Vec<Change>,
    /// After.
    pub trusts: Vec<Change>,
}

// === impl Desired ===

impl Desired {
    /// The roles of ours whose trust is as it should be.
    pub(super) fn written<'a>(
        &'a self,
        identities: &'a Identities,
    ) -> impl Iterator<Item = String> + 'a {
        let is_written = |(name, trust): &(&String, &Result<String, trust::Error>)| {
            let role = identities.roles.get(*name);
            role.is_some_and(|role| {
                Holder::of(&self.marks, &role.tags) == Holder::Us
                    && trust.as_ref().is_ok_and(|trust| same(trust, &role.trust))
            })
        };
        self.trusts.iter().filter(is_written).map(|(name, _)| name.clone())
    }

    /// Its providers: ARN, URL and audiences.
    pub(super) fn issuers(&self) -> impl Iterator<Item = (&String, &str, &BTreeSet<String>)> {
        self.providers.iter().map(|(arn, of)| (arn, of.url.as_str(), &of.audiences))
    }
}

/// The trust policies that `identity` asks for, by the name of the role.
#[must_use]
pub fn trusts(scope: &Scope<'_>) -> BTreeMap<String, Result<String, trust::Error>> {
    let Some(identity) = &scope.contract.identity else { return BTreeMap::new() };
    identity
        .roles
        .iter()
        .map(|(name, role)| {
            let document = identity
                .providers
                .get(&role.provider)
                .ok_or_else(|| trust::Error::UnknownProvider(role.provider.clone()))
                .and_then(|provider| {
                    trust::federated(name, role, provider, scope.partition, scope.account_id())
                });
            (profile::role_name(name), document.map(|document| document.to_json()))
        })
        .collect()
}

/// What the contract asks for; `None` without `identity`.
#[must_use]
pub fn desired(scope: &Scope<'_>) -> Option<Desired> {
    let identity = scope.contract.identity.as_ref()?;
    let mut providers: BTreeMap<String, Provider> = BTreeMap::new();
    for provider in identity.providers.values() {
        let arn = trust::provider_arn(&provider.url, scope.partition, scope.account_id());
        let audiences = provider.audiences.iter().cloned();
        providers
            .entry(arn)
            .or_insert_with(|| Provider { url: provider.url.clone(), audiences: BTreeSet::new() })
            .audiences
            .extend(audiences);
    }
    Some(Desired { providers, trusts: trusts(scope), marks: scope.marks() })
}

/// Reads the providers, one call each.
///
/// # Errors
/// The first call's that failed.
pub async fn observe(member: &dyn Member, desired: &Desired) -> Result<Providers, Error> {
    let reads = desired.providers.keys().map(|arn| async move {
        let found = member.oidc_provider(arn).await?;
        Ok::<_, Error>((arn.clone(), found))
    });
    Ok(try_join_all(reads).await?.into_iter().collect())
}

/// The changes that make it so. A role that is not there was decided on by `access-roles`.
#[must_use]
pub fn decide(
    mode: ControlMode,
    desired: &Desired,
    providers: &Providers,
    identities: &Identities,
) -> Decision {
    let mut decision = Decision::default();
    if mode != ControlMode::Own {
        return decision;
    }
    for (arn, wanted) in &desired.providers {
        match providers.get(arn).and_then(Option::as_ref) {
            None => decision.providers.push(Change::CreateProvider {
                url: wanted.url.clone(),
                audiences: wanted.audiences.clone(),
                tags: desired.marks.clone(),
            }),
            Some(found) => {
                // Nobody's provider is completed as well: adding an audience takes nothing away.
                let holder = Holder::of(&desired.marks, &found.tags);
                if !matches!(holder, Holder::Other(_)) {
                    let missing = wanted.audiences.difference(&found.audiences);
                    decision.providers.extend(missing.map(|audience| Change::AddAudience {
                        arn: arn.clone(),
                        audience: audience.clone(),
                    }));
                }
                if holder == Holder::Us
                    && desired.marks.iter().any(|(key, value)| found.tags.get(key) != Some(value))
                {
                    decision.providers.push(Change::TagProvider {
                        arn: arn.clone(),
                        tags: desired.marks.clone(),
                    });
                }
            }
        }
    }
    for (name, trust) in &desired.trusts {
        if let (Ok(trust), Some(role)) = (trust, identities.roles.get(name))
            && Holder::of(&desired.marks, &role.tags) == Holder::Us
            && !same(trust, &role.trust)
        {
            decision.trusts.push(Change::UpdateTrust { role: name.clone(), trust: trust.clone() });
        }
    }
    decision
}

/// What the check says. `desired` is `None` without `identity`; `observed` is `None` without a
/// session in the account. `waits`: no apply does anything about the roles as they are.
#[must_use]
pub fn check(
    mode: ControlMode,
    desired: Option<&Desired>,
    observed: Option<&Result<(Providers, Identities), Error>>,
    waits: bool,
) -> Check {
    let evidence = Evidence {
        control: OIDC_TRUST,
        scope: String::new(),
        severity: Severity::Critical,
        api: API,
        expected: desired.map(|desired| lines(desired, None).0).unwrap_or_default(),
    };
    let Some(desired) = desired else {
        return evidence.not_applicable("no `identity` is asked for");
    };
    match (mode, observed) {
        (ControlMode::Ignore, _) => evidence.ignored(),
        (_, None) => evidence.inaccessible(),
        (_, Some(Err(error))) => evidence.unknown(error),
        (_, Some(Ok((providers, identities)))) => {
            let (observed, differences) = lines(desired, Some((providers, identities)));
            evidence.compare(observed, || {
                let refused = refused(mode, desired, providers, identities);
                if refused.is_empty() && waits && mode == ControlMode::Own {
                    waiting(&differences)
                } else if refused.is_empty() {
                    advice(mode, OIDC_TRUST, &differences)
                } else {
                    refusal(OIDC_TRUST, &refused)
                }
            })
        }
    }
}

/// Advice where the roles cannot be opened yet.
fn waiting(differences: &[String]) -> String {
    format!(
        "A role gets its trust policy once it is there, under a boundary that this configuration manages: do what the \
         check `{ACCESS_ROLES}` says. It is about {}.",
        differences.join("; ")
    )
}

/// One line per provider and role, the same for what is wanted (`None`) and what is there, and
/// the names of what differs. An audience more than ours is no difference: it belongs to others.
fn lines(desired: &Desired, observed: Option<(&Providers, &Identities)>) -> (String, Vec<String>) {
    let mut lines = Vec::new();
    let mut differences = Vec::new();
    let mut add = |name: &str, wanted: String, found: Option<String>| {
        let line = found.unwrap_or_else(|| wanted.clone());
        if line != wanted {
            differences.push(name.to_owned());
        }
        lines.push(line);
    };
    for (arn, wanted) in &desired.providers {
        let line = |audiences: &BTreeSet<String>| {
            let listed: Vec<&str> = audiences.iter().map(String::as_str).collect();
            format!("provider {} audiences {}", wanted.url, listed.join(" "))
        };
        add(
            &wanted.url,
            line(&wanted.audiences),
            observed.map(|(providers, _)| match providers.get(arn).and_then(Option::as_ref) {
                None => format!("provider {} absent", wanted.url),
                Some(found) => {
                    line(&found.audiences.intersection(&wanted.audiences).cloned().collect())
                }
            }),
        );
    }
    for (name, trust) in &desired.trusts {
        let line = |trust: &str| format!("{name} trust {}", fingerprint(trust));
        match trust {
            Ok(wanted) => add(
                name,
                line(wanted),
                observed.map(|(_, identities)| match identities.roles.get(name) {
                    None => format!("{name} absent"),
                    Some(role) => line(&role.trust),
                }),
            ),
            // Refused at plan; here for states that an older version accepted.
            Err(error) => add(
                name,
                format!("{name} trust as `identity` says"),
                observed.map(|_| format!("{name}: {error}")),
            ),
        }
    }
    (lines.join("\n"), differences)
}

/// What differs and is not ours to change, each with who holds it.
fn refused(
    mode: ControlMode,
    desired: &Desired,
    providers: &Providers,
    identities: &Identities,
) -> Vec<String> {
    if mode != ControlMode::Own {
        return Vec::new();
    }
    let incomplete = desired.providers.iter().filter_map(|(arn, wanted)| {
        let found = providers.get(arn)?.as_ref()?;
        match Holder::of(&desired.marks, &found.tags) {
            Holder::Other(manager) if !wanted.audiences.is_subset(&found.audiences) => {
                Some(format!("the OIDC provider {} is managed by `{manager}`", wanted.url))
            }
            _ => None,
        }
    });
    let foreign = desired.trusts.iter().filter_map(|(name, trust)| {
        let role = identities.roles.get(name)?;
        if trust.as_ref().is_ok_and(|trust| same(trust, &role.trust)) {
            return None;
        }
        match Holder::of(&desired.marks, &role.tags) {
            Holder::Us => None,
            Holder::Other(manager) => Some(format!("the role {name} is managed by `{manager}`")),
            Holder::Nobody => Some(format!("the role {name} has no `fleet:managed-by` tag")),
        }
    });
    incomplete.chain(foreign).collect()
}

#[cfg(test)]
mod tests;
