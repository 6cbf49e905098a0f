//! Names, alternate contacts and root addresses of accounts (Account API), from the management
//! account or as the account itself.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_account::Client;
use aws_sdk_account::config::Builder;
use aws_sdk_account::types::{AlternateContactType, PrimaryEmailUpdateStatus};
use fleet_model::contact::{Contact, ContactType};

use super::fault::{self, Signer};
use super::retry::Sender;
use super::session::{Clients, Session};
use crate::aws::api::{AccountId, AccountSettings, Call, EmailUpdate, Otp, SettingChange};
use crate::error::{Answer, Error, Kind};

const GET_CONTACT: &str = "account:GetAlternateContact";
const PUT_CONTACT: &str = "account:PutAlternateContact";
const DELETE_CONTACT: &str = "account:DeleteAlternateContact";
const PUT_NAME: &str = "account:PutAccountName";

/// The adapter.
pub(crate) struct AwsAccountSettings {
    session: Arc<Session>,
    clients: Clients<Client>,
}

impl AwsAccountSettings {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session, clients: Clients::default() }
    }

    async fn client(&self, call: &str) -> Result<&Client, Error> {
        let make = |sdk: &SdkConfig| {
            let mut builder = Builder::from(sdk);
            if let Some(endpoint) = self.session.endpoint("account") {
                builder = builder.endpoint_url(endpoint);
            }
            Client::from_conf(builder.build())
        };
        self.clients.of(&self.session, call, make).await
    }
}

// === impl AwsAccountSettings ===

impl AccountSettings for AwsAccountSettings {
    fn contact<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        of: ContactType,
    ) -> Call<'a, Option<Contact>> {
        Box::pin(async move {
            contact(self.client(GET_CONTACT).await?, self.session.sender(), account_id, of).await
        })
    }

    fn change<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        wanted: &'a SettingChange,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let call = match wanted {
                SettingChange::Rename(_) => PUT_NAME,
                SettingChange::PutContact(..) => PUT_CONTACT,
                SettingChange::DeleteContact(_) => DELETE_CONTACT,
            };
            change(self.client(call).await?, self.session.sender(), account_id, wanted).await
        })
    }

    fn start_email_update<'a>(
        &'a self,
        account_id: &'a AccountId,
        email: &'a str,
    ) -> Call<'a, EmailUpdate> {
        const CALL: &str = "account:StartPrimaryEmailUpdate";
        Box::pin(async move {
            let client = self.client(CALL).await?;
            let request = client
                .start_primary_email_update()
                .account_id(account_id.as_str())
                .primary_email(email);
            let sent = async {
                let answer = request.send().await;
                answer.map_err(|error| taken(fault::read(Signer::Caller, CALL, &error)))
            };
            // Each start is a mail to a person, and only the last password counts: an answer that was lost is no reason
            // for another.
            let answer = self.session.sender().once(CALL, Box::pin(sent)).await?;
            status(CALL, answer.status)
        })
    }

    fn accept_email_update<'a>(
        &'a self,
        account_id: &'a AccountId,
        email: &'a str,
        otp: &'a Otp,
    ) -> Call<'a, EmailUpdate> {
        const CALL: &str = "account:AcceptPrimaryEmailUpdate";
        Box::pin(async move {
            let client = self.client(CALL).await?;
            let request = client
                .accept_primary_email_update()
                .account_id(account_id.as_str())
                .primary_email(email)
                .otp(otp.reveal());
            let sent = async {
                request.send().await.map_err(|error| {
                    let error = fault::read(Signer::Caller, CALL, &error);
                    Error { message: otp.hidden_in(&error.message), ..error }
                })
            };
            let answer = self.session.sender().once(CALL, Box::pin(sent)).await?;
            status(CALL, answer.status)
        })
    }
}

/// The settings of the account that a session is in.
pub(super) struct OwnSettings {
    client: Client,
    sender: Sender,
}

impl OwnSettings {
    pub(super) fn new(client: Client, sender: Sender) -> Self {
        Self { client, sender }
    }
}

// === impl OwnSettings ===

impl AccountSettings for OwnSettings {
    fn contact<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        of: ContactType,
    ) -> Call<'a, Option<Contact>> {
        Box::pin(contact(&self.client, &self.sender, account_id, of))
    }

    fn change<'a>(
        &'a self,
        account_id: Option<&'a AccountId>,
        wanted: &'a SettingChange,
    ) -> Call<'a, ()> {
        Box::pin(change(&self.client, &self.sender, account_id, wanted))
    }

    fn start_email_update<'a>(&'a self, _: &'a AccountId, _: &'a str) -> Call<'a, EmailUpdate> {
        only_from_outside("account:StartPrimaryEmailUpdate")
    }

    fn accept_email_update<'a>(
        &'a self,
        _: &'a AccountId,
        _: &'a str,
        _: &'a Otp,
    ) -> Call<'a, EmailUpdate> {
        only_from_outside("account:AcceptPrimaryEmailUpdate")
    }
}

