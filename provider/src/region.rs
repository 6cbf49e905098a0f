//! Regions of AWS as a configuration names them: one that AWS cannot have is an error before anything is called.

use fleet_vending::region::{self, Standing};
use tfplugin::diagnostic::{Diagnostics, Path};

use crate::diagnostic::{Report, error, warning};

/// Refuses a name that no region of AWS can have. One that AWS may have opened since passes.
pub fn check(at: impl Into<Path>, name: &str, diagnostics: &mut Diagnostics) {
    if region::standing(name) == Standing::Impossible {
        diagnostics.push(no_such_region(at, name, &region::near(name)).build());
    }
}

/// As [`check`], where nobody can be asked: a name that this version does not know is a warning.
pub fn check_or_warn(at: impl Into<Path>, name: &str, diagnostics: &mut Diagnostics) {
    let at = at.into();
    if region::standing(name) == Standing::Plausible {
        diagnostics.push(
            warning("FLEET0168", format!("The region {name} is new to this version"))
                .at(at)
                .what(format!("This version of the provider does not know the region {name:?}. Known regions with a similar name: {}.", region::near(name).join(", ")))
                .why("AWS may have opened the region since this version was published. The provider cannot tell that from a typing error here.")
                .todo("Correct the name if it is mistyped; otherwise nothing needs to be done.")
                .build(),
        );
    } else {
        check(at, name, diagnostics);
    }
}

/// That AWS has no region `name`.
pub fn no_such_region(at: impl Into<Path>, name: &str, near: &[String]) -> Report {
    error("FLEET0167", "AWS has no such region")
        .at(at)
        .what(format!("{name:?} is not an AWS region. Regions with a similar name: {}.", near.join(", ")))
        .why("Nothing can run in a region that does not exist, so an account could never become ready, and calls to the region would never be answered.")
        .todo("Correct the name. `aws account list-regions` lists the regions of your partition.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> (Vec<String>, Vec<String>) {
        let codes = |check: fn(&str, &str, &mut Diagnostics)| {
            let mut found = Diagnostics::new();
            check("region", name, &mut found);
            found.iter().filter_map(|of| Some(of.detail.lines().last()?.to_owned())).collect()
        };
        (
            codes(|at, name, to| check(at, name, to)),
            codes(|at, name, to| check_or_warn(at, name, to)),
        )
    }

    #[test]
    fn what_cannot_be_a_region_is_refused_and_what_may_be_new_is_not() {
        assert_eq!(said("eu-west-1"), (vec![], vec![]));
        assert_eq!(said("eu-north-9"), (vec![], vec!["FLEET0168".to_owned()]));
        let refused = vec!["FLEET0167".to_owned()];
        assert_eq!(said("xx-nowhere-9"), (refused.clone(), refused));
    }

    #[test]
    fn both_say_what_to_do() {
        let mut found = Diagnostics::new();
        for name in ["eu-north-9", "xx-nowhere-9"] {
            check_or_warn("region", name, &mut found);
        }
        insta::assert_snapshot!(crate::diagnostic::plain(&found));
    }
}
