//! The phase, over everything that is seen of an account.

use std::collections::BTreeSet;

use super::*;
use crate::aws::account::converge::decide::tests::baseline;

#[test]
fn the_phase_is_the_end_of_the_unbroken_run() {
    let gates = [None, Some(Gate::Pending("p".into())), Some(Gate::Open)];
    let places = [Ok(false), Err("gone".to_owned()), Ok(true)];
    let baselines = [
        None,
        baseline(false, false, false, false),
        baseline(true, false, true, false),
        baseline(true, true, false, false),
    ];
    let mut phases = BTreeSet::new();
    for regions in &gates {
        for placed in &places {
            for governed in &gates {
                for access in &gates {
                    for baseline in &baselines {
                        let seen = Seen {
                            regions: regions.clone(),
                            placed: placed.clone(),
                            governed: governed.clone(),
                            access: access.clone(),
                            baseline: baseline.clone(),
                            ..Seen::new(AccountState::Active)
                        };
                        // The oracle: conditions in order, counted until the first that fails.
                        let holds = [
                            *regions == Some(Gate::Open),
                            *placed == Ok(true),
                            *governed == Some(Gate::Open),
                            *access == Some(Gate::Open),
                            baseline.as_ref().is_some_and(|b| b.owned_pass),
                            baseline.as_ref().is_some_and(|b| b.ready),
                        ];
                        let run = holds.iter().take_while(|holds| **holds).count();
                        let expected = [
                            Phase::Created,
                            Phase::Regions,
                            Phase::Placed,
                            Phase::Governed,
                            Phase::Accessible,
                            Phase::Baselined,
                            Phase::Ready,
                        ][run];
                        let (phase, reason) = seen.phase();
                        assert_eq!(phase, expected, "{seen:?}");
                        assert_eq!(reason.is_none(), phase == Phase::Ready, "{seen:?}");
                        phases.insert(phase);
                    }
                }
            }
        }
    }
    assert_eq!(phases.len(), 7);
    for (state, expected) in [
        (AccountState::PendingActivation, Phase::Activating),
        (AccountState::Suspended, Phase::Suspended),
        (AccountState::PendingClosure, Phase::Closing),
        (AccountState::Closed, Phase::Closed),
    ] {
        assert_eq!(Seen::new(state).phase().0, expected);
    }
}

#[test]
fn an_account_is_called_retired_once_our_ways_in_are_shut() {
    for (shut, expected) in [
        (Ok(false), "our ways into the account are not shut yet"),
        (Err("denied".to_owned()), "our ways into the account are not shut: denied"),
        (Ok(true), "the account is retired"),
    ] {
        let lifecycle = AccountLifecycleState::Retired;
        let seen = Seen { placed: Ok(true), lifecycle, shut, ..Seen::new(AccountState::Active) };
        assert_eq!(seen.phase(), (Phase::Placed, Some(expected.to_owned())));
    }
}
