//! What a run undoes, and on whose word: memory, journal, and what others did meanwhile.

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::tags;
use tokio_util::sync::CancellationToken;

use super::LIMIT;
use super::freeze::{Frozen, POLICY, QUARANTINE, undone};
use crate::Warning;
use crate::aws::testing::simulation::{Fault, PROD, ROOT};
use crate::memory::{Made, Memory};
use crate::outcome::{Attempt, Outcome};
use crate::refusal::{NotUndone, Refusal};
use crate::request::Adopt;
use crate::unit_path::Parent;

use AccountLifecycleState::{Active, Frozen as Freeze, Retired};

const ELSEWHERE: &str = "ou-ab12-work0000";

/// How an account stands at the end.
#[derive(Debug, PartialEq)]
struct End {
    place: String,
    binding: Vec<String>,
    life: LifecyclePhase,
    ready: bool,
    memory: Memory,
    journal: Option<String>,
    work: Vec<String>,
}

impl End {
    /// Without what the controls did: an account that was active again for a moment got its baseline.
    fn of_the_freeze(mut self) -> Self {
        (self.memory.password_policy, self.memory.made) = (None, Made::default());
        let words = self.journal.iter().flat_map(|text| text.split(' '));
        let words: Vec<&str> = words.filter(|word| !word.starts_with("password=")).collect();
        self.journal = (!words.is_empty()).then(|| words.join(" "));
        self
    }
}

impl Frozen {
    /// In its parent, of which its configuration says nothing.
    pub(super) async fn without_parent() -> Self {
        let mut account = Self::new().await;
        account.job.request.parent = None;
        account
    }

    /// A refresh: what it finds is what the next plan shows and the next apply goes by.
    pub(super) async fn refresh(&mut self) -> Outcome {
        self.job.request.lifecycle_state = self.job.past.lifecycle_phase.kept_by();
        let seen = self.look().await;
        self.job.past.memory.clone_from(&seen.memory);
        self.job.intent.seen_in = Some(seen.facts.parent_id.clone());
        seen
    }

    /// A plan and its apply.
    pub(super) async fn run(&mut self, wished: AccountLifecycleState) -> Outcome {
        self.refresh().await;
        self.apply(wished).await
    }

    /// A plan, and an apply that dies at its `call`-th call: no state is saved. False: it ended before.
    pub(super) async fn dies(
        &mut self,
        wished: AccountLifecycleState,
        call: usize,
        effect: bool,
    ) -> bool {
        self.refresh().await;
        let saved = self.job.clone();
        {
            let mut world = self.cloud.world();
            world.crash = Some((world.calls.len() + call, effect));
        }
        let cloud = self.cloud.clone();
        let done = cloud.until_crash(Box::pin(self.apply(wished))).await;
        if done.is_none() {
            self.job = saved;
        }
        done.is_none()
    }

    async fn end(&mut self) -> End {
        let seen = self.refresh().await;
        End {
            place: self.place(),
            binding: self.binding(),
            life: seen.lifecycle_phase,
            ready: seen.ready(),
            memory: seen.memory,
            journal: self.tag(),
            work: seen.work,
        }
    }

    pub(super) fn tag(&self) -> Option<String> {
        self.cloud.world().tags[&self.id].get(tags::JOURNAL).cloned()
    }

    pub(super) fn write_tag(&self, text: &str) {
        let mut world = self.cloud.world();
        let tags = world.tags.entry(self.id.clone()).or_default();
        tags.insert(tags::JOURNAL.to_owned(), text.to_owned());
    }

    pub(super) fn move_by_hand(&self, to: &str) {
        self.cloud.world().parents.insert(self.id.clone(), to.to_owned());
    }

    pub(super) fn attach_by_hand(&self, policy: &str) {
        let mut world = self.cloud.world();
        world.policy.targets.entry(policy.to_owned()).or_default().insert(self.id.clone());
    }
}

