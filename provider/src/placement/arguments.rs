//! What is said about arguments that are wrong by themselves, or beside each other.

use fleet_artifacts::argocd::{Field, Problem, Rule};
use fleet_model::name::Key;
use fleet_placement::{Subject, Unmatched};
use tfplugin::diagnostic::{Diagnostic, Path, Step};

use super::artifacts::Kind;
use super::place;
use super::request::{self, Error};
use crate::diagnostic::{error, warning};

/// An argument that makes no request.
pub(super) fn refused(problem: &Error) -> Diagnostic {
    match problem {
        Error::Unknown(path) => error("FLEET0403", "An argument is not known at plan")
            .at(path.clone())
            .what(format!("`{path}` decides which clusters are chosen, and depends on something that is only known after apply."))
            .why("Clusters are chosen in the plan, so that what an apply will do is seen before it is done.")
            .todo("Give it a value that is known at plan, or apply first what it depends on (`-target`).")
            .build(),
        Error::Negative(path, number) => {
            invalid(path.clone(), &format!("is {number}, and must not be negative"))
        }
        Error::Null(path) => {
            null(path.clone(), "is null: a condition without a value would say nothing, and be left out unseen")
        }
        Error::NullElement(path, _) => null(
            path.clone(),
            "has an element that is null: a condition without a value would say nothing, and be left out unseen",
        ),
        Error::Word(path, word) => {
            invalid(path.clone(), &format!("is {word:?}, which is none of the words it takes"))
        }
        Error::Range(path, text, rule) => {
            invalid(path.clone(), &format!("has the value {text:?}, which nothing can match: {rule}"))
        }
        Error::Key(text, rule) => error("FLEET0409", "The key cannot name a placement")
            .at("key")
            .what(format!("The key would be {text:?}: {rule}."))
            .why("The key names the files that are written, and decides in which order clusters are taken. Without `key` it is made of `app` and `environment`.")
            .todo("Set `key`, or change `app` or `environment`.")
            .build(),
    }
}

/// An argument that breaks a rule, which completes a sentence that begins with its name.
pub(super) fn invalid(path: Path, rule: &str) -> Diagnostic {
    let because = Because::of(&path);
    told(path, rule, because.why(), because.todo())
}

/// An argument, or an element of one, that is null.
fn null(path: Path, rule: &str) -> Diagnostic {
    let why = Because::of(&path).why();
    told(
        path,
        rule,
        why,
        "Give it a value, or leave the condition out. `compact([…])` leaves null out of a list, `{ for key, value in … : key => value if value != null }` out of a map.",
    )
}

fn told(path: Path, rule: &str, why: &str, todo: &str) -> Diagnostic {
    let what = format!("`{path}` {rule}.");
    error("FLEET0404", "An argument of the placement is not valid")
        .at(path)
        .what(what)
        .why(why)
        .todo(todo)
        .build()
}

/// What an argument is for: why it is not accepted, and what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Because {
    /// How many clusters.
    Number,
    /// What each region does.
    Mode,
    /// How much may change.
    Limit,
    /// A word of the selector.
    Word,
    /// The names of clusters, accounts and configurations in the selector.
    Name,
    /// The versions of Kubernetes in the selector.
    Version,
    /// A label of the selector.
    Label,
    /// A condition of the selector on a label.
    Expression,
    /// A toleration.
    Toleration,
    /// Whose targets they are.
    Workload,
}

