//! Paths of organizational units: names from below the root, with `/` between them.
//!
//! AWS allows any character in the name of a unit. So that each unit has one path, and each path means one unit, three
//! characters are escaped in a name: `/` is written `%2F`, `%` is written `%25`, and in the name of a unit right below
//! the root that looks like an id, the first `-` is written `%2D`. So that each path is one line, ASCII's control
//! characters are escaped too (`%0A`). Every path and name that is read or shown goes through here.

/// Where an account or OU belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// `ou-…` or `r-…`
    Id(String),
    /// Names of existing OUs from below the root, as they are at AWS: `Workloads/Prod` has two.
    Path(Vec<String>),
}

impl Parent {
    /// Reads what a user wrote: an id, or a path as this module writes it.
    ///
    /// # Errors
    /// Why it is neither an id nor a path, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if is_id(text) {
            return Ok(Self::Id(text.to_owned()));
        }
        split(text).map(Self::Path)
    }
}

/// The most characters that AWS takes in the name of a unit.
const LONGEST: usize = 128;

/// What `%` and a number stands for, where it is an escape. In reading, `%2f` is `%2F`.
fn stands_for(digits: &str) -> Option<char> {
    let of = char::from(u8::from_str_radix(digits, 16).ok()?);
    (of.is_ascii_control() || ['/', '%', '-'].contains(&of)).then_some(of)
}

/// The path of the unit `name` in the unit that has the path `above`; `None`: right below the root.
#[must_use]
pub fn below(above: Option<&str>, name: &str) -> String {
    match above {
        Some(above) => format!("{above}/{}", escaped(name)),
        None if is_id(name) => escaped(name).replacen('-', "%2D", 1),
        None => escaped(name),
    }
}

/// The path of these names, from below the root.
#[must_use]
pub fn join<S: AsRef<str>>(names: &[S]) -> String {
    let path = names
        .iter()
        .fold(None, |above: Option<String>, name| Some(below(above.as_deref(), name.as_ref())));
    path.unwrap_or_default()
}

/// The names in a path. A `%` that begins no escape stands for itself.
///
/// # Errors
/// Why it is no path, as the end of a sentence.
pub fn split(path: &str) -> Result<Vec<String>, &'static str> {
    let names: Vec<String> = path.split('/').map(unescaped).collect();
    if names.iter().any(|name| name.trim().is_empty()) {
        return Err(
            "a path has the names of organizational units from below the root, with one `/` between \
                    them and none at its ends; a `/` in a name is written `%2F`",
        );
    }
    if names.iter().any(|name| name.chars().count() > LONGEST) {
        return Err("the name of an organizational unit has at most 128 characters");
    }
    Ok(names)
}

/// The path of the unit that holds the one with this path; `None` right below the root.
#[must_use]
pub fn above(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(above, _)| above)
}

/// Whether a text has the form of the id of a unit or of a root
/// ([Organizations API](https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html)).
#[must_use]
pub fn is_id(text: &str) -> bool {
    let word = |text: &str, most_and_least: std::ops::RangeInclusive<usize>| {
        most_and_least.contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if let Some(rest) = text.strip_prefix("ou-") {
        rest.split_once('-').is_some_and(|(root, own)| word(root, 4..=32) && word(own, 8..=32))
    } else {
        text.strip_prefix("r-").is_some_and(|rest| word(rest, 4..=32))
    }
}

/// The name of a unit as it stands in a path, so that it is one line whatever is in it.
#[must_use]
pub fn escaped(name: &str) -> String {
    let mut written = String::with_capacity(name.len());
    for of in name.chars() {
        if of.is_ascii_control() || ['/', '%'].contains(&of) {
            written.push_str(&format!("%{:02X}", u32::from(of)));
        } else {
            written.push(of);
        }
    }
    written
}

fn unescaped(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        name.push_str(&rest[..at]);
        rest = &rest[at..];
        let digits = rest.get(1..3).filter(|of| of.bytes().all(|of| of.is_ascii_hexdigit()));
        match digits.and_then(stands_for) {
            Some(of) => {
                name.push(of);
                rest = &rest[3..];
            }
            None => {
                name.push('%');
                rest = &rest[1..];
            }
        }
    }
    name.push_str(rest);
    name
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_would_be_read_as_something_else_are_escaped() {
        for (names, path) in [
            (&["CI/CD"] as &[&str], "CI%2FCD"),
            (&["CI", "CD"], "CI/CD"),
            (&["100% Prod", "a%2Fb"], "100%25 Prod/a%252Fb"),
            (&["x\nError: y", "\u{1b}[31m"], "x%0AError: y/%1B[31m"),
            (&["%0A"], "%250A"),
            (&["ou-ab12-cd34ef56"], "ou%2Dab12-cd34ef56"),
            (&["r-ab12"], "r%2Dab12"),
            (&["Workloads", "ou-ab12-cd34ef56"], "Workloads/ou-ab12-cd34ef56"),
        ] {
            assert_eq!(join(names), path);
            assert_eq!(split(path).unwrap(), names);
            assert!(!is_id(path), "{path}");
        }
        assert_eq!(split("ci%2fcd/50%").unwrap(), ["ci/cd", "50%"]);
        for bad in ["", "/a", "a/", "a//b", " ", &"x".repeat(129)] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_have_the_form_that_aws_documents() {
        for id in ["ou-ab12-cd34ef56", "r-ab12"] {
            assert!(is_id(id), "{id}");
        }
        for name in ["ou-", "ou-prod", "ou-prod-apps", "r-", "r-1", "R-AB12", "ou-ab12-cd34ef56/x"]
        {
            assert!(!is_id(name), "{name}");
        }
    }

    proptest! {
        /// Whatever the names: they are read back from their path, which is no id, and no other names have it.
        #[test]
        fn a_path_means_the_names_it_was_made_of(
            names in prop::collection::vec("[%/2FfD5A0\n\t -]{0,3}(ou-ab12-[a-z]{8}|r-[a-z]{4}|[\\PC]{1,8})", 1..4)
                .prop_filter("AWS has no blank names", |names| names.iter().all(|name| !name.trim().is_empty()))
        ) {
            let path = join(&names);
            prop_assert!(!is_id(&path));
            prop_assert_eq!(split(&path).unwrap(), names.clone());
            prop_assert_eq!(above(&path).map(str::to_owned), (names.len() > 1).then(|| join(&names[..names.len() - 1])));
        }
    }

    #[test]
    fn parents_are_ids_or_paths() {
        assert_eq!(Parent::parse("ou-ab12-cd34ef56"), Ok(Parent::Id("ou-ab12-cd34ef56".into())));
        assert_eq!(Parent::parse("r-ab12"), Ok(Parent::Id("r-ab12".into())));
        assert_eq!(
            Parent::parse("Workloads/Prod"),
            Ok(Parent::Path(vec!["Workloads".into(), "Prod".into()]))
        );
        assert_eq!(Parent::parse("Security"), Ok(Parent::Path(vec!["Security".into()])));
        for bad in ["", "/Workloads", "Workloads/", "a//b"] {
            assert!(Parent::parse(bad).is_err(), "{bad}");
        }
    }
}
