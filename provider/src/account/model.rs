//! The arguments and attributes of `fleet_account`.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::{BaselinePolicy, BillingAccess, SubjectFormat};
use fleet_model::contact::ContactType;
use fleet_model::lifecycle::AccountLifecycleState;
use tfplugin::{Attr, Object, Timeouts};

use crate::tags;

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
    /// The email address of the account's root user: 6 to 64 characters, used for no other AWS account anywhere.
    /// Default: the address that the provider's `email_pattern` makes from the key. Changing the address takes two
    /// applies: the first makes AWS send a one-time password to the new address, the second passes that password on
    /// (`email_update_otp`). Until then this attribute keeps the old address.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    pub email: Attr<String>,
    /// The one-time password that AWS sent to the new `email`. It is not stored in the state; remove it once the
    /// email is changed.
    #[attribute(optional, sensitive, write_only)]
    pub email_update_otp: Attr<String>,
    /// The account's name within the fleet: it names the inventory file, and clusters refer to it. Default: `name`.
    /// It cannot change once the account is created.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    pub key: Attr<String>,
    /// The purpose of the account: `security-audit`, `log-archive`, `network-transit`, `shared-services`,
    /// `platform-tools`, `nonprod-workloads`, `prod-workloads`, `regulated-prod-workloads`, `sandbox` or
    /// `breakglass`.
    #[attribute(required)]
    pub account_class: Attr<String>,
    /// The environment, a name of your choice: `prod`, `staging` and so on.
    #[attribute(required)]
    pub environment: Attr<String>,
    /// The team that is responsible for the account. Which configuration may change the account is a different
    /// question: the provider's `managed_by` answers it.
    #[attribute(required)]
    pub owner: Attr<String>,
    /// The most sensitive data that may be in the account: `public`, `internal`, `pci` …
    #[attribute(required)]
    pub data_classification: Attr<String>,
    /// Where the account belongs: the id of an organizational unit or of the root, or the path of an organizational
    /// unit (`Workloads/Prod`; a `/` in a name is written `%2F`). Without it the account stays where it is; AWS
    /// creates new accounts in the root.
    #[attribute(optional)]
    pub parent: Attr<String>,
    /// The id or path of an organizational unit in which a new account gets its baseline before it moves to `parent`.
    /// Use it when the policies of `parent` would deny the provider what the baseline needs. After the move
    /// everything is checked again. An account that is neither in the root nor in this unit moves straight to
    /// `parent`. With Control Tower, register both units with it: the account is enrolled in each.
    #[attribute(optional)]
    pub onboarding_parent: Attr<String>,
    /// The AWS regions that the account uses. The provider enables those that AWS has disabled by default.
    #[attribute(required)]
    pub region_set: Attr<BTreeSet<String>>,
    /// How the account is connected to the network, a name of your choice: `private-service` and so on.
    #[attribute(required)]
    pub network_profile: Attr<String>,
    /// The baseline: which settings, roles and policies the account must have to be ready. One of `sandbox`,
    /// `nonprod-standard`, `prod-restricted` and `regulated`.
    #[attribute(required, validate(one_of(BaselinePolicy::WORDS)))]
    pub baseline_policy: Attr<String>,
    /// The version of that baseline: `1`, or `2`, which also asks for the account-wide switches and for a safe root user
    /// (the table below says which of them each baseline has). What a version asks for never changes. An account keeps its
    /// version until the configuration names another one, whatever version the provider has; a new account begins with `1`.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    pub baseline_version: Attr<i64>,
    /// The team that is charged for the account.
    #[attribute(required)]
    pub budget_owner: Attr<String>,
    /// Whether GitOps controllers may be installed for clusters in this account.
    #[attribute(optional, computed, default = false)]
    pub gitops_enabled: Attr<bool>,
    /// Tags of the account. A tag whose value is null is left out. Tags that others put on the account are left alone.
    #[attribute(optional)]
    pub tags: Attr<tags::Written>,
    /// The pipelines that may assume roles in the account by OpenID Connect.
    #[attribute(optional)]
    pub identity: Attr<Identity>,
    /// For each control, who keeps it as the baseline wants it: `own` (the provider checks and repairs it; the
    /// default), `verify` (somebody else keeps it, and the provider only checks it; the default of
    /// `organization-policies`) or `ignore` (it is not checked). Controls of account-wide switches and of the root user are
    /// asked for by `baseline_version = 2`, and else only where they are named.
    #[attribute(optional)]
    pub controls: Attr<BTreeMap<String, String>>,
    /// The people to whom AWS writes besides the root user. A contact type that was never configured is not touched;
    /// one that is removed from the configuration is deleted at AWS.
    #[attribute(optional)]
    pub alternate_contacts: Attr<AlternateContacts>,
    /// Whether IAM users and roles of the account may see its bills: `ALLOW` or `DENY`. AWS takes it when the account
    /// is created; it cannot change afterwards.
    #[attribute(optional, computed, default = "ALLOW", validate(one_of(BillingAccess::WORDS)))]
    pub iam_user_access_to_billing: Attr<String>,
    /// The name of the role that AWS creates in a new account and that the provider uses to get in. It cannot change.
    #[attribute(optional, computed, default = "OrganizationAccountAccessRole")]
    pub role_name: Attr<String>,
    /// The state that you want: `active`; `frozen` (the account is quarantined, and everything can be restored); or
    /// `retired`, after which the account can be destroyed. Each apply makes one step. Without a `quarantine` block
    /// in the provider configuration, `frozen` may be left out. A new account must start as `active`; an account that
    /// has an inventory file continues from the state in that file. Clusters in a frozen or retired account are not
    /// admitted.
    #[attribute(
        optional,
        computed,
        default = "active",
        validate(one_of(AccountLifecycleState::WORDS))
    )]
    pub lifecycle_state: Attr<String>,
    /// Whether destroying the retired account closes it at AWS; its inventory file then keeps its key and email.
    /// Otherwise the account is released: it stays open in the organization, and this configuration no longer manages
    /// it.
    #[attribute(optional, computed, default = false)]
    pub close_on_deletion: Attr<bool>,
    /// Whether to take over an existing account that has this email and that no configuration manages. The plan
    /// reports what that changes, and signs of other tools at work in the account. With `false` such an account is
    /// refused. An account that another configuration manages is always refused.
    #[attribute(optional, computed, default = false)]
    pub adopt: Attr<bool>,
    /// Who may register clusters in the account, by the `managed_by` of their configurations. Default: only the
    /// configuration that manages the account. A list is complete: name that configuration too, if it registers
    /// clusters. An empty list lets nobody register any. Clusters of others are refused in a plan, and those that
    /// are registered already take no new workloads.
    #[attribute(optional)]
    pub registrars: Attr<BTreeSet<String>>,
    /// Who makes and keeps the account: the name of a `vendor` block of the provider. Default: the AWS organization that
    /// the provider block reaches. It cannot change once the account is created.
    #[attribute(optional)]
    pub vendor: Attr<String>,
    /// What the vendor takes beside the other arguments, as a JSON object (`jsonencode({ … })`). A plan checks it against
    /// the schema that the vendor describes. No secrets: it stands in the plan, the state and the inventory file; those have
    /// their place in `env` and `settings` of the `vendor` block. The built-in vendor takes none.
    #[attribute(optional, validate(required_with(&["vendor"])))]
    pub vendor_settings: Attr<String>,
    /// How long each operation may take. For a create, the time starts when AWS has room for the account: AWS creates
    /// five at a time.
    #[attribute(optional)]
    pub timeouts: Attr<Timeouts>,

    /// The account id, as its cloud has it. Null while a vendor has the request and no account yet.
    #[attribute(computed, plan(use_non_null_state))]
    pub id: Attr<String>,
    /// The address to which AWS sent a one-time password; null when no password is awaited.
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
    /// How far vending has come: the last phase that is reached without a gap. If the account is not open at AWS:
    /// `activating`, `suspended`, `closing` or `closed`; if it left the organization: `removed`.
    #[attribute(computed)]
    pub phase: Attr<String>,
    /// Why the next phase is not reached; null when the account is ready.
    #[attribute(computed)]
    pub status_reason: Attr<String>,
    /// The id of the request that created the account; null when the provider did not see the request, for example
    /// after an import.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub create_request_id: Attr<String>,
    /// When the account joined the organization.
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
    /// The state that the account is in: `active`, `frozen` or `retired` once an apply has reached it, and `closed`
    /// once AWS was asked to close the account.
    #[attribute(computed)]
    pub lifecycle_phase: Attr<String>,
    /// The SHA-256 of the account's inventory file as it was found; null when the file is missing. An apply writes
    /// the file again when it does not match the account.
    #[attribute(computed)]
    pub inventory_sha256: Attr<String>,
}

