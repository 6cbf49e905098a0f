//! Histories of one organizational unit in two processes with a state each, and a person who puts an account into it, or
//! has one of the same name: each a random interleaving that its number alone decides. In the end there is one unit of a
//! name, none that is in use was deleted, and what is the person's was not touched.

use super::interleaving::{Dice, Running, interleave};
use super::lives::{BYSTANDER, engine, put_bystander, unit};
use super::*;
use crate::aws::unit::Claims;

/// How many histories there are.
const HISTORIES: u64 = 600;

/// What a process is asked to do with its unit.
#[derive(Debug, Clone, Copy)]
enum OfUnit {
    Make,
    Rename(&'static str),
    Delete,
}

/// The id that the state has after it; `None`: none.
async fn run_unit(
    cloud: Cloud,
    state: Option<String>,
    ask: OfUnit,
) -> Result<Option<String>, Refusal> {
    let cancel = CancellationToken::new();
    match (ask, state) {
        (OfUnit::Make, None) => {
            let found = engine(&cloud).adoptable_unit(&unit("Sandbox", Adopt::No), &cancel).await?;
            let adopt = match found {
                Some(found) if found.is_ours => Adopt::Again(found.unit.id),
                Some(_) | None => Adopt::No,
            };
            let job = unit("Sandbox", adopt);
            let (made, _) =
                engine(&cloud).create_unit(&job, &Claims::default(), LIMIT, &cancel).await?;
            Ok(Some(made.id))
        }
        (OfUnit::Rename(name), Some(id)) => {
            let job = unit(name, Adopt::No);
            engine(&cloud).update_unit(&id, &job, LIMIT, &cancel).await?;
            Ok(Some(id))
        }
        (OfUnit::Delete, Some(id)) => {
            engine(&cloud).delete_unit(&id, LIMIT, &cancel).await?;
            Ok(None)
        }
        (_, state) => Ok(state),
    }
}

async fn units(number: u64) -> &'static str {
    let mut dice = Dice(number);
    let cloud = Cloud::new();
    put_bystander(&cloud);
    let before = cloud.world().units.len();
    let mut states: [Option<String>; 2] = [None, None];
    let (mut full, mut theirs) = (None, None);
    for round in 0..3 + dice.below(4) {
        let mut running: Running<Result<Option<String>, Refusal>> = [None, None];
        for (index, slot) in running.iter_mut().enumerate() {
            let ask = match dice.below(5) {
                0 | 1 => OfUnit::Make,
                2 => OfUnit::Rename("Lab"),
                3 => OfUnit::Rename("Sandbox"),
                _ => OfUnit::Delete,
            };
            let ask = if round == 0 { OfUnit::Make } else { ask };
            *slot = Some(Box::pin(run_unit(cloud.clone(), states[index].clone(), ask)));
        }
        interleave(&mut dice, running, (3, 40), |dice, ended| {
            match ended {
                Some((of, Ok(state))) if !dice.one_in(10) => states[of] = state,
                // The next refresh finds that it is gone.
                Some((of, Err(Refusal::NoSuchObject { .. }))) => states[of] = None,
                _ => {}
            }
            // A person puts an account into it, or has one of the name before us.
            if dice.one_in(60) && full.is_none() {
                let mut world = cloud.world();
                let ours = world.units.get(before).map(|(_, of)| of.id.clone());
                if let Some(id) = ours {
                    world.parents.insert(BYSTANDER.to_owned(), id.clone());
                    full = Some(id);
                } else if theirs.is_none() {
                    let made = crate::aws::api::OrganizationalUnit {
                        id: "ou-ab12-theirs00".to_owned(),
                        arn: "arn:theirs".to_owned(),
                        name: "Sandbox".to_owned(),
                    };
                    world.units.insert(0, (ROOT.to_owned(), made));
                    world.parents.insert("ou-ab12-theirs00".to_owned(), ROOT.to_owned());
                    theirs = Some(());
                }
            }
        })
        .await;
    }
    let context = format!("history {number}: {states:?} {:?}", cloud.world().units);
    let named = |cloud: &Cloud| -> Vec<(String, String)> {
        cloud.world().units.iter().map(|(parent, of)| (parent.clone(), of.name.clone())).collect()
    };
    let all = named(&cloud);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{context}");
    // The end: each takes up what is there, and lets it go.
    for state in &mut states {
        if state.is_none() {
            *state = run_unit(cloud.clone(), None, OfUnit::Make).await.unwrap_or_default();
        }
    }
    for state in &states {
        run_unit(cloud.clone(), state.clone(), OfUnit::Delete).await.unwrap();
    }
    let world = cloud.world();
    if let Some(id) = &full {
        assert_eq!(&world.parents[BYSTANDER], id, "{context}");
        assert!(world.units.iter().any(|(_, of)| of.id == *id), "what is full stays. {context}");
    }
    if theirs.is_some() {
        assert!(world.units.iter().any(|(_, of)| of.id == "ou-ab12-theirs00"), "{context}");
        assert!(!world.tags.contains_key("ou-ab12-theirs00"), "{context}");
    }
    let ours = |(_, of): &&(String, crate::aws::api::OrganizationalUnit)| {
        world.tags.get(&of.id).is_some_and(|has| has.contains_key(tags::MANAGED_BY))
    };
    let left: Vec<_> = world.units.iter().filter(ours).map(|(_, of)| of.name.clone()).collect();
    assert_eq!(left, [""; 0], "{context}");
    match (full, theirs) {
        (Some(_), _) => "full",
        (None, Some(())) => "a person has the name",
        (None, None) => "gone",
    }
}

#[tokio::test]
async fn two_processes_and_a_person_have_one_unit_of_a_name_and_delete_none_that_is_in_use() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..HISTORIES {
        *kinds.entry(Box::pin(units(number)).await).or_default() += 1;
    }
    eprintln!("{HISTORIES} histories of units: {kinds:?}");
    assert!(kinds.values().all(|count| *count >= 10), "{kinds:?}");
    assert_eq!(kinds.len(), 3, "each kind of end is met: {kinds:?}");
}
