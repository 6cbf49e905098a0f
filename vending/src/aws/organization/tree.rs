//! The root and the OUs, as far as this process has asked for them: a thousand accounts under one
//! parent ask for it once. A change of ours empties it.

use std::collections::BTreeMap;

use tokio::sync::Mutex;

use crate::aws::api::{OrganizationalUnit, Ports, Root};
use crate::error::Error;

/// See the module. Each lock is held over a read, so that many who ask at once cause one call.
#[derive(Default)]
pub(crate) struct Tree {
    root: Mutex<Option<Root>>,
    children: Mutex<BTreeMap<String, Vec<OrganizationalUnit>>>,
    units: Mutex<BTreeMap<String, Option<OrganizationalUnit>>>,
}

impl Tree {
    pub(crate) async fn root(&self, ports: &Ports) -> Result<Root, Error> {
        let mut known = self.root.lock().await;
        if let Some(root) = &*known {
            return Ok(root.clone());
        }
        Ok(known.insert(ports.organizations.root().await?).clone())
    }

    /// The OUs right below an OU or the root.
    pub(crate) async fn children(
        &self,
        ports: &Ports,
        parent_id: &str,
    ) -> Result<Vec<OrganizationalUnit>, Error> {
        let mut known = self.children.lock().await;
        if let Some(children) = known.get(parent_id) {
            return Ok(children.clone());
        }
        let children = ports.organizations.organizational_units(parent_id).await?;
        known.insert(parent_id.to_owned(), children.clone());
        Ok(children)
    }

    /// An OU by its id; `None` when it is not there.
    pub(crate) async fn unit(
        &self,
        ports: &Ports,
        id: &str,
    ) -> Result<Option<OrganizationalUnit>, Error> {
        let mut known = self.units.lock().await;
        if let Some(unit) = known.get(id) {
            return Ok(unit.clone());
        }
        let unit = ports.organizations.organizational_unit(id).await?;
        known.insert(id.to_owned(), unit.clone());
        Ok(unit)
    }

    /// Forgets the OUs: one was made, renamed or deleted.
    pub(crate) async fn forget(&self) {
        self.children.lock().await.clear();
        self.units.lock().await.clear();
    }
}
