//! What earlier applies made at AWS and the configuration asks for no more, where an apply does not take it away: named
//! in the plan, since nothing looks at it after that.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{Contract, ControlMode};
use fleet_vending::aws::api::Setting;
use fleet_vending::aws::controls::{
    self, ACCESS_ROLES, Meta, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY, Shed,
};
use fleet_vending::{Memory, profile};
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use super::{contract, facts, report};
use crate::diagnostic::warning;

/// What stays, by the argument that asked for it.
/// `shed`: what the apply takes away.
pub(super) fn told(
    desired: &Model,
    prior: &Model,
    memory: &Memory,
    shed: &[Shed],
) -> Vec<Diagnostic> {
    if facts::ended(prior).is_some() {
        return Vec::new();
    }
    let (Some(to), Some(from)) = (contract::contract(desired), contract::contract(prior)) else {
        return Vec::new();
    };
    let change = Change { from: &from, to: &to, shed };
    let by_profile = [change.profile(memory), change.controls(memory, By::Profile)].concat();
    let said = |(at, lines): (&'static str, Vec<String>)| {
        let summary = format!("{}: what `{at}` made stays", report::subject(prior));
        (!lines.is_empty()).then(|| {
            warning("FLEET0147", summary)
                .at(at)
                .what(format!("The configuration asks for it no more, and the apply leaves it at AWS: {}.", lines.join("; ")))
                .why("Only what this configuration made is taken away, and only where nothing else can depend on it without being seen. From this apply on, nothing here changes it.")
                .todo("Remove by hand what is not wanted any more, with credentials of the organization or of the account.")
                .build()
        })
    };
    [
        ("region_set", change.regions()),
        ("identity", change.identity()),
        (
            if from.baseline_policy == to.baseline_policy {
                "baseline_version"
            } else {
                "baseline_policy"
            },
            by_profile,
        ),
        ("controls", change.controls(memory, By::Name)),
    ]
    .into_iter()
    .filter_map(said)
    .collect()
}

/// What gives a control up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// `controls` names it, or has named it.
    Name,
    /// The profile, or its version.
    Profile,
}

struct Change<'a> {
    from: &'a Contract,
    to: &'a Contract,
    shed: &'a [Shed],
}

