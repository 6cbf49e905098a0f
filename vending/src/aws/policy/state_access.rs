//! `fleet-state`: what `fleet-plan` may do with the account's Terraform state. A plan takes the lock and reads the state;
//! it never writes the state. `fleet-apply` needs no such policy: what it may write is everything that its boundary leaves.

use super::{Document, Effect, Statement};

/// Its name in every account.
pub const NAME: &str = "fleet-state";

/// The alias of the key that encrypts the state.
const KEY: &str = "alias/fleet";

/// The policy of an account. It speaks of the bucket `fleet-state-<account>-<region>-an`, a name that S3 keeps for this account
/// and region (the [account-regional namespace](https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html)),
/// of the lock files in it, which `use_lockfile` writes by conditional writes (`<key>.tflock`), and of the key `alias/fleet`
/// as far as S3 uses it for that bucket.
#[must_use]
pub fn document(partition: &str, account_id: &str) -> Document {
    let bucket = format!("arn:{partition}:s3:::fleet-state-{account_id}-*-an");
    let objects = format!("{bucket}/*");
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let allow = |sid, actions: &[&str]| Statement::new(sid, Effect::Allow, actions.iter().copied());
    let here =
        |statement: Statement| statement.when("StringEquals", "aws:ResourceAccount", [account_id]);
    Document::new([
        here(allow("FindTheState", &["s3:ListBucket"]).on([bucket.as_str()])),
        here(allow("ReadTheState", &["s3:GetObject"]).on([objects.as_str()])),
        here(
            allow("TakeTheLock", &["s3:DeleteObject", "s3:PutObject"])
                .on([format!("{bucket}/*.tflock")]),
        ),
        // The state is read and the lock is written under the key; nothing else that it encrypts is.
        allow("UseTheKey", &["kms:Decrypt", "kms:GenerateDataKey"])
            .on([format!("arn:{partition}:kms:*:{account_id}:key/*")])
            .when("ForAnyValue:StringEquals", "kms:ResourceAliases", [KEY])
            .when("StringLike", "kms:ViaService", [format!("s3.*.{suffix}")])
            .when(
                "StringLike",
                "kms:EncryptionContext:aws:s3:arn",
                [bucket.clone(), objects.clone()],
            ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::boundary;

    #[test]
    fn is_what_was_reviewed() {
        let document = document("aws", "111122223333").to_json();
        assert!(document.len() <= boundary::MAX_LENGTH);
        let value: serde_json::Value = serde_json::from_str(&document).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn every_arn_and_service_is_of_the_partition() {
        for (partition, service) in
            [("aws-us-gov", "s3.*.amazonaws.com"), ("aws-cn", "s3.*.amazonaws.com.cn")]
        {
            let document = document(partition, "111122223333").to_json();
            assert!(!document.contains("arn:aws:"), "{document}");
            assert!(document.contains(&format!("\"{service}\"")), "{document}");
        }
    }
}
