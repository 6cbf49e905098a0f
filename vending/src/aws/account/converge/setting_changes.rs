//! What has to be written so that an account says of itself what was asked for: its name and its
//! alternate contacts. Pure; [`super::held`] carries it out.

use std::collections::BTreeMap;

use fleet_model::contact::{Contact, ContactType, Contacts};

use crate::aws::api::SettingChange;

/// The contacts that were read, by type; `None`: there is none.
pub(crate) type Observed = BTreeMap<ContactType, Option<Contact>>;

/// The new name, if AWS has another one.
pub(crate) fn renaming(asked: &str, found: &str) -> Option<SettingChange> {
    (!crate::name::same(asked, found)).then(|| SettingChange::Rename(asked.to_owned()))
}

/// The contacts to write and to delete. A type that could not be read is neither written nor deleted, and one is deleted
/// only as it was set before.
pub(crate) fn contact_changes(
    asked: &Contacts,
    set_before: &Contacts,
    observed: &Observed,
) -> Vec<SettingChange> {
    let put = asked
        .iter()
        .filter(|(of, contact)| {
            observed.get(of).is_some_and(|found| found.as_ref() != Some(contact))
        })
        .map(|(of, contact)| SettingChange::PutContact(*of, contact.clone()));
    let delete = no_longer_asked(asked, set_before)
        .filter(|(of, ours)| observed.get(of) == Some(&Some((*ours).clone())))
        .map(|(of, _)| SettingChange::DeleteContact(*of));
    put.chain(delete).collect()
}

/// The contacts that were set before and whose types are not asked for any more.
pub(crate) fn no_longer_asked<'a>(
    asked: &'a Contacts,
    set_before: &'a Contacts,
) -> impl Iterator<Item = (&'a ContactType, &'a Contact)> {
    set_before.iter().filter(|(of, _)| !asked.contains_key(of))
}

#[cfg(test)]
mod tests {
    use ContactType::{Billing, Operations, Security};

    use crate::aws::account::converge::setting_changes::*;

    fn contact(name: &str) -> Contact {
        Contact {
            name: name.to_owned(),
            title: "On call".to_owned(),
            email: "on-call@example.com".to_owned(),
            phone_number: "+65 1234".to_owned(),
        }
    }

    #[test]
    fn a_name_is_written_only_when_it_differs() {
        assert_eq!(renaming("a", "a"), None);
        assert_eq!(renaming("A", "a"), Some(SettingChange::Rename("A".into())));
    }

    #[test]
    fn each_type_is_written_deleted_or_left_alone() {
        let asked = Contacts::from([(Billing, contact("pay")), (Security, contact("guard"))]);
        let observed = |rows: &[(ContactType, Option<&str>)]| -> Observed {
            rows.iter().map(|(of, name)| (*of, name.map(contact))).collect()
        };
        let put = |of, name| SettingChange::PutContact(of, contact(name));
        for (case, before, found, changes) in [
            (
                "all as asked",
                vec![Billing, Security],
                observed(&[(Billing, Some("pay")), (Security, Some("guard"))]),
                vec![],
            ),
            (
                "one is missing, one says something else",
                vec![],
                observed(&[(Billing, None), (Security, Some("old"))]),
                vec![put(Billing, "pay"), put(Security, "guard")],
            ),
            (
                "what could not be read is not overwritten",
                vec![],
                observed(&[(Billing, None)]),
                vec![put(Billing, "pay")],
            ),
            (
                "ours that is not asked for any more goes",
                vec![Billing, Operations],
                observed(&[
                    (Billing, Some("pay")),
                    (Security, Some("guard")),
                    (Operations, Some("ours")),
                ]),
                vec![SettingChange::DeleteContact(Operations)],
            ),
            (
                "it stays once somebody has written another",
                vec![Operations],
                observed(&[
                    (Billing, Some("pay")),
                    (Security, Some("guard")),
                    (Operations, Some("theirs")),
                ]),
                vec![],
            ),
            (
                "it stays where it could not be read",
                vec![Operations, Billing],
                observed(&[(Billing, Some("pay")), (Security, Some("guard"))]),
                vec![],
            ),
            (
                "what is gone is not deleted",
                vec![Operations],
                observed(&[(Billing, Some("pay")), (Security, Some("guard")), (Operations, None)]),
                vec![],
            ),
        ] {
            let before = before.into_iter().map(|of| (of, contact("ours"))).collect();
            assert_eq!(contact_changes(&asked, &before, &found), changes, "{case}");
        }
    }
}
