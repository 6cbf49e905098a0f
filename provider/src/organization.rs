//! Whether the credentials are of the organization that an object of the state is in. From another one nothing
//! can be told of the object: that it is not found there does not mean that it is gone.

use std::fmt;

use tfplugin::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};

use crate::diagnostic::error;
use crate::refusal;
use crate::runtime::Runtime;

/// An object of AWS Organizations that a state has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Object<'a> {
    /// An account, by its id.
    Account(&'a str),
    /// An organizational unit, by its id.
    Unit(&'a str),
}

impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account {id}"),
            Self::Unit(id) => write!(f, "organizational unit {id}"),
        }
    }
}

/// The id of the organization of the credentials, if it is `was`, the one that the state has `object` from. A state
/// that does not say from which it has it is taken at its word. Asks AWS once per process; `doing` completes
/// "Cannot …".
///
/// # Errors
/// It is another organization (`FLEET0160`), or it could not be asked.
pub(crate) async fn same(
    runtime: &Runtime,
    context: &Context,
    object: Object<'_>,
    was: Option<&str>,
    doing: &str,
) -> Result<String, Diagnostics> {
    let asked = runtime.vending()?.standing(None, &context.cancelled).await;
    let standing = asked.map_err(|refused| refusal::report(&refused, doing).build())?;
    match was {
        Some(was) if was != standing.organization_id => {
            Err(elsewhere(object, was, &standing.organization_id).into())
        }
        _ => Ok(standing.organization_id),
    }
}

/// The organization's id in the ARN of one of its units, `arn:aws:organizations::111122223333:ou/o-…/ou-…`.
pub(crate) fn of_unit_arn(arn: &str) -> Option<&str> {
    arn.split('/').nth(1).filter(|id| id.starts_with("o-"))
}

/// That the credentials are of the organization `is`, and the state has `object` from the organization `was`.
pub(crate) fn elsewhere(object: Object<'_>, was: &str, is: &str) -> Diagnostic {
    let come_in = match object {
        Object::Account(_) => format!(
            " If the account moved to {is}, invite it there first; then `state rm` it and import it."
        ),
        // A unit never leaves its organization.
        Object::Unit(_) => String::new(),
    };
    error("FLEET0160", "The credentials are of another organization")
        .what(format!("The state has the {object} from the organization {was}, and the provider's credentials are of the organization {is}."))
        .why("From another organization nothing can be told of it: neither that it is gone, nor that it is there.")
        .todo(format!("Use credentials of the organization {was} (`aws organizations describe-organization` shows whose they are).{come_in}"))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_of_a_unit_names_its_organization() {
        let arn = "arn:aws-cn:organizations::111122223333:ou/o-exampleorgid/ou-ex1a-exampleou";
        assert_eq!(of_unit_arn(arn), Some("o-exampleorgid"));
        assert_eq!(of_unit_arn("arn:aws:iam::111122223333:role/path/o"), None);
        assert_eq!(of_unit_arn(""), None);
    }
}
