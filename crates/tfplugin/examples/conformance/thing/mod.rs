//! `conformance_thing`: a thing that lives in the state alone.

mod model;

use std::collections::BTreeSet;

use tfplugin::{Applied, Attr, Context, Create, Delete, Diagnostic, Plan, Read, Resource, Update};

use model::{Event, Limits, Network, Thing};

/// What the id of a thing begins with.
const ID: &str = "thing-";

pub(crate) struct Things;

impl Resource for Things {
    type Model = Thing;
    const TYPE: &'static str = "conformance_thing";

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, Thing>) {
        if let Some(proposed) = &plan.proposed {
            let length = length(&proposed.text);
            plan.set("length", length);
        }
    }

    async fn create(&self, _: &Context, request: Create<Thing>) -> Applied<Thing> {
        let Create { config, planned, .. } = request;
        Applied::ok(planned.settled(&config.password, None))
    }

    /// The service spells policies in capitals.
    async fn read(&self, _: &Context, request: Read<Thing>) -> Applied<Thing> {
        let policy = request.state.policy.map(|policy| policy.to_ascii_uppercase());
        Applied::ok(Thing { policy, ..request.state })
    }

    async fn update(&self, _: &Context, request: Update<Thing>) -> Applied<Thing> {
        let Update { config, planned, prior, .. } = request;
        Applied::ok(planned.settled(&config.password, Some(&prior)))
    }

    async fn delete(&self, _: &Context, _: Delete<Thing>) -> Applied<Thing> {
        Applied::gone()
    }

    async fn import(&self, _: &Context, id: &str) -> Applied<Thing> {
        let Some(name) = id.strip_prefix(ID).filter(|name| !name.is_empty()) else {
            let detail = format!("The id of a thing begins with `{ID}`, and its name follows.");
            return Applied::error(Diagnostic::error("Not the id of a thing", detail));
        };
        Applied::ok(Thing::found(name))
    }
}

/// How many characters a text has; none has none.
fn length(text: &Attr<String>) -> Attr<i64> {
    match text {
        Attr::Unknown => Attr::Unknown,
        Attr::Null => Attr::Known(0),
        Attr::Known(text) => Attr::Known(count(text)),
    }
}

fn count(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Gives an unknown value its value.
fn settle<T>(value: &mut Attr<T>, known: impl FnOnce() -> Attr<T>) {
    if value.is_unknown() {
        *value = known();
    }
}

/// The text, or what stands for none.
fn said(text: &Attr<String>) -> &str {
    text.as_str().unwrap_or("-")
}

// === impl Thing ===

impl Thing {
    /// The thing with a value for everything that the plan left open.
    fn settled(mut self, password: &Attr<String>, prior: Option<&Self>) -> Self {
        let before = prior.and_then(|prior| prior.revision.known().copied());
        let revision = before.unwrap_or(0) + 1;
        let name = said(&self.name);
        settle(&mut self.id, || Attr::Known(format!("{ID}{name}")));
        settle(&mut self.image, || Attr::Known(format!("image-{}", said(&self.size))));
        settle(&mut self.limits, || Attr::Known(Limits { soft: 1.into(), hard: 2.into() }));
        settle(&mut self.length, || length(&self.text));
        settle(&mut self.mark, || self.text.clone());
        settle(&mut self.revision, || revision.into());
        settle(&mut self.password_length, || password.as_ref().map(|password| count(password)));
        settle(&mut self.echo, || self.extra.clone());
        settle(&mut self.events, || {
            let what = if prior.is_some() { "updated" } else { "created" };
            Attr::Known(vec![Event { what: what.into(), revision: revision.into() }])
        });
        self.settle_parts();
        self
    }

    fn settle_parts(&mut self) {
        if let Some(limits) = self.limits.known_mut() {
            settle(&mut limits.soft, || 1.into());
            settle(&mut limits.hard, || 2.into());
        }
        if let Some(settings) = self.settings.known_mut() {
            let (mode, level) = (said(&settings.mode), settings.level.known());
            let level = level.map_or_else(|| "-".to_owned(), ToString::to_string);
            settle(&mut settings.summary, || Attr::Known(format!("{mode}/{level}")));
        }
        for disk in self.disks.known_mut().into_iter().flatten() {
            let name = said(&disk.name);
            settle(&mut disk.id, || Attr::Known(format!("disk-{name}")));
        }
        if let Attr::Known(networks) = &mut self.networks {
            let settled = std::mem::take(networks).into_iter().map(|mut network: Network| {
                let address = format!("10.0.0.{}", count(said(&network.network)));
                settle(&mut network.address, || Attr::Known(address));
                network
            });
            *networks = settled.collect::<BTreeSet<_>>();
        }
        for port in self.ports.known_mut().into_iter().flat_map(|ports| ports.values_mut()) {
            let (protocol, number) = (said(&port.protocol), port.number.known());
            let number = number.copied().unwrap_or_default();
            settle(&mut port.url, || Attr::Known(format!("{protocol}://localhost:{number}")));
        }
    }

    /// The thing as an import finds it.
    fn found(name: &str) -> Self {
        Self {
            name: name.into(),
            text: Attr::Null,
            amount: Attr::Null,
            cores: Attr::Null,
            enabled: Attr::Known(true),
            size: "small".into(),
            weight: Attr::Known(2.into()),
            lines: Attr::Null,
            stages: Attr::Known(vec!["dev".into(), "prod".into()]),
            tags: Attr::Null,
            labels: Attr::Null,
            matrix: Attr::Null,
            extra: Attr::Null,
            echo: Attr::Null,
            secret: Attr::Null,
            password: Attr::Null,
            password_version: Attr::Null,
            password_length: Attr::Null,
            zone: Attr::Null,
            image: "image-small".into(),
            capacity: Attr::Null,
            policy: Attr::Null,
            old_text: Attr::Null,
            settings: Attr::Null,
            limits: Attr::Known(Limits { soft: 1.into(), hard: 2.into() }),
            disks: Attr::Null,
            networks: Attr::Null,
            ports: Attr::Null,
            timeouts: Attr::Null,
            length: Attr::Known(0),
            revision: Attr::Known(1),
            mark: Attr::Null,
            events: Attr::Null,
            id: format!("{ID}{name}").into(),
        }
    }
}
