//! The rules of alternate contacts.

use tfplugin::Attr;
use tfplugin::diagnostic::{Diagnostics, Path};

use super::{Because, Rule, invalid};
use crate::account::model::Model;

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
