//! Histories of two processes over one organization and two clones of one inventory, each a random interleaving that its
//! number alone decides: every call and every pause of one may come between two of the other, and a process may be
//! killed anywhere. In the end, whatever happened: one account per key, or two that both were told of, with the same one
//! of them used by nobody; and nothing is undone that was not ours.

use super::interleaving::{Dice, Running, interleave};
use super::*;
use crate::aws::api::Account;
use crate::aws::preflight::Coming;
use crate::request::RunIntent;

/// How many histories there are.
const HISTORIES: u64 = 600;
const BYSTANDER: &str = "777777777777";
/// A policy that a person attaches to the account, and a tag that they write on it.
const THEIRS: (&str, &str) = ("p-theirs", "note");

/// One of the two: a configuration, its state, its clone of the inventory.
#[derive(Clone)]
struct Process {
    manager: &'static str,
    job: AccountJob,
    /// The id of the account that the state has.
    state: Option<String>,
    /// What its clone's file of the key says: the account's id, and whether it is ready.
    file: Option<(String, bool)>,
}

/// How a run ended.
#[derive(Debug, Clone)]
enum End {
    /// It was refused, in the plan or in the apply, and changed no state.
    Refused(Refusal),
    /// It went on with an account, or saw it.
    Went(Box<Outcome>),
}

/// A plan and its apply, each in a process of its own, as the provider makes them.
async fn run(cloud: Cloud, me: Process) -> End {
    let cancel = CancellationToken::new();
    let ended = match &me.state {
        Some(id) => {
            let engine = vending(&cloud, me.manager);
            engine.update(&me.job, id, LIMIT, &cancel).await
        }
        None => {
            let named = me.file.as_ref().map(|(id, _)| id.as_str());
            let contract = &me.job.request.contract;
            let coming = Coming { key: contract.key.as_str(), email: &contract.email, named };
            let taken = match vending(&cloud, me.manager).found(&coming, &cancel).await {
                Ok(taken) => taken.map(|taken| taken.account.id),
                Err(refusal) => return End::Refused(refusal),
            };
            let again = taken.or(me.file.map(|(id, _)| id));
            let adopt = again.map_or(Adopt::No, Adopt::Again);
            let job = AccountJob { intent: RunIntent { adopt, ..me.job.intent }, ..me.job };
            vending(&cloud, me.manager).vend(&job, LIMIT, &cancel).await
        }
    };
    match ended {
        Ok(outcome) => End::Went(Box::new(outcome)),
        Err(refusal) => End::Refused(refusal),
    }
}

impl Process {
    /// What a run leaves behind that came to its end. `saved`: the process lived long enough for the CLI to save the state.
    fn keep(&mut self, end: &End, saved: bool) {
        // What its file says of an account that does not have the key is mended by an apply.
        if let (End::Refused(Refusal::Duplicate(found)), Some((id, ready))) = (end, &mut self.file)
        {
            *ready &= !found.loses(id);
        }
        let End::Went(outcome) = end else { return };
        let id = &outcome.facts.id;
        let loses = outcome.duplicate.as_ref().is_some_and(|of| of.loses(id));
        if loses && self.state.is_none() {
            return;
        }
        // The file of another account is never written.
        let is_own = self.file.as_ref().is_none_or(|(filed, _)| filed == id);
        if is_own && !(loses && self.file.is_none()) {
            self.file = Some((id.clone(), outcome.ready()));
        }
        if saved {
            self.state = Some(id.clone());
            self.job = goes_on(&self.job, outcome);
        }
    }
}

/// What one history has of the things that differ.
fn begin(dice: &mut Dice) -> (Cloud, [Process; 2]) {
    let cloud = Cloud::new();
    {
        let mut world = cloud.world();
        world.create_seconds = [1, 20, 90][usize::try_from(dice.below(3)).unwrap()];
        world.read_lag_seconds = [0, 0, 3, 12][usize::try_from(dice.below(4)).unwrap()];
        world.role_seconds = [0, 40][usize::try_from(dice.below(2)).unwrap()];
        world.tag_index = !dice.one_in(5);
        world.region_seconds = 5;
    }
    cloud.put_account(
        BYSTANDER,
        "theirs@example.com",
        &[(tags::MANAGED_BY, "them"), ("keep", "me")],
    );
    let first = job("payments");
    let mut second = first.clone();
    // Two states with one configuration, or another name and email under the same key.
    if !dice.one_in(3) {
        "payments-2".clone_into(&mut second.request.contract.name);
        "aws+payments-2@example.com".clone_into(&mut second.request.contract.email);
    } else if dice.one_in(2) {
        "payments-2".clone_into(&mut second.request.contract.name);
    }
    let manager = if dice.one_in(3) { "them" } else { "us" };
    let process = |manager, job| Process { manager, job, state: None, file: None };
    (cloud, [process("us", first), process(manager, second)])
}

/// The open accounts that carry the key, the one that has it first.
fn carriers(cloud: &Cloud) -> Vec<Account> {
    let fleet_id = tags::fleet_id(ORGANIZATION, "payments");
    let world = cloud.world();
    let carries = |of: &&Account| {
        world.tags.get(of.id.as_str()).is_some_and(|has| has.get(tags::ID) == Some(&fleet_id))
    };
    let mut found: Vec<Account> =
        world.accounts.iter().filter(|of| of.is_open()).filter(carries).cloned().collect();
    found.sort_by_key(|of| (of.joined_at, of.id.clone()));
    found
}

