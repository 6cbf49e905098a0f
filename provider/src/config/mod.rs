//! The provider block. Names and meaning are terraform-provider-aws's wherever it has them.

use std::collections::{BTreeMap, BTreeSet};

use fleet_vending::config::RefreshReadiness;
use tfplugin::{Attr, Object};

use crate::inventory::Freshness;
use crate::tags;

mod address;
mod check;
mod environment;
mod ignored_tag;
mod place;
mod roles;
mod settings;
#[cfg(test)]
pub(crate) mod tests;

pub use check::{check, check_managed_by, manager_problem};
pub use settings::{RunLimits, Settings, Unknown};

/// Vends AWS accounts, keeps the inventory of clusters, and places workloads on them.
#[derive(Debug, Clone, Object)]
pub struct ProviderConfig {
    /// The name of this configuration as the owner of everything it creates, unique per state; for example
    /// `platform/accounts-prod`. The provider writes it into the tags of each object and into each inventory file,
    /// and never changes an object that carries another name. Required. Otherwise from `FLEET_MANAGED_BY`.
    #[attribute(optional)]
    pub managed_by: Attr<String>,
    /// Template for the email of accounts that do not set `email`, for example `aws+{key}@your-company.com`; `{key}`
    /// is replaced by the account's key. Changing the template later does not change existing accounts.
    #[attribute(optional)]
    pub email_pattern: Attr<String>,
    /// The AWS region for calls to regional services. AWS Organizations is always called in its own region. Otherwise
    /// from `AWS_REGION`, `AWS_DEFAULT_REGION` or the shared configuration file.
    #[attribute(optional)]
    pub region: Attr<String>,
    /// The region in which STS is called. Default: `region`.
    #[attribute(optional)]
    pub sts_region: Attr<String>,
    /// The profile of the shared configuration and credentials files. Given here, it is the only
    /// source of credentials. Otherwise from `AWS_PROFILE`.
    #[attribute(optional)]
    pub profile: Attr<String>,
    /// Shared configuration files. Otherwise from `AWS_CONFIG_FILE`, or `~/.aws/config`.
    #[attribute(optional)]
    pub shared_config_files: Attr<Vec<String>>,
    /// Shared credentials files. Otherwise from `AWS_SHARED_CREDENTIALS_FILE`, or
    /// `~/.aws/credentials`.
    #[attribute(optional)]
    pub shared_credentials_files: Attr<Vec<String>>,
    /// The access key id. Prefer a profile, a role or the environment: a key in a file is a secret
    /// in a file. Otherwise from `AWS_ACCESS_KEY_ID`.
    #[attribute(optional, sensitive)]
    pub access_key: Attr<String>,
    /// The secret access key that belongs to `access_key`. Otherwise from `AWS_SECRET_ACCESS_KEY`.
    #[attribute(optional, sensitive)]
    pub secret_key: Attr<String>,
    /// The session token that belongs to temporary keys. Otherwise from `AWS_SESSION_TOKEN`.
    #[attribute(optional, sensitive)]
    pub token: Attr<String>,
    /// The account ids that the credentials may belong to. If they belong to any other account, the provider makes no
    /// calls.
    #[attribute(optional, validate(conflicts_with(&["forbidden_account_ids"])))]
    pub allowed_account_ids: Attr<BTreeSet<String>>,
    /// The account ids that the credentials must not belong to. If they belong to one of these, the provider makes no
    /// calls.
    #[attribute(optional)]
    pub forbidden_account_ids: Attr<BTreeSet<String>>,
    /// Do not resolve the credentials in advance: missing credentials are then reported by the first call that needs
    /// them.
    #[attribute(optional)]
    pub skip_credentials_validation: Attr<bool>,
    /// Client-side rate limiting: `standard` limits the rate of each group of API calls, `adaptive` also slows a
    /// group down while AWS throttles it. Otherwise from `AWS_RETRY_MODE`. Default: `standard`.
    #[attribute(optional, validate(one_of(&["standard", "adaptive"])))]
    pub retry_mode: Attr<String>,
    /// How often a call is tried again at most. Without it, throttles and changes of others are
    /// waited out until the operation's timeout, and a call without an answer is made five times.
    /// It does not bound what an operation waits for: a create that AWS throttles, has no room for or
    /// leaves without an answer goes back to its turn, after a look whether the account was made; a
    /// close waits for others. The operation's timeout alone bounds those.
    /// Otherwise from `AWS_MAX_ATTEMPTS`, which counts the first attempt too.
    #[attribute(optional, validate(range(0..=1000)))]
    pub max_retries: Attr<i64>,
    /// How a refresh tells that a ready account is still ready. `full` makes every check in the account.
    /// `cached` believes the state while the account's state at AWS, its name, email, parent, tags and
    /// inventory file are what they should be, and makes every check otherwise. `off` is `cached`
    /// without reading tags: no call per account. An account that is not ready is always checked in
    /// full. Default: `full`.
    #[attribute(optional, validate(one_of(RefreshReadiness::WORDS)))]
    pub refresh_readiness: Attr<String>,
    /// How many accounts one run may take to another baseline, by `baseline_policy`, `baseline_version` or `controls`. Accounts
    /// that are created do not count. Each provider block counts for itself. Default: no limit.
    #[attribute(optional, validate(range(0..)))]
    pub baseline_change_limit: Attr<i64>,
    /// A file with the certificates (PEM) of the authorities to trust instead of the system's.
    /// Otherwise from `AWS_CA_BUNDLE`.
    #[attribute(optional)]
    pub custom_ca_bundle: Attr<String>,
    /// The URL of the proxy for endpoints with `http:`. Otherwise from `HTTP_PROXY`.
    #[attribute(optional)]
    pub http_proxy: Attr<String>,
    /// The URL of the proxy for endpoints with `https:`. Otherwise from `HTTPS_PROXY`.
    #[attribute(optional)]
    pub https_proxy: Attr<String>,
    /// Hosts that are reached without a proxy, separated by commas. Otherwise from `NO_PROXY`.
    #[attribute(optional)]
    pub no_proxy: Attr<String>,
    /// Whether to call endpoints that comply with FIPS 140. Otherwise from `AWS_USE_FIPS_ENDPOINT` or the shared
    /// configuration file.
    #[attribute(optional)]
    pub use_fips_endpoint: Attr<bool>,
    /// Whether to call endpoints that support IPv6. Otherwise from `AWS_USE_DUALSTACK_ENDPOINT` or the shared
    /// configuration file.
    #[attribute(optional)]
    pub use_dualstack_endpoint: Attr<bool>,
    /// Roles to assume before any other call: with more than one block, one after the other, each
    /// with the credentials of the one before.
    #[block(list)]
    pub assume_role: Attr<Vec<AssumeRole>>,
    /// A role to assume with a token of an identity provider, such as a pipeline's. It comes before
    /// `assume_role`.
    #[block(list(max = 1))]
    pub assume_role_with_web_identity: Attr<Vec<AssumeRoleWithWebIdentity>>,
    /// Endpoints of single services, for private links and emulators. Otherwise from
    /// `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL` or the shared configuration file.
    #[block(list(max = 1))]
    pub endpoints: Attr<Vec<Endpoints>>,
    /// Tags for every object that can carry tags.
    #[block(list(max = 1))]
    pub default_tags: Attr<Vec<DefaultTags>>,
    /// Tags that others manage: the provider does not read, write or remove them.
    #[block(list(max = 1))]
    pub ignore_tags: Attr<Vec<IgnoreTags>>,
    /// The roles with which the provider calls AWS Organizations, when the caller's own credentials should not do
    /// that; for example when the pipeline runs in another account.
    #[block(list(max = 1))]
    pub organization: Attr<Vec<Organization>>,
    /// How the provider gets into the accounts that it vends.
    #[block(list(max = 1))]
    pub member_access: Attr<Vec<MemberAccess>>,
    /// Where frozen and retired accounts are moved.
    #[block(list(max = 1))]
    pub quarantine: Attr<Vec<Quarantine>>,
    /// A vendor of accounts beside the built-in one, by a name of your choice: a program that the provider starts where
    /// accounts name it (`vendor` of `fleet_account`), and only then. It runs with your rights: name programs that you
    /// trust, and their checksums.
    #[block(map)]
    pub vendor: Attr<BTreeMap<String, VendorBlock>>,
    /// Where the inventory is stored.
    #[block(list(max = 1))]
    pub inventory: Attr<Vec<Inventory>>,
    /// How much all placements of one run may change together.
    #[block(list(max = 1))]
    pub blast_radius: Attr<Vec<BlastRadius>>,
}

