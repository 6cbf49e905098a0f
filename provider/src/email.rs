//! The address of an account's root user, and the pattern that makes one out of an account's key.

/// What stands in a pattern for the account's key.
const KEY: &str = "{key}";
/// The most characters that AWS takes.
const LONGEST: usize = 64;
/// What AWS accepts in no new address before the `@`, although mail does.
const REFUSED: &str = "\"'()<>[]:;,\\|%&";

/// Checks the form of an address that an account may have already: AWS has accounts whose addresses it would
/// give to no new one.
///
/// # Errors
/// Why it is no address, as the end of a sentence.
pub fn check(text: &str) -> Result<(), String> {
    let formed = text.split_once('@').is_some_and(|(local, domain)| {
        let clean = |part: &str| !part.is_empty() && !part.contains('@');
        clean(local)
            && clean(domain)
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
    });
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    if !formed || !plain {
        Err("an email is ASCII, `local@domain` with a dot in the domain, without spaces".into())
    } else if !(6..=LONGEST).contains(&text.len()) {
        Err(format!("an email has 6 to {LONGEST} characters here, and this one has {}", text.len()))
    } else {
        Ok(())
    }
}

/// Checks an address that AWS is asked to give to an account, by the rules of
/// [CreateAccount](https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html).
///
/// # Errors
/// Why AWS would refuse it, as the end of a sentence.
pub fn check_new(text: &str) -> Result<(), String> {
    check(text)?;
    let (local, domain) = text.split_once('@').unwrap_or_default();
    if let Some(refused) = local.chars().find(|c| REFUSED.contains(*c)) {
        return Err(format!("AWS accepts no `{refused}` before the `@`"));
    }
    if local.starts_with('.') {
        return Err("AWS accepts no address that begins with a dot".into());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if let Some(refused) = domain.chars().find(|c| !allowed(*c)) {
        return Err(format!("AWS accepts no `{refused}` in the domain"));
    }
    if domain.starts_with('-') || domain.ends_with('-') {
        return Err("AWS accepts no domain that begins or ends with a hyphen".into());
    }
    Ok(())
}

/// Checks a pattern: with the key in it, it has to be an address, and another one for each key.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    let local = pattern.rsplit_once('@').map_or("", |(local, _)| local);
    if !local.contains(KEY) {
        return Err(format!(
            "`{KEY}` has to stand before the `@`, so that each account gets an address of its own"
        ));
    }
    let made = of(pattern, "key");
    if made.contains(['{', '}']) {
        return Err(format!("it has braces beside `{KEY}`, which is all that can be filled in"));
    }
    check_new(&made)
}

/// The address of the account `key`.
#[must_use]
pub fn of(pattern: &str, key: &str) -> String {
    pattern.replace(KEY, key)
}

/// Whether both are the same address at AWS, which does not tell letters by their case.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_follow_aws() {
        for good in ["a@b.co", "aws+payments-prod@example.com"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let long = format!("{}@example.com", "x".repeat(60));
        for bad in
            ["", "nowhere", "a@b", "@b.co", "a@b..co", "a b@c.de", "a@b@c.de", "ü@b.co", &long]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_new_address_follows_every_rule_of_aws() {
        for good in ["a@b.co", "aws+payments-prod@example.com", "a.b!#$*/=?^_`{}~@x-y.example.com"]
        {
            assert_eq!(check_new(good), Ok(()), "{good}");
        }
        for refused in "\"'()<>[]:;,\\|%&".chars() {
            let address = format!("a{refused}b@example.com");
            assert_eq!(check(&address), Ok(()), "an account may have {address} already");
            assert!(check_new(&address).unwrap_err().contains(refused), "{address}");
        }
        for bad in [
            ".ab@example.com",
            "ab@-example.com",
            "ab@example.com-",
            "ab@exam_ple.com",
            "ab@example.com.",
        ] {
            assert!(check_new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pattern_makes_an_address_of_its_own_for_each_key() {
        assert_eq!(check_pattern("aws+{key}@example.com"), Ok(()));
        assert_eq!(of("aws+{key}@example.com", "payments-prod"), "aws+payments-prod@example.com");
        for bad in [
            "",
            "aws@example.com",
            "aws@{key}.example.com",
            "{key}",
            "a b{key}@example.com",
            "a%{key}@example.com",
            "{name}+{key}@example.com",
        ] {
            assert!(check_pattern(bad).is_err(), "{bad}");
        }
    }
}
