//! What an address is, and how it is shown to a person: an endpoint, a proxy, a Git remote. What may be a secret in it is left out, a
//! user and a password before the host and everything from `?` or `#` on.

/// Whether a text is a URL that a connection can be made to: a scheme, a host, and a port if any.
#[must_use]
pub fn is_whole(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && !name.is_empty()
        && !url.contains(|of: char| of.is_whitespace() || of.is_control())
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// An address without user, password, query and fragment.
#[must_use]
pub fn shown(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, address),
    };
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    // A password may hold a `/` that nobody has escaped; an `@` after the host's own `/` is part of a path.
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (authority, path) = match authority.rsplit_once('@') {
        Some((_, host)) => (host, path),
        None if authority.contains(':') && !has_port(authority) => after_user(authority, path),
        None => (authority, path),
    };
    match scheme {
        Some(scheme) => format!("{scheme}://{authority}{path}"),
        None => format!("{authority}{path}"),
    }
}

/// Whether what follows the last colon is a port, or nothing.
fn has_port(authority: &str) -> bool {
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    authority.ends_with(']') || port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Of `user:pass/word@host/path`, the host and the path.
fn after_user<'a>(authority: &'a str, path: &'a str) -> (&'a str, &'a str) {
    match path.rsplit_once('@') {
        Some((_, host)) => host.split_at(host.find('/').unwrap_or(host.len())),
        None => (authority, path),
    }
}

/// A text of another program, with each address in it as [`shown`] shows it.
#[must_use]
pub fn shown_in(text: &str) -> String {
    let ends = |of: char| of.is_whitespace() || "'\"`<>()".contains(of);
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let begin = rest[..at]
            .rfind(|of: char| !(of.is_ascii_alphanumeric() || "+.-".contains(of)))
            .map_or(0, |before| before + rest[before..].chars().next().map_or(1, char::len_utf8));
        let end = rest[at..].find(ends).map_or(rest.len(), |length| at + length);
        cleaned.push_str(&rest[..begin]);
        cleaned.push_str(&shown(&rest[begin..end]));
        rest = &rest[end..];
    }
    cleaned.push_str(rest);
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_a_secret() {
        for (address, clean) in [
            ("http://user:pa@ss@proxy:3128", "http://proxy:3128"),
            ("http://proxy:3128/x@y", "http://proxy:3128/x@y"),
            ("user:word@proxy:3128", "proxy:3128"),
            ("https://host/x.git?private_token=s3cr3t", "https://host/x.git"),
            ("https://host?t=s3cr3t", "https://host"),
            ("https://host#s3cr3t", "https://host"),
            ("https://u:s3cr3t@host/x?a=b@c", "https://host/x"),
            ("https://s3cr3t@host/x", "https://host/x"),
            ("https://u:s3/cr3t@host/x", "https://host/x"),
            ("https://[::1]:80/x@y", "https://[::1]:80/x@y"),
            ("git@example.com:acme/fleet.git", "example.com:acme/fleet.git"),
            ("/srv/git/fleet.git", "/srv/git/fleet.git"),
            ("127.0.0.1:5000", "127.0.0.1:5000"),
            ("", ""),
        ] {
            assert_eq!(shown(address), clean);
        }
    }

    #[test]
    fn so_is_each_address_in_a_text() {
        for (text, clean) in [
            (
                "fatal: unable to access 'https://u:p@host/x.git/?t=s3cr3t': Could not resolve host: host",
                "fatal: unable to access 'https://host/x.git/': Could not resolve host: host",
            ),
            ("é http://a?x=1 and http://b@c", "é http://a and http://c"),
            ("ünd\u{201c}http://u@a", "ünd\u{201c}http://a"),
            ("no address at all", "no address at all"),
            ("://", "://"),
        ] {
            assert_eq!(shown_in(text), clean);
        }
    }
}
