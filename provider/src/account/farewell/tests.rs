use super::super::tests::planned;
use super::*;
use tfplugin::Attr;

#[test]
fn the_plan_of_a_destroy_says_what_becomes_of_the_account() {
    let retired = |close: bool| Model {
        id: Attr::Known("111122223333".to_owned()),
        lifecycle_phase: Attr::Known("retired".to_owned()),
        close_on_deletion: Attr::Known(close),
        ..planned()
    };
    assert!(announced(&retired(true)).is_none(), "a close is asked for");
    assert!(announced(&planned()).is_none(), "it is refused");
    let told = announced(&retired(false)).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", told.summary, told.detail));
}

#[test]
fn a_file_that_stays_is_told() {
    let path = "accounts/payments.yaml".into();
    let trouble = Error::Write { path, source: std::io::ErrorKind::PermissionDenied.into() };
    let told = left_behind("payments", trouble.report());
    insta::assert_snapshot!(format!("{}\n\n{}", told.summary, told.detail));
}
