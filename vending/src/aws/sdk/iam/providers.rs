//! Changes to the OIDC providers of a member account.

use super::{AwsMember, tag_list, unexpected};
use crate::aws::api::member::Change;
use crate::error::Error;

impl AwsMember {
    pub(super) async fn change_provider(&self, change: &Change) -> Result<(), Error> {
        let iam = &self.iam;
        match change {
            Change::CreateProvider { url, audiences, tags } => {
                let tags = tag_list(tags)?;
                let audiences: Vec<String> = audiences.iter().cloned().collect();
                self.sender
                    .send("iam:CreateOpenIDConnectProvider", || {
                        iam.create_open_id_connect_provider()
                            .url(url)
                            .set_client_id_list(Some(audiences.clone()))
                            .set_tags(Some(tags.clone()))
                            .send()
                    })
                    .await
                    .map(|_| ())
            }
            Change::AddAudience { arn, audience } => self
                .sender
                .send("iam:AddClientIDToOpenIDConnectProvider", || {
                    iam.add_client_id_to_open_id_connect_provider()
                        .open_id_connect_provider_arn(arn)
                        .client_id(audience)
                        .send()
                })
                .await
                .map(|_| ()),
            Change::RemoveAudience { arn, audience } => self
                .sender
                .send("iam:RemoveClientIDFromOpenIDConnectProvider", || {
                    iam.remove_client_id_from_open_id_connect_provider()
                        .open_id_connect_provider_arn(arn)
                        .client_id(audience)
                        .send()
                })
                .await
                .map(|_| ()),
            Change::TagProvider { arn, tags } => {
                let tags = tag_list(tags)?;
                self.sender
                    .send("iam:TagOpenIDConnectProvider", || {
                        iam.tag_open_id_connect_provider()
                            .open_id_connect_provider_arn(arn)
                            .set_tags(Some(tags.clone()))
                            .send()
                    })
                    .await
                    .map(|_| ())
            }
            Change::DeleteProvider { arn } => self
                .sender
                .send("iam:DeleteOpenIDConnectProvider", || {
                    iam.delete_open_id_connect_provider().open_id_connect_provider_arn(arn).send()
                })
                .await
                .map(|_| ()),
            _ => Err(unexpected()),
        }
    }
}