/// AWS takes these two from the management account and from a delegated administrator alone.
fn only_from_outside<'a>(call: &'static str) -> Call<'a, EmailUpdate> {
    Box::pin(async move {
        Err(Error::new(call, Kind::Unsupported, "OnlyFromOutside", "a member cannot call it"))
    })
}

/// `account:GetAlternateContact`; without an account id, of the caller's own account.
pub(super) async fn contact(
    client: &Client,
    sender: &Sender,
    account_id: Option<&AccountId>,
    of: ContactType,
) -> Result<Option<Contact>, Error> {
    let answer = sender
        .send(GET_CONTACT, || {
            client
                .get_alternate_contact()
                .set_account_id(account_id.map(ToString::to_string))
                .alternate_contact_type(word(of))
                .send()
        })
        .await;
    match answer {
        Ok(answer) => Ok(answer.alternate_contact.map(|found| Contact {
            name: found.name.unwrap_or_default(),
            title: found.title.unwrap_or_default(),
            email: found.email_address.unwrap_or_default(),
            phone_number: found.phone_number.unwrap_or_default(),
        })),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// One change; without an account id, of the caller's own account.
pub(super) async fn change(
    client: &Client,
    sender: &Sender,
    account_id: Option<&AccountId>,
    wanted: &SettingChange,
) -> Result<(), Error> {
    let account_id = || account_id.map(ToString::to_string);
    match wanted {
        SettingChange::Rename(name) => sender
            .send(PUT_NAME, || {
                client.put_account_name().set_account_id(account_id()).account_name(name).send()
            })
            .await
            .map(drop),
        SettingChange::PutContact(of, contact) => sender
            .send(PUT_CONTACT, || {
                client
                    .put_alternate_contact()
                    .set_account_id(account_id())
                    .alternate_contact_type(word(*of))
                    .name(&contact.name)
                    .title(&contact.title)
                    .email_address(&contact.email)
                    .phone_number(&contact.phone_number)
                    .send()
            })
            .await
            .map(drop),
        SettingChange::DeleteContact(of) => sender
            .send(DELETE_CONTACT, || {
                client
                    .delete_alternate_contact()
                    .set_account_id(account_id())
                    .alternate_contact_type(word(*of))
                    .send()
            })
            .await
            .map(drop),
    }
}

fn word(of: ContactType) -> AlternateContactType {
    match of {
        ContactType::Billing => AlternateContactType::Billing,
        ContactType::Operations => AlternateContactType::Operations,
        ContactType::Security => AlternateContactType::Security,
    }
}

/// A conflict is an address that another account has: waiting does not free it.
fn taken(error: Error) -> Error {
    if error.answer() == Some(Answer::Conflict) {
        return Error { kind: Kind::AlreadyExists, ..error };
    }
    error
}

fn status(call: &str, said: Option<PrimaryEmailUpdateStatus>) -> Result<EmailUpdate, Error> {
    match said {
        Some(PrimaryEmailUpdateStatus::Accepted) => Ok(EmailUpdate::Accepted),
        Some(PrimaryEmailUpdateStatus::Pending) => Ok(EmailUpdate::Pending),
        other => Err(Error::new(
            call,
            Kind::Unexpected,
            "UnknownStatus",
            other.map_or_else(String::new, |word| word.as_str().to_owned()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::sdk::canned;

    #[test]
    fn an_address_that_is_taken_is_not_waited_for() {
        let error = |code: &str| Error::new("account:Op", Kind::Busy, code, "");
        assert_eq!(taken(error("ConflictException")).kind, Kind::AlreadyExists);
        assert_eq!(taken(error("TooManyRequestsException")).kind, Kind::Busy);
    }

    #[tokio::test]
    async fn a_mail_to_a_person_is_asked_for_once() {
        let (session, asked) = canned::serve("account", vec![canned::Answer::html(500); 5]).await;
        let settings = AwsAccountSettings::new(session);
        let error = settings
            .start_email_update(&"111122223333".into(), "new@example.com")
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Unanswered);
        assert_eq!(asked.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_status_that_is_not_known_is_an_error() {
        assert_eq!(status("c", Some(PrimaryEmailUpdateStatus::Pending)), Ok(EmailUpdate::Pending));
        assert_eq!(status("c", Some("ODD".into())).unwrap_err().message, "ODD");
        assert!(status("c", None).is_err());
    }
}
