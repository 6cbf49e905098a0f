//! Organizational units at AWS.

use std::collections::BTreeSet;
use std::time::Duration;

use fleet_model::tags as fleet_tags;
use fleet_vending::aws::{Origin, Unit, UnitJob};
use fleet_vending::{Adopt, Parent, Refusal};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::{Attr, Context, Plan, Timeouts, Update};

use super::report::{self, doing};
use super::{Model, OrganizationalUnit};
use crate::diagnostic::error;
use crate::tags;

/// How long an operation may take when `timeouts` says nothing.
pub(super) const LIMIT: Duration = Duration::from_secs(10 * 60);

impl OrganizationalUnit {
    pub(super) async fn make(
        &self,
        context: &Context,
        mut desired: Model,
    ) -> Result<(Model, Option<Diagnostic>), Diagnostic> {
        let doing = doing("create", &desired);
        let adopt = match (&desired.adopt, &desired.id) {
            // The plan named the unit that is taken over, or up.
            (Attr::Known(true), Attr::Known(id)) => Adopt::This(id.clone()),
            (_, Attr::Known(id)) => Adopt::Again(id.clone()),
            (Attr::Known(true), _) => Adopt::Any,
            _ => Adopt::No,
        };
        let job = self.job(&desired, BTreeSet::new(), adopt)?;
        let limit = limit(&desired, |timeouts| timeouts.create(LIMIT));
        let vending = self.runtime.vending()?;
        let made = vending.create_unit(&job, &self.claims, limit, &context.cancelled).await;
        let (unit, origin) = made.map_err(|refused| report::refused(&refused, &doing))?;
        // What the plan named, or was allowed to take, was told.
        let is_news = origin == Origin::Found && job.adopt == Adopt::No;
        let told = is_news.then(|| report::took_up(&unit));
        desired.tags_all = Attr::Known(job.tags);
        Ok((filled(desired, unit), told))
    }

    /// The unit as it is now, with what is to be said of it; `None` when it is gone.
    pub(super) async fn look(
        &self,
        context: &Context,
        mut state: Model,
    ) -> Result<Option<(Model, Option<Diagnostic>)>, Diagnostic> {
        let id = Parent::Id(state.id.as_str().unwrap_or_default().to_owned());
        let limit = limit(&state, |timeouts| timeouts.read(LIMIT));
        let looked = self.runtime.vending()?.look_at_unit(&id, limit, &context.cancelled).await;
        let looked = match looked {
            Ok(looked) => looked,
            // The plan ends with the error that was told.
            Err(refused) if self.runtime.has_told_in_refresh(&refused) => {
                return Ok(Some((state, None)));
            }
            Err(refused) => return Err(report::refused(&refused, &doing("read", &state))),
        };
        let Some(unit) = looked else { return Ok(None) };
        if let Attr::Known(written) = &mut state.tags {
            *written = tags::still(written, &unit.tags);
        }
        if let Attr::Known(all) = &mut state.tags_all {
            *all = tags::seen(&unit.tags, &all.keys().cloned().collect());
        }
        // Only what nobody manages asks for consent.
        let manager = unit.tags.get(fleet_tags::MANAGED_BY);
        let us = self.runtime.managed_by()?;
        if state.adopt.is_null() && manager == Some(&us) {
            state.adopt = Attr::Known(false);
        }
        let other = manager.filter(|manager| **manager != us);
        let told = other.map(|manager| report::of_another(&unit, manager));
        Ok(Some((filled(state, unit), told)))
    }

    /// Refuses to plan what an apply would: a change of a unit that is another manager's by now.
    pub(super) async fn plan_holder(
        &self,
        context: &Context,
        plan: &Plan<'_, Model>,
    ) -> Option<Diagnostic> {
        let prior = plan.prior.filter(|_| plan.is_changed())?;
        let (Ok(vending), Ok(us)) = (self.runtime.vending(), self.runtime.managed_by()) else {
            return None;
        };
        let id = Parent::Id(prior.id.as_str()?.to_owned());
        // What cannot be read here the apply reads again.
        let unit = vending.look_at_unit(&id, LIMIT, &context.cancelled).await.ok()??;
        let manager = unit.tags.get(fleet_tags::MANAGED_BY).filter(|manager| **manager != us)?;
        let refused = Refusal::OtherManager { object: unit.to_string(), manager: manager.clone() };
        Some(report::refused(&refused, &doing("update", prior)))
    }

    /// What the plan of a destroy says of what becomes of the unit.
    pub(super) async fn plan_farewell(
        &self,
        context: &Context,
        prior: &Model,
    ) -> Option<Diagnostic> {
        let vending = self.runtime.vending().ok()?;
        let id = prior.id.as_str()?;
        match vending.farewell_of_unit(id, &context.cancelled).await {
            Ok(left) => left.map(|left| report::will_stay(&left)),
            Err(refused @ Refusal::OtherManager { .. }) => {
                Some(report::refused(&refused, &doing("delete", prior)))
            }
            // What cannot be read here the apply reads again.
            Err(_) => None,
        }
    }

    pub(super) async fn change(
        &self,
        context: &Context,
        request: Update<Model>,
    ) -> Result<Model, Diagnostic> {
        let (mut desired, prior) = (request.planned, request.prior);
        let doing = doing("update", &prior);
        let rules = self.runtime.tags()?;
        let adopt = match (&prior.adopt, &desired.adopt) {
            // Imported, and nobody's.
            (Attr::Null, Attr::Known(true)) => Adopt::Any,
            (Attr::Null, _) => Adopt::No,
            // It was ours: tags that somebody removed are put back.
            _ => Adopt::Any,
        };
        let before = rules.set_before(&prior.tags_all);
        let job = self.job(&desired, before, adopt)?;
        let limit = limit(&desired, |timeouts| timeouts.update(LIMIT));
        let id = desired.id.as_str().unwrap_or_default();
        let changed =
            self.runtime.vending()?.update_unit(id, &job, limit, &context.cancelled).await;
        let unit = changed.map_err(|refused| report::refused(&refused, &doing))?;
        desired.tags_all = Attr::Known(job.tags);
        // A unit above may have been renamed by this very apply: the next refresh shows it.
        let planned = std::mem::take(&mut desired.path);
        let changed = filled(desired, unit);
        Ok(if planned.is_known() { Model { path: planned, ..changed } } else { changed })
    }

    pub(super) async fn remove(
        &self,
        context: &Context,
        state: &Model,
    ) -> Result<Diagnostics, Diagnostics> {
        self.same_organization(context, state).await?;
        let id = state.id.as_str().unwrap_or_default();
        let limit = limit(state, |timeouts| timeouts.delete(LIMIT));
        let removed = self.runtime.vending()?.delete_unit(id, limit, &context.cancelled).await;
        let left = removed.map_err(|refused| report::refused(&refused, &doing("delete", state)))?;
        Ok(left.map(|left| report::stays(&left)).into_iter().collect())
    }

    /// What is asked of the engine.
    pub(super) fn job(
        &self,
        desired: &Model,
        tags_set_before: BTreeSet<String>,
        adopt: Adopt,
    ) -> Result<UnitJob, Diagnostic> {
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
        Ok(UnitJob {
            name: desired.name.as_str().unwrap_or_default().to_owned(),
            parent,
            tags: self.runtime.tags()?.merged(&desired.tags),
            tags_set_before,
            adopt,
        })
    }
}

pub(super) fn filled(mut model: Model, unit: Unit) -> Model {
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
