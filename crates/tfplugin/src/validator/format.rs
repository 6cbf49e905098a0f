//! Texts in a form that is known by name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use email_address::{EmailAddress, Options};
use regex_lite::Regex;

use crate::duration;

#[derive(Debug, Clone, Copy)]
pub(super) enum Format {
    Duration,
    /// A network, of one family or of both.
    Cidr(Option<Family>),
    Email,
    /// The name of anything, or of something in one service.
    Arn(Option<&'static str>),
    Rfc3339,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

/// Go's `time.RFC3339`, which the CLI's own functions read: RFC 3339 would also allow `t`, `z`, and a leap
/// second. The last part in brackets is the fraction of a second.
static RFC3339: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$",
    )
    .ok()
});

impl Format {
    /// Is `text` in this form? If not: what is wrong with it, where there is more to say than that.
    pub(super) fn check(self, text: &str) -> Result<(), Option<String>> {
        match self {
            Self::Duration => duration::parse(text)
                .map(drop)
                .map_err(|error| Some(format!("this is not one: {error}"))),
            Self::Cidr(family) => cidr(text, family).map_err(Some),
            Self::Email => {
                let plain = Options::default()
                    .with_required_tld()
                    .without_domain_literal()
                    .without_display_text();
                EmailAddress::parse_with_options(text, plain).map(drop).map_err(|_| None)
            }
            Self::Arn(service) => arn(text, service).map_err(Some),
            Self::Rfc3339 => rfc3339(text),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration => f.write_str("a duration such as `30m` or `1h30m`"),
            Self::Cidr(None) => f.write_str("an IPv4 or IPv6 network such as `10.0.0.0/16`"),
            Self::Cidr(Some(Family::V4)) => f.write_str("an IPv4 network such as `10.0.0.0/16`"),
            Self::Cidr(Some(Family::V6)) => f.write_str("an IPv6 network such as `2001:db8::/32`"),
            Self::Email => f.write_str("an email address such as `name@example.com`"),
            Self::Arn(None) => f.write_str("an ARN such as `arn:aws:iam::123456789012:role/admin`"),
            Self::Arn(Some(service)) => write!(f, "an ARN that starts with `arn:aws:{service}:`"),
            Self::Rfc3339 => f.write_str("a time in RFC 3339 such as `2026-01-02T15:04:05Z`"),
        }
    }
}

fn cidr(text: &str, wanted: Option<Family>) -> Result<(), String> {
    let (address, length) =
        text.split_once('/').ok_or("the length of the network is missing, such as `/16`")?;
    let address: IpAddr =
        address.parse().map_err(|_| format!("`{address}` is not an IP address"))?;
    let (family, name, bits) = match address {
        IpAddr::V4(_) => (Family::V4, "IPv4", 32),
        IpAddr::V6(_) => (Family::V6, "IPv6", 128),
    };
    if wanted.is_some_and(|wanted| wanted != family) {
        return Err(format!("this is an {name} network"));
    }
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (length == "0" || !length.starts_with('0'));
    let length: u32 =
        length.parse().ok().filter(|length| canonical && *length <= bits).ok_or_else(|| {
            format!("an {name} network has a length from 0 to {bits}, and not `{length}`")
        })?;
    let network: IpAddr = match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            Ipv4Addr::from(u32::from(address) & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            Ipv6Addr::from(u128::from(address) & mask).into()
        }
    };
    if network == address {
        Ok(())
    } else {
        Err(format!("this is an address inside of the network `{network}/{length}`"))
    }
}

fn arn(text: &str, wanted: Option<&str>) -> Result<(), String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else {
        return Err("it does not have six parts with `:` between them".to_owned());
    };
    let word = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if *arn != "arn" {
        Err("it does not start with `arn:`".to_owned())
    } else if *partition != "aws" && !(partition.starts_with("aws-") && word(partition)) {
        Err(format!("`{partition}` is not a partition such as `aws` or `aws-cn`"))
    } else if service.is_empty() || !word(service) {
        Err("it names no service".to_owned())
    } else if wanted.is_some_and(|wanted| wanted != *service) {
        Err(format!("its service is `{service}`"))
    } else if !word(region) {
        Err(format!("`{region}` is not a region"))
    } else if !word(account) || (digits(account) && ![0, 12].contains(&account.len())) {
        Err(format!("`{account}` is not an account id of 12 digits"))
    } else if resource.is_empty() {
        Err("it names no resource".to_owned())
    } else {
        Ok(())
    }
}

