//! The account-wide switches of a member account, by the thin client.

use super::answers;
use super::thin::{Answer, EC2, Request, S3_CONTROL, Thin, unheard};
use crate::aws::api::{
    Call, Found, InstanceMetadata, ManagedBy, S3PublicAccess, Setting, SettingKind, Settings, Site,
    SnapshotSharing,
};
use crate::error::{Error, Kind};
use crate::partition::Partition;

/// The version of EC2's API.
const VERSION: &str = "2016-11-15";
const S3_BLOCK: &str = "/v20180820/configuration/publicAccessBlock";

const GET_EBS: &str = "ec2:GetEbsEncryptionByDefault";
const ENABLE_EBS: &str = "ec2:EnableEbsEncryptionByDefault";
const GET_SNAPSHOTS: &str = "ec2:GetSnapshotBlockPublicAccessState";
const ENABLE_SNAPSHOTS: &str = "ec2:EnableSnapshotBlockPublicAccess";
const GET_IMAGES: &str = "ec2:GetImageBlockPublicAccessState";
const ENABLE_IMAGES: &str = "ec2:EnableImageBlockPublicAccess";
const GET_METADATA: &str = "ec2:GetInstanceMetadataDefaults";
const MODIFY_METADATA: &str = "ec2:ModifyInstanceMetadataDefaults";
const GET_BLOCK: &str = "s3control:GetPublicAccessBlock";
const PUT_BLOCK: &str = "s3control:PutPublicAccessBlock";

/// The adapter.
pub(super) struct AwsSwitches {
    thin: Thin,
    account_id: String,
    /// Where what is the account's and no region's is asked for.
    region: String,
}

impl AwsSwitches {
    /// `session`: the region of the session. The account may not have that one: what is the account's is asked for in the
    /// main region of its partition, which nobody can disable and which guards of regions leave open for S3's block.
    pub(super) fn new(thin: Thin, account_id: String, session: &str) -> Self {
        let region = match Partition::of(session) {
            // Its regions are not known here.
            Partition::Other => session,
            known => known.organizations_region(),
        };
        let region = region.to_owned();
        Self { thin, account_id, region }
    }

    async fn ec2(
        &self,
        site: Site<'_>,
        call: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, Error> {
        self.thin.send(&EC2, self.region(site), call, ec2(call, parameters)).await
    }

    fn region<'a>(&'a self, site: Site<'a>) -> &'a str {
        match site {
            Site::Account => &self.region,
            Site::Region(region) => region,
        }
    }

    async fn s3_block(&self) -> Result<Found, Error> {
        let request = Request::of_account(&self.account_id, "GET", S3_BLOCK, String::new());
        let answer = match self.thin.send(&S3_CONTROL, &self.region, GET_BLOCK, request).await {
            // Nothing was ever set.
            Err(error) if error.kind == Kind::NotFound => {
                return Ok(of_account(Setting::S3PublicAccess(S3PublicAccess::default())));
            }
            answer => answer?,
        };
        let xml = answer.xml(GET_BLOCK)?;
        let is_on = |name: &'static str| flag(GET_BLOCK, name, xml.text(&[name]));
        Ok(of_account(Setting::S3PublicAccess(S3PublicAccess {
            block_public_acls: is_on("BlockPublicAcls")?,
            ignore_public_acls: is_on("IgnorePublicAcls")?,
            block_public_policy: is_on("BlockPublicPolicy")?,
            restrict_public_buckets: is_on("RestrictPublicBuckets")?,
        })))
    }

    async fn ebs(&self, site: Site<'_>) -> Result<Found, Error> {
        let answer = self.ec2(site, GET_EBS, &[]).await?;
        let xml = answer.query_xml(GET_EBS)?;
        let member = "ebsEncryptionByDefault";
        let is_on = flag(GET_EBS, member, xml.text(&[member]))?;
        Ok(of_account(Setting::EbsEncryption(is_on)))
    }

    async fn snapshots(&self, site: Site<'_>) -> Result<Found, Error> {
        let answer = self.ec2(site, GET_SNAPSHOTS, &[]).await?;
        let xml = answer.query_xml(GET_SNAPSHOTS)?;
        let state = match xml.text(&["state"]) {
            Some("unblocked") => SnapshotSharing::Unblocked,
            Some("block-new-sharing") => SnapshotSharing::BlockNew,
            Some("block-all-sharing") => SnapshotSharing::BlockAll,
            Some(word) => return Err(unheard(GET_SNAPSHOTS, "state", word)),
            None => return Err(answers::incomplete(GET_SNAPSHOTS, "state")),
        };
        let managed_by = manager(GET_SNAPSHOTS, xml.text(&["managedBy"]))?;
        Ok(Found { setting: Setting::SnapshotSharing(state), managed_by })
    }

    async fn images(&self, site: Site<'_>) -> Result<Found, Error> {
        let answer = self.ec2(site, GET_IMAGES, &[]).await?;
        let xml = answer.query_xml(GET_IMAGES)?;
        let member = "imageBlockPublicAccessState";
        let blocked = match xml.text(&[member]) {
            Some("unblocked") => false,
            Some("block-new-sharing") => true,
            Some(word) => return Err(unheard(GET_IMAGES, member, word)),
            None => return Err(answers::incomplete(GET_IMAGES, member)),
        };
        let managed_by = manager(GET_IMAGES, xml.text(&["managedBy"]))?;
        Ok(Found { setting: Setting::ImageSharing(blocked), managed_by })
    }

    async fn metadata(&self, site: Site<'_>) -> Result<Found, Error> {
        let answer = self.ec2(site, GET_METADATA, &[]).await?;
        let xml = answer.query_xml(GET_METADATA)?;
        // AWS sends it always; what was never set is not there in it.
        if !xml.has(&["accountLevel"]) {
            return Err(answers::incomplete(GET_METADATA, "accountLevel"));
        }
        let of = |name: &'static str| xml.text(&["accountLevel", name]);
        let tokens_required = match of("httpTokens") {
            None => None,
            Some("required") => Some(true),
            Some("optional") => Some(false),
            Some(word) => return Err(unheard(GET_METADATA, "httpTokens", word)),
        };
        let hop_limit = match of("httpPutResponseHopLimit") {
            None => None,
            Some(number) => Some(
                number
                    .parse()
                    .map_err(|_| unheard(GET_METADATA, "httpPutResponseHopLimit", number))?,
            ),
        };
        let setting = Setting::InstanceMetadata(InstanceMetadata { tokens_required, hop_limit });
        Ok(Found { setting, managed_by: manager(GET_METADATA, of("managedBy"))? })
    }
}

impl Settings for AwsSwitches {
    fn setting<'a>(&'a self, of: SettingKind, site: Site<'a>) -> Call<'a, Found> {
        Box::pin(async move {
            match of {
                SettingKind::S3PublicAccess => self.s3_block().await,
                SettingKind::EbsEncryption => self.ebs(site).await,
                SettingKind::SnapshotSharing => self.snapshots(site).await,
                SettingKind::ImageSharing => self.images(site).await,
                SettingKind::InstanceMetadata => self.metadata(site).await,
            }
        })
    }

