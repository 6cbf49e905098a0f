//! The arguments and attributes of `fleet_account`.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{BaselinePolicy, BillingAccess, SubjectFormat};
use fleet_model::lifecycle::AccountLifecycleState;
use tfplugin::{Attr, Object, Timeouts};

use super::contacts::AlternateContacts;

/// Vends an AWS account as a product: one block in, a ready account with its evidence out. Each
/// apply takes the account as far along its phases as it can: requested, created, regions, placed,
/// governed, accessible, baselined, ready. Once the account exists nothing is an error that would
/// have the CLI destroy it: what is missing is a warning, `status_reason` and `ready = false`, and
/// the next apply goes on. An account is destroyed only after it was retired, and closed only when
/// `close_on_deletion` says so.
#[derive(Debug, Clone, Default, Object)]
pub struct Model {
    /// The account's name at AWS: 1 to 50 printable ASCII characters without `<` and `>`. It
    /// changes in place; the key does not follow.
    #[attribute(required)]
    pub name: Attr<String>,
    /// The root user's address: 6 to 64 characters, used for no other AWS account anywhere. Default:
    /// what the provider's `email_pattern` makes of the key. Another address takes two applies: the
    /// first has AWS send a one-time password to it, the second gives the password
    /// (`email_update_otp`). Until then this attribute keeps the old address.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    pub email: Attr<String>,
    /// The one-time password that AWS sent to the new `email`. It is stored nowhere; take it out
    /// once the email is changed.
    #[attribute(optional, sensitive, write_only)]
    pub email_update_otp: Attr<String>,
    /// The account's key in the fleet: it names the inventory file and is what clusters refer to.
    /// Default: the name. Fixed once the account is created.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    pub key: Attr<String>,
    /// What the account is for: `security-audit`, `log-archive`, `network-transit`,
    /// `shared-services`, `platform-tools`, `nonprod-workloads`, `prod-workloads`,
    /// `regulated-prod-workloads`, `sandbox` or `breakglass`.
    #[attribute(required)]
    pub account_class: Attr<String>,
    /// The environment, a free name: `prod`, `staging` …
    #[attribute(required)]
    pub environment: Attr<String>,
    /// The team that answers for the account. Who may change it is the provider's `managed_by`.
    #[attribute(required)]
    pub owner: Attr<String>,
    /// The most sensitive data that may be in the account: `public`, `internal`, `pci` …
    #[attribute(required)]
    pub data_classification: Attr<String>,
    /// Where the account belongs: the id of an organizational unit or of the root, or the path of
    /// units that exist (`Workloads/Prod`). Without it the account stays where it is; a new one is
    /// in the root.
    #[attribute(optional)]
    pub parent: Attr<String>,
    /// The id or path of an organizational unit in which a new account gets its baseline before it goes to `parent`,
    /// whose policies might deny the provider what the baseline needs. In `parent` all is checked again. An account that
    /// is neither in the root nor waits there goes straight to `parent`. Where Control Tower governs, both are registered
    /// with it, since the account is enrolled in each.
    #[attribute(optional)]
    pub onboarding_parent: Attr<String>,
    /// The regions that are used. Those that AWS has off by default are opted in.
    #[attribute(required)]
    pub region_set: Attr<BTreeSet<String>>,
    /// How the account is connected, a free name: `private-service` …
    #[attribute(required)]
    pub network_profile: Attr<String>,
    /// The profile of controls that the account must pass.
    #[attribute(required, validate(one_of(BaselinePolicy::WORDS)))]
    pub baseline_policy: Attr<String>,
    /// Who pays.
    #[attribute(required)]
    pub budget_owner: Attr<String>,
    /// Whether GitOps controllers may be set up for clusters in this account.
    #[attribute(optional, computed, default = false)]
    pub gitops_enabled: Attr<bool>,
    /// Tags of the account. Tags that others put on it are left alone.
    #[attribute(optional)]
    pub tags: Attr<BTreeMap<String, String>>,
    /// Who gets into the account by OpenID Connect.
    #[attribute(optional)]
    pub identity: Attr<Identity>,
    /// Who mends a control: `own` (we do; the default), `verify` (somebody else does, we check; the
    /// default of `organization-policies`) or `ignore`.
    #[attribute(optional)]
    pub controls: Attr<BTreeMap<String, String>>,
    /// The people whom AWS writes to beside the root user. A type that is left out is left alone; one
    /// that is taken out of the configuration is deleted at AWS.
    #[attribute(optional)]
    pub alternate_contacts: Attr<AlternateContacts>,
    /// Whether IAM users and roles of the account may see its bills: `ALLOW` or `DENY`. It goes in
    /// when the account is created, and cannot change here.
    #[attribute(optional, computed, default = "ALLOW", validate(one_of(BillingAccess::WORDS)))]
    pub iam_user_access_to_billing: Attr<String>,
    /// The role that AWS makes in a new account, through which the provider gets in. It cannot
    /// change.
    #[attribute(optional, computed, default = "OrganizationAccountAccessRole")]
    pub role_name: Attr<String>,
    /// What is wished: `active`, `frozen` (nothing runs in it any more, and all can come back), or
    /// `retired`, from which alone the account can be destroyed. One step per apply. Without a
    /// `quarantine` in the provider block `frozen` may be left out. An account that is created, taken
    /// over or imported comes in as `active`; one that has an inventory file goes on from where that
    /// says it is. A cluster in an account that is frozen or retired is not admitted.
    #[attribute(
        optional,
        computed,
        default = "active",
        validate(one_of(AccountLifecycleState::WORDS))
    )]
    pub lifecycle_state: Attr<String>,
    /// Whether destroying the retired account closes it at AWS; its inventory file then keeps its
    /// key and email. Otherwise it is released: it stays in the organization, and nobody manages it.
    #[attribute(optional, computed, default = false)]
    pub close_on_deletion: Attr<bool>,
    /// Whether an account that has this email already, and that nobody manages, is taken over. The plan
    /// reports what that changes, and signs of others at work in it. Otherwise it is refused, and an
    /// account of another manager is refused always.
    #[attribute(optional, computed, default = false)]
    pub adopt: Attr<bool>,
    /// How long each operation may take. A create counts from the account's turn: AWS makes five
    /// at a time.
    #[attribute(optional)]
    pub timeouts: Attr<Timeouts>,

    /// The account id.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub id: Attr<String>,
    /// The address to which AWS sent a one-time password; null when none is awaited.
    #[attribute(computed)]
    pub pending_email: Attr<String>,
    /// The account's ARN in the organization.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub arn: Attr<String>,
    /// The organization's id.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub organization_id: Attr<String>,
    /// The id of the organizational unit or root that holds the account.
    #[attribute(computed)]
    pub parent_id: Attr<String>,
    /// The account's state at AWS: `PENDING_ACTIVATION`, `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`
    /// or `CLOSED`.
    #[attribute(computed)]
    pub state: Attr<String>,
    /// The end of the unbroken run of phases whose conditions hold; or `activating`, `suspended`,
    /// `closing`, `closed`, where AWS says so; or `removed`, where the organization has it no more.
    #[attribute(computed)]
    pub phase: Attr<String>,
    /// Why the phase is not the next one; null when the account is ready.
    #[attribute(computed)]
    pub status_reason: Attr<String>,
    /// The request that created the account; null when another run's request did.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub create_request_id: Attr<String>,
    /// When the account came into the organization.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub joined_at: Attr<String>,
    /// All tags that this configuration sets: `tags`, and the provider's `default_tags`.
    #[attribute(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
    /// Whether clusters in the account are admitted: every phase holds, and no check is `fail` or
    /// `unknown`.
    #[attribute(computed)]
    pub ready: Attr<bool>,
    /// The checks behind `ready`.
    #[attribute(computed)]
    pub readiness: Attr<Readiness>,
    /// What is: `active`, `frozen` or `retired` once an apply has made it so, and `closed` once AWS
    /// was asked to close it.
    #[attribute(computed)]
    pub lifecycle_phase: Attr<String>,
    /// SHA-256 of the account's inventory file as it was found; null when it is missing. A file
    /// that does not say what was observed is written again.
    #[attribute(computed)]
    pub inventory_sha256: Attr<String>,
}

