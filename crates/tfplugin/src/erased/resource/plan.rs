//! Checks of configurations, and plans.

use super::{ErasedResource, identity};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Severity};
use crate::erased::{Capabilities, Planned, Registered, Stored, guard, validate_values};
use crate::plan::{Change, Draft, Said, consistency, engine};
use crate::value::Value;

impl Registered {
    /// Checks a configuration of a resource.
    pub fn validate_resource(
        &self,
        type_name: &str,
        config: Value,
        capabilities: Capabilities,
    ) -> Diagnostics {
        let resource = match self.resource(type_name) {
            Ok(resource) => resource,
            Err(error) => return error.into(),
        };
        let block = &resource.schema().0.block;
        let mut diagnostics = validate_values(block, &config);
        if !capabilities.write_only_attributes_allowed {
            diagnostics.extend(write_only_refused(block, &config));
        }
        if !diagnostics.has_errors() {
            match guard::call(&format!("validate `{type_name}`"), || resource.validate(config)) {
                Ok(more) => diagnostics.extend(more),
                Err(panic) => diagnostics.push(panic),
            }
        }
        self.in_its_words(diagnostics)
    }

    /// Plans a change. There is nothing in `prior` on create, and `proposed` is null on delete.
    pub async fn plan_resource_change(
        &self,
        type_name: &str,
        prior: Stored<'_>,
        proposed: Value,
        config: Value,
        capabilities: Capabilities,
    ) -> Planned {
        let Stored { state: prior, identity, private } = prior;
        // Terraform plans the create of a replacement with no prior state, and with the identity of what goes.
        let identity = if prior.is_null() { Value::Null } else { identity };
        let failed = |planned: Value, diagnostics: Diagnostics| Planned {
            planned,
            identity: identity.clone(),
            requires_replace: Vec::new(),
            private: private.to_vec(),
            deferred: None,
            diagnostics,
        };
        let (resource, kept) = match self.resource_and_private(type_name, private) {
            Ok(found) => found,
            Err(error) => return failed(proposed, error.into()),
        };
        let block = &resource.schema().0.block;
        let mut faults = Diagnostics::new();
        let (change, draft) = if proposed.is_null() {
            (Change::Delete, Draft::delete(block, &config, &prior))
        } else {
            if !capabilities.write_only_attributes_allowed {
                let refused = write_only_refused(block, &config);
                if refused.has_errors() {
                    return failed(proposed, refused);
                }
            }
            let change = if prior.is_null() { Change::Create } else { Change::Update };
            (change, engine::propose(block, &config, &prior, proposed, &mut faults))
        };
        let before = draft.planned.clone();
        let cx = self.context(capabilities);
        let modify = resource.modify_plan(&cx, change, kept, draft);
        let modified = guard::future(&format!("plan `{type_name}`"), modify).await;
        let (mut draft, said) = match modified.and_then(|result| result) {
            Ok(modified) => modified,
            Err(error) => {
                faults.push(error);
                return failed(before, self.in_its_words(faults));
            }
        };
        engine::refine(block, &config, &mut draft.planned);
        let Said { private: kept, deferred, diagnostics: said } = said;
        let mut diagnostics = faults;
        diagnostics.extend(said);
        if deferred.is_some() && !capabilities.deferral_allowed {
            diagnostics.push(crate::erased::not_deferrable());
        }
        if !draft.planned.is_null() && !diagnostics.has_errors() {
            diagnostics.extend(broken_rules(resource.as_ref(), type_name, &draft, &identity));
        }
        Planned {
            planned: draft.planned,
            // What is to be created gets its identity when it is: a plan never has an unknown one.
            identity,
            requires_replace: draft.requires_replace.into_iter().collect(),
            private: kept.to_bytes(),
            deferred: deferred.filter(|_| capabilities.deferral_allowed),
            diagnostics,
        }
    }
}

/// What the CLI would refuse of a plan.
fn broken_rules(
    resource: &dyn ErasedResource,
    type_name: &str,
    draft: &Draft<'_>,
    identity: &Value,
) -> Diagnostics {
    let Draft { block, config, prior, planned, requires_replace } = draft;
    let breaches = consistency::check_plan(block, config, prior, planned);
    let mut diagnostics: Diagnostics = breaches
        .into_iter()
        .map(|(path, how)| {
            let what = format!("The planned value of `{path}` {how}.");
            Diagnostic::fault(Severity::Error, "Invalid plan", &what).at(path)
        })
        .collect();
    // For the create of a replacement, too, the CLI tells the identity of the object that goes.
    let stays = !prior.is_null() && requires_replace.is_empty();
    if stays && !identity.is_null() {
        let what = format!("`{type_name}`");
        diagnostics.extend(identity::changed_by_plan(resource, &what, planned, identity));
    }
    diagnostics
}

/// Says of each write-only attribute that is set that this CLI cannot handle it.
fn write_only_refused(block: &crate::schema::Block, config: &Value) -> Diagnostics {
    let refused = |path: crate::diagnostic::Path| {
        let detail = format!(
            "The attribute `{path}` is write-only: its value is kept in no plan and no state. This \
             version of the CLI does not know write-only attributes.\n\nUse Terraform 1.11 or OpenTofu \
             1.11, or newer."
        );
        Diagnostic::noticed(
            Notice::Unsupported,
            "Write-only attribute not supported by this CLI",
            detail,
        )
        .at(path)
    };
    engine::configured_write_only(block, config).into_iter().map(refused).collect()
}
