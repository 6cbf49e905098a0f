//! Histories of one account's life, in two processes with a state each, and a person who works on the same: each a random interleaving that its number alone decides. Every call and every pause of one may come
//! between two of the other, a process may be killed anywhere, and its state may not be saved. In the end, whatever
//! happened: the same accounts; what the person did stands; nothing of ours is left of a life that is back in use; and
//! everything belongs where the configuration, or else the person, has it.

use super::freeze::QUARANTINE;
use super::interleaving::{Dice, Running, interleave};
use super::lives::{BYSTANDER, POLICY, engine, put_bystander};
use super::*;
use crate::Warning;
use crate::aws::account::converge::look::Looked;
use crate::request::AccountRequest;

use AccountLifecycleState::{Active, Frozen, Retired};

/// How many histories there are.
const HISTORIES: u64 = 700;
/// A policy that a person attaches to the account, and a tag that they write on it.
const THEIRS: (&str, &str) = ("p-theirs", "note");
/// Where a person moves it.
const ELSEWHERE: &str = "ou-ab12-work0000";

/// How a run ended.
#[derive(Debug)]
enum End {
    Refused(#[expect(dead_code, reason = "a test that fails prints it")] Refusal),
    /// The plan had nothing to apply.
    Refreshed(Box<AccountJob>),
    /// With the job that its plan was made of.
    Went(Box<(AccountJob, Outcome)>),
    Closed,
}

/// What a process is asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ask {
    Live(AccountLifecycleState),
    Close,
}

/// A refresh, a plan and its apply.
async fn run(cloud: Cloud, state: AccountJob, id: String, ask: Ask) -> End {
    let (engine, cancel) = (engine(&cloud), CancellationToken::new());
    let lives_as_before = AccountJob {
        request: AccountRequest {
            lifecycle_state: state.past.lifecycle_phase.kept_by(),
            ..state.request
        },
        ..state
    };
    let job = match Box::pin(engine.look(&lives_as_before, &id, None, LIMIT, &cancel)).await {
        Ok(Looked::Found(seen)) => goes_on(&lives_as_before, &seen),
        Ok(_) => return End::Refreshed(Box::new(lives_as_before)),
        Err(refusal) => return End::Refused(refusal),
    };
    let at = job.past.lifecycle_phase;
    let may = match ask {
        Ask::Live(Retired) => matches!(at, LifecyclePhase::Frozen | LifecyclePhase::Retired),
        Ask::Live(_) => at != LifecyclePhase::Closed,
        Ask::Close => at == LifecyclePhase::Retired,
    };
    match ask {
        _ if !may => End::Refreshed(Box::new(job)),
        Ask::Live(lifecycle_state) => {
            let job =
                AccountJob { request: AccountRequest { lifecycle_state, ..job.request }, ..job };
            let applying = lives::engine(&cloud);
            match Box::pin(applying.update(&job, &id, LIMIT, &cancel)).await {
                Ok(outcome) => End::Went(Box::new((job, outcome))),
                Err(refusal) => End::Refused(refusal),
            }
        }
        Ask::Close => {
            let closing = lives::engine(&cloud);
            match Box::pin(closing.close(&job, &id, LIMIT, &cancel)).await {
                Ok(_) => End::Closed,
                Err(refusal) => End::Refused(refusal),
            }
        }
    }
}

/// The model: what the person did, and where the account belongs.
struct Person {
    id: String,
    attached: BTreeSet<String>,
    wrote: bool,
    home: String,
    /// The configuration says where the account belongs.
    is_placed: bool,
}

