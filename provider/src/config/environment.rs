//! What can be wrong with the environment variables that stand in for arguments: a word that is none in HCL is none
//! there. One that an argument overrides is not looked at.

use fleet_model::address::is_whole;
use fleet_vending::region::{self, Standing};
use tfplugin::diagnostic::Diagnostics;

use super::ignored_tag::check_ignored_tag;
use super::{ProviderConfig, address, only};
use crate::diagnostic::error;
use crate::env;
use crate::inventory::Freshness;

/// The variables with the endpoints of single services, by the argument of `endpoints` that overrides each.
const ENDPOINTS: [(&str, &str); 9] = [
    ("account", "AWS_ENDPOINT_URL_ACCOUNT"),
    ("controltower", "AWS_ENDPOINT_URL_CONTROLTOWER"),
    ("ec2", "AWS_ENDPOINT_URL_EC2"),
    ("iam", "AWS_ENDPOINT_URL_IAM"),
    ("organizations", "AWS_ENDPOINT_URL_ORGANIZATIONS"),
    ("resourcegroupstaggingapi", "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API"),
    ("s3control", "AWS_ENDPOINT_URL_S3_CONTROL"),
    ("servicequotas", "AWS_ENDPOINT_URL_SERVICE_QUOTAS"),
    ("sts", "AWS_ENDPOINT_URL_STS"),
];

/// The variables as a process has them; empty ones are not set.
pub(super) type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Checks each variable that counts.
pub(super) fn check(config: &ProviderConfig, read: Read<'_>, diagnostics: &mut Diagnostics) {
    check_words(config, read, diagnostics);
    check_endpoints(config, read, diagnostics);
    check_keys(config, read, diagnostics);
    check_ignored(config, read, diagnostics);
}

fn check_words(config: &ProviderConfig, read: Read<'_>, diagnostics: &mut Diagnostics) {
    let is_truth =
        |text: &str| ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_number = |text: &str| text.parse::<u32>().is_ok_and(|attempts| attempts > 0);
    // The last one is a mode of other SDKs.
    let is_mode = |text: &str| {
        ["standard", "adaptive", "legacy"].iter().any(|word| text.eq_ignore_ascii_case(word))
    };
    let truth = "`true` or `false`";
    let has_freshness =
        only(&config.inventory).known().is_some_and(|inventory| inventory.freshness.is_null());
    let is_freshness = |text: &str| Freshness::parse(text).is_some();
    type Rule<'a> = (&'a str, bool, &'a dyn Fn(&str) -> bool, &'a str);
    let is_region = |text: &str| region::standing(text) != Standing::Impossible;
    let a_region = "the name of a region, such as `eu-west-1`";
    // The first one that is set counts.
    let default_counts = config.region.is_null() && read("AWS_REGION").is_none();
    let rules: [Rule<'_>; 7] = [
        (env::INVENTORY_FRESHNESS, has_freshness, &is_freshness, "`git` or `asserted`"),
        ("AWS_REGION", config.region.is_null(), &is_region, a_region),
        ("AWS_DEFAULT_REGION", default_counts, &is_region, a_region),
        (env::MAX_ATTEMPTS, config.max_retries.is_null(), &is_number, "a whole number from 1 on"),
        (env::RETRY_MODE, config.retry_mode.is_null(), &is_mode, "`standard` or `adaptive`"),
        ("AWS_USE_FIPS_ENDPOINT", config.use_fips_endpoint.is_null(), &is_truth, truth),
        ("AWS_USE_DUALSTACK_ENDPOINT", config.use_dualstack_endpoint.is_null(), &is_truth, truth),
    ];
    for (name, counts, is_right, right) in rules {
        let Some(value) = read(name).filter(|value| counts && !is_right(value)) else { continue };
        diagnostics.push(
            error("FLEET0552", "An environment variable has no valid value")
                .what(format!("The environment variable `{name}` is {value:?}."))
                .why("It stands in for an argument of the provider block that is not set. A value that nobody understands would be left out without a word, and what was asked for would not be done.")
                .todo(format!("Give it {right}, or remove it from the environment."))
                .build(),
        );
    }
}

fn check_endpoints(config: &ProviderConfig, read: Read<'_>, diagnostics: &mut Diagnostics) {
    let off = read("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if off.is_some_and(|word| word.eq_ignore_ascii_case("true")) || config.endpoints.is_unknown() {
        return;
    }
    let given = only(&config.endpoints);
    let is_given = |service: &str| {
        given.known().is_some_and(|block| {
            block.by_service().iter().any(|(name, url)| *name == service && !url.is_null())
        })
    };
    let mut names: Vec<&str> =
        ENDPOINTS.iter().filter(|(service, _)| !is_given(service)).map(|(_, name)| *name).collect();
    if names.iter().any(|name| read(name).is_none()) {
        names.push("AWS_ENDPOINT_URL");
    }
    for name in names {
        let Some(url) = read(name).filter(|url| !is_whole(url)) else { continue };
        diagnostics.push(
            address::wrong(
                "FLEET0552",
                "An environment variable has no valid value",
                &url,
                &format!("The environment variable `{name}`"),
            )
            .build(),
        );
    }
}

/// Where the keys of the environment are what is tried first, half a pair would let another source step in.
fn check_keys(config: &ProviderConfig, read: Read<'_>, diagnostics: &mut Diagnostics) {
    let others = [&config.access_key, &config.secret_key, &config.profile];
    let by_token = config.assume_role_with_web_identity.known();
    if others.iter().any(|given| !given.is_null())
        || config.assume_role_with_web_identity.is_unknown()
        || by_token.is_some_and(|blocks| !blocks.is_empty())
    {
        return;
    }
    const ID: &str = "AWS_ACCESS_KEY_ID";
    const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
    // The SDK reads an older name, too.
    let secret = read(SECRET).or_else(|| read("SECRET_ACCESS_KEY"));
    let (set, missing) = match (read(ID), secret) {
        (Some(_), None) => (ID, SECRET),
        (None, Some(_)) => (SECRET, ID),
        _ => return,
    };
    diagnostics.push(
        error("FLEET0006", "Half of a pair of keys is missing")
            .what(format!("The environment variable `{set}` is set, and `{missing}` is not."))
            .why("AWS needs both halves. With one of them the environment counts as having no keys, and the calls would run as whoever the next source of credentials names.")
            .todo(format!("Set `{missing}` too, or remove `{set}` from the environment."))
            .build(),
    );
}

fn check_ignored(config: &ProviderConfig, read: Read<'_>, diagnostics: &mut Diagnostics) {
    if config.ignore_tags.is_unknown() {
        return;
    }
    let block = only(&config.ignore_tags);
    let counts = |is_given: bool| !is_given;
    let keys = block.known().is_some_and(|block| !block.keys.is_null());
    let prefixes = block.known().is_some_and(|block| !block.key_prefixes.is_null());
    for (name, counts, is_prefix) in [
        (env::IGNORE_TAGS_KEYS, counts(keys), false),
        (env::IGNORE_TAGS_KEY_PREFIXES, counts(prefixes), true),
    ] {
        let text = read(name).filter(|_| counts).unwrap_or_default();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            check_ignored_tag(
                &format!("The environment variable `{name}`"),
                None,
                word,
                is_prefix,
                diagnostics,
            );
        }
    }
}
