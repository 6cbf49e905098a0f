//! A denial inside of an account: waited for where this run made the account, for seconds, and nowhere else.

use super::*;
use crate::error::Cause;

/// Denies the changes of a run: `times` of them.
fn denies(cloud: &Cloud, call: &'static str, times: usize) {
    (0..times).for_each(|_| cloud.fault(call, Fault::Denied));
}

fn seconds(cloud: &Cloud, since: i64) -> i64 {
    (cloud.world().now - since) / 1000
}

/// The denials that the outcome tells.
fn told(outcome: &Outcome) -> usize {
    let is_denial = |refusal: &Refusal| match refusal {
        Refusal::Call(error) => (error.kind, error.cause) == (Kind::NotYet, Cause::AccessDenied),
        _ => false,
    };
    outcome.failures.iter().filter(|of| is_denial(&of.refusal)).count()
}

#[tokio::test]
async fn an_account_that_was_there_before_is_not_waited_for() {
    for call in ["change", "GetAccountPasswordPolicy"] {
        let cloud = Cloud::new();
        let made = vend(&cloud, &job("payments")).await.unwrap();
        assert!(made.ready(), "{made:?}");
        // It has lost what the denied call puts back, and is as young as it was.
        cloud.world().passwords.clear();
        denies(&cloud, call, 100);
        let calls = cloud.count(call);
        let since = cloud.world().now;
        let outcome = update(&cloud, &job("payments"), &made.facts.id).await;
        assert!(seconds(&cloud, since) <= 5, "{call}: {} s", seconds(&cloud, since));
        assert!(cloud.count(call) - calls <= 2, "{call}: {} calls", cloud.count(call) - calls);
        assert!(!outcome.ready(), "{call}");
        assert_eq!(told(&outcome) > 0, call == "change", "{call}: {:?}", outcome.failures);
    }
}

#[tokio::test]
async fn a_new_account_is_waited_for_a_little() {
    // What passes is waited out.
    let cloud = Cloud::new();
    denies(&cloud, "change", 3);
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert!(outcome.ready() && told(&outcome) == 0, "{:?}", outcome.failures);

    // What does not, is told as a denial, after seconds.
    let cloud = Cloud::new();
    denies(&cloud, "change", 1000);
    let since = cloud.world().now;
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert!(told(&outcome) > 0, "{:?}", outcome.failures);
    assert!(!outcome.ready() && seconds(&cloud, since) < 90, "{} s", seconds(&cloud, since));
}
