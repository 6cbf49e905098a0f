//! A configuration that asks for less, and a run that dies in between.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{
    BaselinePolicy, ControlMode, FederatedRole, Identity, OidcProvider, SubjectFormat,
};
use fleet_model::lifecycle::AccountLifecycleState;
use tokio_util::sync::CancellationToken;

use super::{LIMIT, goes_on, job};
use crate::Vending;
use crate::aws::api::member::{PasswordPolicy, Role};
use crate::aws::controls::{ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY};
use crate::aws::testing::simulation::{Cloud, Fault};
use crate::config::{BOOTSTRAP_ROLE_NAMES, Config};
use crate::error::Kind;
use crate::outcome::Outcome;
use crate::request::AccountJob;
use crate::warning::{Stays, Warning};

const CONTROLS: [&str; 4] = [ACCESS_ROLES, OIDC_TRUST, ORGANIZATION_POLICIES, PASSWORD_POLICY];

struct Run {
    cloud: Cloud,
    /// As the state has it.
    job: AccountJob,
    id: String,
    manage: &'static str,
}

/// What there is at the end.
#[derive(Debug, PartialEq)]
struct End {
    roles: BTreeMap<String, Role>,
    issuers: Vec<String>,
    binding: BTreeSet<String>,
    password: Option<PasswordPolicy>,
    memory: crate::Memory,
    journal: Option<String>,
    work: Vec<String>,
    ready: bool,
}

