//! From a parent as the user wrote it to the id of an OU or root.

use super::shared::Shared;
use crate::aws::api::Ports;
use crate::name;
use crate::nearest::nearest;
use crate::refusal::Refusal;
use crate::unit_path::{self, Parent};

/// The id of `parent`, for an apply: what this process has not seen is asked for again.
///
/// # Errors
/// There is no such OU, or a call failed.
pub(crate) async fn find(
    ports: &Ports,
    shared: &Shared,
    parent: &Parent,
) -> Result<String, Refusal> {
    match resolve(ports, shared, parent).await {
        Err(Refusal::NoSuchParent { .. } | Refusal::NoSuchObject { .. }) => {
            shared.tree.forget().await;
            resolve(ports, shared, parent).await
        }
        other => other,
    }
}

/// The id of `parent`, as far as this process has seen the organization.
///
/// # Errors
/// There is no such OU, or a call failed.
pub(crate) async fn resolve(
    ports: &Ports,
    shared: &Shared,
    parent: &Parent,
) -> Result<String, Refusal> {
    match parent {
        Parent::Id(id) if id.starts_with("r-") => {
            let root = shared.tree.root(ports).await?;
            if root.id == *id {
                Ok(root.id)
            } else {
                Err(Refusal::NoSuchObject { object: format!("root {id}") })
            }
        }
        Parent::Id(id) => match shared.tree.unit(ports, id).await? {
            Some(unit) => Ok(unit.id),
            None => Err(Refusal::NoSuchObject { object: format!("organizational unit {id}") }),
        },
        Parent::Path(names) => by_path(ports, shared, names).await,
    }
}

async fn by_path(ports: &Ports, shared: &Shared, names: &[String]) -> Result<String, Refusal> {
    let mut at = shared.tree.root(ports).await?.id;
    for (depth, wanted) in names.iter().enumerate() {
        let units = shared.tree.children(ports, &at).await?;
        match units.iter().find(|unit| name::same(&unit.name, wanted)) {
            Some(unit) => at.clone_from(&unit.id),
            None => {
                let above = &names[..depth];
                let siblings = units.into_iter().map(|unit| unit.name);
                let nearest = nearest(wanted, siblings)
                    .into_iter()
                    .map(|sibling| unit_path::join(&[above, &[sibling]].concat()))
                    .collect();
                return Err(Refusal::NoSuchParent { path: unit_path::join(names), nearest });
            }
        }
    }
    Ok(at)
}
