//! What can be wrong with the arguments, each at its own attribute. Unknown values pass.

mod contacts;
mod trusted;

use std::fmt::Display;

use fleet_model::account::{AccountClass, BaselineVersion, ControlMode};
use fleet_model::name::{Key, Name};
use fleet_vending::Parent;
use fleet_vending::aws::controls;
use fleet_vending::profile;
use tfplugin::diagnostic::{Diagnostic, Diagnostics, Path};
use tfplugin::{Attr, Plan};

use super::contract;
use super::model::Model;
use crate::diagnostic::error;
use crate::{config, email, region, tags};

/// A value that is not accepted: what is wrong with it, as the end of a sentence, and what follows from that.
pub(super) struct Problem {
    what: String,
    because: Because,
}

/// Why a value of some kind is not accepted: it says what the value is for, and what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// The account's name at AWS.
    Name,
    /// A name that is to be the key of the account, too.
    NameAsKey,
    /// The address of the root user.
    Email,
    /// The key.
    Key,
    /// The class.
    Class,
    /// The class of the management account.
    Management,
    /// A name of the user's choice that others refer to.
    Word,
    /// A place in the tree.
    Place,
    /// The place in the tree to search in.
    Search,
    /// The place where a new account gets its baseline.
    Onboarding,
    /// The regions.
    Regions,
    /// The name of a control.
    Control,
    /// Who keeps a control.
    Mode,
    /// Who may register clusters.
    Registrar,
    /// The name of the role that AWS makes.
    RoleName,
    /// An alternate contact.
    Contact,
    /// What a vendor over a wire is asked.
    Line,
}

/// A rule for a text.
pub(super) type Rule = fn(&str) -> Result<(), Problem>;

// === impl Because ===

impl Because {
    /// A problem of this kind.
    pub(super) fn of(self, what: impl Display) -> Problem {
        Problem { what: what.to_string(), because: self }
    }

    /// The same of a rule that says itself what is wrong.
    pub(super) fn tell<E: Display>(self, result: Result<(), E>) -> Result<(), Problem> {
        result.map_err(|what| self.of(what))
    }

    fn why(self) -> &'static str {
        match self {
            Self::Name => {
                "AWS refuses every other name when the account is created, or when it is renamed later."
            }
            Self::NameAsKey => {
                "The account has no `key`, so its name is its key: it names the file `accounts/<key>.yaml` of the inventory, and clusters refer to it."
            }
            Self::Email => {
                "AWS creates no account without an address of this form, and sends what the owner of the account has to know there."
            }
            Self::Key => {
                "The key names the file `accounts/<key>.yaml` of the inventory, on every system on which that is checked out, and clusters refer to the account by it."
            }
            Self::Class => {
                "The class says what the account is for; other words have no meaning here."
            }
            Self::Management => {
                "The management account holds the keys to every other account: this provider never creates, moves or closes it."
            }
            Self::Word => {
                "Clusters are held against this word, selectors match it and tags carry it, character for character. One spelling keeps `Prod` and `prod` from being two things."
            }
            Self::Place => "The account is moved to the unit that this names.",
            Self::Search => "Only accounts below the unit that this names are listed.",
            Self::Onboarding => {
                "A new account gets its baseline there, and moves to its `parent` after that."
            }
            Self::Regions => {
                "Clusters run only in the regions of their account, and each region is checked before the account is ready."
            }
            Self::Control => {
                "A control that does not exist would be neither checked nor left out: what was meant would not happen."
            }
            Self::Mode => {
                "It says who keeps the control as the baseline wants it: this configuration, or somebody else."
            }
            Self::Registrar => {
                "It has to be the name by which a configuration calls itself: `managed_by` of a provider block, which goes into a tag."
            }
            Self::RoleName => {
                "AWS creates a role of this name in the new account, and the provider gets in by it."
            }
            Self::Line => {
                "The vendor gets it as it is, and it becomes a line of the inventory file."
            }
            Self::Contact => {
                "AWS refuses a contact with this value; until there is one, it writes to the root user alone."
            }
        }
    }

    fn todo(self) -> &'static str {
        match self {
            Self::Name => {
                "Write a name within this rule. What else is to be said of the account fits into `tags`."
            }
            Self::NameAsKey => {
                "Give the account a `key`, such as `payments-prod`; the name can then stay. Or write a name that can be a key."
            }
            Self::Email => {
                "Write an address that you can read and that no other AWS account has, such as `aws+payments-prod@your-company.com`."
            }
            Self::Key => "Write a key such as `payments-prod`.",
            Self::Class => "Use one of these words.",
            Self::Management => {
                "Leave the management account out of the configuration, or use the class of the account that is meant."
            }
            Self::Word => "Write a word such as `prod` or `private-service`.",
            Self::Place | Self::Search => {
                "Give the `id` of a `fleet_organizational_unit`, or the path of one that exists, such as `Workloads/Prod`."
            }
            Self::Onboarding => {
                "Set `parent` as well, to another unit; or leave `onboarding_parent` out."
            }
            Self::Regions => {
                "Name the regions in which the account is used, such as `ap-southeast-1`."
            }
            Self::Control => "Use one of these names, or leave the entry out.",
            Self::Mode => {
                "Use `own` to have this configuration repair the control, `verify` to have it only checked, or `ignore` to leave it unchecked."
            }
            Self::Registrar => {
                "Write the `managed_by` of the provider block that registers the clusters, such as `platform/clusters`."
            }
            Self::RoleName => {
                "Leave `role_name` out for AWS's own default, or write a name within this rule."
            }
            Self::Line => "Write it in one line.",
            Self::Contact => "Correct the value, or leave the contact out.",
        }
    }
}

