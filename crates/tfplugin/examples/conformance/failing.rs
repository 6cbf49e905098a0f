//! `conformance_failing`: an error or a warning in any call, about any part of the configuration.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{
    Applied, Attr, Context, Create, Delete, Diagnostic, Diagnostics, Path, Plan, Read, Resource,
    Update,
};

/// Fails, or warns, when it is asked to.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Failing {
    /// The call in which it does.
    #[attribute(required, validate(one_of(&CALLS)))]
    call: Attr<String>,
    /// What it reports: an `error` or a `warning`.
    #[attribute(optional, computed, default = "error", validate(one_of(&["error", "warning"])))]
    severity: Attr<String>,
    /// What the report is about.
    #[attribute(optional, computed, default = "whole", validate(one_of(&PARTS)))]
    about: Attr<String>,
    /// Is there an object all the same?
    #[attribute(optional, computed, default = false)]
    keeps: Attr<bool>,
    /// Any text.
    #[attribute(optional)]
    text: Attr<String>,
    /// Parts in order.
    #[attribute(optional)]
    items: Attr<Vec<Part>>,
    /// Parts by key.
    #[attribute(optional)]
    entries: Attr<BTreeMap<String, Part>>,
    /// Parts without order.
    #[attribute(optional)]
    elements: Attr<BTreeSet<Part>>,
    /// A single part.
    #[attribute(optional)]
    group: Attr<Part>,
    /// Always `failing`.
    #[attribute(computed, plan(use_state_for_unknown))]
    id: Attr<String>,
}

/// A part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, tfplugin::Object)]
pub(crate) struct Part {
    /// Its name.
    #[attribute(optional)]
    name: Attr<String>,
}

const CALLS: [&str; 7] = ["validate", "plan", "destroy", "create", "read", "update", "delete"];
const PARTS: [&str; 7] = ["whole", "text", "item", "name", "entry", "element", "group"];

pub(crate) struct Failings;

impl Resource for Failings {
    type Model = Failing;
    const TYPE: &'static str = "conformance_failing";

    fn validate(&self, config: &Failing, diagnostics: &mut Diagnostics) {
        diagnostics.extend(config.report("validate"));
    }

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, Failing>) {
        let report = match (&plan.proposed, plan.prior) {
            (Some(proposed), _) => proposed.report("plan"),
            (None, Some(prior)) => prior.report("destroy"),
            (None, None) => Diagnostics::new(),
        };
        plan.diagnostics.extend(report);
    }

    async fn create(&self, _: &Context, request: Create<Failing>) -> Applied<Failing> {
        let planned = request.planned;
        let report = planned.report("create");
        if report.has_errors() && planned.keeps.known() != Some(&true) {
            return Applied::error(report);
        }
        Applied::ok(Failing { id: "failing".into(), ..planned }).with(report)
    }

    async fn read(&self, _: &Context, request: Read<Failing>) -> Applied<Failing> {
        let report = request.state.report("read");
        Applied::ok(request.state).with(report)
    }

    async fn update(&self, _: &Context, request: Update<Failing>) -> Applied<Failing> {
        let planned = request.planned;
        let report = planned.report("update");
        if report.has_errors() && planned.keeps.known() != Some(&true) {
            return Applied::error(report);
        }
        Applied::ok(planned).with(report)
    }

    async fn delete(&self, _: &Context, request: Delete<Failing>) -> Applied<Failing> {
        Applied::gone().with(request.prior.report("delete"))
    }

    async fn import(&self, _: &Context, id: &str) -> Applied<Failing> {
        let detail = format!("Nothing is called `{id}`.");
        Applied::error(Diagnostic::error("Nothing to import", detail))
    }
}

impl Failing {
    /// What it reports in this call.
    fn report(&self, call: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if self.call.as_str() == Some(call) {
            let detail = format!("This is what was asked for in {call}.");
            let report = match self.severity.as_str() {
                Some("warning") => Diagnostic::warning("As asked for", detail),
                _ => Diagnostic::error("As asked for", detail),
            };
            diagnostics.push(report.at(self.path()));
        }
        diagnostics
    }

    fn path(&self) -> Path {
        match self.about.as_str() {
            Some("text") => Path::attribute("text"),
            Some("item") => Path::attribute("items").index(1),
            Some("name") => Path::attribute("items").index(1).nested("name"),
            Some("entry") => Path::attribute("entries").key("b").nested("name"),
            Some("element") => Path::attribute("elements"),
            Some("group") => Path::attribute("group").nested("name"),
            _ => Path::root(),
        }
    }
}
