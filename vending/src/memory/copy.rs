//! The copy in the inventory file: names and texts, as people read them.

use std::collections::BTreeMap;

use fleet_model::contact::ContactType;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Before, Made, Memory, is_parent_id, is_policy_id, is_region};
use crate::aws::controls::{PASSWORD_POLICY, REGIONS};

const PARENT: &str = "parent";
const ONBOARDING: &str = "onboarding-parent";
const POLICIES: &str = "quarantine-policies";
const CONTACT: &str = "alternate-contact";
/// What stands for nothing.
const NONE: &str = "none";
/// How AWS calls a region that nobody has opted in to.
const DISABLED: &str = "DISABLED";

impl Memory {
    /// What the inventory file says of it.
    #[must_use]
    pub fn to_file(&self) -> BTreeMap<String, String> {
        let mut copy = BTreeMap::new();
        let mut put = |name: String, text: String| copy.insert(name, text);
        if let Some(parent) = &self.parent_before {
            put(PARENT.to_owned(), parent.clone());
        }
        if let Some(parent) = &self.onboarding_parent {
            put(ONBOARDING.to_owned(), parent.clone());
        }
        if !self.quarantine_policies.is_empty() {
            let ids: Vec<&str> = self.quarantine_policies.iter().map(String::as_str).collect();
            put(POLICIES.to_owned(), ids.join(","));
        }
        if let Some(before) = &self.password_policy {
            put(PASSWORD_POLICY.to_owned(), text(before));
        }
        for (of, before) in &self.contacts {
            put(format!("{CONTACT}/{of}"), text(before));
        }
        for region in &self.regions {
            put(format!("{REGIONS}/{region}"), DISABLED.to_owned());
        }
        copy
    }

    /// What an inventory file says, for an account of which nothing else is known: one that is imported, or whose
    /// state was lost. Anybody may have written it, so what makes no sense is left out, and whoever takes it over names
    /// in the plan what it leads to.
    #[must_use]
    pub fn from_file(copy: &BTreeMap<String, String>) -> Self {
        let id = |name: &str| copy.get(name).filter(|id| is_parent_id(id)).cloned();
        let policies = copy.get(POLICIES).map(String::as_str).unwrap_or_default();
        let contact = |of: ContactType| Some((of, before(copy.get(&format!("{CONTACT}/{of}"))?)?));
        let types = [ContactType::Billing, ContactType::Operations, ContactType::Security];
        Self {
            parent_before: id(PARENT),
            onboarding_parent: id(ONBOARDING),
            quarantine_policies: policies
                .split(',')
                .filter(|id| is_policy_id(id))
                .map(str::to_owned)
                .collect(),
            password_policy: copy.get(PASSWORD_POLICY).and_then(|text| before(text)),
            contacts: types.into_iter().filter_map(contact).collect(),
            regions: copy
                .keys()
                .filter_map(|name| name.strip_prefix(REGIONS)?.strip_prefix('/'))
                .filter(|region| is_region(region))
                .map(str::to_owned)
                .collect(),
            // The first apply finds what it asks for.
            contacts_set: BTreeMap::new(),
            // What carries our tags is found at AWS.
            made: Made::default(),
        }
    }

    /// What a file's copy would have an apply undo, and this does not know: the disagreements, as a person reads them.
    /// What the file does not say is none: it may be older, or lost.
    #[must_use]
    pub fn contradicted_by(&self, copy: &BTreeMap<String, String>) -> Vec<String> {
        let theirs = Self::from_file(copy);
        let mut differences = Vec::new();
        if let Some(parent) = &theirs.parent_before
            && self.parent_before.as_ref() != Some(parent)
        {
            let ours = self.parent_before.as_deref().unwrap_or("nowhere else");
            differences.push(format!(
                "the file says that it came from {parent}, the state that it came from {ours}"
            ));
        }
        for policy in theirs.quarantine_policies.difference(&self.quarantine_policies) {
            differences.push(format!(
                "the file says that a freeze attached the policy {policy}, the state does not"
            ));
        }
        differences
    }
}

fn text<T: Serialize>(before: &Before<T>) -> String {
    match before {
        Before::Nothing => NONE.to_owned(),
        Before::Was(value) => serde_json::to_string(value).unwrap_or_else(|_| NONE.to_owned()),
    }
}

fn before<T: DeserializeOwned>(text: &str) -> Option<Before<T>> {
    match text {
        NONE => Some(Before::Nothing),
        text => serde_json::from_str(text).ok().map(Before::Was),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_copy_reads_back() {
        for memory in [Memory::default(), example()] {
            assert_eq!(Memory::from_file(&memory.to_file()), memory);
        }
        let copy = example().to_file();
        assert_eq!(copy["alternate-contact/billing"], "none");
        assert_eq!(copy["regions/ap-southeast-3"], "DISABLED");
        assert!(copy["password-policy"].contains("\"minimum_length\":8"));
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let rows = [
            ("parent", "../../etc"),
            ("onboarding-parent", "Workloads/Prod"),
            ("quarantine-policies", "p-good,,all,p-\u{1b}[2J,x"),
            ("password-policy", "{\"minimum_length\":\"no\"}"),
            ("alternate-contact/boss", "none"),
            ("regions/../x", "DISABLED"),
            ("unknown", "x"),
        ];
        let copy = rows.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let read = Memory::from_file(&copy);
        let expected =
            Memory { quarantine_policies: ["p-good".to_owned()].into(), ..Memory::default() };
        assert_eq!(read, expected);
    }

    #[test]
    fn a_file_that_says_more_or_other_contradicts_and_one_that_says_less_does_not() {
        let copy = |parent: &str, policies: &str| {
            let rows = [(PARENT, parent), (POLICIES, policies)];
            rows.into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let memory = example();
        for (parent, policies, differences) in [
            ("", "", 0),
            ("ou-ab12-prod0000", "p-quarantine", 0),
            ("ou-ab12-other000", "p-quarantine", 1),
            ("ou-ab12-other000", "p-quarantine,p-other", 2),
        ] {
            let found = memory.contradicted_by(&copy(parent, policies));
            assert_eq!(found.len(), differences, "{parent} {policies}: {found:?}");
        }
        assert_eq!(Memory::default().contradicted_by(&memory.to_file()).len(), 2);
    }
}
