//! From a parent as the user wrote it to the id of an OU or root.

use super::shared::Shared;
use crate::ports::Ports;
use crate::wish::{Parent, Refusal};
use crate::{name, unit_path};

/// How many texts are named when one is not found.
const NEAREST: usize = 5;

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

/// The texts that look most like `wanted`, the nearest first; five at most.
#[must_use]
pub fn nearest(wanted: &str, candidates: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut candidates: Vec<String> = candidates.into_iter().collect();
    candidates.sort_by_cached_key(|candidate| (distance(candidate, wanted), candidate.clone()));
    candidates.dedup();
    candidates.truncate(NEAREST);
    candidates
}

/// How many letters have to change to make `a` of `b` (Levenshtein), case aside.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_counts_letters() {
        for (a, b, n) in
            [("Prod", "prod", 0), ("Prod", "Pord", 2), ("", "abc", 3), ("Workloads", "Workload", 1)]
        {
            assert_eq!(distance(a, b), n, "{a} {b}");
            assert_eq!(distance(b, a), n, "{b} {a}");
        }
    }
}
