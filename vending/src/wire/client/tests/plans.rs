//! What a plan hears.

use super::*;

#[tokio::test]
async fn findings_are_the_account_s_own_and_a_vendor_that_does_not_answer_blocks() {
    let intent = Intent { create: true, key: Some("payments".to_owned()), ..Intent::default() };
    let stage = stage([], []);
    let finding = |key: &str, blocks| wire::Finding {
        fleet_id: facts::fleet_id(key),
        blocks,
        problem: Some(problem(wire::ProblemClass::Quota)),
        shared_with: Vec::new(),
    };
    *stage.script.preflight.lock().unwrap() = wire::PreflightResponse {
        findings: vec![finding("payments", true), finding("", false), finding("other", true)],
        ..wire::PreflightResponse::default()
    };
    let cancel = CancellationToken::new();
    let blocks = |findings: Vec<Finding>| -> Vec<bool> {
        let of = |finding| match finding {
            Finding::Problem { blocks, .. } => blocks,
            other => panic!("{other:?}"),
        };
        findings.into_iter().map(of).collect()
    };
    assert_eq!(blocks(stage.remote.preflight(None, &intent, &cancel).await), [true, false]);
    *stage.script.problems.lock().unwrap() = vec![problem(wire::ProblemClass::Invalid)];
    stage.looks.cut();
    let other = Intent { key: Some("other".to_owned()), ..intent };
    assert_eq!(blocks(stage.remote.preflight(None, &other, &cancel).await), [true]);
}

#[tokio::test]
async fn accounts_that_are_planned_at_one_time_go_together_and_with_those_before_them() {
    let stage = stage([], []);
    let cancel = CancellationToken::new();
    let intent =
        |key: &str| Intent { create: true, key: Some(key.to_owned()), ..Intent::default() };
    drop(stage.remote.described().await.unwrap());
    let first: Vec<Intent> = (0..30).map(|n| intent(&format!("a{n}"))).collect();
    let plans = first.iter().map(|intent| stage.remote.preflight(None, intent, &cancel));
    futures::future::join_all(plans).await;
    // One that changes is no part of what later ones share.
    let changes = Intent {
        create: false,
        account_id: Some(ID.to_owned()),
        key: Some("b".to_owned()),
        ..Intent::default()
    };
    stage.remote.preflight(None, &changes, &cancel).await;
    stage.remote.preflight(None, &intent("c"), &cancel).await;
    assert_eq!(stage.calls(), ["preflight 30", "preflight 31", "preflight 31"]);
    // A second account of a key is none.
    let twice = stage.remote.preflight(None, &intent("c"), &cancel).await;
    assert_eq!(twice, [Finding::KeyTwice { key: "c".to_owned() }]);
    assert_eq!(stage.calls().len(), 3);
}
