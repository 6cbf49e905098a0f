//! What stays in an account that is retired or released, and what was added to objects of others.

use std::collections::BTreeSet;

use super::super::repair;
use super::super::testing::{ACCOUNT, Example, Fake, World};
use super::*;
use crate::aws::api::member::{OidcProvider, Tags};
use crate::warning::Stays;

const GITHUB: &str = "https://token.actions.githubusercontent.com";

fn github() -> String {
    format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com")
}

/// An account as a round left it, and what is remembered of it.
async fn vended(world: World) -> (Fake, Example) {
    let fake = Fake::new(World { policies_enabled: true, ..world });
    let mut example = Example::new();
    example.contract.region_set.clear();
    let report = repair(&fake.ports(), &example.scope()).await;
    example.memory.keep(report.before);
    example.memory.made = report.made;
    (fake, example)
}

#[tokio::test]
async fn a_provider_that_a_role_of_somebody_else_s_trusts_stays_and_is_told() {
    type Arrange = fn(&mut World);
    let theirs: Arrange = |world| {
        let trust = format!(r#"{{"Statement":{{"Principal":{{"Federated":"{}"}}}}}}"#, github());
        world.identities.roles.insert("theirs".into(), Role { trust, ..Role::default() });
    };
    let taken_over: Arrange = |world| {
        world.providers.values_mut().for_each(|of| of.tags = Tags::new());
    };
    let trusted = Stays::Trusted { url: GITHUB.into(), roles: vec!["theirs".into()] };
    let rows: [(&str, Arrange, Vec<Stays>); 3] = [
        ("only our roles trust it", |_| {}, vec![]),
        ("a role of somebody else's trusts it", theirs, vec![trusted]),
        ("it lost our tags", taken_over, vec![Stays::Provider { url: GITHUB.into() }]),
    ];
    for (case, arrange, stays) in rows {
        let (fake, example) = vended(World::default()).await;
        arrange(&mut fake.0.lock().unwrap());
        let released = release(&fake, &fake, &example.scope(), false).await.unwrap();
        assert_eq!(released.problems, [], "{case}");
        assert_eq!(released.locked_roles.len(), 3, "{case}");
        let removed = if stays.is_empty() { vec![github()] } else { vec![] };
        assert_eq!(released.removed_providers, removed, "{case}");
        let is_there = fake.0.lock().unwrap().providers.contains_key(&github());
        assert_eq!(is_there, !stays.is_empty(), "{case}");
        assert_eq!(released.stays, stays, "{case}");
    }
}

#[tokio::test]
async fn an_audience_that_was_added_to_a_provider_of_others_goes_out_of_it() {
    let audiences = BTreeSet::from(["theirs".to_owned()]);
    let theirs = OidcProvider { arn: github(), audiences, ..OidcProvider::default() };
    let world = World { providers: [(github(), theirs.clone())].into(), ..World::default() };
    let (fake, example) = vended(world).await;
    assert_eq!(fake.0.lock().unwrap().providers[&github()].audiences.len(), 2);
    let released = release(&fake, &fake, &example.scope(), false).await.unwrap();
    assert_eq!((released.problems, released.stays), (vec![], vec![]));
    assert_eq!(released.removed_providers, Vec::<String>::new());
    assert_eq!(fake.0.lock().unwrap().providers[&github()], theirs);
}

#[tokio::test]
async fn a_password_policy_that_somebody_changed_since_stays_and_is_told() {
    let (fake, mut example) = vended(World::default()).await;
    fake.0.lock().unwrap().password.as_mut().unwrap().minimum_length = 30;
    let released = release(&fake, &fake, &example.scope(), false).await.unwrap();
    assert_eq!((released.password_is_back, released.stays), (false, vec![Stays::Password]));
    // What was told is forgotten, and not told again.
    example.memory.made.password = None;
    let released = release(&fake, &fake, &example.scope(), false).await.unwrap();
    assert_eq!((released.password_is_back, released.stays), (false, vec![]));
}