impl Person {
    /// What a person does while nobody is at work. What vending did and has not undone yet is not theirs to do again.
    fn act(&mut self, dice: &mut Dice, cloud: &Cloud, states: &[AccountJob; 2]) {
        let mut world = cloud.world();
        let id = self.id.clone();
        match dice.below(4) {
            0 => {
                let (policy, _) = THEIRS;
                world.policy.targets.entry(policy.to_owned()).or_default().insert(id);
                self.attached.insert(policy.to_owned());
            }
            1 => {
                let (_, tag) = THEIRS;
                world.tags.entry(id).or_default().insert(tag.to_owned(), "theirs".to_owned());
                self.wrote = true;
            }
            does => {
                let journal = world.tags[&id].get(tags::JOURNAL).cloned().unwrap_or_default();
                let in_use = |of: &AccountJob| {
                    of.past.lifecycle_phase == LifecyclePhase::Active
                        && of.past.memory.parent_before.is_none()
                        && of.past.memory.quarantine_policies.is_empty()
                };
                let is_ours = journal.contains("parent=") || journal.contains("policy=");
                if is_ours || !states.iter().all(in_use) {
                    return;
                }
                if does == 2 {
                    // An incident: they use the policy that is there.
                    world.policy.targets.entry(POLICY.to_owned()).or_default().insert(id);
                    self.attached.insert(POLICY.to_owned());
                } else {
                    world.parents.insert(id, ELSEWHERE.to_owned());
                    if !self.is_placed {
                        ELSEWHERE.clone_into(&mut self.home);
                    }
                }
            }
        }
    }
}

/// Both run at the same time, or one alone, until each has ended or died. What each has kept is in its state.
async fn together(
    dice: &mut Dice,
    cloud: &Cloud,
    id: &str,
    states: &mut [AccountJob; 2],
    asks: [Ask; 2],
) {
    let alone = dice.one_in(3).then(|| dice.either());
    let mut running: Running<End> = [None, None];
    for (index, slot) in running.iter_mut().enumerate() {
        if alone.is_none_or(|only| only == index) {
            let state = states[index].clone();
            *slot = Some(Box::pin(run(cloud.clone(), state, id.to_owned(), asks[index])));
        }
    }
    let steady = 1 + dice.below(12);
    interleave(dice, running, (steady, 80), |dice, ended| {
        if let Some((of, end)) = ended
            && !dice.one_in(10)
        {
            keep(&mut states[of], &end);
        }
    })
    .await;
}

fn keep(state: &mut AccountJob, end: &End) {
    match end {
        End::Refreshed(job) => state.clone_from(job),
        End::Went(went) => *state = goes_on(&went.0, &went.1),
        End::Refused(_) | End::Closed => {}
    }
}

/// Nothing that another manager has is touched.
fn bystander(cloud: &Cloud) -> (BTreeMap<String, String>, String, bool) {
    let world = cloud.world();
    let bound = world.policy.targets.get(POLICY).is_some_and(|of| of.contains(BYSTANDER));
    (world.tags[BYSTANDER].clone(), world.parents[BYSTANDER].clone(), bound)
}

/// One history; what it was, for a test that fails.
async fn life(number: u64) -> &'static str {
    let mut dice = Dice(number);
    let (cloud, mut job, outcome) = vended().await;
    put_bystander(&cloud);
    let theirs = bystander(&cloud);
    let id = outcome.facts.id.clone();
    job = goes_on(&job, &outcome);
    let is_placed = dice.one_in(2);
    if !is_placed {
        job.request.parent = None;
    }
    let mut states = [job.clone(), job];
    let mut person = Person {
        id: id.clone(),
        attached: BTreeSet::new(),
        wrote: false,
        home: PROD.to_owned(),
        is_placed,
    };
    for _ in 0..2 + dice.below(4) {
        let mut ask = || {
            Ask::Live([Active, Frozen, Frozen, Retired][usize::try_from(dice.below(4)).unwrap()])
        };
        let asks = [ask(), ask()];
        together(&mut dice, &cloud, &id, &mut states, asks).await;
        if dice.one_in(2) {
            person.act(&mut dice, &cloud, &states);
        }
        cloud.world().now += i64::try_from(dice.below(100_000)).unwrap();
    }
    let closes = dice.one_in(4);
    if closes {
        // One takes it to its end, while the other does what it likes.
        for ask in [Ask::Live(Frozen), Ask::Live(Retired), Ask::Close] {
            let other = [Frozen, Retired][usize::try_from(dice.below(2)).unwrap()];
            together(&mut dice, &cloud, &id, &mut states, [ask, Ask::Live(other)]).await;
        }
    }
    // Then nobody is killed any more. Each runs twice: what one finds, the other may have made.
    cloud.world().now += 3_600_000;
    let is_open =
        cloud.world().accounts.iter().any(|of| of.id == id && of.state == AccountState::Active);
    let changes = |cloud: &Cloud| {
        ["MoveAccount", "AttachPolicy", "DetachPolicy"].map(|call| cloud.count(call))
    };
    let changed = changes(&cloud);
    let mut ends = Vec::new();
    for _ in 0..2 {
        ends.clear();
        for state in &mut states {
            let end = run(cloud.clone(), state.clone(), id.clone(), Ask::Live(Active)).await;
            keep(state, &end);
            ends.push(end);
        }
    }
    let context = format!("history {number}, placed: {is_placed}: {ends:?}");
    assert_eq!(bystander(&cloud), theirs, "{context}");
    assert_eq!(cloud.world().accounts.len(), 2, "{context}");
    if !is_open {
        assert_eq!(changes(&cloud), changed, "what is closed stays where it is. {context}");
        return "closed";
    }
    if judge(&cloud, &person, &states, &ends, &context) {
        return "in use, and what a freeze left is told of";
    }
    if person.attached.contains(POLICY) { "in use, under a policy of a person's" } else { "in use" }
}