/// Checks every value that is known.
pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    let rules: [(&str, &Attr<String>, Rule); 12] = [
        ("name", &model.name, account_name),
        ("email", &model.email, |text| Because::Email.tell(email::check(text))),
        ("key", &model.key, |text| Because::Key.tell(Key::new(text).map(drop))),
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
    // Another vendor has rules of its own, which it says.
    let is_aws = model.vendor.is_null();
    for (attribute, value, rule) in rules {
        let of_aws =
            ["name", "email", "parent", "onboarding_parent", "role_name"].contains(&attribute);
        match of_aws && !is_aws {
            true => note(diagnostics, attribute, value.known(), one_line),
            false => note(diagnostics, attribute, value.known(), rule),
        }
    }
    if let Some(by) = model.onboarding_parent.known() {
        let problem = match &model.parent {
            Attr::Null => Some("without a `parent` the account has nowhere to go on to"),
            Attr::Known(parent) if parent == by => Some("it is the `parent` itself"),
            _ => None,
        };
        diagnostics.extend(
            problem.map(|what| invalid("onboarding_parent", by, &Because::Onboarding.of(what))),
        );
    }
    if let Some(regions) = model.region_set.known() {
        if regions.is_empty() {
            let problem = Because::Regions.of("an account is used in one region at least");
            diagnostics.push(invalid("region_set", "[]", &problem));
        }
        for name in regions.iter().filter(|_| is_aws) {
            region::check("region_set", name, diagnostics);
        }
    }
    for name in model.registrars.known().into_iter().flatten() {
        let path = Path::attribute("registrars");
        let problem = config::manager_problem(name).map(|what| Because::Registrar.of(what));
        diagnostics.extend(problem.map(|problem| invalid(path, name, &problem)));
    }
    if let Some(number) =
        model.baseline_version.known().filter(|of| BaselineVersion::of(**of).is_none())
    {
        let known: Vec<String> =
            BaselineVersion::ALL.iter().map(|of| of.number().to_string()).collect();
        diagnostics.push(
            error("FLEET0251", "No such version of the baseline")
                .at("baseline_version")
                .what(format!("`baseline_version` is {number}. This version of the provider knows {}.", known.join(" and ")))
                .why("The provider ships the last two versions of the baselines. A newer one needs a newer provider; one that is older than these is not supported any more.")
                .todo("Name a version that is known, or use the version of the provider that knows this one.")
                .build(),
        );
    }
    for (control, mode) in model.controls.known().into_iter().flatten() {
        let path = Path::attribute("controls").key(control);
        if let (true, Err(problem)) = (is_aws, controls::check_names([control.as_str()])) {
            diagnostics.push(invalid(path, control, &Because::Control.of(problem)));
        } else if ControlMode::parse(mode).is_none() {
            let modes = ControlMode::WORDS.join(", ");
            let problem = Because::Mode.of(format!("a control is one of {modes}"));
            diagnostics.push(invalid(path, mode, &problem));
        } else if is_aws && mode == ControlMode::Own.as_str() && controls::is_only_checked(control)
        {
            diagnostics.push(
                error("FLEET0250", "This control can only be checked")
                    .at(path)
                    .what(format!("`controls` sets `{control}` to `own`, and there is nothing of it that the provider could repair."))
                    .why("What the control looks at is for a person to change. With `own` the account would wait for a repair that never comes.")
                    .todo("Set it to `verify`, so that the account is not ready while the check fails, or to `ignore`.")
                    .build(),
            );
        }
    }
    if is_aws {
        check_identity(model, diagnostics);
    }
    contacts::check(model, diagnostics);
    tags::check(&model.tags, diagnostics);
}

