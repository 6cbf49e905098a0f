//! The cloud of the vendor that can be broken: a directory with one file per account, named by its fleet_id.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use fleet_vending_proto::v1beta1 as pb;
use pb::ProblemClass;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fire::Fire;
use crate::switch::Switch;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) key: String,
    pub(crate) fleet_id: String,
    pub(crate) native_id: String,
    /// Empty: nobody's.
    pub(crate) managed_by: String,
    pub(crate) name: String,
    pub(crate) lifecycle: Life,
    pub(crate) let_go_at: String,
}

/// Where an account is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Life {
    Active,
    Frozen,
    Retired,
    Released,
    Closed,
}

/// A call that the cloud did not carry out, or did not answer.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) ProblemClass);

impl From<std::io::Error> for Failure {
    fn from(_: std::io::Error) -> Self {
        Self(ProblemClass::Unexpected)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(_: serde_json::Error) -> Self {
        Self(ProblemClass::Unexpected)
    }
}

/// The directory, as one vendor's process sees it.
#[derive(Clone, Debug)]
pub(crate) struct Cloud {
    pub(crate) directory: PathBuf,
    pub(crate) switch: Option<Switch>,
    pub(crate) fire: Fire,
}

/// While it lives, no other call works on the account.
pub(crate) struct Lock {
    _file: File,
}

impl Cloud {
    fn path(&self, fleet_id: &str) -> Result<PathBuf, Failure> {
        let right =
            Uuid::try_parse(fleet_id).is_ok_and(|id| id.hyphenated().to_string() == fleet_id);
        if right {
            Ok(self.directory.join(format!("{fleet_id}.json")))
        } else {
            Err(Failure(ProblemClass::Invalid))
        }
    }

    /// The account, if it is there.
    pub(crate) fn read(&self, fleet_id: &str) -> Result<Option<Account>, Failure> {
        match fs::read(self.path(fleet_id)?) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All accounts, by fleet_id.
    pub(crate) fn all(&self) -> Result<Vec<Account>, Failure> {
        let mut all = Vec::new();
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(all),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let hidden =
                path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if !hidden && path.extension().is_some_and(|end| end == "json") {
                all.push(serde_json::from_slice::<Account>(&fs::read(path)?)?);
            }
        }
        all.sort_by(|a, b| (&a.fleet_id, &a.native_id).cmp(&(&b.fleet_id, &b.native_id)));
        Ok(all)
    }

    /// Makes the account; `false` where there is one already.
    pub(crate) fn create(&self, account: &Account) -> Result<bool, Failure> {
        let path = self.path(&account.fleet_id)?;
        let new = self.prepared(account)?;
        self.fire.point("change: create");
        let made = match fs::hard_link(&new, &path) {
            Err(error)
                if error.kind() == ErrorKind::AlreadyExists
                    && self.switch == Some(Switch::ProcessesRace) =>
            {
                fs::rename(&new, &path).map(|()| true)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            linked => linked.map(|()| true),
        };
        let _ = fs::remove_file(new);
        let made = made?;
        self.fire.point("changed: create");
        if self.fault() == "lost_answer" {
            Err(Failure(ProblemClass::Unanswered))
        } else {
            Ok(made)
        }
    }

    /// Writes an account that is there.
    pub(crate) fn write(&self, account: &Account) -> Result<(), Failure> {
        let new = self.prepared(account)?;
        self.fire.point("change: write");
        fs::rename(new, self.path(&account.fleet_id)?)?;
        self.fire.point("changed: write");
        Ok(())
    }

    /// Makes the account once more, beside the one that is there.
    pub(crate) fn double(&self, account: &Account) -> Result<(), Failure> {
        let double = Account { native_id: native_id(), ..account.clone() };
        let new = self.prepared(&double)?;
        Ok(fs::rename(new, self.directory.join(format!("{}~.json", double.fleet_id)))?)
    }

    /// Deletes an account.
    pub(crate) fn delete(&self, fleet_id: &str) -> Result<(), Failure> {
        Ok(fs::remove_file(self.path(fleet_id)?)?)
    }

    /// Leaves a trace that a witness sees.
    pub(crate) fn scribble(&self) -> Result<(), Failure> {
        fs::create_dir_all(&self.directory)?;
        Ok(fs::write(self.directory.join(format!("looked-{}", native_id())), "")?)
    }

    fn prepared(&self, account: &Account) -> Result<PathBuf, Failure> {
        let fault = self.fault();
        let of_name = |class: &ProblemClass| {
            class.as_str_name() == format!("PROBLEM_CLASS_{}", fault.to_uppercase())
        };
        let failing = CLASSES.iter().find(|class| of_name(class));
        if let Some(class) = failing {
            return Err(Failure(*class));
        }
        fs::create_dir_all(&self.directory)?;
        let new = self.directory.join(format!(".{}", native_id()));
        let mut file = File::create_new(&new)?;
        file.write_all(&serde_json::to_vec_pretty(account)?)?;
        file.sync_all()?;
        Ok(new)
    }

    /// What goes wrong at the moment.
    pub(crate) fn fault(&self) -> String {
        fs::read_to_string(self.directory.join(".fault")).unwrap_or_default()
    }

    /// Keeps every other call away, of this process and of others; `None` where one is at work.
    pub(crate) fn lock(&self, fleet_id: &str) -> Result<Option<Lock>, Failure> {
        self.path(fleet_id)?;
        // Without a lock of the whole machine each process has locks of its own.
        let process = match self.switch {
            Some(Switch::ProcessesRace) => std::process::id().to_string(),
            Some(Switch::CallsRace) => native_id(),
            _ => String::new(),
        };
        let folder: &Path = &self.directory.join(".locks");
        fs::create_dir_all(folder)?;
        let file = File::create(folder.join(format!("{fleet_id}{process}")))?;
        Ok(file.try_lock().is_ok().then_some(Lock { _file: file }))
    }
}

/// What the cloud can answer instead of doing what it was asked.
const CLASSES: [ProblemClass; 10] = [
    ProblemClass::Throttled,
    ProblemClass::Busy,
    ProblemClass::InFlightLimit,
    ProblemClass::NotYet,
    ProblemClass::Denied,
    ProblemClass::Invalid,
    ProblemClass::Quota,
    ProblemClass::Unsupported,
    ProblemClass::Credentials,
    ProblemClass::Unexpected,
];

/// An id that no other account has: a name that the operating system has just given to nobody else.
pub(crate) fn native_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("dir-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}