/// Who gets into the account by OpenID Connect.
#[derive(Debug, Clone, Object)]
pub struct Identity {
    /// Trusted issuers, by a name of your choice.
    #[attribute(required)]
    pub providers: Attr<BTreeMap<String, Provider>>,
    /// Who may assume which role: `plan`, `apply`, `read-only`.
    #[attribute(required)]
    pub roles: Attr<BTreeMap<String, Role>>,
}

/// A trusted issuer.
#[derive(Debug, Clone, Object)]
pub struct Provider {
    /// The issuer, exactly as its tokens have it in `iss`: `https://`, a host in lower case, perhaps a path, no slash at the end.
    #[attribute(required)]
    pub url: Attr<String>,
    /// The audiences that are accepted, for example `sts.amazonaws.com`.
    #[attribute(required)]
    pub audiences: Attr<BTreeSet<String>>,
}

/// Who may assume a role.
#[derive(Debug, Clone, Object)]
pub struct Role {
    /// A key of `providers`.
    #[attribute(required)]
    pub provider: Attr<String>,
    /// GitHub's number of the owner; required unless `subject_format` is `legacy`.
    #[attribute(optional)]
    pub owner_id: Attr<String>,
    /// GitHub's number of the repository; required unless `subject_format` is `legacy`, and for the role `apply` always.
    #[attribute(optional)]
    pub repository_id: Attr<String>,
    /// How GitHub writes the subject: `immutable` (with the ids; the default), `legacy`, or `both`.
    #[attribute(optional, computed, default = "immutable", validate(one_of(SubjectFormat::WORDS)))]
    pub subject_format: Attr<String>,
    /// The claims that the token must carry, exactly. Of GitHub `repository`, and one of `environment`, `ref`,
    /// `pull_request`; of any other issuer `sub`. Further ones only where STS checks them: those of GitHub, also at
    /// `ghe.com`, such as `repository_owner_id` or `job_workflow_ref`; some of `gitlab.com` and Buildkite; and
    /// `google/organization_number`, `oidc.circleci.com/project-id` and, of Oracle Cloud, `rpst_id`. The role `apply` takes no
    /// pull or merge requests: it needs an environment, or a branch or tag, known by ids and not by names alone. For
    /// `gitlab.com` that is `ref_protected = "true"` with `project_id`, for Buildkite `build_branch` with `pipeline_id`.
    #[attribute(required)]
    pub claims: Attr<BTreeMap<String, String>>,
}