impl Change<'_> {
    /// Whether a control was ours.
    fn owned(&self, control: &str) -> bool {
        controls::mode(self.from, control) == ControlMode::Own
    }

    fn regions(&self) -> Vec<String> {
        let gone = self.from.region_set.difference(&self.to.region_set);
        gone.map(|region| format!("the region {region}, which stays enabled if it was opted in to"))
            .collect()
    }

    /// The audiences of each issuer.
    fn audiences(of: &Contract) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for provider in of.identity.iter().flat_map(|identity| identity.providers.values()) {
            let audiences = provider.audiences.iter().map(String::as_str);
            all.entry(&provider.url).or_default().extend(audiences);
        }
        all
    }

    fn identity(&self) -> Vec<String> {
        if !self.owned(OIDC_TRUST) {
            return Vec::new();
        }
        let gone = |url: &str| self.shed.contains(&Shed::Provider(url.to_owned()));
        let to = Self::audiences(self.to);
        let mut lines = Vec::new();
        for (url, audiences) in Self::audiences(self.from) {
            match to.get(url) {
                None if gone(url) => {}
                None => lines.push(format!(
                    "the OIDC provider {url} in IAM, which this configuration did not make"
                )),
                Some(kept) => lines.extend(audiences.difference(kept).filter_map(|audience| {
                    let (url, audience) = (url.to_owned(), (*audience).to_owned());
                    let line = format!(
                        "the audience {audience} of the OIDC provider {url} in IAM, which this configuration did not add"
                    );
                    (!self.shed.contains(&Shed::Audience { url, audience })).then_some(line)
                })),
            }
        }
        // Where the roles are ours, their trust goes back to the management account.
        if !self.owned(ACCESS_ROLES) {
            let roles = |of: &Contract| -> BTreeSet<String> {
                of.identity.iter().flat_map(|of| of.roles.keys().cloned()).collect()
            };
            let shed = |role: &str| {
                let name = format!("fleet-{role}");
                self.shed.contains(&Shed::Trust(name.clone()))
                    || self.shed.contains(&Shed::Role(name))
            };
            lines.extend(roles(self.from).difference(&roles(self.to)).filter(|of| !shed(of)).map(
                |role| {
                    format!("the trust of the role fleet-{role}, which its issuer may still assume")
                },
            ));
        }
        lines
    }

    fn profile(&self, memory: &Memory) -> Vec<String> {
        let (from, to) = (profile::asked(self.from), profile::asked(self.to));
        if from.policy == to.policy {
            return Vec::new();
        }
        let mut lines = Vec::new();
        if self.owned(ORGANIZATION_POLICIES) {
            lines.extend(self.guardrails());
        }
        if self.owned(PASSWORD_POLICY) {
            lines.extend(Self::password(memory));
        }
        let weaker = |of: &Setting| !to.settings.iter().any(|now| of.is_met_by(*now));
        // Those over account-wide switches are the ones that are asked for by name alone.
        // What the account asks for no more at all is told by the control.
        let stays = |name: &str| controls::mode(self.to, name) == ControlMode::Own;
        let by_name = |of: &&Meta| of.mode.is_none() && self.owned(of.name) && stays(of.name);
        let owned: Vec<&str> = controls::metas().filter(by_name).map(|of| of.name).collect();
        if from.settings.iter().any(weaker) && !owned.is_empty() {
            lines.push(format!(
                "what {} set for the profile {}, where {} asks for less: it stays as it is set",
                owned.join(", "),
                from.policy,
                to.policy
            ));
        }
        lines
    }

    /// The policies of the profile that are not taken off.
    fn guardrails(&self) -> Option<String> {
        let from = profile::asked(self.from);
        let names = from.guardrails.iter().map(|of| of.policy_name(from.policy));
        let left: Vec<String> =
            names.filter(|name| !self.shed.contains(&Shed::Guardrail(name.clone()))).collect();
        (!left.is_empty()).then(|| {
            format!(
                "the service control policies {}, where something else attached them to the account or to a unit above it",
                left.join(", ")
            )
        })
    }

    fn password(memory: &Memory) -> Option<String> {
        let is_theirs = memory.password_policy.is_some() && memory.made.password.is_none();
        is_theirs.then(|| {
            "the password policy, which somebody else has changed since; what it was before is in the inventory file, under `prior_settings`".to_owned()
        })
    }

    fn controls(&self, memory: &Memory, by: By) -> Vec<String> {
        let mut lines = Vec::new();
        let named = |control: &str| {
            let is_named = [self.from, self.to].iter().any(|of| of.controls.contains_key(control));
            if is_named { By::Name } else { By::Profile }
        };
        let given_up =
            controls::names().filter(|control| self.owned(control) && named(control) == by);
        for control in given_up {
            match controls::mode(self.to, control) {
                ControlMode::Own => {}
                ControlMode::Verify => {
                    lines.push(format!("what `{control}` made, which is only checked from now on"));
                }
                ControlMode::Ignore => lines.extend(self.ignored(control, memory)),
            }
        }
        lines
    }

    /// What stays of a control that is given up.
    fn ignored(&self, control: &str, memory: &Memory) -> Option<String> {
        match control {
            ORGANIZATION_POLICIES => self.guardrails(),
            PASSWORD_POLICY => Self::password(memory),
            ACCESS_ROLES => Some("the policy fleet-boundary, which other roles may have as their boundary, and the roles under it with their policies, which are shut unless something else still asks for them".to_owned()),
            OIDC_TRUST => {
                let urls: Vec<&str> = Self::audiences(self.from)
                    .into_keys()
                    .filter(|url| !self.shed.contains(&Shed::Provider((*url).to_owned())))
                    .collect();
                (!urls.is_empty()).then(|| {
                    format!("the OIDC providers that this configuration did not make: {}", urls.join(", "))
                })
            }
            controls::REGIONS => Some("the regions that were opted in to, which stay enabled".to_owned()),
            other => {
                let given_up = controls::metas().find(|of| of.name == other)?.given_up;
                Some(format!("what `{other}` set: it {given_up}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::planned;
    use super::*;
    use fleet_vending::memory::Before;
    use tfplugin::Attr;

    type Edit = fn(&mut Model);

    #[test]
    fn what_the_apply_takes_away_does_not_stay() {
        let prior = Model {
            controls: Attr::Known([("organization-policies".to_owned(), "own".to_owned())].into()),
            baseline_policy: Attr::Known("regulated".to_owned()),
            ..planned()
        };
        let desired = Model {
            baseline_policy: Attr::Known("sandbox".to_owned()),
            identity: Attr::Null,
            ..prior.clone()
        };
        let mut shed: Vec<Shed> = ["foundation", "audit-trail", "root-user", "data-protection"]
            .map(|name| Shed::Guardrail(format!("fleet-regulated-{name}")))
            .into();
        shed.push(Shed::Provider("https://token.actions.githubusercontent.com".to_owned()));
        assert_eq!(told(&desired, &prior, &Memory::default(), &shed), []);
        let all = told(&desired, &prior, &Memory::default(), &[]);
        let paths: Vec<_> = all.into_iter().filter_map(|of| of.path).collect();
        assert_eq!(paths, ["identity".into(), "baseline_policy".into()]);
    }

    #[test]
    fn what_is_taken_out_of_the_configuration_and_stays_is_named_at_its_argument() {
        let text = |text: &str| Attr::Known(text.to_owned());
        let own = Attr::Known(BTreeMap::from([
            ("organization-policies".to_owned(), "own".to_owned()),
            ("password-policy".to_owned(), "own".to_owned()),
        ]));
        let prior = Model {
            controls: own,
            baseline_policy: text("regulated"),
            baseline_version: Attr::Known(2),
            region_set: Attr::Known(["ap-southeast-1", "eu-west-1"].map(str::to_owned).into()),
            ..planned()
        };
        let rows: [(&str, &[&str], Edit); 7] = [
            ("", &[], |_| {}),
            ("region_set", &["eu-west-1"], |m| {
                m.region_set = Attr::Known(["ap-southeast-1".to_owned()].into());
            }),
            ("identity", &["token.actions.githubusercontent.com in IAM"], |m| {
                m.identity = Attr::Null;
            }),
            ("identity", &["the audience sts.amazonaws.com"], |m| {
                if let Attr::Known(identity) = &mut m.identity
                    && let Attr::Known(providers) = &mut identity.providers
                {
                    for provider in providers.values_mut() {
                        provider.audiences = Attr::Known(["other".to_owned()].into());
                    }
                }
            }),
            (
                "baseline_policy",
                &[
                    "fleet-regulated-",
                    "password policy",
                    "what `ebs-encryption` set",
                    "asks for less",
                ],
                |m| {
                    m.baseline_policy = Attr::Known("sandbox".to_owned());
                },
            ),
            // Asked for by a version of the profile, and then by none.
            (
                "baseline_version",
                &["what `ebs-encryption` set", "what `s3-public-access-block` set"],
                |m| {
                    m.baseline_version = Attr::Known(1);
                },
            ),
            ("controls", &["`organization-policies`", "`password-policy`"], |m| {
                let verify = |of: &str| (of.to_owned(), "verify".to_owned());
                m.controls = Attr::Known(
                    [verify("organization-policies"), verify("password-policy")].into(),
                );
            }),
        ];
        for (at, parts, edit) in rows {
            let mut desired = prior.clone();
            edit(&mut desired);
            let theirs = Memory { password_policy: Some(Before::Nothing), ..Memory::default() };
            let told = told(&desired, &prior, &theirs, &[]);
            assert_eq!(told.len(), usize::from(!at.is_empty()), "{at}: {told:?}");
            for (said, part) in
                told.iter().flat_map(|said| parts.iter().map(move |part| (said, part)))
            {
                assert_eq!(said.path, Some(at.into()));
                assert!(said.detail.contains(part), "{part}: {}", said.detail);
                assert!(said.detail.ends_with("FLEET0147"), "{}", said.detail);
            }
        }
    }
}