/// What stands in a block that occurs at most once: null without the block, unknown while a dynamic
/// block is.
fn only<T>(blocks: &Attr<Vec<T>>) -> Attr<&T> {
    match blocks {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(blocks) => blocks.first().into(),
    }
}

/// A role to assume before any other call.
#[derive(Debug, Clone, Object)]
pub struct AssumeRole {
    /// The ARN of the role.
    #[attribute(required)]
    pub role_arn: Attr<String>,
    /// The name of the session, as CloudTrail shows it. Default: `terraform-provider-fleet`.
    #[attribute(optional, validate(length(2..=64)))]
    pub session_name: Attr<String>,
    /// The external id that the role's trust policy may ask for.
    #[attribute(optional, validate(length(2..=1224)))]
    pub external_id: Attr<String>,
    /// How long the session lasts, from `15m` to `12h`; renewed when it ends. Default: `1h`, which is
    /// also the most for a role that is assumed with another one.
    #[attribute(optional, validate(duration))]
    pub duration: Attr<String>,
    /// A policy (JSON) that limits the session further.
    #[attribute(optional)]
    pub policy: Attr<String>,
    /// The ARNs of managed policies that limit the session further.
    #[attribute(optional)]
    pub policy_arns: Attr<BTreeSet<String>>,
    /// Tags of the session.
    #[attribute(optional)]
    pub tags: Attr<tags::Written>,
    /// The keys of those `tags` that the next session of a chain keeps. The trust policy of every further role, those in
    /// member accounts too, has to allow `sts:TagSession`. That of `OrganizationAccountAccessRole` does not, so an account
    /// that has no other role cannot be entered with them.
    #[attribute(optional)]
    pub transitive_tag_keys: Attr<BTreeSet<String>>,
    /// The identity behind the session, as CloudTrail shows it; it is kept through a chain of roles. The trust policy
    /// of this role and of every further one, including those in member accounts, has to allow
    /// `sts:SetSourceIdentity`. That of `OrganizationAccountAccessRole` does not, so an account that has no other
    /// role cannot be entered with it.
    #[attribute(optional, validate(length(2..=64)))]
    pub source_identity: Attr<String>,
}

