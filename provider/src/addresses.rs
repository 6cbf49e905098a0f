//! Which objects the addresses of a state stand for. The provider is told no addresses, but core shows it each instance
//! of a run in a known order, so that an object which is shown once more has a second address: two blocks would undo
//! what the other does, and the first to be destroyed would take the object away from both.
//!
//! In a run core refreshes an instance at most once and plans to change it at most once. A plan to destroy can come
//! twice (Terraform 1.11 asks for that of an orphan before it reads it), and a replacement is planned as a change and as
//! a create, which each resource refuses for itself. A run is one configuration of the provider: planning, and the apply
//! of it, are two.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tfplugin::Change;

/// The objects of one kind that core has shown in this run, by what identifies them.
#[derive(Debug, Default)]
pub(crate) struct Addresses(Mutex<BTreeMap<String, Shown>>);

/// What core has asked about one object.
#[derive(Debug, Clone, Copy, Default)]
struct Shown {
    read: bool,
    created: bool,
    updated: bool,
    destroyed: bool,
}

/// That an object has a second address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twice {
    /// The state has it already.
    InState,
    /// Two blocks of the plan would create it, or take it up.
    New,
}

impl Addresses {
    /// Core refreshes `object`.
    ///
    /// # Errors
    /// It has done so at another address.
    pub(crate) fn refreshes(&self, object: &str) -> Result<(), Twice> {
        self.shows(object, |of| {
            let twice = of.read || of.created;
            of.read = true;
            twice.then_some(Twice::InState)
        })
    }

    /// Core plans a change of `object`; a create, where it is known which object it makes or takes up.
    ///
    /// # Errors
    /// It has planned for the same object at another address.
    pub(crate) fn plans(&self, object: &str, change: Change) -> Result<(), Twice> {
        self.shows(object, |of| {
            let twice = match change {
                Change::Create => of.read || of.created || of.updated || of.destroyed,
                Change::Update => of.created || of.updated || of.destroyed,
                Change::Delete => of.created || of.updated,
            };
            let both_new =
                change == Change::Create && of.created && !(of.read || of.updated || of.destroyed);
            match change {
                Change::Create => of.created = true,
                Change::Update => of.updated = true,
                Change::Delete => of.destroyed = true,
            }
            twice.then_some(if both_new { Twice::New } else { Twice::InState })
        })
    }

    /// The object is not there any more.
    pub(crate) fn forget(&self, object: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(object);
    }

    fn shows(
        &self,
        object: &str,
        show: impl FnOnce(&mut Shown) -> Option<Twice>,
    ) -> Result<(), Twice> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let twice = show(all.entry(object.to_owned()).or_default());
        twice.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What core asks.
    #[derive(Debug, Clone, Copy)]
    enum Asks {
        Read,
        Plans(Change),
    }

    use Asks::{Plans, Read};
    use Change::{Create, Delete, Update};

    /// Whether any of these, in this order, is told as a second address.
    fn told(asks: &[Asks]) -> Option<Twice> {
        let addresses = Addresses::default();
        let answers = asks.iter().map(|ask| match ask {
            Read => addresses.refreshes("111122223333"),
            Plans(change) => addresses.plans("111122223333", *change),
        });
        answers.filter_map(Result::err).last()
    }

    #[test]
    fn what_core_asks_about_one_address_is_no_second_one() {
        for asks in [
            // A refresh and a plan; a refresh alone; a plan without a refresh, and the apply of it.
            &[Read, Plans(Update)][..],
            &[Read],
            &[Plans(Update)],
            // An import is a refresh and a plan. An orphan is planned, read and planned; or only planned.
            &[Read, Plans(Delete)],
            &[Plans(Delete), Read],
            &[Plans(Delete), Read, Plans(Delete)],
            &[Plans(Delete), Plans(Delete)],
            &[Plans(Create)],
        ] {
            assert_eq!(told(asks), None, "{asks:?}");
        }
    }

    #[test]
    fn whatever_core_asks_about_a_second_address_is_told() {
        for (asks, twice) in [
            (&[Read, Read][..], Twice::InState),
            (&[Plans(Update), Plans(Update)], Twice::InState),
            (&[Plans(Update), Plans(Delete)], Twice::InState),
            (&[Plans(Delete), Plans(Update)], Twice::InState),
            // The plan of a create can come before the state of the other address is read, and after.
            (&[Plans(Create), Read], Twice::InState),
            (&[Plans(Create), Plans(Update)], Twice::InState),
            (&[Plans(Create), Plans(Delete)], Twice::InState),
            (&[Read, Plans(Create)], Twice::InState),
            (&[Plans(Update), Plans(Create)], Twice::InState),
            (&[Plans(Delete), Plans(Create)], Twice::InState),
            (&[Plans(Create), Plans(Create)], Twice::New),
        ] {
            assert_eq!(told(asks), Some(twice), "{asks:?}");
        }
    }

    #[test]
    fn other_objects_and_what_is_gone_do_not_count() {
        let addresses = Addresses::default();
        assert_eq!(addresses.refreshes("a"), Ok(()));
        assert_eq!(addresses.refreshes("b"), Ok(()));
        addresses.forget("a");
        assert_eq!(addresses.plans("a", Create), Ok(()));
        assert_eq!(addresses.plans("b", Create), Err(Twice::InState));
    }
}
