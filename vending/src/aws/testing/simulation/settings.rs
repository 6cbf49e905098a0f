//! The Account API of the simulated cloud: from outside with an account's id, from inside without.

use fleet_model::contact::{Contact, ContactType};

use super::{Cloud, MemberOf, World};
use crate::aws::api::{AccountId, AccountSettings, Call, EmailUpdate, Otp, SettingChange};
use crate::error::{Error, Kind};

/// The password that every mail of the simulated cloud holds.
pub(crate) const OTP: &str = "424242";

fn contact(world: &World, id: &str, of: ContactType) -> Option<Contact> {
    world.contacts.get(&(id.to_owned(), of)).cloned()
}

fn change(world: &mut World, id: &str, wanted: &SettingChange) -> Result<(), Error> {
    match wanted {
        SettingChange::Rename(name) => {
            for account in world.accounts.iter_mut().filter(|of| of.id == id) {
                account.name.clone_from(name);
            }
        }
        SettingChange::PutContact(of, contact) => {
            world.contacts.insert((id.to_owned(), *of), contact.clone());
        }
        SettingChange::DeleteContact(of) => {
            if world.contacts.remove(&(id.to_owned(), *of)).is_none() {
                let code = "ResourceNotFoundException";
                return Err(Error::new("account:Op", Kind::NotFound, code, ""));
            }
        }
    }
    Ok(())
}

fn trusted(world: &World) -> Result<(), Error> {
    if world.account_trusted {
        return Ok(());
    }
    Err(Error::new("account:Op", Kind::Denied, "AccessDeniedException", "no trusted access"))
}

fn name(wanted: &SettingChange) -> &'static str {
    match wanted {
        SettingChange::Rename(_) => "PutAccountName",
        SettingChange::PutContact(..) => "PutAlternateContact",
        SettingChange::DeleteContact(_) => "DeleteAlternateContact",
    }
}

impl AccountSettings for Cloud {
    fn contact<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        of: ContactType,
    ) -> Call<'a, Option<Contact>> {
        let id = account_id.map_or("", AccountId::as_str);
        self.call("GetAlternateContact", |world| {
            trusted(world)?;
            Ok(contact(world, id, of))
        })
    }

    fn change<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        wanted: &'a SettingChange,
    ) -> Call<'a, ()> {
        let id = account_id.map_or("", AccountId::as_str);
        self.call(name(wanted), |world| {
            trusted(world)?;
            change(world, id, wanted)
        })
    }

    fn start_email_update<'a>(
        &'a self,
        account_id: &'a AccountId,
        email: &'a str,
    ) -> Call<'a, EmailUpdate> {
        self.call("StartPrimaryEmailUpdate", |world| {
            trusted(world)?;
            if world.accounts.iter().any(|of| of.email == email) {
                let code = "ConflictException";
                return Err(Error::new("account:Op", Kind::AlreadyExists, code, "in use"));
            }
            world.pending_emails.insert(account_id.to_string(), email.to_owned());
            Ok(EmailUpdate::Pending)
        })
    }

    fn accept_email_update<'a>(
        &'a self,
        account_id: &'a AccountId,
        email: &'a str,
        otp: &'a Otp,
    ) -> Call<'a, EmailUpdate> {
        self.call("AcceptPrimaryEmailUpdate", |world| {
            trusted(world)?;
            let waits = world.pending_emails.get(account_id.as_str()).is_some_and(|of| of == email);
            if !waits || otp.reveal() != OTP {
                let code = "ValidationException";
                return Err(Error::new("account:Op", Kind::Invalid, code, "The code is not valid"));
            }
            world.pending_emails.remove(account_id.as_str());
            for account in world.accounts.iter_mut().filter(|of| of.id == *account_id) {
                email.clone_into(&mut account.email);
            }
            Ok(EmailUpdate::Accepted)
        })
    }
}

impl AccountSettings for MemberOf {
    fn contact<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        of: ContactType,
    ) -> Call<'a, Option<Contact>> {
        assert_eq!(account_id, None, "a member names no account");
        self.cloud.call("own GetAlternateContact", |world| Ok(contact(world, &self.id, of)))
    }

    fn change<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        wanted: &'a SettingChange,
    ) -> Call<'a, ()> {
        assert_eq!(account_id, None, "a member names no account");
        self.cloud.call("own change of settings", |world| change(world, &self.id, wanted))
    }

    fn start_email_update<'a>(&'a self, _: &'a AccountId, _: &'a str) -> Call<'a, EmailUpdate> {
        unreachable!("only the management account changes an address")
    }

    fn accept_email_update<'a>(
        &'a self,
        _: &'a AccountId,
        _: &'a str,
        _: &'a Otp,
    ) -> Call<'a, EmailUpdate> {
        unreachable!("only the management account changes an address")
    }
}