/// Who gets into the account by OpenID Connect.
#[derive(Debug, Clone, Object)]
pub struct Identity {
    /// The issuers that are trusted, by a name of your choice.
    #[attribute(required)]
    pub providers: Attr<BTreeMap<String, Provider>>,
    /// Which tokens may assume which role: `plan`, `apply`, `read-only`.
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
    /// The name of the control.
    #[attribute(computed)]
    pub check: Attr<String>,
    /// The region; empty for the whole account.
    #[attribute(computed)]
    pub scope: Attr<String>,
    /// `low`, `medium`, `high` or `critical`.
    #[attribute(computed)]
    pub severity: Attr<String>,
    /// What the baseline requires.
    #[attribute(computed)]
    pub expected: Attr<String>,
    /// What was found.
    #[attribute(computed)]
    pub observed: Attr<String>,
    /// The API call that showed it.
    #[attribute(computed)]
    pub api: Attr<String>,
    /// How to resolve it.
    #[attribute(computed)]
    pub what_to_do: Attr<String>,
}

/// The people whom AWS writes to beside the root user, by what it writes about. A type that is left
/// out is left alone.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct AlternateContacts {
    /// The contact for invoices and payments.
    #[attribute(optional)]
    pub billing: Attr<AlternateContact>,
    /// The contact for service events.
    #[attribute(optional)]
    pub operations: Attr<AlternateContact>,
    /// The contact for security notices and reports of abuse.
    #[attribute(optional)]
    pub security: Attr<AlternateContact>,
}

/// A person or a team whom AWS writes to.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct AlternateContact {
    /// The name: 1 to 64 characters.
    #[attribute(required)]
    pub name: Attr<String>,
    /// The title: 1 to 50 characters.
    #[attribute(required)]
    pub title: Attr<String>,
    /// The email.
    #[attribute(required)]
    pub email: Attr<String>,
    /// The telephone number: 1 to 25 digits, spaces and `( ) + -`.
    #[attribute(required)]
    pub phone_number: Attr<String>,
}

// === impl AlternateContacts ===

impl AlternateContacts {
    pub(super) const NONE: Self =
        Self { billing: Attr::Null, operations: Attr::Null, security: Attr::Null };

    pub(super) fn all(&self) -> [(ContactType, &Attr<AlternateContact>); 3] {
        [
            (ContactType::Billing, &self.billing),
            (ContactType::Operations, &self.operations),
            (ContactType::Security, &self.security),
        ]
    }

    pub(super) fn slot(&mut self, of: ContactType) -> &mut Attr<AlternateContact> {
        match of {
            ContactType::Billing => &mut self.billing,
            ContactType::Operations => &mut self.operations,
            ContactType::Security => &mut self.security,
        }
    }
}
