//! The client that asks for sessions and for who calls.

use aws_config::SdkConfig;
use aws_types::region::Region;

use crate::config::Config;

/// A client of the regional STS endpoint: tokens of the global one fail in opt-in regions.
pub(crate) fn regional_sts(config: &Config, sdk: &SdkConfig) -> aws_sdk_sts::Client {
    let mut builder = aws_sdk_sts::config::Builder::from(sdk);
    if let Some(region) = &config.sts_region {
        builder = builder.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = config.endpoints.get("sts") {
        builder = builder.endpoint_url(endpoint);
    }
    aws_sdk_sts::Client::from_conf(builder.build())
}
