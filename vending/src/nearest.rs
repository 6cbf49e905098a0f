//! What somebody may have meant who wrote a name that does not exist.

/// How many texts are named when one is not found.
const NEAREST: usize = 5;

/// The texts that look most like `wanted`, case aside, the nearest first; five at most.
#[must_use]
pub fn nearest(wanted: &str, candidates: impl IntoIterator<Item = String>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let distance = |of: &str| strsim::levenshtein(&of.to_lowercase(), &wanted);
    let mut candidates: Vec<String> = candidates.into_iter().collect();
    candidates.sort_by_cached_key(|candidate| (distance(candidate), candidate.clone()));
    candidates.dedup();
    candidates.truncate(NEAREST);
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_five_at_most() {
        let names = ["Workloads", "prods", "Prod", "Pord", "Sandbox", "Security", "Prod"];
        assert_eq!(
            nearest("prod", names.map(str::to_owned)),
            ["Prod", "prods", "Pord", "Sandbox", "Workloads"]
        );
        assert_eq!(nearest("x", Vec::new()), Vec::<String>::new());
    }
}