impl Because {
    fn of(path: &Path) -> Self {
        let mut names = path.steps().iter().map(|step| match step {
            Step::Attribute(name) => name.as_str(),
            _ => "",
        });
        match (names.next(), names.next()) {
            (Some("strategy"), Some("mode" | "primary_region")) => Self::Mode,
            (Some("strategy"), _) => Self::Number,
            (Some("blast_radius"), _) => Self::Limit,
            (Some("selector"), Some("match_labels")) => Self::Label,
            (Some("selector"), Some("match_expressions")) => Self::Expression,
            (Some("selector"), Some("names" | "accounts" | "managed_by")) => Self::Name,
            (Some("selector"), Some("kubernetes_version")) => Self::Version,
            (Some("selector"), _) => Self::Word,
            (Some("tolerations"), _) => Self::Toleration,
            _ => Self::Workload,
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::Number => {
                "It says how many clusters are chosen, and in how many regions. With this value none could be chosen, or not as it says."
            }
            Self::Mode => {
                "`mode` says what each region does, and `primary_region` which of them serves first. They have to fit each other, and the regions of the selector."
            }
            Self::Limit => {
                "It says how much one apply may change. No plan can change less than nothing, so each would be refused."
            }
            Self::Word | Self::Name | Self::Version | Self::Label | Self::Expression => {
                "Clusters are chosen by it. With this value no cluster could be, or others than it seems to say."
            }
            Self::Toleration => {
                "A toleration lets the placement have clusters with a taint. This one fits no taint, or more of them than it seems to."
            }
            Self::Workload => {
                "It names the workload in what is emitted, and decides which clusters are its own."
            }
        }
    }

    fn todo(self) -> &'static str {
        match self {
            Self::Number => {
                "Write a whole number within this rule, or leave the argument out for its default."
            }
            Self::Mode => {
                "Set `primary_region` to a region that the selector allows, with a `mode` other than `active-active`. Leave it out with `active-active`, or without a `mode`."
            }
            Self::Limit => "Write 0 or more, or leave the argument out for no limit.",
            Self::Word => {
                "Write words as the clusters have them, such as `prod` or `eu-central-1`, or leave the condition out."
            }
            Self::Name => {
                "Write it as the inventory has it: the `name` of a registration, the `key` of an account, the `managed_by` of a provider block. Or leave the condition out."
            }
            Self::Version => {
                "Write a range that a version can be in, such as `>= 1.31, < 1.33` or `1.32`, or leave the condition out."
            }
            Self::Label => {
                "Write the label as Kubernetes takes it, such as `team = \"payments\"`, or leave it out."
            }
            Self::Expression => {
                "Write keys and values as Kubernetes takes those of labels. `In` and `NotIn` need `values`, `Exists` and `DoesNotExist` take none."
            }
            Self::Toleration => {
                "Write it as Kubernetes takes it, such as `{ key = \"dedicated\", value = \"gpu\" }`; with the operator `Exists` leave `value` out."
            }
            Self::Workload => "Write a value that fits the rule, such as `payments` or `prod`.",
        }
    }
}

/// The key was changed.
pub(super) fn key_changed(from: &str, to: &str) -> Diagnostic {
    error("FLEET0410", "The key of a placement cannot change")
        .at("key")
        .what(format!("`key` changes from `{from}` to `{to}`."))
        .why("The key decides in which order clusters are taken, and names the files that are written. Under another key it would be another placement, and the workload would move.")
        .todo(format!("Keep `key = \"{from}\"`, or make a second placement and remove this one when the workload has moved."))
        .build()
}

/// A value that cannot stand in an ApplicationSet. It is not shown: it may hold a secret.
pub(super) fn value(path: Path, problem: &Problem) -> Diagnostic {
    let what = match &problem.field {
        Field::Cluster(_) | Field::Region(_) => format!("{problem}."),
        _ => format!("`{path}` {}.", problem.rule),
    };
    let todo = match (&problem.rule, &problem.field) {
        (Rule::TooLong { .. }, _) => {
            "Let the selector leave this cluster out, or choose a shorter `key` for a new placement (the key of this one is fixed). A shorter name is not made up: Argo CD would take it for another Application."
        }
        (Rule::Credentials, _) => {
            "Take it out, and give Argo CD its access to the repository in a Secret or a credential template of its own."
        }
        (_, Field::Key) => {
            "Choose another `key`, or leave `emit.argocd` out. The key of a placement that exists is fixed: make a second one, and remove this one when the workload has moved."
        }
        (_, Field::Cluster(_) | Field::Region(_)) => {
            "Let the selector leave this cluster out, or leave `emit.argocd` out."
        }
        _ => "Change the value as the first line says.",
    };
    error("FLEET0420", "A value cannot stand in a manifest")
        .at(path)
        .what(what)
        .why("Kubernetes or Argo CD would refuse the manifest, or read something else in it than was meant.")
        .todo(todo)
        .build()
}

