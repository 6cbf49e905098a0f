//! What the data source makes of a survey and an inventory.

use fleet_vending::aws::api;
use fleet_vending::aws::api::AccountState;

use super::*;

fn seen(id: &str, tags: &[(&str, &str)]) -> AccountSeen {
    AccountSeen {
        account: api::Account {
            id: id.into(),
            arn: format!("arn:{id}"),
            name: "n".into(),
            email: "e@example.com".into(),
            state: AccountState::Closed,
            created_here: false,
            joined_at: None,
            parent_id: Some("r-ab12".into()),
        },
        path: Some(String::new()),
        tags: Some(tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
    }
}

#[test]
fn an_account_that_nobody_manages_says_so() {
    let told = account(&seen("123456789012", &[("team", "x")]), &Filed::new(), false);
    assert_eq!(told.managed_by, Attr::Null);
    assert_eq!((told.key, told.phase, told.ready), (Attr::Null, Attr::Null, Attr::Null));
    assert_eq!(told.state.as_str(), Some("CLOSED"));
    assert_eq!(told.joined_method.as_str(), Some("INVITED"));
    assert_eq!(told.tags, Attr::Null);
}

#[test]
fn tags_are_shown_on_request_and_name_key_and_manager() {
    let tags = [("fleet:managed-by", "us"), ("fleet:key", "pay")];
    let told = account(&seen("123456789012", &tags), &Filed::new(), true);
    assert_eq!(told.managed_by.as_str(), Some("us"));
    assert_eq!(told.key.as_str(), Some("pay"));
    assert_eq!(told.tags.known().map(BTreeMap::len), Some(2));
}