/// A person works on the account that there is: what they do is nobody's to undo.
fn interfere(cloud: &Cloud) {
    let Some(account) = carriers(cloud).into_iter().next() else { return };
    let mut world = cloud.world();
    let (policy, tag) = THEIRS;
    world.policy.targets.entry(policy.to_owned()).or_default().insert(account.id.to_string());
    world.tags.entry(account.id.into()).or_default().insert(tag.to_owned(), "theirs".to_owned());
}

/// One history; what it was, for a test that fails.
async fn history(number: u64) -> &'static str {
    let mut dice = Dice(number);
    let (cloud, mut processes) = begin(&mut dice);
    let mut interferes = dice.one_in(2);
    for _ in 0..=dice.below(2) {
        // Each of them runs once, both at the same time, or one alone.
        let alone = dice.one_in(4).then(|| dice.either());
        let mut running: Running<End> = [None, None];
        for (index, slot) in running.iter_mut().enumerate() {
            if alone.is_none_or(|only| only == index) {
                *slot = Some(Box::pin(run(cloud.clone(), processes[index].clone())));
            }
        }
        // How steadily one goes on before the other has its turn.
        let steady = 1 + dice.below(12);
        interleave(&mut dice, running, (steady, 150), |dice, ended| {
            if let Some((of, end)) = ended {
                processes[of].keep(&end, !dice.one_in(10));
            }
            if interferes && dice.one_in(100) {
                interfere(&cloud);
                interferes = carriers(&cloud).is_empty();
            }
        })
        .await;
        cloud.world().now += i64::try_from(dice.below(100_000)).unwrap();
    }
    // Then nobody is killed any more, and everything shows. Each runs twice: what one finds, the other may have made.
    cloud.world().now += 3_600_000;
    let mut ends = Vec::new();
    for _ in 0..2 {
        ends.clear();
        for process in &mut processes {
            let end = run(cloud.clone(), process.clone()).await;
            process.keep(&end, true);
            ends.push(end);
        }
    }
    judge(number, &cloud, &processes, &ends)
}

/// Holds the end against the model.
fn judge(number: u64, cloud: &Cloud, processes: &[Process; 2], ends: &[End]) -> &'static str {
    let found = carriers(cloud);
    let ids: Vec<&str> = found.iter().map(|of| of.id.as_str()).collect();
    let context = format!("history {number}: {ids:?} {ends:?}");
    let emails: BTreeSet<&str> = found.iter().map(|of| of.email.as_str()).collect();
    assert_eq!(emails.len(), found.len(), "an email has one account. {context}");
    let asked: BTreeSet<&str> =
        processes.iter().map(|of| of.job.request.contract.email.as_str()).collect();
    assert!((1..=asked.len()).contains(&found.len()), "{context}");
    let winner = ids[0];
    for (process, end) in processes.iter().zip(ends) {
        match (end, ids.len()) {
            (End::Went(outcome), 1) => {
                assert_eq!(outcome.facts.id, winner, "{context}");
                assert!(outcome.ready() && outcome.duplicate.is_none(), "{context}");
            }
            // It was made by the other one.
            (End::Refused(refusal), 1) => {
                let foreign = matches!(refusal, Refusal::OtherManager { .. });
                assert!(foreign && process.state.is_none(), "{context}");
            }
            (End::Went(outcome), _) => {
                let told = outcome.duplicate.as_ref().expect("a duplicate is told");
                let others: Vec<&str> = told.others().iter().map(|of| of.id.as_str()).collect();
                assert_eq!((told.winner().id.as_str(), &others[..]), (winner, &ids[1..]));
                let has_key = outcome.facts.id == winner;
                assert_eq!(outcome.ready(), has_key, "{context}");
            }
            (End::Refused(refusal), _) => {
                assert!(
                    matches!(refusal, Refusal::Duplicate(of) if of.winner().id == winner),
                    "{context}"
                );
            }
        }
        if let Some((id, ready)) = &process.file {
            assert!(id == winner || !ready, "the file of {id} says that it is ready. {context}");
        }
    }
    let world = cloud.world();
    assert_eq!(world.tags[BYSTANDER].len(), 2, "{context}");
    assert_eq!(world.parents[BYSTANDER], ROOT, "{context}");
    let (policy, tag) = THEIRS;
    for id in world.policy.targets.get(policy).into_iter().flatten() {
        assert_eq!(world.tags[id].get(tag).map(String::as_str), Some("theirs"), "{context}");
    }
    let noted = world.tags.values().filter(|has| has.contains_key(tag)).count();
    assert_eq!(world.policy.targets.get(policy).map_or(0, BTreeSet::len), noted, "{context}");
    match (ids.len(), ends.iter().all(|of| matches!(of, End::Went(_)))) {
        (1, true) => "one account, in both states",
        (1, false) => "one account, refused to the other",
        _ => "two accounts",
    }
}

#[tokio::test]
async fn two_processes_end_with_one_account_per_key_or_are_both_told_of_two() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..HISTORIES {
        *kinds.entry(Box::pin(history(number)).await).or_default() += 1;
    }
    eprintln!("{HISTORIES} histories: {kinds:?}");
    assert_eq!(kinds.len(), 3, "each kind of end is met: {kinds:?}");
    assert!(kinds.values().all(|count| *count >= 20), "{kinds:?}");
}