/// A directory that cannot hold artifacts.
pub(super) fn directory(kind: Kind, directory: &str, problem: &place::Error) -> Diagnostic {
    let path = Path::attribute("emit").nested(kind.attribute()).nested("path");
    let (why, todo) = match problem {
        place::Error::Control => (
            "On a terminal such a name shows as something else than it is, and many tools cannot handle it.",
            "Name a directory without it.",
        ),
        place::Error::Tool(_) | place::Error::Inventory(_) | place::Error::System(_) => (
            "A placement writes files into this directory and removes them. Among the files of something else they would be taken for its own, or overwrite them.",
            "Name a directory that is for emitted files, for example `generated/argocd`.",
        ),
        place::Error::File(_) => (
            "Directories are made where nothing is. What is there is never replaced by one, so each apply would fail.",
            "Move the file away, or name another directory.",
        ),
        place::Error::Dangling { .. } => (
            "Directories are made where nothing is. A link takes the place of one, and what it leads to is not made: it may be meant to come from elsewhere (a mount, another clone).",
            "Make the directory that the link leads to, remove the link, or name another directory.",
        ),
        place::Error::Unreadable(_) => (
            "Where the files would be written, and what else is there, is looked at before anything is decided. The operating system refused that.",
            "Mend what the message names, or name another directory.",
        ),
    };
    error("FLEET0427", "A directory cannot hold emitted files")
        .at(path.clone())
        .what(format!("`{path}` is {directory:?}: it {problem}."))
        .why(why)
        .todo(todo)
        .build()
}

/// A value of the selector that no cluster has.
pub(super) fn unmatched(key: &Key, of: &Unmatched) -> Diagnostic {
    let path = request::path(&of.path);
    let value = &of.value;
    let thing = match &of.subject {
        Subject::Environment => format!("is in the environment {value:?}"),
        Subject::Region => format!("is in the region {value:?}"),
        Subject::DataClassification => format!("has the data classification {value:?}"),
        Subject::Tier => format!("has the tier {value:?}"),
        Subject::Name => format!("has the name {value:?}"),
        Subject::Account => format!("is on the account {value:?}"),
        Subject::Owner => format!("has the owner {value:?}"),
        Subject::Cloud => format!("is in the cloud {value:?}"),
        Subject::ManagedBy => format!("is managed by {value:?}"),
        Subject::Zone => format!("is in the zone {value:?}"),
        Subject::KubernetesVersion(_) => format!("runs Kubernetes {value:?}"),
        Subject::Label => format!("carries the label {value:?}"),
        Subject::LabelValue(label) => {
            format!("carries the label {label:?} with the value {value:?}")
        }
        Subject::Taint => format!("has a taint with the key {value:?}"),
        Subject::TaintValue(taint) if value.is_empty() => {
            format!("has a taint {taint:?} without a value")
        }
        Subject::TaintValue(taint) => format!("has a taint {taint:?} with the value {value:?}"),
        Subject::TaintEffect(taint, _) => {
            format!("has a taint {taint:?} with the effect {value:?}")
        }
    };
    let known = match of.known.as_slice() {
        [] => "None has any.".to_owned(),
        known => {
            let shown = |value: &String| match value.as_str() {
                "" => "no value".to_owned(),
                value => format!("`{}`", value.escape_debug()),
            };
            let known: Vec<_> = known.iter().map(shown).collect();
            format!("What is there, the most alike first: {}.", known.join(", "))
        }
    };
    let why = match of.subject {
        Subject::TaintValue(_) | Subject::TaintEffect(..) => {
            "Key, value and effect of a toleration have to be those of one taint. So this one tolerates nothing, and the taints with its key keep the workload away."
        }
        _ if of.excludes => {
            "It keeps no cluster away and tolerates nothing, and something is spelt nearly the same."
        }
        _ => "It selects nothing by now. Other values of the selector may.",
    };
    warning("FLEET0428", format!("{key}: no cluster {}", shortened(&thing)))
        .at(path.clone())
        .what(format!("`{path}`: no cluster of the inventory {thing}. {known}"))
        .why(why)
        .todo("Correct the spelling. If it is meant for clusters that are yet to come, leave it.")
        .build()
}

/// A title has to stay short, whatever the values are.
fn shortened(text: &str) -> String {
    const MOST: usize = 70;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}
