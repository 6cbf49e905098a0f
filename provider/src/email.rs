//! The address of an account's root user, and the pattern that makes one out of an account's key.

/// What stands in a pattern for the account's key.
const KEY: &str = "{key}";
/// The most characters that AWS takes.
const LONGEST: usize = 64;

/// Checks an address against AWS's rules (`organizations:CreateAccount`).
///
/// # Errors
/// Why AWS would refuse it, as the end of a sentence.
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
        Err("an email is ASCII, local@domain with a dot in the domain, without spaces".into())
    } else if !(6..=LONGEST).contains(&text.len()) {
        Err(format!("AWS takes 6 to {LONGEST} characters, and these are {}", text.len()))
    } else {
        Ok(())
    }
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
    check(&of(pattern, "key"))
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
    fn a_pattern_makes_an_address_of_its_own_for_each_key() {
        assert_eq!(check_pattern("aws+{key}@example.com"), Ok(()));
        assert_eq!(of("aws+{key}@example.com", "payments-prod"), "aws+payments-prod@example.com");
        for bad in ["", "aws@example.com", "aws@{key}.example.com", "{key}", "a b{key}@example.com"]
        {
            assert!(check_pattern(bad).is_err(), "{bad}");
        }
    }
}
