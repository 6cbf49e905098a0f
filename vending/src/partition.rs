//! The partitions of AWS: worlds of their own, each with its regions, its ARNs and its organizations.

/// A partition, by where its regions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partition {
    /// `aws`: the commercial regions.
    #[default]
    Commercial,
    /// `aws-us-gov`: AWS GovCloud (US).
    GovCloud,
    /// `aws-cn`: the regions in China.
    China,
    /// One that this version has not been written for (`aws-eusc`, `aws-iso…`).
    Other,
}

/// The name of the partition that an ARN is of, also of one that this version has not been written for.
#[must_use]
pub fn of_arn(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or("aws")
}

// === impl Partition ===

impl Partition {
    /// The partition of a region, by its name.
    #[must_use]
    pub fn of(region: &str) -> Self {
        match region.split('-').collect::<Vec<_>>().as_slice() {
            ["us", "gov", ..] => Self::GovCloud,
            ["cn", ..] => Self::China,
            // us-iso-, us-isob-, eu-isoe-, us-isof-, eusc-
            [_, part, ..] if part.starts_with("iso") => Self::Other,
            ["eusc", ..] => Self::Other,
            _ => Self::Commercial,
        }
    }

    /// How its ARNs name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commercial => "aws",
            Self::GovCloud => "aws-us-gov",
            Self::China => "aws-cn",
            Self::Other => "another partition",
        }
    }

    /// The partition that an ARN names.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Commercial, Self::GovCloud, Self::China].into_iter().find(|of| of.as_str() == name)
    }

    /// The region in which it keeps Organizations, and the tags of its resources
    /// ([endpoints](https://docs.aws.amazon.com/general/latest/gr/ao.html)).
    #[must_use]
    pub fn organizations_region(self) -> &'static str {
        match self {
            Self::Commercial | Self::Other => "us-east-1",
            Self::GovCloud => "us-gov-west-1",
            Self::China => "cn-northwest-1",
        }
    }

    /// Whether Organizations creates accounts in it. In AWS GovCloud (US) it does not: they are made in pairs by
    /// `CreateGovCloudAccount`, called in the commercial partition, and then invited
    /// ([differences](https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-organizations.html)).
    #[must_use]
    pub fn creates_accounts(self) -> bool {
        matches!(self, Self::Commercial | Self::China)
    }
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_in_one_partition() {
        for (region, partition, home) in [
            ("ap-southeast-3", Partition::Commercial, "us-east-1"),
            ("us-east-1", Partition::Commercial, "us-east-1"),
            ("us-gov-east-1", Partition::GovCloud, "us-gov-west-1"),
            ("cn-north-1", Partition::China, "cn-northwest-1"),
            ("us-isob-east-1", Partition::Other, "us-east-1"),
            ("eusc-de-east-1", Partition::Other, "us-east-1"),
        ] {
            assert_eq!(Partition::of(region), partition, "{region}");
            assert_eq!(partition.organizations_region(), home, "{region}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for partition in [Partition::Commercial, Partition::GovCloud, Partition::China] {
            assert_eq!(Partition::parse(partition.as_str()), Some(partition));
        }
        assert_eq!(Partition::parse("aws-mars"), None);
    }
}
