//! What can be wrong with the arguments, each at its own attribute. Unknown values pass.

use std::fmt::Display;

use fleet_model::account::{AccountClass, ControlMode};
use fleet_model::name::{Key, Name};
use fleet_vending::Parent;
use fleet_vending::policy::trust::{self, Place, Unreviewed};
use fleet_vending::profile;
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Path};
use tfplugin::{Attr, Plan};

use super::model::Model;
use super::{contacts, contract};
use crate::diagnostic::error;
use crate::{config, email, region, tags};

/// A rule: why a text breaks it, as the end of a sentence.
pub(super) type Rule = fn(&str) -> Result<(), String>;

/// Checks every value that is known.
pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    let rules: [(&str, &Attr<String>, Rule); 12] = [
        ("name", &model.name, account_name),
        ("email", &model.email, email::check),
        ("key", &model.key, |text| said(Key::new(text).map(drop))),
        ("account_class", &model.account_class, account_class),
        ("environment", &model.environment, free_name),
        ("owner", &model.owner, free_name),
        ("data_classification", &model.data_classification, free_name),
        ("network_profile", &model.network_profile, free_name),
        ("budget_owner", &model.budget_owner, free_name),
        ("parent", &model.parent, parent),
        ("onboarding_parent", &model.onboarding_parent, parent),
        ("role_name", &model.role_name, role_name),
    ];
    for (attribute, value, rule) in rules {
        note(diagnostics, attribute, value.known(), rule);
    }
    if let Some(by) = model.onboarding_parent.known() {
        let problem = match &model.parent {
            Attr::Null => Some("without a `parent` the account has nowhere to go on to"),
            Attr::Known(parent) if parent == by => Some("it is the `parent` itself"),
            _ => None,
        };
        diagnostics.extend(problem.map(|problem| invalid("onboarding_parent", by, problem)));
    }
    if let Some(regions) = model.region_set.known() {
        if regions.is_empty() {
            diagnostics.push(invalid(
                "region_set",
                "[]",
                "an account is used in one region at least",
            ));
        }
        for name in regions {
            region::check("region_set", name, diagnostics);
        }
    }
    for name in model.registrars.known().into_iter().flatten() {
        let path = Path::attribute("registrars");
        let problem = config::manager_problem(name).map(|problem| invalid(path, name, &problem));
        diagnostics.extend(problem);
    }
    for (control, mode) in model.controls.known().into_iter().flatten() {
        let path = Path::attribute("controls").key(control);
        if let Err(problem) = profile::check_names([control.as_str()]) {
            diagnostics.push(invalid(path, control, &problem.to_string()));
        } else if ControlMode::parse(mode).is_none() {
            let modes = ControlMode::WORDS.join(", ");
            diagnostics.push(invalid(path, mode, &format!("a control is one of {modes}")));
        }
    }
    check_identity(model, diagnostics);
    contacts::check(model, diagnostics);
    tags::check(&model.tags, diagnostics);
}

/// Checks the name that is to be the key of a new account, which has no `key` of its own.
pub(super) fn check_key_from_name(name: &str, diagnostics: &mut Diagnostics) {
    if account_name(name).is_ok()
        && let Err(problem) = Key::new(name)
    {
        diagnostics.push(invalid("name", name, &format!("{problem}; or give the account a `key`")));
    }
}

/// Checks the email that AWS would be asked to give to the account. One that it has already, or that an account that
/// is taken over has, is no matter of these rules.
pub(super) fn check_new_email(
    plan: &Plan<'_, Model>,
    desired: &Model,
    diagnostics: &mut Diagnostics,
) {
    let asked = match plan.prior {
        None if desired.adopt.known() == Some(&true) => None,
        None => desired.email.known().cloned(),
        Some(prior) => plan.config.and_then(|config| super::email::asked(config, prior)),
    };
    note(diagnostics, "email", asked.as_ref(), email::check_new);
}

/// Checks the argument `parent` of a search.
pub(super) fn check_parent(given: &Attr<String>, diagnostics: &mut Diagnostics) {
    note(diagnostics, "parent", given.known(), parent);
}

