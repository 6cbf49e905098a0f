//! The accounts that a vendor lists.

use std::collections::BTreeMap;

use fleet_model::tags;
use fleet_vending_proto::v1beta1 as wire;

use super::{Inner, refused};
use crate::duplicate::{Claimant, Duplicate};
use crate::refusal::Refusal;
use crate::wire::convert::{Nonsense, facts};

/// How many pages of a list are read.
const PAGES: usize = 1000;

impl Inner {
    /// The keys that more than one open account of a list carries.
    pub(super) async fn duplicates(&self) -> Result<Vec<Duplicate>, Refusal> {
        let mut client = self.looking().await?;
        if !client.described.lists {
            return Ok(Vec::new());
        }
        let mut claims: BTreeMap<String, Vec<Claimant>> = BTreeMap::new();
        let mut page_token = String::new();
        for _ in 0..PAGES {
            let request = wire::ListRequest { page_token, ..wire::ListRequest::default() };
            let page = client.rpc.list(request).await;
            let page = page
                .map_err(|status| refused(self.ended("List", &status).into_problem()))?
                .into_inner();
            for said in page.accounts {
                let key = said.r#ref.as_ref().map_or_else(String::new, |of| of.key.clone());
                let (facts, _) = facts::from_message(said, "")
                    .map_err(|nonsense| refused(self.broken(&nonsense)))?;
                let account = facts::to_account(&facts);
                if let Some(claimant) = Claimant::new(&account, &facts.tags) {
                    let key = facts.tags.get(tags::KEY).cloned().unwrap_or(key);
                    claims.entry(key).or_default().push(claimant);
                }
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                let twice = claims.into_iter().filter_map(|(key, of)| Duplicate::of(&key, of));
                return Ok(twice.collect());
            }
        }
        Err(refused(self.broken(&Nonsense(format!("its list has more than {PAGES} pages")))))
    }
}
