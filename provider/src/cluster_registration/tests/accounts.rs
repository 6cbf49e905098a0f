//! What the account of a cluster asks of it: its contract, its registrars, and that it is ready.

use fleet_model::account::Contract;

use super::*;

/// What the plan of a registration sees of an account that the same run plans.
fn of_planned<'a>(store: &'a Store, memory: &'a Memory, account: &'a PlannedAccount) -> View<'a> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    View {
        store: Some(store),
        managed_by: Some(US),
        memory,
        account: Some(account),
        tells_misfits: true,
        acknowledged: &NONE,
    }
}

#[test]
fn an_account_of_another_manager_must_be_ready_first() {
    let theirs = |ready| {
        let fleet = Fleet::new();
        let registrars = Some([US.to_owned()].into());
        let of = AccountDocument { registrars, ..account("platform/accounts", ready) };
        fleet.store().put_account(&of, &Seen::default()).unwrap();
        fleet
    };
    let fleet = theirs(false);
    let (_, diagnostics) = fleet.plan(&config("pay-01"), None);
    insta::assert_snapshot!("other_account", fleet.told(&diagnostics));
    // Not an error for what is registered already, nor for one of our own accounts.
    let registered = config("pay-01");
    let (_, diagnostics) = fleet.plan(&registered, Some(&registered));
    assert!(diagnostics.is_empty());
    let fleet = theirs(true);
    assert!(fleet.plan(&config("pay-01"), None).1.is_empty());
    let fleet = Fleet::with_account(US, false);
    assert!(fleet.plan(&config("pay-01"), None).1.is_empty());
}

#[test]
fn a_cluster_is_held_against_its_accounts_contract() {
    let fleet = Fleet::with_account(US, true);
    let misfit = Model {
        environment: known("dev"),
        data_classification: known("internal"),
        cloud: known("gcp"),
        ..config("pay-01")
    };
    let (computed, diagnostics) = fleet.plan(&misfit, None);
    assert_eq!(computed, None);
    insta::assert_snapshot!("misfit", fleet.told(&diagnostics));
    // In a plan that vends the account, too: there is no file yet.
    let new = Fleet::new();
    let (store, memory) = (new.store(), Memory::default());
    let mut contract = account(US, false).contract;
    contract.region_set = ["eu-west-1".to_owned()].into();
    let planned = PlannedAccount { contract, registrars: Attr::Null };
    let view = of_planned(&store, &memory, &planned);
    let mut diagnostics = Diagnostics::new();
    assert_eq!(plan::plan(&config("pay-01"), None, &BTreeSet::new(), view, &mut diagnostics), None);
    assert_eq!(diagnostics.iter().next().unwrap().path, Some("region".into()));
    // One that is there already may go.
    let retired = Model { lifecycle_state: known("retired"), ..misfit };
    assert!(fleet.plan(&retired, Some(&retired)).0.is_some());
}

/// The account decides who offers clusters in it, whatever the file of a cluster says.
#[test]
fn a_cluster_in_an_account_of_another_manager_needs_its_consent() {
    let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let cluster = config("pay-01");
    let fleet = Fleet::with_account("platform/accounts", true);
    let codes = |diagnostics: &Diagnostics| {
        diagnostics.iter().filter(|of| of.detail.ends_with("FLEET0322")).count()
    };
    let (computed, diagnostics) = fleet.plan(&cluster, None);
    assert_eq!(computed, None);
    insta::assert_snapshot!("outsider", fleet.told(&diagnostics));
    // Not ready at that: one word is enough.
    fleet.store().put_account(&account("platform/accounts", false), &Seen::default()).unwrap();
    assert_eq!(fleet.plan(&cluster, None).1.len(), 1);

    let allows = |registrars| {
        let of = AccountDocument { registrars, ..account("platform/accounts", true) };
        fleet.store().put_account(&of, &Seen::default()).unwrap();
    };
    for others in [list(&[]), list(&["platform/accounts", "team-b"])] {
        allows(others);
        assert_eq!(codes(&fleet.plan(&cluster, None).1), 1);
    }
    allows(list(&[US]));
    let (state, diagnostics) = fleet.apply(&cluster, None);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(state.admitted, Attr::Known(true));

    // The account changed its mind: the cluster takes nothing new, the plan says so, and it may go.
    allows(None);
    let state = fleet.refresh(&state);
    assert_eq!(state.admitted, Attr::Known(false));
    let snapshot = fleet.store().snapshot().unwrap();
    let open = &snapshot.clusters.values().next().unwrap().open_checks;
    assert_eq!(
        open.join(", "),
        "platform/clusters is not one of the account's registrars (platform/accounts)"
    );
    assert_eq!(codes(&fleet.plan(&state, Some(&state)).1), 1);
    let mut none = Diagnostics::new();
    let refused = fleet.assert(state.clone(), false, &mut none).unwrap_err();
    assert!(refused.detail.ends_with("FLEET0322"));
    let retired = Model { lifecycle_state: known("retired"), ..state.clone() };
    assert!(fleet.plan(&retired, Some(&state)).0.is_some());
}