/// A role to assume with a token of an identity provider.
#[derive(Debug, Clone, Object)]
pub struct AssumeRoleWithWebIdentity {
    /// The ARN of the role. Otherwise from `AWS_ROLE_ARN`.
    #[attribute(optional)]
    pub role_arn: Attr<String>,
    /// The name of the session, as CloudTrail shows it. Otherwise from `AWS_ROLE_SESSION_NAME`.
    /// Default: `terraform-provider-fleet`.
    #[attribute(optional, validate(length(2..=64)))]
    pub session_name: Attr<String>,
    /// How long the session lasts, from `15m` to `12h`; renewed when it ends. Default: `1h`.
    #[attribute(optional, validate(duration))]
    pub duration: Attr<String>,
    /// A policy (JSON) that limits the session further.
    #[attribute(optional)]
    pub policy: Attr<String>,
    /// The ARNs of managed policies that limit the session further.
    #[attribute(optional)]
    pub policy_arns: Attr<BTreeSet<String>>,
    /// The token. Prefer a file: a token in a configuration is a secret in a file.
    #[attribute(optional, sensitive, validate(conflicts_with(&["web_identity_token_file"])))]
    pub web_identity_token: Attr<String>,
    /// The file that holds the token; it is read at each use. Otherwise from
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`.
    #[attribute(optional)]
    pub web_identity_token_file: Attr<String>,
}

/// Endpoints of single services.
#[derive(Debug, Clone, Object)]
pub struct Endpoints {
    /// AWS Account Management.
    #[attribute(optional)]
    pub account: Attr<String>,
    /// AWS Control Tower.
    #[attribute(optional)]
    pub controltower: Attr<String>,
    /// Amazon Elastic Compute Cloud, in each region of an account.
    #[attribute(optional)]
    pub ec2: Attr<String>,
    /// AWS Identity and Access Management.
    #[attribute(optional)]
    pub iam: Attr<String>,
    /// AWS Organizations.
    #[attribute(optional)]
    pub organizations: Attr<String>,
    /// AWS Resource Groups Tagging API.
    #[attribute(optional)]
    pub resourcegroupstaggingapi: Attr<String>,
    /// Amazon S3 Control.
    #[attribute(optional)]
    pub s3control: Attr<String>,
    /// Service Quotas.
    #[attribute(optional)]
    pub servicequotas: Attr<String>,
    /// AWS Security Token Service.
    #[attribute(optional)]
    pub sts: Attr<String>,
}

impl Endpoints {
    /// The endpoints by the names of their arguments, which are those of [`fleet_vending::Config::endpoints`].
    fn by_service(&self) -> [(&'static str, &Attr<String>); 9] {
        [
            ("account", &self.account),
            ("controltower", &self.controltower),
            ("ec2", &self.ec2),
            ("iam", &self.iam),
            ("organizations", &self.organizations),
            ("resourcegroupstaggingapi", &self.resourcegroupstaggingapi),
            ("s3control", &self.s3control),
            ("servicequotas", &self.servicequotas),
            ("sts", &self.sts),
        ]
    }
}

/// Tags that every taggable object gets.
#[derive(Debug, Clone, Object)]
pub struct DefaultTags {
    /// The tags; a resource's own tag of the same key wins. A tag whose value is null is left out.
    #[attribute(optional)]
    pub tags: Attr<tags::Written>,
}

/// Tags that others manage.
#[derive(Debug, Clone, Object)]
pub struct IgnoreTags {
    /// Their keys. Otherwise from `TF_AWS_IGNORE_TAGS_KEYS`, separated by commas.
    #[attribute(optional)]
    pub keys: Attr<BTreeSet<String>>,
    /// What their keys begin with. Otherwise from `TF_AWS_IGNORE_TAGS_KEY_PREFIXES`, separated by
    /// commas.
    #[attribute(optional)]
    pub key_prefixes: Attr<BTreeSet<String>>,
}

/// The roles that calls about the organization are made with.
#[derive(Debug, Clone, Object)]
pub struct Organization {
    /// The ARN of the role that reads the organization: a role of the management account, or of an account that is
    /// a delegated administrator. It is assumed with the credentials of this block, by the first call that needs
    /// it. Default: those credentials themselves.
    #[attribute(optional)]
    pub read_role_arn: Attr<String>,
    /// The ARN of the role that changes the organization: a role of the management account, since AWS lets no other
    /// create and move accounts. A plan or a refresh never assumes it. Default: the credentials of this block.
    #[attribute(optional)]
    pub write_role_arn: Attr<String>,
}

/// How the provider gets into the accounts that it vends.
#[derive(Debug, Clone, Object)]
pub struct MemberAccess {
    /// The roles to try, in this order, in an account that the role made by `CreateAccount` does not
    /// open. They are assumed with the credentials that change the organization, since they trust the management
    /// account. Default: `OrganizationAccountAccessRole`, `AWSControlTowerExecution`.
    #[attribute(optional)]
    pub bootstrap_role_names: Attr<Vec<String>>,
    /// The role of each account through which an apply works in it, with the credentials of this block. The first apply
    /// makes it by a bootstrap role, where the control `access-roles` is `own`; from then on no bootstrap role is used.
    /// Default: none; each apply uses a bootstrap role.
    #[attribute(optional)]
    pub manage_role_name: Attr<String>,
    /// The role of each account through which a plan looks at it, made like `manage_role_name`. Default: none. A plan
    /// then assumes one of the other roles. In any case it limits its session: to AWS's `SecurityAudit` and the reads of
    /// the checks.
    #[attribute(optional)]
    pub read_role_name: Attr<String>,
}

/// A program that makes and keeps accounts.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct VendorBlock {
    /// The program: a bare name of one that lies beside the provider's own executable, or an absolute path.
    #[attribute(required)]
    pub command: Attr<String>,
    /// Its arguments. No secrets: every user of the machine can read them.
    #[attribute(optional)]
    pub args: Attr<Vec<String>>,
    /// SHA-256 checksums (hex) by file: the bare name of `command`, or absolute paths; of a program that is interpreted,
    /// every file of it. The program is started only when each file has its sum. It may be left out for a program that
    /// lies beside the provider, which the lock file (`.terraform.lock.hcl`) covers. A sum that was taken from the very
    /// file proves only that it stays the same.
    #[attribute(optional)]
    pub sha256: Attr<BTreeMap<String, String>>,
    /// Environment variables of the program. It gets no others but these and those of `inherit_env`.
    #[attribute(optional, sensitive)]
    pub env: Attr<BTreeMap<String, String>>,
    /// The names of environment variables that it gets as the provider has them.
    #[attribute(optional)]
    pub inherit_env: Attr<BTreeSet<String>>,
    /// Its settings, as a JSON object (`jsonencode({ … })`); the program describes which ones it takes.
    #[attribute(optional, sensitive)]
    pub settings: Attr<String>,
    /// How many accounts it works on at the same time, at most. Default: what the program describes.
    #[attribute(optional, validate(range(1..=100)))]
    pub max_in_flight: Attr<i64>,
    /// How long it may take to start. Default: `60s`.
    #[attribute(optional, validate(duration))]
    pub start_timeout: Attr<String>,
}

/// Where accounts go that are frozen or retired. Without this block such an account stays where it
/// is, and `frozen` is only a mark.
#[derive(Debug, Clone, Object)]
pub struct Quarantine {
    /// The organizational unit that takes them: its id, or its path from below the root. Where Control
    /// Tower is on, register it there: it removes its baseline from what leaves its units.
    #[attribute(required)]
    pub parent: Attr<String>,
    /// The id (`p-…`) of a service control policy that denies what must not happen there. It is attached
    /// to an account that is frozen, unless it is attached above it already, and must leave out a role by
    /// which the provider enters.
    #[attribute(optional)]
    pub policy_id: Attr<String>,
}

/// Where the inventory lies.
#[derive(Debug, Clone, Object)]
pub struct Inventory {
    /// A directory, usually in a Git working tree. It must exist: a missing one is an error, never
    /// an empty fleet. The inventory holds `accounts/<key>.yaml` and `clusters/<name>.yaml`. Required, unless there is a
    /// `git` block.
    #[attribute(optional)]
    pub path: Attr<String>,
    /// What makes the inventory count as current before a step that nothing undoes: retiring, releasing or closing an
    /// account, destroying a registration, taking a workload off a cluster that is gone. `git`: where the directory is
    /// kept in Git and the repository has a remote, it lacks no commit of the branch that HEAD follows and none of `branch`,
    /// what is committed in it is what `branch` has at the remote, and its files are committed; a directory in no Git is its own truth. `asserted`: whoever runs says that it is current, on a runner
    /// without a way to the remote. Otherwise from `FLEET_INVENTORY_FRESHNESS`. Default: `git`.
    #[attribute(optional, validate(one_of(Freshness::WORDS)))]
    pub freshness: Attr<String>,
    /// The name of the remote that the inventory is kept at, for a repository that has several. Default: every remote is
    /// compared.
    #[attribute(optional, validate(length(1..)))]
    pub remote: Attr<String>,
    /// The branch of the remote that the inventory is kept on, which every checkout is compared with. With it, a
    /// checkout of a commit instead of a branch can be compared, too. Default: the remote's default branch.
    #[attribute(optional, validate(length(1..)))]
    pub branch: Attr<String>,
    /// The fingerprints of accounts' files that began anew and may be older than what cluster registrations have
    /// seen of them, and of files that are lost when their object is retired or destroyed, as the error of each shows it.
    /// Each fits one file, as it is then.
    #[attribute(optional)]
    pub acknowledge: Attr<BTreeSet<String>>,
    /// A branch of a Git repository that the inventory is kept on, instead of a directory: every run reads the branch, and
    /// pushes what it writes.
    #[block(list(max = 1))]
    pub git: Attr<Vec<GitStore>>,
}

/// A branch of a Git repository that the inventory is kept on. No checkout is needed: a plan reads the tip of the branch, an
/// apply pushes commits, and an object of it ends when the repository has taken its file. The program `git` does that, with
/// the credentials that it finds by itself: a credential helper, an ssh agent, or the header that a pipeline's checkout
/// left in the repository of the working directory.
#[derive(Debug, Clone, Object)]
pub struct GitStore {
    /// The address of the repository, without a password or a token: `https://…`, `ssh://…`, `USER@HOST:PATH`, `http://…` or
    /// `file:///…`.
    #[attribute(required)]
    pub url: Attr<String>,
    /// The branch. It must exist. Default: `main`.
    #[attribute(optional)]
    pub branch: Attr<String>,
    /// The folder of the repository that holds `accounts/` and `clusters/`. It must exist. Default: the whole repository.
    #[attribute(optional)]
    pub path: Attr<String>,
    /// The name that commits are made under. Default: `terraform-provider-fleet`.
    #[attribute(optional)]
    pub author_name: Attr<String>,
    /// The email that commits are made under. Default: an address that leads nowhere.
    #[attribute(optional)]
    pub author_email: Attr<String>,
}

/// How much all placements of one run may change together. It is counted while they are planned, over the
/// placements that stay; those that are created or destroyed stand in the plan by themselves. Another block
/// of this provider (an alias), another state and another run are counted for themselves.
#[derive(Debug, Clone, Object)]
pub struct BlastRadius {
    /// The most placements whose targets may change. Default: no limit.
    #[attribute(optional, validate(range(0..)))]
    pub max_placements_changed: Attr<i64>,
    /// The most targets that may be removed from all placements together. Default: no limit.
    #[attribute(optional, validate(range(0..)))]
    pub max_targets_removed: Attr<i64>,
    /// The fingerprints of changes that are meant and do not count, as the error of each placement shows
    /// it. Each fits one change of one placement.
    #[attribute(optional)]
    pub acknowledge: Attr<BTreeSet<String>>,
}