fn check_identity(model: &Model, diagnostics: &mut Diagnostics) {
    let Some(identity) = model.identity.known().and_then(contract::identity) else { return };
    for (place, problem) in trust::validate(&identity) {
        let (path, name) = match place {
            Place::Provider(name) => {
                (Path::attribute("identity").nested("providers").key(&name), name)
            }
            Place::Role(name) => (Path::attribute("identity").nested("roles").key(&name), name),
        };
        diagnostics.push(match &problem {
            trust::Error::Unreviewed(reason) => {
                let argument = match reason {
                    Unreviewed::NamesOnly => "repository_id",
                    _ => "claims",
                };
                error("FLEET0550", "Unreviewed code could apply to the account")
                    .at(path.nested(argument))
                    .what(format!("The role `{name}` would trust too much: {reason}."))
                    .why(
                        "This role may do nearly everything in the account. Whoever can open a pull request, or take \
                         over a name, could run code with it.",
                    )
                    .todo(reason.remedy())
                    .build()
            }
            trust::Error::Url { .. } => error("FLEET0551", "The URL of an issuer is not exact")
                .at(path.nested("url"))
                .what(format!("{problem}."))
                .why(
                    "STS compares it with the `iss` of a token character by character. Another spelling is another \
                     issuer: nobody's, or one whose subjects are not checked as they should be.",
                )
                .todo("Copy the `issuer` of the provider's `/.well-known/openid-configuration`.")
                .build(),
            _ => invalid(path, &name, &problem.to_string()),
        });
    }
}

fn note(diagnostics: &mut Diagnostics, attribute: &str, value: Option<&String>, rule: Rule) {
    if let Some(text) = value
        && let Err(problem) = rule(text)
    {
        diagnostics.push(invalid(attribute, text, &problem));
    }
}

fn account_name(text: &str) -> Result<(), String> {
    let printable = text.bytes().all(|b| (0x20..=0x7e).contains(&b));
    // PutAccountName refuses < and >, which CreateAccount takes: such a name could never change.
    if (1..=50).contains(&text.len()) && printable && !text.contains(['<', '>']) {
        Ok(())
    } else {
        Err("the name of an account is 1 to 50 printable ASCII characters without < and >".into())
    }
}

fn account_class(text: &str) -> Result<(), String> {
    match AccountClass::parse(text) {
        Some(AccountClass::OrganizationRoot) => {
            Err("the management account is never vended, moved or closed".into())
        }
        Some(_) => Ok(()),
        None => {
            let root = AccountClass::OrganizationRoot.as_str();
            let words: Vec<&str> =
                AccountClass::WORDS.iter().filter(|word| **word != root).copied().collect();
            Err(format!("a class is one of {}", words.join(", ")))
        }
    }
}

fn free_name(text: &str) -> Result<(), String> {
    said(Name::new(text).map(drop))
}

fn parent(text: &str) -> Result<(), String> {
    Parent::parse(text).map(drop).map_err(str::to_owned)
}

fn role_name(text: &str) -> Result<(), String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err("the name of a role is 1 to 64 letters, digits and _ + = , . @ -".into())
    }
}

fn said<E: Display>(result: Result<(), E>) -> Result<(), String> {
    result.map_err(|error| error.to_string())
}

pub(super) fn invalid(path: impl Into<Path>, value: &str, problem: &str) -> Diagnostic {
    error("FLEET0101", "A value of the account is not valid")
        .at(path)
        .what(format!("{value:?} is not accepted: {problem}."))
        .why("AWS would refuse the value, or it could not be used in the tags, policies and file names that are made from it.")
        .todo("Change the value so that it follows the rule above.")
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_names_have_their_form() {
        assert_eq!(role_name("OrganizationAccountAccessRole"), Ok(()));
        assert!(role_name("a role").is_err() && role_name("").is_err());
        assert_eq!(account_name("Payments (prod)"), Ok(()));
        for bad in ["", "zahlungen-ü", "a<b", &"x".repeat(51)] {
            assert!(account_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_management_account_is_not_vended() {
        assert_eq!(account_class("sandbox"), Ok(()));
        assert!(account_class("organization-root").is_err());
        assert!(account_class("prod").is_err());
    }
}
