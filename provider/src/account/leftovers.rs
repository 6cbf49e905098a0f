//! What earlier applies made at AWS and the configuration asks for no more, where an apply does not take it away: named
//! in the plan, since nothing looks at it after that.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{Contract, ControlMode};
use fleet_vending::controls::{ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY};
use fleet_vending::memory::Before;
use fleet_vending::{Memory, profile};
use tfplugin::diagnostic::Diagnostic;

use super::model::Model;
use super::{contract, facts, report};
use crate::diagnostic::warning;

/// What stays, by the argument that asked for it.
pub(super) fn told(desired: &Model, prior: &Model, memory: &Memory) -> Vec<Diagnostic> {
    if facts::ended(prior).is_some() {
        return Vec::new();
    }
    let (Some(to), Some(from)) = (contract::contract(desired), contract::contract(prior)) else {
        return Vec::new();
    };
    let change = Change { from: &from, to: &to };
    let said = |(at, lines): (&'static str, Vec<String>)| {
        let summary = format!("{}: what `{at}` made stays", report::subject(prior));
        (!lines.is_empty()).then(|| {
            warning("FLEET0147", summary)
                .at(at)
                .what(format!("The configuration asks for it no more, and the apply leaves it at AWS: {}.", lines.join("; ")))
                .why("What is in the account may depend on it, and taking a guard away is not a matter of an update. From this apply on, nothing here checks it or mends it.")
                .todo("Remove by hand what is not wanted any more, with credentials of the organization or of the account.")
                .build()
        })
    };
    [
        ("region_set", change.regions()),
        ("identity", change.identity()),
        ("baseline_policy", change.profile(memory)),
        ("controls", change.controls()),
    ]
    .into_iter()
    .filter_map(said)
    .collect()
}

struct Change<'a> {
    from: &'a Contract,
    to: &'a Contract,
}

impl Change<'_> {
    /// Whether a control was ours.
    fn owned(&self, control: &str) -> bool {
        profile::mode(self.from, control) == ControlMode::Own
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
        let to = Self::audiences(self.to);
        let mut lines = Vec::new();
        for (url, audiences) in Self::audiences(self.from) {
            match to.get(url) {
                None => lines.push(format!(
                    "the OIDC provider {url} in IAM, which goes when the account is retired if this configuration made it"
                )),
                Some(kept) => lines.extend(audiences.difference(kept).map(|audience| {
                    format!("the audience {audience} of the OIDC provider {url} in IAM")
                })),
            }
        }
        // Where the roles are ours, their trust goes back to the management account.
        if !self.owned(ACCESS_ROLES) {
            let roles = |of: &Contract| -> BTreeSet<String> {
                of.identity.iter().flat_map(|of| of.roles.keys().cloned()).collect()
            };
            lines.extend(roles(self.from).difference(&roles(self.to)).map(|role| {
                format!("the trust of the role fleet-{role}, which its issuer may still assume")
            }));
        }
        lines
    }

    fn profile(&self, memory: &Memory) -> Vec<String> {
        let (from, to) =
            (profile::of(self.from.baseline_policy), profile::of(self.to.baseline_policy));
        if from.policy == to.policy {
            return Vec::new();
        }
        let mut lines = Vec::new();
        if self.owned(ORGANIZATION_POLICIES) {
            let names: Vec<String> =
                from.guardrails.iter().map(|of| of.policy_name(from.policy)).collect();
            lines.push(format!(
                "the service control policies {}, where they are attached to the account itself",
                names.join(", ")
            ));
        }
        if self.owned(PASSWORD_POLICY) {
            let before = match &memory.password_policy {
                Some(Before::Nothing) => ", before which it had none",
                Some(Before::Was(_)) => {
                    "; what it was before is in the inventory file, under `prior_settings`"
                }
                None => "",
            };
            lines.push(format!("the password policy, which only ever gets stricter{before}"));
        }
        lines
    }

    fn controls(&self) -> Vec<String> {
        let handed_over = profile::CONTROLS.iter().filter(|control| {
            self.owned(control) && profile::mode(self.to, control) != ControlMode::Own
        });
        handed_over.map(|control| format!("what `{control}` made")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::planned;
    use super::*;
    use tfplugin::Attr;

    type Edit = fn(&mut Model);

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
            region_set: Attr::Known(["ap-southeast-1", "eu-west-1"].map(str::to_owned).into()),
            ..planned()
        };
        let rows: [(&str, &[&str], Edit); 6] = [
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
            ("baseline_policy", &["fleet-regulated-", "password policy"], |m| {
                m.baseline_policy = Attr::Known("sandbox".to_owned());
            }),
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
            let told = told(&desired, &prior, &Memory::default());
            assert_eq!(told.len(), usize::from(!at.is_empty()), "{at}: {told:?}");
            for (said, part) in
                told.iter().flat_map(|said| parts.iter().map(move |part| (said, part)))
            {
                assert_eq!(said.path, Some(at.into()));
                assert!(said.detail.contains(part), "{part}: {}", said.detail);
            }
        }
    }
}