/// Checks the name that is to be the key of a new account, which has no `key` of its own.
pub(super) fn check_key_from_name(name: &str, diagnostics: &mut Diagnostics) {
    if account_name(name).is_ok()
        && let Err(problem) = Key::new(name)
    {
        diagnostics.push(invalid("name", name, &Because::NameAsKey.of(problem)));
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
    note(diagnostics, "email", asked.as_ref(), |text| Because::Email.tell(email::check_new(text)));
}

/// Checks the argument `parent` of a search.
pub(super) fn check_parent(given: &Attr<String>, diagnostics: &mut Diagnostics) {
    note(diagnostics, "parent", given.known(), |text| {
        Because::Search.tell(Parent::parse(text).map(drop))
    });
}

fn check_identity(model: &Model, diagnostics: &mut Diagnostics) {
    let Some(identity) = model.identity.known().and_then(contract::identity) else { return };
    diagnostics.extend(trusted::check(&identity));
}

fn note(diagnostics: &mut Diagnostics, attribute: &str, value: Option<&String>, rule: Rule) {
    if let Some(text) = value
        && let Err(problem) = rule(text)
    {
        diagnostics.push(invalid(attribute, text, &problem));
    }
}

fn account_name(text: &str) -> Result<(), Problem> {
    let printable = text.bytes().all(|b| (0x20..=0x7e).contains(&b));
    // PutAccountName refuses < and >, which CreateAccount takes: such a name could never change.
    if (1..=50).contains(&text.len()) && printable && !text.contains(['<', '>']) {
        Ok(())
    } else {
        Err(Because::Name
            .of("the name of an account is 1 to 50 printable ASCII characters without < and >"))
    }
}

fn one_line(text: &str) -> Result<(), Problem> {
    Because::Line.tell(fleet_model::inventory::check_text(text))
}

fn account_class(text: &str) -> Result<(), Problem> {
    match AccountClass::parse(text) {
        Some(AccountClass::OrganizationRoot) => {
            Err(Because::Management.of("this is the class of the management account"))
        }
        Some(_) => Ok(()),
        None => {
            let root = AccountClass::OrganizationRoot.as_str();
            let words: Vec<&str> =
                AccountClass::WORDS.iter().filter(|word| **word != root).copied().collect();
            Err(Because::Class.of(format!("a class is one of {}", words.join(", "))))
        }
    }
}

fn free_name(text: &str) -> Result<(), Problem> {
    Because::Word.tell(Name::new(text).map(drop))
}

fn parent(text: &str) -> Result<(), Problem> {
    Because::Place.tell(Parent::parse(text).map(drop))
}

fn role_name(text: &str) -> Result<(), Problem> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    if !(1..=64).contains(&text.len()) || !text.bytes().all(allowed) {
        Err(Because::RoleName.of("the name of a role is 1 to 64 letters, digits and _ + = , . @ -"))
    } else if profile::ROLES.iter().any(|role| profile::role_name(role).eq_ignore_ascii_case(text))
    {
        Err(Because::RoleName.of("the control `access-roles` makes a role of that name; AWS makes this one, by which the provider enters the account"))
    } else {
        Ok(())
    }
}

/// Refuses the name of a role that vending makes for itself in the account, `own`, as that of the role that AWS makes.
pub(super) fn role_of_vending(name: &str, own: &[String]) -> Option<Diagnostic> {
    // Names in IAM differ by more than their case.
    own.iter().find(|role| role.eq_ignore_ascii_case(name)).map(|role| {
        let what = format!("the provider block names `{role}` in `member_access`, a role that the provider makes itself; AWS makes this one, by which the provider enters the account");
        invalid("role_name", name, &Because::RoleName.of(what))
    })
}

/// The diagnostic of a value that is not accepted.
pub(super) fn invalid(path: impl Into<Path>, value: &str, problem: &Problem) -> Diagnostic {
    let path = path.into();
    // The CLI shows no line of what is nested.
    let place = if path.steps().len() > 1 { format!("`{path}`: ") } else { String::new() };
    told(path, &format!("{place}{value:?}"), problem)
}

fn told(path: Path, subject: &str, problem: &Problem) -> Diagnostic {
    let Problem { what, because } = problem;
    error("FLEET0101", "A value of the account is not valid")
        .at(path)
        .what(format!("{subject} is not accepted: {what}."))
        .why(because.why())
        .todo(because.todo())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_names_have_their_form() {
        assert!(role_name("OrganizationAccountAccessRole").is_ok());
        assert!(role_name("a role").is_err() && role_name("").is_err());
        // To IAM they are one name.
        for ours in ["fleet-apply", "FLEET-APPLY", "Fleet-Read-Only"] {
            assert!(role_name(ours).is_err(), "{ours}");
        }
        assert!(account_name("Payments (prod)").is_ok());
        for bad in ["", "zahlungen-ü", "a<b", &"x".repeat(51)] {
            assert!(account_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_role_of_vending_is_not_the_one_that_aws_makes() {
        let own = ["fleet-vending".to_owned(), "Fleet-Vending-Plan".to_owned()];
        for taken in ["fleet-vending", "FLEET-vending", "fleet-vending-plan"] {
            let told = role_of_vending(taken, &own).unwrap();
            assert_eq!(told.path, Some(Path::attribute("role_name")), "{taken}");
        }
        assert!(role_of_vending("OrganizationAccountAccessRole", &own).is_none());
        assert!(role_of_vending("fleet-vending", &[]).is_none());
    }

    #[test]
    fn the_management_account_is_not_vended() {
        let because = |class: &str| account_class(class).err().map(|problem| problem.because);
        assert_eq!(because("sandbox"), None);
        assert_eq!(because("organization-root"), Some(Because::Management));
        assert_eq!(because("prod"), Some(Because::Class));
    }
}