    fn set<'a>(&'a self, setting: Setting, site: Site<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let (call, request) = written(setting, &self.account_id)?;
            let service = match setting {
                Setting::S3PublicAccess(_) => &S3_CONTROL,
                _ => &EC2,
            };
            self.thin.send(service, self.region(site), call, request).await.map(|_| ())
        })
    }
}

/// The call that sets a switch. Controls only make switches stricter, so that there is none for what weakens one.
pub(super) fn written(
    setting: Setting,
    account_id: &str,
) -> Result<(&'static str, Request), Error> {
    let none = |call| Err(Error::new(call, Kind::Invalid, "NotStricter", setting.to_string()));
    let (call, parameters) = match setting {
        Setting::S3PublicAccess(of) => {
            let body = s3_body(of);
            return Ok((PUT_BLOCK, Request::of_account(account_id, "PUT", S3_BLOCK, body)));
        }
        Setting::EbsEncryption(true) => (ENABLE_EBS, vec![]),
        Setting::EbsEncryption(false) => return none(ENABLE_EBS),
        Setting::SnapshotSharing(SnapshotSharing::Unblocked) => return none(ENABLE_SNAPSHOTS),
        Setting::SnapshotSharing(_) => (ENABLE_SNAPSHOTS, vec![("State", setting.to_string())]),
        Setting::ImageSharing(true) => {
            (ENABLE_IMAGES, vec![("ImageBlockPublicAccessState", setting.to_string())])
        }
        Setting::ImageSharing(false) => return none(ENABLE_IMAGES),
        Setting::InstanceMetadata(of) => {
            let tokens = of.tokens_required.map(|is| if is { "required" } else { "optional" });
            let tokens = tokens.map(|word| ("HttpTokens", word.to_owned()));
            let hops = of.hop_limit.map(|hops| ("HttpPutResponseHopLimit", hops.to_string()));
            // What is left out stays as it is.
            (MODIFY_METADATA, tokens.into_iter().chain(hops).collect())
        }
    };
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok((call, ec2(call, &parameters)))
}

pub(super) fn ec2(call: &str, parameters: &[(&str, &str)]) -> Request {
    let operation = call.split_once(':').map_or(call, |(_, operation)| operation);
    Request::query(operation, VERSION, parameters)
}

fn s3_body(of: S3PublicAccess) -> String {
    let parts = [
        ("BlockPublicAcls", of.block_public_acls),
        ("IgnorePublicAcls", of.ignore_public_acls),
        ("BlockPublicPolicy", of.block_public_policy),
        ("RestrictPublicBuckets", of.restrict_public_buckets),
    ];
    let inner: String =
        parts.iter().map(|(name, is_on)| format!("<{name}>{is_on}</{name}>")).collect();
    format!(
        "<PublicAccessBlockConfiguration xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">{inner}\
         </PublicAccessBlockConfiguration>"
    )
}

fn of_account(setting: Setting) -> Found {
    Found { setting, managed_by: ManagedBy::Account }
}

fn flag(call: &'static str, member: &'static str, text: Option<&str>) -> Result<bool, Error> {
    match text {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(word) => Err(unheard(call, member, word)),
        None => Err(answers::incomplete(call, member)),
    }
}

/// Endpoints that know of no declarative policies leave it out.
fn manager(call: &'static str, word: Option<&str>) -> Result<ManagedBy, Error> {
    match word {
        None | Some("account") => Ok(ManagedBy::Account),
        Some("declarative-policy") => Ok(ManagedBy::DeclarativePolicy),
        Some(word) => Err(unheard(call, "managedBy", word)),
    }
}

#[cfg(test)]
mod tests;
