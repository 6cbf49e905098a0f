//! What the address of a repository may be: what Git clients and GitOps controllers fetch from over a network, without
//! anything that lets somebody in. The manifest lies in Git, and whoever reads it must not be led elsewhere by it.

use std::net::Ipv6Addr;

use super::{Rule, blank};

/// What may stand before `://`.
const SCHEMES: [&str; 7] = ["https", "http", "ssh", "git+ssh", "ssh+git", "git", "oci"];
/// Of these, those in which a user is a name that everybody has (`git`), and not a token.
const SSH: [&str; 3] = ["ssh", "git+ssh", "ssh+git"];
/// The most characters of a name in the DNS (RFC 1035, section 2.3.4), and of each of its labels.
const NAME: usize = 253;
const LABEL: usize = 63;

/// The rule that `text` breaks as an address: `https://HOST/PATH`, `ssh://USER@HOST/PATH`, `USER@HOST:PATH`,
/// `oci://HOST/PATH` or `HOST/PATH` of a registry.
pub(super) fn repository(text: &str) -> Option<Rule> {
    if let Some(rule) = blank(text) {
        return Some(rule);
    }
    if text.contains(['?', '#']) {
        return Some(Rule::Query);
    }
    if text.starts_with('-') {
        return Some(Rule::Option);
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let scheme = scheme.to_ascii_lowercase();
    let is_ssh = scheme.is_empty() || SSH.contains(&scheme.as_str());
    if let Some(rule) = before_host(rest, is_ssh) {
        return Some(rule);
    }
    match scheme.as_str() {
        "" => short(text),
        "file" => Some(Rule::Local),
        of if SCHEMES.contains(&of) => url(rest),
        _ => Some(Rule::Scheme),
    }
}

/// What is wrong with whatever stands before the first `/`, whichever form it is: a secret, or an option.
fn before_host(rest: &str, is_ssh: bool) -> Option<Rule> {
    let authority = rest.split('/').next().unwrap_or_default();
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if authority.starts_with('-') || host.starts_with('-') {
        return Some(Rule::Host);
    }
    let user = user?;
    // A token of HTTPS may stand as its user.
    let secret = !is_ssh || user.contains([':', '@']) || user.to_ascii_lowercase().contains("%3a");
    if secret {
        return Some(Rule::Credentials);
    }
    let named = |of: char| of.is_ascii_alphanumeric() || matches!(of, '.' | '_' | '-' | '+');
    (user.is_empty() || !user.chars().all(named)).then_some(Rule::Address)
}

/// `[USER@]HOST[:PORT]/PATH`, what follows a scheme.
fn url(rest: &str) -> Option<Rule> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!is_host_and_port(host)).then_some(Rule::Address).or_else(|| in_path(path))
}

/// `USER@HOST:PATH` as ssh has it, or `HOST[:PORT]/PATH` of a registry. A name without a dot and without a user is a
/// directory to Git, as `x:y` is a drive.
fn short(text: &str) -> Option<Rule> {
    if text.contains("::") && !text.contains('[') {
        return Some(Rule::Scheme);
    }
    if text.starts_with(['/', '.', '~']) {
        return Some(Rule::Local);
    }
    let first = text.split('/').next().unwrap_or_default();
    let bracket = text.find(']').unwrap_or(0);
    let colon = text[bracket..].find(':').map(|at| bracket + at).filter(|at| *at < first.len());
    let Some(colon) = colon else {
        // Without a colon ssh has no path, and a registry no user.
        let is_registry = is_far(first) && text.len() > first.len() + 1;
        return match first.contains('@') {
            true => Some(Rule::Address),
            false if is_registry => in_path(&text[first.len() + 1..]),
            false => Some(Rule::Local),
        };
    };
    let (authority, path) = (&text[..colon], &text[colon + 1..]);
    let (user, host) = authority.split_once('@').map_or((None, authority), |(u, h)| (Some(u), h));
    if user.is_none() && is_host_and_port(first) && text.len() > first.len() + 1 {
        return in_path(&text[first.len() + 1..]);
    }
    if !is_host(host) || path.is_empty() {
        return Some(if user.is_some() { Rule::Address } else { Rule::Local });
    }
    if user.is_none() && !is_far(host) {
        return Some(Rule::Local);
    }
    path.starts_with('-').then_some(Rule::Option).or_else(|| in_path(path))
}

/// Whether a host that stands without a scheme is one: anything else would be a directory's name.
fn is_far(host: &str) -> bool {
    is_host(host) && (host.contains('.') || host == "localhost" || host.starts_with('['))
}

fn is_host_and_port(text: &str) -> bool {
    let bracket = text.find(']').unwrap_or(0);
    match text[bracket..].find(':').map(|at| bracket + at) {
        None => is_host(text),
        Some(colon) => {
            let port = &text[colon + 1..];
            let digits = !port.is_empty() && port.bytes().all(|of| of.is_ascii_digit());
            digits && port.parse::<u16>().is_ok_and(|port| port > 0) && is_host(&text[..colon])
        }
    }
}

/// A name of the DNS, or an address of IP.
fn is_host(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    let inner = |of: u8| of.is_ascii_alphanumeric() || matches!(of, b'-' | b'_');
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= NAME && text.split('.').all(label)
}

/// The rest of an address. What is escaped in it is looked at as it is read: a line break is one either way.
fn in_path(path: &str) -> Option<Rule> {
    let Some(read) = unescaped(path) else { return Some(Rule::Address) };
    if let Some(rule) = read.contains(super::is_unseen).then_some(Rule::Blank) {
        return Some(rule);
    }
    let foreign = ['\\', '"', '<', '>', '^', '`', '{', '|', '}'];
    let leaves = read.split('/').any(|part| part == "..");
    (leaves || read.contains(foreign)).then_some(Rule::Address)
}

/// The path with each `%XX` read; `None` for what is no escape, or no text behind it.
fn unescaped(path: &str) -> Option<String> {
    let mut read = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            if !digits.bytes().all(|of| of.is_ascii_hexdigit()) {
                return None;
            }
            read.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            read.push(*first);
            rest = after;
        }
    }
    String::from_utf8(read).ok()
}
