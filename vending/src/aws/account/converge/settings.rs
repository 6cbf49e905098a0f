//! The acts on what an account says of itself: name, alternate contacts, the root user's address.
//! Each is tried from the management account first, and where that may not, as the account itself.

use fleet_model::contact::Contacts;

use crate::aws::account::converge::Held;
use crate::aws::account::converge::setting_changes::{contact_changes, no_longer_asked, renaming};
use crate::aws::api::{Account, EmailUpdate, SettingChange};
use crate::aws::controls::regions::from_outside_impossible;
use crate::aws::pause::Pause;
use crate::error::Error;
use crate::outcome::{Attempt, Facts};
use crate::refusal::Refusal;
use crate::request::EmailStep;
use crate::warning::Warning;

/// How often a change that was made is looked for.
const LOOKS: u32 = 5;

impl Held<'_, '_> {
    /// Writes what differs. A change that could not be made is a failure of the outcome, also when
    /// the run was stopped: it must not pass for made.
    ///
    /// # Errors
    /// The run was stopped.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        // The second try answers for the first.
        let settings = [Attempt::Name, Attempt::Contacts];
        self.failures.retain(|failure| !settings.contains(&failure.attempt));
        let mut closed = false;
        let mut stopped = None;
        for (attempt, result) in [
            (Attempt::Name, self.settle_name().await),
            (Attempt::Contacts, self.settle_contacts().await),
            (Attempt::Email, self.settle_email().await),
        ] {
            if let Err(error) = result {
                closed |= attempt != Attempt::Email && from_outside_impossible(&error);
                if error.is_stop() {
                    stopped = Some(error.clone());
                }
                self.fail(attempt, Refusal::Call(error));
            }
        }
        self.seen.settled = Some(!closed);
        stopped.map_or(Ok(()), Err)
    }

    /// Nothing can be written to an account that is suspended or closed: what was asked for is
    /// refused, not forgotten.
    pub(super) fn refuse_settings(&mut self) {
        let job = self.run.job;
        let inactive = || Refusal::Inactive {
            object: format!("account {}", self.id),
            state: self.facts.state.in_words().to_owned(),
        };
        let refused: Vec<(Attempt, Refusal)> = [
            (Attempt::Name, renaming(&job.request.contract.name, &self.facts.name).is_some()),
            (Attempt::Email, job.intent.email_step.is_some()),
        ]
        .into_iter()
        .filter(|(_, asked)| *asked)
        .map(|(attempt, _)| (attempt, inactive()))
        .collect();
        for (attempt, refusal) in refused {
            self.fail(attempt, refusal);
        }
    }

    async fn settle_name(&mut self) -> Result<(), Error> {
        let asked = self.run.job.request.contract.name.clone();
        let Some(change) = renaming(&asked, &self.facts.name) else { return Ok(()) };
        self.change_setting(&change).await?;
        self.facts.name = asked;
        self.until_shown(|account, facts| account.name == facts.name).await
    }

    /// Waits a little until the organization shows a change: a refresh that comes too early would
    /// take what it still shows for somebody else's change.
    async fn until_shown(&mut self, shows: impl Fn(&Account, &Facts) -> bool) -> Result<(), Error> {
        self.run.shared.forget_sweep().await;
        for looks in 0..LOOKS {
            let looking = self.run.ports.organizations.account(&self.id);
            match self.run.patience.within(looking).await {
                Ok(Some(account)) if shows(&account, &self.facts) => break,
                Err(error) if error.is_stop() => return Err(error),
                Ok(_) | Err(_) => {
                    let pause = Pause::growing(looks, 4, "the change to show");
                    self.run.patience.pause(&pause).await?;
                }
            }
        }
        Ok(())
    }

    async fn settle_contacts(&mut self) -> Result<(), Error> {
        let job = self.run.job;
        let read = self.read_contacts().await;
        let changes =
            contact_changes(&job.request.contacts, &job.past.contacts_set_before, &self.contacts);
        self.before_contacts(&changes).await?;
        for change in changes {
            match &change {
                SettingChange::PutContact(of, contact) => {
                    self.change_setting(&change).await?;
                    self.contacts.insert(*of, Some(contact.clone()));
                }
                SettingChange::DeleteContact(of) => {
                    match self.change_setting(&change).await {
                        Err(error) if error.is_not_found() => {}
                        other => other?,
                    }
                    self.memory.contacts.remove(of);
                    self.memory.contacts_set.remove(of);
                    self.contacts.insert(*of, None);
                }
                SettingChange::Rename(_) => {}
            }
        }
        for (of, contact) in &job.request.contacts {
            if self.contacts.get(of) == Some(&Some(contact.clone())) {
                self.memory.contacts_set.insert(*of, contact.clone());
            }
        }
        self.let_go_of_contacts();
        read
    }

    /// What is there of the contacts that are asked for no more is not ours: it was gone already, or somebody has written
    /// another one since.
    fn let_go_of_contacts(&mut self) {
        let job = self.run.job;
        for (of, _) in no_longer_asked(&job.request.contacts, &job.past.contacts_set_before) {
            match self.contacts.insert(*of, None) {
                // It could not be read.
                None => {
                    self.contacts.remove(of);
                    continue;
                }
                Some(None) => {}
                Some(Some(_)) => self.warnings.push(Warning::ContactStays { of: *of }),
            }
            self.memory.contacts.remove(of);
            self.memory.contacts_set.remove(of);
        }
    }

    async fn settle_email(&mut self) -> Result<(), Error> {
        // A step is taken once in a run: each start is a mail to a person.
        let first = self.seen.settled.is_none();
        let Some(step) = self.run.job.intent.email_step.clone().filter(|_| first) else {
            return Ok(());
        };
        let (email, answer) = match step {
            EmailStep::Start(email) => {
                let settings = &self.run.ports.settings;
                let call = settings.start_email_update(&self.id, &email);
                let answer = self.run.patience.within(call).await?;
                (email, answer)
            }
            EmailStep::Accept(email, otp) => {
                let settings = &self.run.ports.settings;
                let call = settings.accept_email_update(&self.id, &email, &otp);
                let answer = self.run.patience.within(call).await?;
                (email, answer)
            }
        };
        if answer == EmailUpdate::Accepted {
            self.facts.email = email;
            return self
                .until_shown(|account, facts| account.email.eq_ignore_ascii_case(&facts.email))
                .await;
        }
        Ok(())
    }

    /// Reads what a refresh shows. What could not be read is a failure of the outcome.
    ///
    /// # Errors
    /// The run was stopped.
    pub(crate) async fn observe_settings(&mut self) -> Result<(), Error> {
        match self.read_contacts().await {
            Err(error) if error.is_stop() => Err(error),
            Err(error) => {
                // What the state says of them stays, whatever else is found.
                self.run.patience.made_up_for(&error);
                self.fail(Attempt::Contacts, Refusal::Call(error));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Reads the contacts of the types that are asked for, and of those that an apply deletes.
    ///
    /// # Errors
    /// The last error; the types that were read are known all the same.
    async fn read_contacts(&mut self) -> Result<(), Error> {
        let mut answer = Ok(());
        let job = self.run.job;
        let gone =
            no_longer_asked(&job.request.contacts, &job.past.contacts_set_before).map(|(of, _)| of);
        for of in job.request.contacts.keys().chain(gone) {
            let settings = &self.run.ports.settings;
            let outside = settings.contact(Some(&self.id), *of);
            let found = match self.run.patience.within(outside).await {
                Err(error) if from_outside_impossible(&error) && self.is_inside().await? => {
                    self.run.patience.made_up_for(&error);
                    let Some((member, _)) = &self.member else { continue };
                    self.run.patience.within(member.own_settings().contact(None, *of)).await
                }
                other => other,
            };
            match found {
                Ok(found) => {
                    self.contacts.insert(*of, found);
                }
                Err(error) => answer = Err(error),
            }
        }
        answer
    }

    async fn change_setting(&mut self, change: &SettingChange) -> Result<(), Error> {
        let outside = self.run.ports.settings.change(Some(&self.id), change);
        match self.run.patience.within(outside).await {
            Err(error) if from_outside_impossible(&error) && self.is_inside().await? => {
                let Some((member, _)) = &self.member else { return Err(error) };
                self.run.patience.within(member.own_settings().change(None, change)).await
            }
            other => other,
        }
    }

    /// Whether there is a session in the account; tries once to get one.
    async fn is_inside(&mut self) -> Result<bool, Error> {
        if self.seen.access.is_none() && !self.seen.at_rest() && !self.facts.state.is_over() {
            self.enter().await?;
        }
        Ok(self.member.is_some())
    }

    /// Whether the account says of itself what was asked for, as far as that was read.
    pub(crate) fn says_what_was_asked(&self) -> bool {
        let job = self.run.job;
        let none_before = Contacts::new();
        renaming(&job.request.contract.name, &self.facts.name).is_none()
            && contact_changes(&job.request.contacts, &none_before, &self.contacts).is_empty()
    }
}
