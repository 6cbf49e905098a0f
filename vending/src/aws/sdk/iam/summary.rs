//! What IAM counts in an account, as far as a control asks for it.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::SummaryKeyType;

use super::super::answers;
use super::super::retry::Sender;
use crate::aws::api::RootUser;
use crate::error::Error;

const CALL: &str = "iam:GetAccountSummary";

/// What there is of the root user.
///
/// # Errors
/// The call's; and an answer that does not count one of these things, since AWS counts each of them as 0 where there is none.
pub(super) async fn root_user(iam: &Client, sender: &Sender) -> Result<RootUser, Error> {
    let answer = sender.send(CALL, || iam.get_account_summary().send()).await?;
    let counts = answer.summary_map.unwrap_or_default();
    let is_there = |key: SummaryKeyType| match counts.get(&key) {
        Some(count) => Ok(*count > 0),
        None => Err(answers::incomplete(CALL, "SummaryMap")),
    };
    Ok(RootUser {
        password: is_there(SummaryKeyType::AccountPasswordPresent)?,
        access_keys: is_there(SummaryKeyType::AccountAccessKeysPresent)?,
        signing_certificates: is_there(SummaryKeyType::AccountSigningCertificatesPresent)?,
        mfa: is_there(SummaryKeyType::AccountMfaEnabled)?,
    })
}
