//! What a change does to the IAM of an account.

use super::*;

impl World {
    pub(super) fn change_iam(&mut self, account_id: &str, change: &Change) -> Result<(), Error> {
        let gone = || not_found("change", "NoSuchEntity");
        let arn = |resource: &str| format!("arn:aws:iam::{account_id}:{resource}");
        let exists = || Error::new("change", Kind::AlreadyExists, "EntityAlreadyExists", "");
        match change.clone() {
            Change::CreatePolicy { name, document, tags, .. } => {
                let arn = arn(&format!("policy/{name}"));
                let policy = ManagedPolicy { arn, document, tags, ..ManagedPolicy::default() };
                if self.managed.insert(name, policy).is_some() {
                    return Err(exists());
                }
            }
            Change::UpdatePolicy { arn, document, .. } => {
                let found = self.managed.values_mut().find(|policy| policy.arn == arn);
                found.ok_or_else(gone)?.document = document;
            }
            Change::CreateRole { name, trust, boundary, tags, .. } => {
                if self.roles.contains_key(&name) {
                    return Err(exists());
                }
                let role = Role { trust, boundary: Some(boundary), tags, ..Role::default() };
                self.roles.insert(name, role);
            }
            Change::PutBoundary { role, boundary } => {
                self.roles.get_mut(&role).ok_or_else(gone)?.boundary = Some(boundary);
            }
            Change::AttachPolicy { role, policy } => {
                self.roles.get_mut(&role).ok_or_else(gone)?.attached.insert(policy);
            }
            Change::DetachPolicy { role, policy } => {
                self.roles.get_mut(&role).ok_or_else(gone)?.attached.remove(&policy);
            }
            Change::DeleteInlinePolicy { role, name } => {
                self.roles.get_mut(&role).ok_or_else(gone)?.inline.remove(&name);
            }
            Change::UpdateTrust { role, trust } => {
                self.roles.get_mut(&role).ok_or_else(gone)?.trust = trust;
            }
            Change::TagRole { role, tags } => {
                self.roles.get_mut(&role).ok_or_else(gone)?.tags.extend(tags);
            }
            Change::CreateProvider { url, audiences, tags } => {
                let arn = arn(&format!("oidc-provider/{}", url.trim_start_matches("https://")));
                let provider = OidcProvider { arn: arn.clone(), audiences, tags };
                if self.providers.insert(arn, provider).is_some() {
                    return Err(exists());
                }
            }
            Change::AddAudience { arn, audience } => {
                self.providers.get_mut(&arn).ok_or_else(gone)?.audiences.insert(audience);
            }
            Change::RemoveAudience { arn, audience } => {
                self.providers.get_mut(&arn).ok_or_else(gone)?.audiences.remove(&audience);
            }
            Change::TagProvider { arn, tags } => {
                self.providers.get_mut(&arn).ok_or_else(gone)?.tags.extend(tags);
            }
            Change::DeleteProvider { .. } if self.keeps_providers => {
                return Err(denied("iam:DeleteOpenIDConnectProvider"));
            }
            Change::DeleteProvider { arn } => {
                self.providers.remove(&arn).ok_or_else(gone)?;
            }
            Change::PutPasswordPolicy(policy) => {
                self.passwords.insert(account_id.to_owned(), policy);
            }
            Change::DeletePasswordPolicy => {
                self.passwords.remove(account_id).ok_or_else(gone)?;
            }
        }
        Ok(())
    }
}
