use super::*;

fn contains(range: &str, version: &str) -> bool {
    VersionRange::parse(range).unwrap().contains(version)
}

#[test]
fn a_version_is_in_a_range_or_not() {
    let table = [
        (
            ">= 1.31, < 1.33",
            "1.31.0 1.31 1.32 1.32.9-eks-1a2b3c 1.31.5+k3s1",
            "1.30 1.30.99 1.33 1.33.0 2.0",
        ),
        ("1.32", "1.32 1.32.0 1.32.4-gke.1234000", "1.31 1.33 1.31.99"),
        ("= 1.32.4", "1.32.4 1.32.4-eks-1", "1.32.3 1.32.5 1.32"),
        ("> 1.32", "1.33 1.33.0 2.0", "1.32 1.32.9"),
        ("> 1.32.4", "1.32.5 1.33", "1.32.4 1.32"),
        ("<= 1.32", "1.32 1.32.9 1.9 1.2.3", "1.33 1.33.0"),
        ("<= 1.32.4", "1.32.4 1.31", "1.32.5 1.32"),
        ("!= 1.32", "1.31 1.33", "1.32 1.32.7"),
        // What 1.32 is exactly is not known, and it may be the one that is not wanted.
        ("!= 1.32.4", "1.32.3 1.33", "1.32.4 1.32"),
        ("~> 1.31", "1.31 1.40", "1.30 2.0"),
        ("~>1.31.2", "1.31.2 1.31.9", "1.31.1 1.32 1.31"),
        (">= 1.32.0", "1.32 1.32.0", "1.31.9"),
        (">=1.31,<1.34,!=1.32.1", "1.31 1.32.0 1.33", "1.32.1 1.32"),
        // As numbers, not as texts.
        (">= 1.9", "1.10 1.9", "1.8"),
    ];
    for (range, inside, outside) in table {
        for version in inside.split(' ') {
            assert!(contains(range, version), "{version} is in {range}");
        }
        for version in outside.split(' ') {
            assert!(!contains(range, version), "{version} is not in {range}");
        }
    }
    assert!(!contains(">= 0.0", "latest"));
    assert!(!contains(">= 0.0", ""));
}

#[test]
fn what_is_no_range_is_refused() {
    for bad in [
        "",
        " ",
        "latest",
        "1",
        ">= 1",
        "v1.32",
        ">= v1.32",
        "1.32.x",
        "1.*",
        ">= 1.31 < 1.33",
        ">= 1.31,",
        ", 1.31",
        "=> 1.31",
        "== 1.31",
        "^1.31",
        "~1.31",
        "<> 1.31",
        "1.31 || 1.33",
        "1.31 - 1.33",
        ">= 1.31.0.0",
        ">= 01.31",
        ">= 1.+31",
        ">= 1.31-eks",
        ">= 99999.1",
        ">= 1.\n31",
        ">= \u{661}.\u{663}",
    ] {
        assert_eq!(VersionRange::parse(bad), Err(VersionRangeError::Form), "{bad:?}");
    }
    for bad in [
        ">= 1.33, < 1.32",
        "> 1.32, < 1.33",
        "= 1.32, = 1.33",
        "1.32, != 1.32",
        "1.32.4, != 1.32.4",
        ">= 1.31, < 1.33, != 1.31, != 1.32",
        "< 0.0",
    ] {
        assert_eq!(VersionRange::parse(bad), Err(VersionRangeError::Empty), "{bad:?}");
    }
    assert_eq!(VersionRange::parse(">= 1.31, < 1.33").unwrap().to_string(), ">= 1.31, < 1.33");
}

/// Against each version by itself, one condition after the other, in plain words.
#[test]
fn a_range_is_all_of_its_conditions() {
    let meets = |operator: &str, found: (u32, u32), asked: (u32, u32)| match operator {
        "=" => found == asked,
        "!=" => found != asked,
        ">" => found > asked,
        ">=" => found >= asked,
        "<" => found < asked,
        _ => found <= asked,
    };
    let operators = ["=", "!=", ">", ">=", "<", "<="];
    let points = || (0..3).flat_map(|minor| (0..3).map(move |patch| (minor, patch)));
    for (one, other) in operators.iter().flat_map(|one| operators.map(|other| (*one, other))) {
        for (a, b) in points().flat_map(|a| points().map(move |b| (a, b))) {
            let text = format!("{one} 1.{}.{}, {other} 1.{}.{}", a.0, a.1, b.0, b.1);
            // No version is in an empty one.
            let range = VersionRange::parse(&text).ok();
            for found in points() {
                let version = format!("1.{}.{}", found.0, found.1);
                let expected = meets(one, found, a) && meets(other, found, b);
                let got = range.as_ref().is_some_and(|range| range.contains(&version));
                assert_eq!(got, expected, "{version} in {text}");
            }
        }
    }
}