/// The checks behind `ready`.
#[derive(Debug, Clone, Object)]
pub struct Readiness {
    /// `pass`, `fail`, `unknown` or `not_applicable`, by `check` or `check/region`.
    #[attribute(computed)]
    pub checks: Attr<BTreeMap<String, String>>,
    /// What does not pass.
    #[attribute(computed)]
    pub findings: Attr<Vec<Finding>>,
    /// SHA-256 over every check: what was expected, what was observed, and the verdict.
    #[attribute(computed)]
    pub digest: Attr<String>,
}

/// A check that does not pass.
#[derive(Debug, Clone, Object)]
pub struct Finding {
    /// The control.
    #[attribute(computed)]
    pub check: Attr<String>,
    /// The region; empty for the whole account.
    #[attribute(computed)]
    pub scope: Attr<String>,
    /// `low`, `medium`, `high` or `critical`.
    #[attribute(computed)]
    pub severity: Attr<String>,
    /// What the profile asks for.
    #[attribute(computed)]
    pub expected: Attr<String>,
    /// What was found.
    #[attribute(computed)]
    pub observed: Attr<String>,
    /// The API call behind it.
    #[attribute(computed)]
    pub api: Attr<String>,
    /// What can be done about it.
    #[attribute(computed)]
    pub what_to_do: Attr<String>,
}
