//! What can be wrong with the arguments, each at its own attribute. Unknown values pass; plan
//! refuses those that a decision needs.

use std::collections::BTreeSet;
use std::fmt::Display;

use fleet_model::cluster::{FactError, check_free_name, check_label, check_name, check_zone};
use fleet_model::inventory::{
    check_controller_mode, check_date, check_engine, check_text, check_version,
};
use fleet_model::name::Key;
use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Path, Step};

use super::model::{Model, Taint};
use crate::diagnostic::error;
use crate::{config, region};

/// What a text must be; the error completes "it is not accepted: …".
type Rule = fn(&str) -> Result<(), String>;

/// Checks every value that is known.
pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    let mut found = Vec::new();
    let mut note = |path: Path, value: &str, result: Result<(), String>| {
        if let Err(problem) = result {
            found.push(invalid(path, value, &problem));
        }
    };
    let rules: [(&str, &Attr<String>, Rule); 11] = [
        ("name", &model.name, |text| said(check_name(text))),
        ("environment", &model.environment, |text| said(check_free_name(text))),
        ("region", &model.region, |text| said(check_free_name(text))),
        ("cloud", &model.cloud, |text| said(check_free_name(text))),
        ("account", &model.account, |text| said(Key::new(text).map(drop))),
        ("data_classification", &model.data_classification, |text| said(check_free_name(text))),
        ("tier", &model.tier, |text| said(check_free_name(text))),
        ("owner", &model.owner, |text| said(check_text(text))),
        ("kubernetes_version", &model.kubernetes_version, |text| said(check_version(text))),
        ("created_at", &model.created_at, |text| said(check_date(text))),
        ("decommission_after", &model.decommission_after, |text| said(check_date(text))),
    ];
    for (attribute, value, rule) in rules {
        if let Some(text) = value.known() {
            note(Path::attribute(attribute), text, rule(text));
        }
    }
    if let Some(gitops) = model.gitops.known() {
        let path = || Path::attribute("gitops");
        if let Some(engine) = gitops.engine.known() {
            note(path().nested("engine"), engine, said(check_engine(engine)));
        }
        if let Some(mode) = gitops.controller_mode.known() {
            note(path().nested("controller_mode"), mode, said(check_controller_mode(mode)));
        }
    }
    for (path, value) in texts(model) {
        if let Some(text) = value.known() {
            note(path, text, said(check_text(text)));
        }
    }
    let mut regions = Diagnostics::new();
    if let (Some("aws"), Some(name)) = (model.cloud.as_str(), model.region.as_str()) {
        region::check_or_warn("region", name, &mut regions);
    }
    for zone in model.zones.known().into_iter().flatten() {
        note(Path::attribute("zones"), zone, said(check_zone(zone)));
        if let (Some("aws"), Some(region)) = (model.cloud.as_str(), model.region.as_str())
            && let Some(other) = region_of(zone).filter(|other| *other != region)
        {
            let problem = format!("it is a zone of {other}, and `region` is {region}");
            note(Path::attribute("zones"), zone, Err(problem));
        }
    }
    for (key, value) in model.labels.known().into_iter().flatten() {
        let path = Path::attribute("labels").key(key);
        note(path, &format!("{key}={value}"), said(check_label(key, value)));
    }
    for tenant in model.tenants.known().into_iter().flatten() {
        let rule = config::manager_problem(tenant).map_or(Ok(()), Err);
        note(Path::attribute("tenants"), tenant, rule);
    }
    let mut effects = BTreeSet::new();
    for (index, taint) in model.taints.known().into_iter().flatten().enumerate() {
        let path = Path::attribute("taints").index(index.try_into().unwrap_or(i64::MAX));
        check_taint(taint, &path, &mut note);
        if let (Some(key), Some(effect)) = (taint.key.known(), taint.effect.known())
            && !effects.insert((key, effect))
        {
            let problem = format!(
                "another taint has this key and the effect `{effect}`, and Kubernetes takes one of each"
            );
            note(path.nested("key"), key, Err(problem));
        }
    }
    diagnostics.extend(found);
    diagnostics.extend(regions);
}

fn check_taint(taint: &Taint, path: &Path, note: &mut impl FnMut(Path, &str, Result<(), String>)) {
    if let Some(key) = taint.key.known() {
        note(path.clone().nested("key"), key, said(check_label(key, "")));
    }
    if let Some(value) = taint.value.known() {
        note(path.clone().nested("value"), value, said(check_value(value)));
    }
}

/// The region that a zone of AWS is in by its name: `eu-west-1a`, or `us-east-1-bos-1a` of a city. `None` for what names
/// none, such as the id `use1-az1`.
fn region_of(zone: &str) -> Option<&str> {
    let digit = zone.find(|of: char| of.is_ascii_digit())?;
    let region = zone.get(..=digit)?;
    // A region has three words at least; an id of a zone begins with one.
    (region.split('-').count() >= 3 && zone.len() > region.len()).then_some(region)
}

fn check_value(value: &str) -> Result<(), FactError> {
    Ok(fleet_model::label::check_value(value)?)
}

