//! Where a service is in a region.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use super::Service;
use crate::partition::Partition;

/// The URL of a service: what the provider block gives, or the SDK's variables and shared files, or AWS's own. Only before
/// AWS's own comes `host`: whoever names an endpoint means that one.
pub(super) fn url(
    sdk: &SdkConfig,
    service: &Service,
    region: &str,
    host: Option<&str>,
    given: Option<&str>,
) -> String {
    let of_service = || {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        sdk.service_config()?.load_config(key)
    };
    let named = given.map(str::to_owned).or_else(of_service);
    named.or_else(|| sdk.endpoint_url().map(str::to_owned)).unwrap_or_else(|| {
        let flags = Flags {
            fips: sdk.use_fips().unwrap_or_default(),
            dual_stack: sdk.use_dual_stack().unwrap_or_default(),
        };
        own(service, region, host, flags)
    })
}

/// Which of AWS's own endpoints is meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    pub(super) fips: bool,
    pub(super) dual_stack: bool,
}

/// AWS's own endpoint.
pub(super) fn own(service: &Service, region: &str, host: Option<&str>, flags: Flags) -> String {
    let partition = Partition::of(region);
    let prefix = host.map(|host| format!("{host}.")).unwrap_or_default();
    let suffix = match partition {
        Partition::China => "amazonaws.com.cn",
        Partition::Commercial | Partition::GovCloud | Partition::Other => "amazonaws.com",
    };
    if service.is_s3 {
        let fips = if flags.fips { "-fips" } else { "" };
        let dual = if flags.dual_stack { ".dualstack" } else { "" };
        return format!("https://{prefix}s3-control{fips}{dual}.{region}.{suffix}");
    }
    // The endpoints of GovCloud are validated by themselves.
    let is_named = flags.fips && (flags.dual_stack || partition != Partition::GovCloud);
    let fips = if is_named { "-fips" } else { "" };
    let suffix = match (flags.dual_stack, partition) {
        (false, _) => suffix,
        (true, Partition::China) => "api.amazonwebservices.com.cn",
        (true, _) => "api.aws",
    };
    format!("https://{prefix}{}{fips}.{region}.{suffix}", service.name)
}
