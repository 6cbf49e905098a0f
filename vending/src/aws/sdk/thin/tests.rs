use serde_json::Value;

use super::endpoint::{Flags, own};
use super::*;

/// Where botocore sends requests to: see `tests/data/botocore`.
const BOTOCORE: &str = include_str!("../../../../../tests/data/botocore/requests.json");

#[test]
fn endpoints_are_those_of_botocore() {
    let botocore: Value = serde_json::from_str(BOTOCORE).unwrap();
    let rows = botocore["endpoints"].as_array().unwrap();
    assert!(rows.len() > 20);
    for row in rows {
        let (service, host) = match row["service"].as_str().unwrap() {
            "ec2" => (&EC2, None),
            "s3control" => (&S3_CONTROL, Some("111122223333")),
            other => panic!("{other}"),
        };
        let is = |name: &str| row[name].as_bool().unwrap();
        let flags = Flags { fips: is("fips"), dual_stack: is("dual_stack") };
        let url = own(service, row["region"].as_str().unwrap(), host, flags);
        assert_eq!(url, row["url"].as_str().unwrap(), "{row}");
    }
}

#[test]
fn an_answer_that_defines_entities_is_none() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    assert!(Xml::parse(bomb).is_none());
    let plain = Xml::parse("<a xmlns=\"x\"><b> c </b></a>").unwrap();
    assert_eq!((plain.text(&["b"]), plain.text(&["d"])), (Some("c"), None));
}
