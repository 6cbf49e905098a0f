//! The function as core calls it.

use fleet_model::snapshot::Snapshot;

use super::*;

const RECORD: &str = r#"{"name":"pay-01","account":"pay","environment":"prod","region":"ap-southeast-1","cloud":"aws","data_classification":"pci"}"#;

fn call(snapshot: &str, records: &[&str]) -> Result<String, FunctionError> {
    let records = records.iter().map(|record| Value::String((*record).to_owned())).collect();
    let arguments = vec![Value::String(snapshot.to_owned()), Value::List(records)];
    Overlay.call(arguments).map(|value| String::decode(value).unwrap())
}

fn empty() -> String {
    Snapshot::default().encode().unwrap()
}

#[test]
fn records_are_laid_over_the_snapshot() {
    let laid = call(&empty(), &[RECORD]).unwrap();
    let snapshot = Snapshot::decode(&laid).unwrap();
    assert_eq!(snapshot.clusters.len(), 1);
    assert!(snapshot.clusters.values().all(|cluster| cluster.planned && !cluster.admitted));
    assert_eq!(call(&empty(), &[]).unwrap(), empty());
    assert_eq!(call(&laid, &[RECORD]).unwrap(), laid);
}

#[test]
fn what_is_wrong_is_told_with_its_argument() {
    let newer = empty().replace("snapshot:4:", "snapshot:5:");
    let typo = RECORD.replace("cloud", "clud");
    let cases: [(&str, &[&str]); 5] = [
        ("", &[RECORD]),
        (&newer, &[RECORD]),
        (&empty(), &[RECORD, "pay-01"]),
        (&empty(), &[&typo]),
        (&empty(), &[RECORD, RECORD]),
    ];
    let told: Vec<String> = cases
        .into_iter()
        .map(|(snapshot, records)| {
            let FunctionError { text, argument } = call(snapshot, records).unwrap_err();
            format!("argument {argument:?}: {text}")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// What the function's page gives for the mocks of a `terraform test`.
#[test]
fn the_mocks_of_the_page_can_be_read() {
    let page = include_str!("../../../templates/functions/overlay.md");
    let given = |name: &str| {
        let (_, rest) = page.split_once(&format!("{name} = \"")).unwrap();
        let (text, _) = rest.split_once("\" } }").unwrap();
        text.replace("\\\"", "\"")
    };
    let (snapshot, record) = (given("snapshot"), given("record"));
    assert_eq!(Snapshot::decode(&snapshot).unwrap(), Snapshot::default());
    let laid = Snapshot::decode(&call(&snapshot, &[&record]).unwrap()).unwrap();
    assert_eq!(laid.clusters.len(), 1);
}
