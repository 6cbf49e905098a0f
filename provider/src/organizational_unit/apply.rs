//! Organizational units at AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fleet_model::tags as fleet_tags;
use fleet_vending::engine::{Unit, UnitWish};
use fleet_vending::{Parent, Refusal};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Attr, Context, Timeouts, Update};

use super::{Model, OrganizationalUnit};
use crate::diagnostic::error;
use crate::{refusal, tags};

/// How long an operation may take when `timeouts` says nothing.
const LIMIT: Duration = Duration::from_secs(10 * 60);

impl OrganizationalUnit {
    pub(super) async fn make(
        &self,
        context: &Context,
        mut desired: Model,
    ) -> Result<Model, Diagnostic> {
        let doing = doing("create", &desired);
        let wish = self.wish(&desired, BTreeSet::new())?;
        let limit = limit(&desired, |timeouts| timeouts.create(LIMIT));
        let made = self.runtime.vending()?.create_unit(&wish, limit, &context.cancelled).await;
        let unit = made.map_err(|refused| refusal::report(&refused, &doing).build())?;
        desired.tags_all = Attr::Known(wish.tags);
        Ok(filled(desired, unit))
    }

    /// The unit as it is now; `None` when it is gone.
    pub(super) async fn look(
        &self,
        context: &Context,
        state: Model,
    ) -> Result<Option<Model>, Diagnostic> {
        let id = state.id.as_str().unwrap_or_default();
        let looked = self.runtime.vending()?.look_at_unit(id, &context.cancelled).await;
        let looked =
            looked.map_err(|refused| refusal::report(&refused, &doing("read", &state)).build())?;
        Ok(looked.map(|unit| {
            let mut state = state;
            for carried in [&mut state.tags, &mut state.tags_all] {
                if let Attr::Known(map) = carried {
                    *map = tags::seen(&unit.tags, &map.keys().cloned().collect());
                }
            }
            filled(state, unit)
        }))
    }

    pub(super) async fn change(
        &self,
        context: &Context,
        request: Update<Model>,
    ) -> Result<Model, Diagnostic> {
        let mut desired = request.planned;
        let doing = doing("update", &request.prior);
        let before = request.prior.tags_all.into_known().unwrap_or_default();
        let wish = self.wish(&desired, before.into_keys().collect())?;
        let limit = limit(&desired, |timeouts| timeouts.update(LIMIT));
        let id = desired.id.as_str().unwrap_or_default();
        let changed =
            self.runtime.vending()?.update_unit(id, &wish, limit, &context.cancelled).await;
        let unit = changed.map_err(|refused| refusal::report(&refused, &doing).build())?;
        desired.tags_all = Attr::Known(wish.tags);
        Ok(filled(desired, unit))
    }

    pub(super) async fn remove(
        &self,
        context: &Context,
        state: &Model,
    ) -> Result<Diagnostics, Diagnostic> {
        let id = state.id.as_str().unwrap_or_default();
        let limit = limit(state, |timeouts| timeouts.delete(LIMIT));
        let removed = self.runtime.vending()?.delete_unit(id, limit, &context.cancelled).await;
        let said = removed
            .map_err(|refused| refusal::report(&refused, &doing("delete", state)).build())?;
        let mut diagnostics = Diagnostics::default();
        if let Some(warning) = said {
            diagnostics.push(refusal::warned(&warning));
        }
        Ok(diagnostics)
    }

    /// The unit with this id, which must be ours.
    pub(super) async fn find(&self, context: &Context, id: &str) -> Result<Model, Diagnostic> {
        let doing = format!("import organizational unit `{id}`");
        let said = |refused: Refusal| refusal::report(&refused, &doing).build();
        let looked = self.runtime.vending()?.look_at_unit(id, &context.cancelled).await;
        let object = format!("organizational unit {id}");
        let unit = looked
            .map_err(&said)?
            .ok_or_else(|| said(Refusal::NoSuchObject { object: object.clone() }))?;
        let managed_by = self.runtime.managed_by()?;
        match unit.tags.get(fleet_tags::MANAGED_BY) {
            Some(manager) if *manager == managed_by => {}
            Some(manager) => {
                return Err(said(Refusal::OtherManager { object, manager: manager.clone() }));
            }
            None => {
                let released_from = unit.tags.get(fleet_tags::RELEASED_FROM).cloned();
                return Err(said(Refusal::Unmanaged { object, released_from }));
            }
        }
        let rules = self.runtime.tags()?;
        let keys = unit.tags.keys().filter(|key| !rules.ignored.matches(key)).cloned().collect();
        let all = tags::seen(&unit.tags, &keys);
        let own: BTreeMap<_, _> = all
            .iter()
            .filter(|(key, value)| rules.default_tags.get(*key) != Some(*value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let model = Model {
            name: Attr::Null,
            // The root is the default: a unit right below it needs no `parent`.
            parent: if unit.path.contains('/') {
                unit.parent_id.clone().into()
            } else {
                Attr::Null
            },
            tags: if own.is_empty() { Attr::Null } else { Attr::Known(own) },
            timeouts: Attr::Null,
            id: Attr::Null,
            arn: Attr::Null,
            parent_id: Attr::Null,
            path: Attr::Null,
            tags_all: Attr::Known(all),
        };
        Ok(filled(model, unit))
    }

    fn wish(
        &self,
        desired: &Model,
        tags_set_before: BTreeSet<String>,
    ) -> Result<UnitWish, Diagnostic> {
        let parent = match desired.parent.as_str() {
            None => None,
            Some(text) => Some(Parent::parse(text).map_err(|problem| {
                error("FLEET0202", "Neither an id nor a path")
                    .at("parent")
                    .what(format!("`parent` is {text:?}: {problem}."))
                    .why("It is only known now, so it could not be refused in the plan.")
                    .todo("Give the id of an organizational unit or root, or a path like `Workloads/Prod`.")
                    .build()
            })?),
        };
        Ok(UnitWish {
            name: desired.name.as_str().unwrap_or_default().to_owned(),
            parent,
            tags: self.runtime.tags()?.merged(desired.tags.known()),
            tags_set_before,
        })
    }
}

fn filled(mut model: Model, unit: Unit) -> Model {
    model.name = unit.name.into();
    model.id = unit.id.into();
    model.arn = unit.arn.into();
    model.parent_id = unit.parent_id.into();
    model.path = unit.path.into();
    model
}

fn limit(model: &Model, of: impl Fn(&Timeouts) -> Duration) -> Duration {
    model.timeouts.known().map_or(LIMIT, of)
}

pub(super) fn doing(verb: &str, model: &Model) -> String {
    format!("{verb} organizational unit `{}`", model.name.as_str().unwrap_or_default())
}
