use super::*;
use crate::account::tests::planned;

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

#[test]
fn every_step_follows_from_configuration_and_state() {
    const OLD: &str = "old@example.com";
    const NEW: &str = "new@example.com";
    let to = || NEW.to_owned();
    for (asked, pending, password, what) in [
        (Attr::Null, Attr::Null, false, Planned::Keep),
        (Attr::Null, text(NEW), true, Planned::Keep),
        (text(OLD), Attr::Null, false, Planned::Keep),
        (text("OLD@example.com"), Attr::Null, false, Planned::Keep),
        // Given up.
        (text(OLD), text(NEW), false, Planned::Keep),
        (Attr::Unknown, Attr::Null, false, Planned::Unknown),
        (text(NEW), Attr::Null, false, Planned::Start(to())),
        (text(NEW), text("other@example.com"), false, Planned::Start(to())),
        (text(NEW), text(NEW), false, Planned::Wait(to())),
        (text(NEW), text(NEW), true, Planned::Accept),
        // Somebody asked for the password in the console.
        (text(NEW), Attr::Null, true, Planned::Accept),
    ] {
        let prior = Model { email: text(OLD), pending_email: pending.clone(), ..planned() };
        assert_eq!(decide(&asked, &prior, password), what, "{asked:?} {pending:?} {password}");
    }
}

#[test]
fn a_password_of_blanks_is_none() {
    for (otp, has) in
        [(Attr::Null, false), (text(" "), false), (text("123456"), true), (Attr::Unknown, true)]
    {
        assert_eq!(given(&otp), has, "{otp:?}");
    }
}

#[test]
fn the_apply_does_what_the_plan_decided() {
    let prior = Model { email: text("old@example.com"), ..planned() };
    let start = Model { pending_email: text("new@example.com"), ..prior.clone() };
    assert_eq!(step(&prior, &prior, &Attr::Null), None);
    assert_eq!(
        step(&start, &prior, &Attr::Null),
        Some(EmailStep::Start("new@example.com".to_owned()))
    );
    assert_eq!(step(&start, &start, &Attr::Null), None, "the password is awaited");
    let accept = Model { email: text("new@example.com"), ..prior };
    assert_eq!(
        step(&accept, &start, &text(" 123456 ")),
        Some(EmailStep::Accept("new@example.com".to_owned(), Otp::new("123456")))
    );
}

#[test]
fn a_refused_password_lets_the_next_apply_have_a_new_one_sent() {
    let call = |kind| {
        Refusal::Call(fleet_vending::error::Error::new("account:Op", kind, "Code", "message"))
    };
    let prior = Model {
        email: text("old@example.com"),
        pending_email: text("new@example.com"),
        ..planned()
    };
    for (kind, pending) in [
        (Kind::Invalid, Attr::Null),
        (Kind::NotFound, Attr::Null),
        (Kind::Throttled, text("new@example.com")),
        (Kind::DeadlineExceeded, text("new@example.com")),
    ] {
        let mut accept =
            Model { email: text("new@example.com"), pending_email: Attr::Null, ..prior.clone() };
        untouched(&mut accept, &prior, &call(kind));
        assert_eq!(accept.email, prior.email, "{kind:?}");
        assert_eq!(accept.pending_email, pending, "{kind:?}");
    }
}

#[test]
fn the_state_shows_the_address_that_aws_has() {
    let state = Model {
        email: text("Old@example.com"),
        pending_email: text("new@example.com"),
        ..planned()
    };
    let same = observed(state.clone(), "old@example.com");
    assert_eq!(same.email, state.email, "the spelling stays");
    assert_eq!(same.pending_email, state.pending_email);
    let changed = observed(state.clone(), "NEW@example.com");
    assert_eq!(changed.email, text("NEW@example.com"));
    assert_eq!(changed.pending_email, Attr::Null);
    assert_eq!(observed(state.clone(), "").email, state.email);
}
