//! A unit that exists already: by its id, its path, or its identity.

use std::collections::BTreeMap;

use fleet_model::tags as fleet_tags;
use fleet_vending::aws::Unit;
use fleet_vending::{Parent, Refusal};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::{Attr, Context};

use super::apply::LIMIT;
use super::{Model, OrganizationalUnit, report};
use crate::tags;

impl OrganizationalUnit {
    /// The unit with this id or path: ours, or nobody's. Nobody's has no `adopt` in state, so that
    /// the plan asks for it.
    pub(super) async fn find(&self, context: &Context, text: &str) -> Result<Model, Diagnostic> {
        let doing = format!("import organizational unit `{text}`");
        let which = Parent::parse(text).map_err(|problem| {
            report::not_importable(text, &format!("That is no id, and {problem}"))
        })?;
        if matches!(&which, Parent::Id(id) if id.starts_with("r-")) {
            return Err(report::not_importable(text, "The root is no organizational unit"));
        }
        let looked = self.runtime.vending()?.look_at_unit(&which, LIMIT, &context.cancelled).await;
        let unit = match looked {
            Ok(Some(unit)) => unit,
            Ok(None) => {
                return Err(report::not_importable(text, "The organization has no such unit"));
            }
            Err(Refusal::NoSuchParent { nearest, .. }) => {
                let near = match nearest.as_slice() {
                    [] => String::new(),
                    names => format!("; near it there are {}", names.join(", ")),
                };
                let what = format!("The organization has no unit of this path{near}");
                return Err(report::not_importable(text, &what));
            }
            Err(refused) => return Err(report::refused(&refused, &doing)),
        };
        let managed_by = self.runtime.managed_by()?;
        let adopt = match unit.tags.get(fleet_tags::MANAGED_BY) {
            Some(manager) if *manager == managed_by => Attr::Known(false),
            Some(manager) => {
                let refused =
                    Refusal::OtherManager { object: unit.to_string(), manager: manager.clone() };
                return Err(report::refused(&refused, &doing));
            }
            None => Attr::Null,
        };
        Ok(imported(unit, adopt, &self.runtime.tags()?))
    }
}

fn imported(unit: Unit, adopt: Attr<bool>, rules: &tags::Rules) -> Model {
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
        parent: if unit.parent_id.starts_with("r-") {
            Attr::Null
        } else {
            unit.parent_id.clone().into()
        },
        tags: if own.is_empty() { Attr::Null } else { Attr::Known(tags::written(own)) },
        adopt,
        timeouts: Attr::Null,
        id: Attr::Null,
        arn: Attr::Null,
        parent_id: Attr::Null,
        path: Attr::Null,
        tags_all: Attr::Known(all),
    };
    super::apply::filled(model, unit)
}
