//! The alternate contacts of an account: their arguments, their rules, and the way to the engine
//! and back.

use std::collections::BTreeMap;

use fleet_model::contact::{Contact, ContactType, Contacts};
use tfplugin::diagnostic::{Diagnostics, Path};
use tfplugin::{Attr, Object};

use super::check::{Because, Rule, invalid};
use super::model::Model;

/// The people whom AWS writes to beside the root user, by what it writes about. A type that is left
/// out is left alone.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct AlternateContacts {
    /// The contact for invoices and payments.
    #[attribute(optional)]
    pub billing: Attr<AlternateContact>,
    /// The contact for service events.
    #[attribute(optional)]
    pub operations: Attr<AlternateContact>,
    /// The contact for security notices and reports of abuse.
    #[attribute(optional)]
    pub security: Attr<AlternateContact>,
}

/// A person or a team whom AWS writes to.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct AlternateContact {
    /// The name: 1 to 64 characters.
    #[attribute(required)]
    pub name: Attr<String>,
    /// The title: 1 to 50 characters.
    #[attribute(required)]
    pub title: Attr<String>,
    /// The email.
    #[attribute(required)]
    pub email: Attr<String>,
    /// The telephone number: 1 to 25 digits, spaces and `( ) + -`.
    #[attribute(required)]
    pub phone_number: Attr<String>,
}

// === impl AlternateContacts ===

impl AlternateContacts {
    const NONE: Self = Self { billing: Attr::Null, operations: Attr::Null, security: Attr::Null };

    fn all(&self) -> [(ContactType, &Attr<AlternateContact>); 3] {
        [
            (ContactType::Billing, &self.billing),
            (ContactType::Operations, &self.operations),
            (ContactType::Security, &self.security),
        ]
    }

    fn slot(&mut self, of: ContactType) -> &mut Attr<AlternateContact> {
        match of {
            ContactType::Billing => &mut self.billing,
            ContactType::Operations => &mut self.operations,
            ContactType::Security => &mut self.security,
        }
    }
}

/// The contacts that are asked for, as far as they are known.
pub(super) fn asked(model: &Model) -> Contacts {
    let all = model.alternate_contacts.known().map(AlternateContacts::all);
    all.into_iter()
        .flatten()
        .filter_map(|(of, contact)| Some((of, read(contact.known()?)?)))
        .collect()
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

/// Checks every value that is known.
pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    let Some(contacts) = model.alternate_contacts.known() else { return };
    for (of, contact) in contacts.all() {
        let Some(contact) = contact.known() else { continue };
        let rules: [(&str, &Attr<String>, Rule); 4] = [
            ("name", &contact.name, |text| Because::Contact.tell(at_most(text, 64))),
            ("title", &contact.title, |text| Because::Contact.tell(at_most(text, 50))),
            ("email", &contact.email, |text| Because::Contact.tell(email(text))),
            ("phone_number", &contact.phone_number, |text| {
                Because::Contact.tell(phone_number(text))
            }),
        ];
        for (attribute, value, rule) in rules {
            if let Some(text) = value.known()
                && let Err(problem) = rule(text)
            {
                let path =
                    Path::attribute("alternate_contacts").nested(of.as_str()).nested(attribute);
                diagnostics.push(invalid(path, text, &problem));
            }
        }
    }
}

/// The rule of
/// [PutAlternateContact](https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html), without
/// the spaces around it that AWS also takes: `[\w+=.#!&-]+@[\w.-]+\.[\w]+`, at most 254 characters.
fn email(text: &str) -> Result<(), String> {
    at_most(text, 254)?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let formed = text.split_once('@').is_some_and(|(local, domain)| {
        let ends = domain.rsplit_once('.');
        !local.is_empty()
            && local.chars().all(|c| word(c) || "+=.#!&-".contains(c))
            && ends.is_some_and(|(host, last)| {
                !host.is_empty()
                    && host.chars().all(|c| word(c) || ".-".contains(c))
                    && !last.is_empty()
                    && last.chars().all(word)
            })
    });
    if formed {
        Ok(())
    } else {
        Err("the email of a contact is `local@domain` with a dot in the domain; before the `@` AWS accepts letters, digits and `_ + = . # ! & -`".into())
    }
}

fn phone_number(text: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_digit() || c == ' ' || "()+-".contains(c);
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    if (1..=25).contains(&text.len()) && has_digit && text.chars().all(allowed) {
        Ok(())
    } else {
        Err("a telephone number is 1 to 25 digits, spaces and `( ) + -`".into())
    }
}

fn at_most(text: &str, most: usize) -> Result<(), String> {
    if (1..=most).contains(&text.chars().count()) {
        Ok(())
    } else {
        Err(format!("AWS takes 1 to {most} characters"))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_and_numbers_follow_aws() {
        for good in ["a@b.co", "sec+ops=x.#!&-_@mail.example.com"] {
            assert_eq!(email(good), Ok(()), "{good}");
        }
        let long = format!("{}@example.com", "x".repeat(250));
        for bad in [
            "", "a", "a@b", "@b.co", "a b@c.de", "a%b@c.de", "a,b@c.de", "a'b@c.de", "a@c.d-e",
            "ü@c.de", "a@b@c.de", &long,
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
        assert_eq!(phone_number("+1 (206) 555-0100"), Ok(()));
        for bad in ["", "call", "+1.206.555", " ", "()", "12345678901234567890123456", "\u{663}"] {
            assert!(phone_number(bad).is_err(), "{bad}");
        }
    }
}
