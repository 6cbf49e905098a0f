//! The regions of AWS, by partition, as far as this version knows them; and what a region's name looks like, so that
//! one that AWS opens later can be told from a typing error.

use crate::nearest::nearest;

/// The regions that there were when this version was written
/// ([list](https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html)).
const KNOWN: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "eusc-de-east-1",
    "eu-isoe-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
];

/// How the names of regions begin.
const AREAS: &[&str] = &[
    "af", "ap", "ca", "cn", "eu", "eu-isoe", "eusc-de", "il", "me", "mx", "sa", "us", "us-gov",
    "us-iso", "us-isob", "us-isof",
];

/// What stands between the area and the number.
const DIRECTIONS: &[&str] = &[
    "central",
    "north",
    "south",
    "east",
    "west",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// What this version knows of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// AWS has it.
    Known,
    /// It is written as AWS writes them; AWS may have opened it since.
    Plausible,
    /// AWS would not name a region so.
    Impossible,
}

/// What is known of the region `name`.
#[must_use]
pub fn standing(name: &str) -> Standing {
    if KNOWN.contains(&name) {
        return Standing::Known;
    }
    let plausible = name.rsplit_once('-').is_some_and(|(rest, number)| {
        let numbered = (1..=2).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.starts_with('0');
        numbered
            && rest.rsplit_once('-').is_some_and(|(area, direction)| {
                AREAS.contains(&area) && DIRECTIONS.contains(&direction)
            })
    });
    if plausible { Standing::Plausible } else { Standing::Impossible }
}

/// The known regions whose names look most like `name`, the nearest first.
#[must_use]
pub fn near(name: &str) -> Vec<String> {
    let mut near = nearest(name, KNOWN.iter().map(|&known| known.to_owned()));
    near.truncate(3);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_region_is_told_from_a_typing_error() {
        for known in KNOWN {
            assert_eq!(standing(known), Standing::Known);
        }
        for new in ["eu-north-2", "sa-west-1", "us-gov-central-1", "ap-southeast-10"] {
            assert_eq!(standing(new), Standing::Plausible, "{new}");
        }
        for wrong in [
            "",
            "xx-nowhere-9",
            "us-eats-1",
            "eu-west",
            "eu-west-1a",
            "EU-WEST-1",
            "eu-west-01",
            "eu-west-0",
            "eu-west-100",
            "singapore",
            "ap--1",
            "uk-south-1",
        ] {
            assert_eq!(standing(wrong), Standing::Impossible, "{wrong}");
        }
    }

    #[test]
    fn every_known_region_follows_the_rule_of_names() {
        for known in KNOWN {
            let (rest, _) = known.rsplit_once('-').unwrap();
            let (area, direction) = rest.rsplit_once('-').unwrap();
            assert!(AREAS.contains(&area) && DIRECTIONS.contains(&direction), "{known}");
        }
    }

    #[test]
    fn what_is_near_is_named() {
        assert_eq!(near("us-eats-1")[0], "us-east-1");
        assert_eq!(near("eu-wset-1").len(), 3);
    }
}