/// In the plan that vends the account there is no file yet.
#[test]
fn registrars_that_the_same_run_plans_decide_before_the_file() {
    let fleet = Fleet::with_account("platform/accounts", true);
    let (store, memory) = (fleet.store(), Memory::default());
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    for (registrars, expected) in [
        (Attr::Null, 0),
        (Attr::Unknown, 0),
        (Attr::Known(names(&[US])), 0),
        (Attr::Known(names(&["team-b"])), 1),
        (Attr::Known(names(&[])), 1),
    ] {
        let planned = PlannedAccount { contract: account(US, false).contract, registrars };
        let view = of_planned(&store, &memory, &planned);
        let mut diagnostics = Diagnostics::new();
        plan::plan(&config("pay-01"), None, &BTreeSet::new(), view, &mut diagnostics);
        let told = diagnostics.iter().filter(|of| of.detail.ends_with("FLEET0322"));
        assert_eq!(told.count(), expected, "{planned:?}: {diagnostics:?}");
    }
}

/// A literal key makes no order: the account that is planned second tells what its clusters would have told.
#[test]
fn an_account_refuses_the_clusters_that_the_run_planned_in_it_before() {
    let run = || {
        let runtime = Runtime::default();
        runtime.configure(crate::config::Settings {
            vendors: Attr::Null,
            managed_by: known(US),
            default_tags: Attr::Null,
            ignored_tags: Attr::Null,
            inventory_path: Attr::Null,
            inventory_author: [None, None],
            inventory_freshness: crate::inventory::Freshness::Git,
            inventory_remote: Attr::Null,
            inventory_branch: Attr::Null,
            inventory_acknowledged: Attr::Null,
            email_pattern: Attr::Null,
            blast_radius: crate::config::RunLimits::default(),
            baseline_change_limit: Attr::Null,
            aws: Err(crate::config::Unknown("nothing")),
        });
        runtime
    };
    let region = config("pay-01").region.known().cloned().unwrap_or_default();
    let contract = Contract { region_set: [region].into(), ..account(US, false).contract };
    let told = |registrars: Attr<BTreeSet<String>>, cluster: &Model| {
        let runtime = run();
        runtime.plans_registration(facts::record(cluster).unwrap());
        let planned = PlannedAccount { contract: contract.clone(), registrars };
        let told = refused_in(&planned, &runtime);
        // Whoever comes first says it, and nobody again: the plan of the cluster, or that of the account.
        assert!(refused_in(&planned, &runtime).is_empty());
        let second = run();
        let record = facts::record(cluster).unwrap();
        assert!(second.tells_misfit(&record.name));
        second.plans_registration(record);
        assert!(refused_in(&planned, &second).is_empty());
        let path = |of: &Diagnostic| of.path.as_ref().map(ToString::to_string).unwrap_or_default();
        let code = |of: &Diagnostic| of.detail.lines().last().unwrap_or_default().to_owned();
        told.iter().map(|of| format!("{} {}", code(of), path(of))).collect::<Vec<_>>()
    };
    let fits = config("pay-01");
    assert_eq!(told(Attr::Null, &fits), [""; 0]);
    assert_eq!(told(Attr::Unknown, &fits), [""; 0]);
    assert_eq!(told(Attr::Known([US.to_owned()].into()), &fits), [""; 0]);
    let others = Attr::Known(["team-b".to_owned()].into());
    assert_eq!(told(others.clone(), &fits), ["FLEET0322 registrars"]);

    let misfit = Model {
        environment: known("dev"),
        data_classification: known("internal"),
        region: known("eu-north-1"),
        cloud: known("gcp"),
        ..config("pay-01")
    };
    let expected = [
        "FLEET0320 environment",
        "FLEET0320 data_classification",
        "FLEET0320 region_set",
        "FLEET0320 ",
    ];
    assert_eq!(told(Attr::Null, &misfit), expected);
    // In another account, or on its way out, it is as it is planned last.
    let elsewhere = Model { account: known("other"), ..misfit.clone() };
    assert_eq!(told(others.clone(), &elsewhere), [""; 0]);
    let retired = Model { lifecycle_state: known("retired"), ..misfit };
    assert_eq!(told(others, &retired), [""; 0]);
}