pub(super) fn why(outcome: &Outcome) -> Option<&NotUndone> {
    outcome.failures.iter().find_map(|failure| match &failure.refusal {
        Refusal::NotUndone { reason, .. } => Some(reason),
        _ => None,
    })
}

#[tokio::test]
async fn killed_at_every_call_of_each_step_of_a_life_nothing_is_lost() {
    let mut runs = 0;
    // The way to where the step begins, the step, and what is wished after the crash: the same, or back.
    for (way, step, back) in [
        (&[][..], Freeze, Active),
        (&[Freeze][..], Active, Freeze),
        (&[Freeze][..], Retired, Active),
        (&[Freeze, Retired][..], Active, Freeze),
    ] {
        for parent in [None, Some(Parent::Id(PROD.to_owned()))] {
            let begin = async || {
                let mut account = Frozen::new().await;
                account.job.request.parent.clone_from(&parent);
                for wished in way {
                    account.run(*wished).await;
                }
                account
            };
            for wished in [step, back] {
                let mut unharmed = Box::pin(begin()).await;
                unharmed.run(step).await;
                if wished != step {
                    unharmed.run(wished).await;
                }
                let unharmed = unharmed.end().await.of_the_freeze();
                for (call, effect) in (1..).flat_map(|call| [(call, false), (call, true)]) {
                    let mut account = Box::pin(begin()).await;
                    if !account.dies(step, call, effect).await {
                        assert!(call > 4, "{call}");
                        break;
                    }
                    let done = account.run(wished).await;
                    let at =
                        format!("{way:?} {step:?} then {wished:?}, {parent:?}: {call} {effect}");
                    assert_eq!(done.failures, [], "{at}");
                    assert_eq!(account.end().await.of_the_freeze(), unharmed, "{at}");
                    runs += 1;
                }
            }
        }
    }
    assert!(runs >= 200, "{runs}");
}

#[tokio::test]
async fn a_policy_that_somebody_else_attached_stays_and_is_told() {
    let mut account = Frozen::new().await;
    // The boundary names the roles by which this engine enters.
    account.apply(Active).await;
    account.attach_by_hand(POLICY);
    let seen = account.refresh().await;
    assert_eq!(seen.work, [""; 0], "nothing of it is ours to undo");
    assert_eq!(seen.warnings, [Warning::ForeignPolicy { policy: POLICY.to_owned() }]);
    let active = account.apply(Active).await;
    assert_eq!((active.failures, account.binding()), (vec![], vec![POLICY.to_owned()]));
    assert_eq!(account.cloud.count("DetachPolicy"), 0);

    // It is not ours either once the account went into quarantine and came back.
    account.run(Freeze).await;
    assert_eq!(account.cloud.count("AttachPolicy"), 0);
    account.run(Active).await;
    assert_eq!((account.place().as_str(), account.binding().len()), (PROD, 1));
    assert_eq!(account.cloud.count("DetachPolicy"), 0);
}

#[tokio::test]
async fn where_it_was_is_lost_and_said_to_be() {
    for before in [&[Freeze][..], &[Freeze, Retired]] {
        let mut account = Frozen::without_parent().await;
        for wished in before {
            account.run(*wished).await;
        }
        account.job.past.memory = Memory::default();
        account.cloud.world().tags.entry(account.id.clone()).or_default().remove(tags::JOURNAL);
        let life = account.refresh().await.lifecycle_phase;
        let done = account.apply(Active).await;
        assert_eq!(why(&done), Some(&NotUndone::Lost));
        assert_eq!(done.failures[0].attempt, Attempt::Parent);
        assert_eq!((done.lifecycle_phase, account.place().as_str()), (life, QUARANTINE));
        // A person says where it belongs.
        account.job.request.parent = Some(Parent::Id(PROD.to_owned()));
        account.run(Active).await;
        assert_eq!(account.place(), PROD);
    }
}

