//! What an apply did not do, or found, and went on.

use fleet_model::contact::ContactType;

use crate::problem::Problem;

/// Trouble that does not stop the apply. `Display` is one sentence without a full stop; what to do about each is for
/// whoever tells a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The account is retired, and the role by which that was done can still be assumed: it cannot shut itself.
    #[error("the role `{role}` in the account can still be assumed")]
    RoleStays {
        /// Its name.
        role: String,
    },
    /// The account is retired, and nobody could look into it.
    #[error("no role let the provider into the account: {reason}")]
    RetiredUnseen {
        /// Why no role let us in.
        reason: String,
    },
    /// AWS has another address for the root user than the configuration.
    #[error("AWS has the email {found}, and the configuration has {asked}")]
    EmailDiffers {
        /// That of AWS.
        found: String,
        /// That of the configuration.
        asked: String,
    },
    /// A policy that the journal alone says a freeze attached.
    #[error("the policy {policy} stays attached to the account")]
    PolicyStays {
        /// Its id.
        policy: String,
    },
    /// The quarantine's policy is attached to an account in use, and no freeze of ours attached it.
    #[error("the quarantine's policy {policy} is attached to the account")]
    ForeignPolicy {
        /// Its id.
        policy: String,
    },
    /// The account is in use and in the quarantine, and nothing that is remembered says who put it there.
    #[error("the account is in use, and in the quarantine {unit}")]
    InQuarantine {
        /// The id of the quarantine's unit.
        unit: String,
    },
    /// The plan was to delete a contact, and somebody has written another one since.
    #[error("the {of} contact is not the one that was to be deleted")]
    ContactStays {
        /// Its type.
        of: ContactType,
    },
    /// Something that we made, and that nothing asks for any more, stays in the account.
    #[error("{0}")]
    Stays(Stays),
    /// The account was let go and stays open.
    #[error("{object} was released")]
    Released {
        /// The account.
        object: String,
        /// The roles and identity providers of ours that were shut or removed in it.
        shut: Vec<String>,
        /// The role that did that, and that can still be assumed.
        open_role: Option<String>,
    },
    /// The account was let go, and nobody could look into it.
    #[error("{object} was released, and no role let the provider into it: {reason}")]
    ReleasedUnseen {
        /// The account.
        object: String,
        /// Why no role let us in.
        reason: String,
    },
    /// A vendor at the other end of a wire says so.
    #[error(transparent)]
    Problem(Box<Problem>),
    /// AWS took the request to close the account.
    #[error("{object} is being closed")]
    Closing {
        /// The account.
        object: String,
    },
}

/// What of ours stays in an account that does not ask for it any more, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stays {
    /// A role of another manager, or of nobody any more.
    #[error("the role {role} {}", match .manager {
        Some(manager) => format!("is managed by `{manager}` by now"),
        None => "has no tag `fleet:managed-by` any more, so it may be somebody else's".to_owned(),
    })]
    Role {
        /// Its name.
        role: String,
        /// Its manager, if it has one.
        manager: Option<String>,
    },
    /// An identity provider without our tags.
    #[error(
        "the OIDC provider of {url} does not carry our tags any more, so it may be somebody else's"
    )]
    Provider {
        /// Its issuer.
        url: String,
    },
    /// An identity provider that roles trust which we did not make.
    #[error(
        "the OIDC provider of {url} is trusted by these roles, which this configuration did not make: {}",
        .roles.join(", ")
    )]
    Trusted {
        /// Its issuer.
        url: String,
        /// The roles.
        roles: Vec<String>,
    },
    /// A service control policy of another manager, or without our tags.
    #[error("the service control policy {name} is attached to it and {}", match .manager {
        Some(manager) => format!("is managed by `{manager}`"),
        None => "has no tag `fleet:managed-by`, so it may be somebody else's".to_owned(),
    })]
    Guardrail {
        /// Its name.
        name: String,
        /// Its manager, if it has one.
        manager: Option<String>,
    },
    /// The password policy, which somebody else has changed since.
    #[error("somebody else has changed the password policy since")]
    Password,
}
