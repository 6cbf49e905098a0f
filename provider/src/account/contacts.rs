//! The alternate contacts of an account, on the way to the engine and back.

use std::collections::BTreeMap;

use fleet_model::contact::{Contact, ContactType, Contacts};
use fleet_vending::Memory;
use tfplugin::Attr;

use super::model::{AlternateContact, AlternateContacts, Model};

/// The contacts that are asked for, as far as they are known.
pub(super) fn asked(model: &Model) -> Contacts {
    let all = model.alternate_contacts.known().map(AlternateContacts::all);
    all.into_iter()
        .flatten()
        .filter_map(|(of, contact)| Some((of, read(contact.known()?)?)))
        .collect()
}

/// The contacts that this configuration set, of those that the state has: as `memory` says that it wrote them, since a
/// refresh takes what somebody else has written into the state.
pub(super) fn set_before(prior: &Model, memory: &Memory) -> Contacts {
    let ours =
        |of: ContactType, seen: Contact| memory.contacts_set.get(&of).cloned().unwrap_or(seen);
    asked(prior).into_iter().map(|(of, seen)| (of, ours(of, seen))).collect()
}

/// A contact in one line.
pub(super) fn line(Contact { name, title, email, phone_number }: &Contact) -> String {
    format!("{name} ({title}, {email}, {phone_number})")
}

/// The contacts of the state as they are at AWS. A type that was not read stays as it was.
pub(super) fn observed(mut model: Model, found: &BTreeMap<ContactType, Option<Contact>>) -> Model {
    if let Attr::Known(contacts) = &mut model.alternate_contacts {
        for (of, contact) in found {
            let slot = contacts.slot(*of);
            if slot.is_known() {
                *slot = contact.clone().map(write).into();
            }
        }
    }
    model
}

/// What is there after an apply that could not write all that was asked for: what was read or
/// written, and of the rest, what the state had.
pub(super) fn left(
    prior: &Model,
    found: &BTreeMap<ContactType, Option<Contact>>,
) -> Attr<AlternateContacts> {
    let before = asked(prior);
    let mut there = before.clone();
    for (of, contact) in found {
        match contact {
            Some(contact) => there.insert(*of, contact.clone()),
            None => there.remove(of),
        };
    }
    written(there)
}

/// The argument that says `contacts`, for an import.
pub(super) fn written(contacts: Contacts) -> Attr<AlternateContacts> {
    if contacts.is_empty() {
        return Attr::Null;
    }
    let mut all = AlternateContacts::NONE;
    for (of, contact) in contacts {
        *all.slot(of) = Attr::Known(write(contact));
    }
    Attr::Known(all)
}

fn read(contact: &AlternateContact) -> Option<Contact> {
    Some(Contact {
        name: contact.name.known()?.clone(),
        title: contact.title.known()?.clone(),
        email: contact.email.known()?.clone(),
        phone_number: contact.phone_number.known()?.clone(),
    })
}

fn write(contact: Contact) -> AlternateContact {
    AlternateContact {
        name: Attr::Known(contact.name),
        title: Attr::Known(contact.title),
        email: Attr::Known(contact.email),
        phone_number: Attr::Known(contact.phone_number),
    }
}