/// A person moved it there, or a freeze that nobody remembers: both are told, and neither is undone.
#[tokio::test]
async fn an_account_in_use_in_the_quarantine_is_told_until_a_parent_is_named() {
    let mut account = Frozen::without_parent().await;
    account.apply(Active).await;
    account.move_by_hand(QUARANTINE);
    let told = [Warning::InQuarantine { unit: QUARANTINE.to_owned() }];
    let seen = account.refresh().await;
    assert_eq!((seen.work, seen.warnings), (vec![], told.to_vec()));
    let done = account.apply(Active).await;
    assert_eq!((done.failures, done.warnings), (vec![], told.to_vec()));
    assert_eq!(account.place(), QUARANTINE);
    account.job.request.parent = Some(Parent::Id(PROD.to_owned()));
    assert_eq!(account.run(Active).await.warnings, []);
    assert_eq!(account.place(), PROD);
}

#[tokio::test]
async fn a_move_is_undone_from_where_the_plan_saw_the_account_alone() {
    let mut account = Frozen::without_parent().await;
    account.run(Freeze).await;
    account.refresh().await;
    account.move_by_hand(ROOT);
    let done = account.apply(Active).await;
    let moved = NotUndone::Moved { planned: QUARANTINE.to_owned(), found: ROOT.to_owned() };
    assert_eq!(why(&done), Some(&moved));
    assert_eq!((done.lifecycle_phase, account.place().as_str()), (LifecyclePhase::Frozen, ROOT));
    // The next plan has seen it there.
    account.run(Active).await;
    assert_eq!(account.place(), PROD);
}

#[tokio::test]
async fn an_account_that_was_moved_by_hand_is_drift_of_its_parent() {
    let mut account = Frozen::new().await;
    account.job.past.phase = crate::phase::Phase::Ready;
    account.apply(Active).await;
    account.refresh().await;
    account.move_by_hand(ELSEWHERE);
    let seen = account.look().await;
    assert!(seen.moved_away && seen.ready(), "{:?}", seen.status_reason);
    assert_eq!((seen.facts.parent_id.as_str(), seen.work), (ELSEWHERE, vec![]));
    // `ignore_changes`: the CLI gives the state's value as the configuration's.
    account.job.request.parent = Some(Parent::Id(ELSEWHERE.to_owned()));
    let done = account.run(Active).await;
    assert!(done.ready() && done.failures.is_empty());
    assert_eq!(account.place(), ELSEWHERE);
    // Otherwise it goes back.
    account.job.request.parent = Some(Parent::Id(PROD.to_owned()));
    account.apply(Active).await;
    assert_eq!(account.place(), PROD);

    // One that has not been there yet is on its way, and not moved by anybody.
    account.job.intent.seen_in = Some(ROOT.to_owned());
    account.move_by_hand(ROOT);
    let seen = account.look().await;
    assert!(!seen.moved_away && !seen.work.is_empty());
}

#[tokio::test]
async fn a_saved_plan_undoes_what_it_named_and_nothing_that_was_said_since() {
    // The plan of an account in use knows of nothing to undo: whatever a copy says by then, nothing is undone.
    let mut account = Frozen::without_parent().await;
    account.refresh().await;
    assert_eq!(undone(&account.look().await), Memory::default());
    account.attach_by_hand("p-guardrail");
    account.write_tag("policy=p-guardrail parent=ou-ab12-work0000");
    let cancel = CancellationToken::new();
    let done = account.engine().update(&account.job, &account.id, LIMIT, &cancel).await.unwrap();
    assert!(done.failures.is_empty());
    assert_eq!(
        (account.place().as_str(), account.binding()),
        (PROD, vec!["p-guardrail".to_owned()])
    );
}