/// True: it is left in the quarantine, or the policy of the quarantine on it, and each says so. Where one run freezes while
/// the other brings back, and the first dies, none of them knows any more: AWS has no write that depends on what was read.
fn judge(
    cloud: &Cloud,
    person: &Person,
    states: &[AccountJob; 2],
    ends: &[End],
    context: &str,
) -> bool {
    for (end, state) in ends.iter().zip(states) {
        let End::Went(went) = end else { panic!("{context}") };
        assert_eq!(went.1.failures, [], "{context}");
        assert!(went.1.ready() && went.1.work.is_empty(), "{context}");
        assert_eq!(freeze::undone(&went.1), Memory::default(), "{context}");
        assert_eq!(state.past.lifecycle_phase, LifecyclePhase::Active, "{context}");
    }
    let world = cloud.world();
    let id = &person.id;
    let tells = |told: &dyn Fn(&Warning) -> bool| {
        ends.iter().all(|end| matches!(end, End::Went(went) if went.1.warnings.iter().any(told)))
    };
    let stays = world.parents[id] == QUARANTINE && !person.is_placed;
    if stays {
        let told =
            |of: &Warning| matches!(of, Warning::InQuarantine { unit } if unit == QUARANTINE);
        assert!(tells(&told), "{context}");
    } else {
        assert_eq!(world.parents[id], person.home, "{context}");
    }
    let bound = world.policy.targets.iter().filter(|(_, of)| of.contains(id));
    let bound: BTreeSet<String> = bound.map(|(policy, _)| policy.clone()).collect();
    let mut expected = person.attached.clone();
    let is_left = !expected.contains(POLICY) && bound.contains(POLICY);
    if is_left {
        expected.insert(POLICY.to_owned());
        let told = |of: &Warning| matches!(of, Warning::ForeignPolicy { policy } | Warning::PolicyStays { policy } if policy == POLICY);
        assert!(tells(&told), "{context}");
    }
    assert_eq!(bound, expected, "{context}");
    assert_eq!(world.tags[id].contains_key(THEIRS.1), person.wrote, "{context}");
    let journal = world.tags[id].get(tags::JOURNAL).map(String::as_str);
    // The password policy that we wrote is put back when the account is retired, and then there is nothing to remember.
    let expected = world.passwords.contains_key(id).then_some("password=none");
    assert_eq!(journal, expected, "{context}");
    is_left || stays
}

#[tokio::test]
async fn two_processes_and_a_person_undo_nothing_that_is_not_theirs_and_forget_nothing() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..HISTORIES {
        *kinds.entry(Box::pin(life(number)).await).or_default() += 1;
    }
    eprintln!("{HISTORIES} histories: {kinds:?}");
    let left = kinds.remove("in use, and what a freeze left is told of").unwrap_or_default();
    assert!(left <= 6, "{left}");
    assert_eq!(kinds.len(), 3, "each kind of end is met: {kinds:?}");
    assert!(kinds.values().all(|count| *count >= 20), "{kinds:?}");
}
