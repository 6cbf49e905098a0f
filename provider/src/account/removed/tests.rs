use super::super::tests::planned;
use super::*;

#[test]
fn an_account_that_left_and_another_organization_are_told_apart() {
    let state = Model {
        id: Attr::Known("111122223333".to_owned()),
        organization_id: Attr::Known("o-first".to_owned()),
        ..planned()
    };
    let told = [
        says(error, &state, "o-first").build(),
        marks(&state, "o-first"),
        is_back(&state, "o-first"),
        organization::elsewhere(Object::Account("111122223333"), "o-first", "o-second"),
    ]
    .map(|of| {
        let path = of.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} [{path}]\n\n{}", of.summary, of.detail)
    });
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
}