#[tokio::test]
async fn a_policy_that_somebody_attached_between_look_and_act_is_not_ours() {
    let mut account = Frozen::new().await;
    account.refresh().await;
    // The look finds it not attached: somebody attaches it before this engine does.
    account.cloud.world().policy.attached_by_hand = Some(account.id.clone());
    let done = account.apply(Freeze).await;
    assert_eq!((done.failures, done.lifecycle_phase), (vec![], LifecyclePhase::Frozen));
    assert_eq!(done.warnings, [Warning::ForeignPolicy { policy: POLICY.to_owned() }]);
    assert_eq!(done.memory.quarantine_policies, [].into());
    assert!(!account.tag().unwrap_or_default().contains("policy="));
    account.run(Active).await;
    assert_eq!((account.place().as_str(), account.binding()), (PROD, vec![POLICY.to_owned()]));

    // An own attempt without an answer is ours.
    let mut account = Frozen::new().await;
    account.refresh().await;
    account.cloud.fault("AttachPolicy", Fault::After);
    account.apply(Freeze).await;
    assert_eq!(account.binding(), [POLICY]);
    account.run(Freeze).await;
    account.run(Active).await;
    assert_eq!(account.binding(), [""; 0]);
}

#[tokio::test]
async fn an_account_is_moved_from_where_the_apply_saw_it_alone() {
    // While the apply is at work: before its journal, after it, and between its last look and the act.
    for (step, call) in [
        (Freeze, "ListTargetsForPolicy"),
        (Freeze, "TagResource"),
        (Freeze, "MoveAccount"),
        (Active, "ListTargetsForPolicy"),
        (Active, "MoveAccount"),
    ] {
        let freeze = step == Freeze;
        let mut account = Frozen::without_parent().await;
        if !freeze {
            account.run(Freeze).await;
        }
        account.refresh().await;
        let (before, at) = (account.place(), format!("{step:?} {call}"));
        account.cloud.world().moved_at = Some((call, account.id.clone(), ELSEWHERE));
        let done = account.apply(step).await;
        let refused = done.failures.iter().find_map(|failure| match &failure.refusal {
            Refusal::MovedMeanwhile { from, found, .. } => Some((from.clone(), found.clone())),
            _ => None,
        });
        assert_eq!(refused, Some((before, ELSEWHERE.to_owned())), "{at}");
        assert_eq!(account.place(), ELSEWHERE, "{at}");
        let life = if freeze { LifecyclePhase::Active } else { LifecyclePhase::Frozen };
        assert_eq!(done.lifecycle_phase, life, "{at}");
        assert_eq!(done.memory.parent_before.is_some(), !freeze, "{at}");
        // The next plan has seen it there, and a freeze is undone to there.
        account.run(Freeze).await;
        if freeze {
            account.run(Active).await;
            assert_eq!(account.place(), ELSEWHERE);
        }
    }
}

#[tokio::test]
async fn taking_over_an_account_that_was_released_in_quarantine_undoes_what_its_plan_names() {
    let mut account = Frozen::without_parent().await;
    account.run(Freeze).await;
    account.run(Retired).await;
    let cancel = CancellationToken::new();
    account.engine().release(&account.job, &account.id, LIMIT, &cancel).await.unwrap();
    let before = account.tag();
    assert!(before.is_some());

    let mut adopting = super::job("payments");
    adopting.request.parent = None;
    adopting.intent.adopt = Adopt::This(account.id.clone());
    let plan = account.engine().adoption(&adopting, &cancel).await.unwrap().unwrap();
    assert!(plan.moves);
    let planned = (plan.memory.parent_before.as_deref(), plan.memory.quarantine_policies.len());
    assert_eq!(planned, (Some(PROD), 1));
    // A plan that named none of it: the apply takes the account over and stops there.
    let done = account.engine().vend(&adopting, LIMIT, &cancel).await.unwrap();
    assert_eq!(why(&done), Some(&NotUndone::PolicyNotPlanned(POLICY.to_owned())));
    assert_eq!((account.place().as_str(), account.binding().len()), (QUARANTINE, 1));
    assert!(account.tag().is_some_and(|text| text.contains("parent=")), "{:?}", account.tag());
    // The one that did.
    adopting.past.memory = plan.memory;
    let done = account.engine().vend(&adopting, LIMIT, &cancel).await.unwrap();
    assert_eq!(done.failures, []);
    assert_eq!((account.place().as_str(), account.binding()), (PROD, vec![]));
}