fn rfc3339(text: &str) -> Result<(), Option<String>> {
    let Some(found) = RFC3339.as_ref().and_then(|form| form.captures(text)) else {
        return Err(None);
    };
    // The calendar does not depend on the fraction, which may have more digits than a clock.
    let whole = match found.get(2) {
        Some(fraction) => text.replacen(fraction.as_str(), "", 1),
        None => text.to_owned(),
    };
    let time: Result<jiff::Timestamp, _> = whole.parse();
    time.map(drop).map_err(|_| Some("there is no such day".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(format: Format, text: &str) -> bool {
        format.check(text).is_ok()
    }

    #[test]
    fn networks() {
        for text in ["10.0.0.0/16", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0", "::1/128"]
        {
            assert_eq!(Format::Cidr(None).check(text), Ok(()), "{text}");
        }
        for (text, why) in [
            ("10.0.0.0", "the length of the network is missing, such as `/16`"),
            ("10.0.0/16", "`10.0.0` is not an IP address"),
            ("010.0.0.0/8", "`010.0.0.0` is not an IP address"),
            ("10.0.0.0/33", "an IPv4 network has a length from 0 to 32, and not `33`"),
            ("10.0.0.0/08", "an IPv4 network has a length from 0 to 32, and not `08`"),
            ("10.0.0.0/+8", "an IPv4 network has a length from 0 to 32, and not `+8`"),
            ("::/", "an IPv6 network has a length from 0 to 128, and not ``"),
            ("::/129", "an IPv6 network has a length from 0 to 128, and not `129`"),
            ("10.0.1.2/16", "this is an address inside of the network `10.0.0.0/16`"),
            ("10.0.1.2/0", "this is an address inside of the network `0.0.0.0/0`"),
            ("2001:db8::1/32", "this is an address inside of the network `2001:db8::/32`"),
        ] {
            assert_eq!(Format::Cidr(None).check(text), Err(Some(why.to_owned())), "{text}");
        }
        let other = |family, name: &str| (Format::Cidr(Some(family)), name.to_owned());
        for ((format, name), text) in
            [(other(Family::V4, "IPv6"), "::/0"), (other(Family::V6, "IPv4"), "0.0.0.0/0")]
        {
            assert_eq!(format.check(text), Err(Some(format!("this is an {name} network"))));
        }
    }

    #[test]
    fn email_addresses() {
        for text in ["a@example.com", "first.last+tag@sub.example.co.uk", "o'neil@example.com"] {
            assert!(holds(Format::Email, text), "{text}");
        }
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@localhost",
            "a b@example.com",
            "a@example..com",
            "Name <a@example.com>",
            "a@[127.0.0.1]",
            "a@example.com ",
            "a@@example.com",
        ] {
            assert!(!holds(Format::Email, text), "{text}");
        }
    }

    #[test]
    fn resource_names() {
        for text in [
            "arn:aws:iam::123456789012:role/path/admin",
            "arn:aws:s3:::bucket",
            "arn:aws-us-gov:sns:us-gov-west-1:123456789012:topic:sub",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ] {
            assert_eq!(Format::Arn(None).check(text), Ok(()), "{text}");
        }
        for (text, why) in [
            ("arn:aws:s3", "it does not have six parts with `:` between them"),
            ("urn:aws:s3:::bucket", "it does not start with `arn:`"),
            ("arn:gcp:s3:::bucket", "`gcp` is not a partition such as `aws` or `aws-cn`"),
            ("arn:aws::::bucket", "it names no service"),
            ("arn:aws:sns:US East:123456789012:t", "`US East` is not a region"),
            ("arn:aws:iam::12345:role/admin", "`12345` is not an account id of 12 digits"),
            ("arn:aws:s3:::", "it names no resource"),
        ] {
            assert_eq!(Format::Arn(None).check(text), Err(Some(why.to_owned())), "{text}");
        }
        assert!(holds(Format::Arn(Some("s3")), "arn:aws-cn:s3:::bucket"));
        let why = Some("its service is `s3`".to_owned());
        assert_eq!(Format::Arn(Some("iam")).check("arn:aws:s3:::bucket"), Err(why));
    }

    #[test]
    fn times() {
        for text in [
            "2026-01-02T15:04:05Z",
            "2024-02-29T00:00:00+05:30",
            "2026-01-02T15:04:05.123456789012-23:59",
            "0001-01-01T00:00:00Z",
        ] {
            assert_eq!(Format::Rfc3339.check(text), Ok(()), "{text}");
        }
        for text in [
            "2026-01-02",
            "2026-01-02 15:04:05Z",
            "2026-01-02t15:04:05z",
            "2026-01-02T15:04:05",
            "2026-01-02T24:00:00Z",
            "2026-01-02T15:04:60Z",
            "2026-01-02T15:04:05+24:00",
            "now",
        ] {
            assert_eq!(Format::Rfc3339.check(text), Err(None), "{text}");
        }
        for text in ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z"] {
            let why = Some("there is no such day".to_owned());
            assert_eq!(Format::Rfc3339.check(text), Err(why), "{text}");
        }
    }
}