fn owning() -> AccountJob {
    let mut job = job("payments");
    job.request.contract.controls =
        CONTROLS.map(|control| (control.to_owned(), ControlMode::Own)).into();
    job.request.contract.baseline_policy = BaselinePolicy::Regulated;
    let provider = OidcProvider {
        url: "https://token.actions.githubusercontent.com".to_owned(),
        audiences: ["sts.amazonaws.com", "other"].map(str::to_owned).into(),
    };
    let role = FederatedRole {
        provider: "github".to_owned(),
        owner_id: Some("1".to_owned()),
        repository_id: Some("2".to_owned()),
        subject_format: SubjectFormat::Immutable,
        claims: [("repository", "example/platform"), ("environment", "prod")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    };
    job.request.contract.identity = Some(Identity {
        providers: BTreeMap::from([("github".to_owned(), provider)]),
        roles: BTreeMap::from([("apply".to_owned(), role)]),
    });
    job
}

impl Run {
    async fn vended() -> Self {
        let cloud = Cloud::new();
        cloud.world().policy.content = "on".to_owned();
        let mut run = Self { cloud, job: owning(), id: String::new(), manage: "fleet-vending" };
        let cancel = CancellationToken::new();
        let vended = run.engine().vend(&run.job, LIMIT, &cancel).await.unwrap();
        assert!(vended.ready() && vended.failures.is_empty(), "{:?}", vended.status_reason);
        run.id.clone_from(&vended.facts.id);
        run.job = goes_on(&run.job, &vended);
        run
    }

    fn engine(&self) -> Vending {
        let config = Config {
            managed_by: "us".to_owned(),
            bootstrap_role_names: BOOTSTRAP_ROLE_NAMES.map(str::to_owned).to_vec(),
            manage_role_name: Some(self.manage.to_owned()),
            ..Config::default()
        };
        Vending::with_ports(config, self.cloud.ports())
    }

    async fn look(&mut self) -> Outcome {
        let cancel = CancellationToken::new();
        let looked = self.engine().look(&self.job, &self.id, None, LIMIT, &cancel).await;
        let seen = looked.unwrap().found().unwrap();
        self.job.past.memory.clone_from(&seen.memory);
        seen
    }

    async fn apply(&self, job: &AccountJob) -> Outcome {
        let cancel = CancellationToken::new();
        self.engine().update(job, &self.id, LIMIT, &cancel).await.unwrap()
    }

    /// A refresh, an apply of the edited configuration, and a look at the end.
    async fn end(mut self, edit: impl Fn(&mut Self)) -> End {
        self.look().await;
        edit(&mut self);
        let done = self.apply(&self.job).await;
        assert_eq!((done.failures.as_slice(), done.warnings.as_slice()), (&[][..], &[][..]));
        self.job = goes_on(&self.job, &done);
        let seen = self.look().await;
        let world = self.cloud.world();
        let targets = world.policy.targets.iter();
        End {
            roles: world.roles.clone(),
            issuers: world.providers.values().map(|of| format!("{of:?}")).collect(),
            binding: targets
                .filter(|(_, of)| of.contains(&self.id))
                .map(|(id, _)| id.clone())
                .collect(),
            password: world.passwords.get(&self.id).copied(),
            memory: seen.memory.clone(),
            journal: world.tags[&self.id].get("fleet:journal").cloned(),
            work: seen.work.clone(),
            ready: seen.ready(),
        }
    }
}

type Edit = fn(&mut Run);

#[tokio::test]
async fn killed_at_every_call_a_configuration_that_asks_for_less_ends_the_same() {
    let edits: [(&str, Edit); 6] = [
        ("a weaker profile", |of| {
            of.job.request.contract.baseline_policy = BaselinePolicy::Sandbox;
        }),
        ("no identity", |of| of.job.request.contract.identity = None),
        ("one audience", |of| {
            let identity = of.job.request.contract.identity.as_mut().unwrap();
            identity.providers.get_mut("github").unwrap().audiences.remove("other");
        }),
        ("everything ignored", |of| {
            for mode in of.job.request.contract.controls.values_mut() {
                *mode = ControlMode::Ignore;
            }
        }),
        ("a role renamed", |of| of.manage = "fleet-works"),
        ("retired", |of| of.job.request.lifecycle_state = AccountLifecycleState::Retired),
    ];
    let mut runs = 0;
    for (name, edit) in edits {
        let before = Run::vended().await.end(|_| {}).await;
        let unharmed = Box::pin(Run::vended().await.end(edit)).await;
        assert_ne!(before, unharmed, "{name}");
        assert_eq!(unharmed.work, [""; 0], "{name}");
        // To die after a call is to die before the next one.
        for (call, effect) in [(1, false)].into_iter().chain((1..).map(|call| (call, true))) {
            let mut run = Run::vended().await;
            run.look().await;
            let saved = run.job.clone();
            edit(&mut run);
            {
                let mut world = run.cloud.world();
                world.crash = Some((world.calls.len() + call, effect));
            }
            let cloud = run.cloud.clone();
            let done = cloud.until_crash(Box::pin(run.apply(&run.job))).await;
            if done.is_some() {
                assert!(call > 4, "{name}: {call}");
                break;
            }
            run.job = saved;
            run.manage = "fleet-vending";
            let end = Box::pin(run.end(edit)).await;
            assert_eq!(end, unharmed, "{name}: killed at call {call}, {effect}");
            runs += 1;
        }
    }
    assert!(runs >= 100, "{runs}");
}

#[tokio::test]
async fn what_could_not_be_taken_away_is_work_until_it_is() {
    let mut run = Run::vended().await;
    run.look().await;
    run.job.request.contract.identity = None;
    // The trust of the role is given back, and the provider cannot be removed yet.
    run.cloud.world().keeps_providers = true;
    let done = run.apply(&run.job).await;
    assert!(!done.failures.is_empty());
    run.job = goes_on(&run.job, &done);
    let seen = run.look().await;
    assert!(seen.work.iter().any(|of| of.contains("nothing asks for")), "{:?}", seen.work);
    run.cloud.world().keeps_providers = false;
    let done = run.apply(&run.job).await;
    assert_eq!(done.failures, []);
    run.job = goes_on(&run.job, &done);
    assert_eq!((run.look().await.work.len(), run.cloud.world().providers.len()), (0, 0));
}

/// The working role is denied a change of the roles, so that another one makes the round again: what the first round told, and
/// forgot, is told.
#[tokio::test]
async fn what_the_first_of_two_rounds_told_is_told() {
    let mut run = Run::vended().await;
    run.look().await;
    {
        let mut world = run.cloud.world();
        world.passwords.get_mut(&run.id).unwrap().minimum_length = 30;
        world.roles.get_mut("fleet-read-only").unwrap().trust = "{}".to_owned();
    }
    run.cloud.fault("change", Fault::Before(Kind::Denied, "AccessDenied"));
    let controls = &mut run.job.request.contract.controls;
    controls.insert(PASSWORD_POLICY.to_owned(), ControlMode::Ignore);
    let done = run.apply(&run.job).await;
    assert_eq!(done.failures, []);
    assert!(
        run.cloud.world().faults.values().all(std::collections::VecDeque::is_empty),
        "the change was denied"
    );
    assert_eq!(done.warnings, [Warning::Stays(Stays::Password)]);
}