/// The texts that may be anything but empty.
fn texts(model: &Model) -> Vec<(Path, &Attr<String>)> {
    let mut found = Vec::new();
    if let Some(policies) = model.policies.known() {
        let path = Path::attribute("policies");
        found.push((path.clone().nested("baseline"), &policies.baseline));
        found.push((path.nested("image_verification"), &policies.image_verification));
    }
    if let Some(networking) = model.networking.known() {
        let path = Path::attribute("networking");
        found.push((path.clone().nested("ingress_class"), &networking.ingress_class));
        found.push((path.nested("egress_policy"), &networking.egress_policy));
    }
    found
}

fn said<E: Display>(result: Result<(), E>) -> Result<(), String> {
    result.map_err(|error| error.to_string())
}

fn invalid(path: Path, value: &str, problem: &str) -> Diagnostic {
    // The CLI shows no line of what is nested.
    let place = if path.steps().len() > 1 { format!("`{path}`: ") } else { String::new() };
    let because = Because::of(&path);
    error("FLEET0309", "A value of the registration is not valid")
        .at(path)
        .what(format!("{place}{value:?} is not accepted: {problem}."))
        .why(because.why())
        .todo(because.todo())
        .build()
}

/// What a value is for: why it is not accepted, and what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// The cluster's name.
    Name,
    /// The key of its account.
    Account,
    /// A word that is compared.
    Word,
    /// A label.
    Label,
    /// A taint.
    Taint,
    /// The zones.
    Zone,
    /// Who may place workloads on it.
    Tenant,
    /// A date or a time.
    Date,
    /// The version of Kubernetes.
    Version,
    /// How what is in the cluster is deployed.
    Gitops,
    /// A text for people.
    Text,
}

impl Because {
    /// What the argument at `path` is for.
    pub(super) fn of(path: &Path) -> Self {
        let name = match path.steps().first() {
            Some(Step::Attribute(name)) => name.as_str(),
            _ => "",
        };
        match name {
            "name" => Self::Name,
            "account" => Self::Account,
            "labels" => Self::Label,
            "taints" => Self::Taint,
            "zones" => Self::Zone,
            "tenants" => Self::Tenant,
            "created_at" | "decommission_after" => Self::Date,
            "kubernetes_version" => Self::Version,
            "gitops" => Self::Gitops,
            "owner" | "policies" | "networking" => Self::Text,
            _ => Self::Word,
        }
    }

    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Name => {
                "The name of a cluster names its file `clusters/<name>.yaml` in the inventory, and is part of the names of Argo CD's Applications."
            }
            Self::Account => {
                "A cluster is admitted by the file `accounts/<key>.yaml` of its account, which is found by this key."
            }
            Self::Word => {
                "The cluster is held against its account's contract, and selectors of placements match it, character for character. One spelling keeps `Prod` and `prod` from being two things."
            }
            Self::Label => {
                "Selectors match labels, and labels become labels of Kubernetes objects, which have this form."
            }
            Self::Taint => {
                "A taint keeps workloads away that do not tolerate it. One that no toleration can name would keep every workload away, or none."
            }
            Self::Zone => {
                "Placements can choose by zone, and people plan outages by it: a zone that the cluster is not in says something wrong."
            }
            Self::Tenant => {
                "Only placements of these configurations go to the cluster. A text that no `managed_by` can be lets nobody place there."
            }
            Self::Date => {
                "People and tools read the date from the cluster's file in the inventory, and compare it as text."
            }
            Self::Version => {
                "Placements can choose by version, and people and tools read it from the cluster's file in the inventory."
            }
            Self::Gitops => {
                "People and tools read from the cluster's file in the inventory what deploys into it, and know these words only."
            }
            Self::Text => {
                "It is written into the cluster's file in the inventory, for people and tools to read."
            }
        }
    }

    pub(super) fn todo(self) -> &'static str {
        match self {
            Self::Name => "Write a name such as `payments-eu-1`.",
            Self::Account => {
                "Write the `key` of the account, such as `payments-prod`, and not its name or id: `fleet_account.payments.key`."
            }
            Self::Word => "Write a word such as `prod` or `eu-central-1`.",
            Self::Label => {
                "Write the label as Kubernetes takes it, such as `team = \"payments\"` or `example.com/team = \"payments\"`."
            }
            Self::Taint => {
                "Write the taint as Kubernetes takes it, such as `{ key = \"dedicated\", value = \"gpu\", effect = \"NoSelect\" }`."
            }
            Self::Zone => "Name the zones of the cluster's nodes, such as `eu-central-1a`.",
            Self::Tenant => {
                "Write the `managed_by` of the other configuration, such as `payments/prod`."
            }
            Self::Date => {
                "Write a date such as `2026-06-01`, or a time such as `2026-06-01T00:00:00Z`."
            }
            Self::Version => "Write a version such as `1.32` or `1.32.4`.",
            Self::Gitops => "Use one of these words, or leave the argument out.",
            Self::Text => "Write a text of one line, or leave the argument out.",
        }
    }
}
