//! Organizations, and the tag index over its accounts.

use super::*;

impl Callers for Cloud {
    fn caller(&self) -> Call<'_, Caller> {
        self.call("GetCallerIdentity", |world| {
            let (reads_from, writes_from) = &world.callers;
            let [reads_from, writes_from] =
                [reads_from, writes_from].map(|of| AccountId::from(of.as_str()));
            let region = world.region.into();
            Ok(Caller { own: writes_from.clone(), reads_from, writes_from, region })
        })
    }

    fn is_let_in(&self) -> Call<'_, bool> {
        self.call("ListDelegatedAdministrators", |world| Ok(world.lets_in))
    }
}

impl Organizations for Cloud {
    fn organization(&self) -> Call<'_, Organization> {
        self.call("DescribeOrganization", |world| {
            Ok(Organization {
                id: ORGANIZATION.into(),
                arn: format!("arn:aws:organizations::999999999999:organization/{ORGANIZATION}"),
                management_account_id: MANAGEMENT.into(),
                feature_set: world.feature_set.into(),
            })
        })
    }

    fn root(&self) -> Call<'_, Root> {
        self.call("ListRoots", |_| Ok(Root { id: ROOT.into(), policy_types: BTreeSet::new() }))
    }

    fn trusted_services(&self) -> Call<'_, BTreeSet<String>> {
        self.call("ListAWSServiceAccessForOrganization", |world| Ok(world.trusted.clone()))
    }

    fn effective_tag_policy(&self) -> Call<'_, Option<String>> {
        self.call("DescribeEffectivePolicy", |world| Ok(world.tag_policy.map(str::to_owned)))
    }

    fn accounts(&self) -> Call<'_, Vec<Account>> {
        self.call("ListAccounts", |world| {
            let placed = |of: &Account| {
                let parent_id = world.parents.get(of.id.as_str()).cloned();
                Account { parent_id, ..of.clone() }
            };
            let visible = world.accounts.iter().filter(|of| world.visible(of));
            let listed: Vec<Account> = visible.map(placed).collect();
            Ok(listed.into_iter().map(|of| world.closes.read(of)).collect())
        })
    }

    fn account<'a>(&'a self, id: &'a AccountId) -> Call<'a, Option<Account>> {
        self.call("DescribeAccount", |world| {
            let found = world.accounts.iter().find(|of| of.id == *id && world.visible(of)).cloned();
            Ok(found.map(|of| world.closes.read(of)))
        })
    }

    fn create_requests(&self, in_progress: bool) -> Call<'_, Vec<CreateStatus>> {
        self.call("ListCreateAccountStatus", |world| {
            Ok(world
                .requests
                .iter()
                .map(|request| request.status.clone())
                .filter(|status| (status.state == CreateState::InProgress) == in_progress)
                .collect())
        })
    }

    fn create_request<'a>(&'a self, request_id: &'a str) -> Call<'a, CreateStatus> {
        self.call("DescribeCreateAccountStatus", |world| {
            let found = world.requests.iter().find(|of| of.status.request_id == request_id);
            found
                .map(|request| request.status.clone())
                .ok_or_else(|| not_found("s:Op", "CreateAccountStatusNotFoundException"))
        })
    }

    fn create_account<'a>(&'a self, wanted: &'a CreateAccount) -> Call<'a, CreateStatus> {
        self.call("CreateAccount", |world| {
            let open = |of: &&Request| of.status.state == CreateState::InProgress;
            let in_flight = world.requests.iter().filter(open).count();
            if in_flight >= 5 {
                return Err(Error::new(
                    "organizations:CreateAccount",
                    Kind::InFlightLimit,
                    "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
                    "",
                ));
            }
            world.most_in_flight = world.most_in_flight.max(in_flight + 1);
            let n = world.requests.len() + 1;
            let status = CreateStatus {
                request_id: format!("car-{n:04}"),
                name: wanted.name.clone(),
                requested_at: Timestamp::from_millisecond(world.now).ok(),
                state: CreateState::InProgress,
            };
            world.requests.push(Request {
                status: status.clone(),
                wanted: wanted.clone(),
                ends: world.now + world.create_seconds * 1000,
                account_id: format!("{:012}", 100_000_000_000 + n).as_str().into(),
            });
            Ok(status)
        })
    }

    fn close_account<'a>(&'a self, id: &'a AccountId) -> Call<'a, ()> {
        self.call("CloseAccount", |world| {
            let now = world.now;
            world.closes.close(&mut world.accounts, id, now)
        })
    }

    fn move_account<'a>(&'a self, id: &'a AccountId, from: &'a str, to: &'a str) -> Call<'a, ()> {
        self.call("MoveAccount", |world| {
            let at = world.parents.get(id.as_str()).cloned();
            if at.as_deref() == Some(to) {
                return Err(Error::new(
                    "s:Op",
                    Kind::AlreadyExists,
                    "DuplicateAccountException",
                    "",
                ));
            }
            if at.as_deref() != Some(from) {
                return Err(not_found("s:Op", "SourceParentNotFoundException"));
            }
            world.enrol(id, to)?;
            world.parents.insert(id.to_string(), to.into());
            Ok(())
        })
    }

    fn parent<'a>(&'a self, child_id: &'a str) -> Call<'a, String> {
        self.call("ListParents", |world| {
            world.parents.get(child_id).cloned().ok_or_else(|| not_found("s:Op", "ChildNotFound"))
        })
    }

    fn tags<'a>(&'a self, resource_id: &'a str) -> Call<'a, BTreeMap<String, String>> {
        self.call("ListTagsForResource", |world| {
            if world.tags_from.get(resource_id).is_some_and(|from| world.now < *from) {
                return Ok(BTreeMap::new());
            }
            Ok(world.tags.get(resource_id).cloned().unwrap_or_default())
        })
    }

    fn tag<'a>(&'a self, resource_id: &'a str, tags: &'a BTreeMap<String, String>) -> Call<'a, ()> {
        self.call("TagResource", |world| {
            world.tags.entry(resource_id.into()).or_default().extend(tags.clone());
            Ok(())
        })
    }

    fn untag<'a>(&'a self, resource_id: &'a str, keys: &'a BTreeSet<String>) -> Call<'a, ()> {
        self.call("UntagResource", |world| {
            world.tags.entry(resource_id.into()).or_default().retain(|key, _| !keys.contains(key));
            Ok(())
        })
    }

    fn organizational_units<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<OrganizationalUnit>> {
        self.call("ListOrganizationalUnitsForParent", |world| {
            let children = world.units.iter().filter(|(parent, _)| parent == parent_id);
            Ok(children.map(|(_, unit)| unit.clone()).collect())
        })
    }

    fn organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, Option<OrganizationalUnit>> {
        self.call("DescribeOrganizationalUnit", |world| {
            Ok(world.units.iter().find(|(_, unit)| unit.id == id).map(|(_, unit)| unit.clone()))
        })
    }

    fn create_organizational_unit<'a>(
        &'a self,
        parent_id: &'a str,
        name: &'a str,
        tags: &'a BTreeMap<String, String>,
    ) -> Call<'a, OrganizationalUnit> {
        self.call("CreateOrganizationalUnit", |world| {
            if world.units.iter().any(|(parent, of)| parent == parent_id && of.name == name) {
                return Err(Error::new("s:Op", Kind::AlreadyExists, "Duplicate", ""));
            }
            let id = format!("ou-ab12-new{:05}", world.units.len());
            let unit = OrganizationalUnit { arn: format!("arn:{id}"), id, name: name.into() };
            world.units.push((parent_id.into(), unit.clone()));
            world.parents.insert(unit.id.clone(), parent_id.into());
            world.tags.insert(unit.id.clone(), tags.clone());
            Ok(unit)
        })
    }

    fn rename_organizational_unit<'a>(&'a self, id: &'a str, name: &'a str) -> Call<'a, ()> {
        self.call("UpdateOrganizationalUnit", |world| {
            let of = world.parents.get(id).cloned();
            let taken = |(parent, of_it): &(String, OrganizationalUnit)| {
                Some(parent) == of.as_ref() && of_it.name == name && of_it.id != id
            };
            if world.units.iter().any(taken) {
                let code = "DuplicateOrganizationalUnitException";
                return Err(Error::new("s:Op", Kind::AlreadyExists, code, ""));
            }
            for (_, unit) in world.units.iter_mut().filter(|(_, unit)| unit.id == id) {
                name.clone_into(&mut unit.name);
            }
            Ok(())
        })
    }

    fn delete_organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, ()> {
        self.call("DeleteOrganizationalUnit", |world| {
            if world.parents.values().any(|parent| parent == id) {
                let code = "OrganizationalUnitNotEmptyException";
                return Err(Error::new("s:Op", Kind::Invalid, code, ""));
            }
            world.units.retain(|(_, unit)| unit.id != id);
            world.parents.remove(id);
            Ok(())
        })
    }

    fn accounts_in<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<(AccountId, String)>> {
        self.call("ListAccountsForParent", |world| {
            let inside = |of: &&Account| {
                world.parents.get(of.id.as_str()).is_some_and(|parent| parent == parent_id)
            };
            let pair = |of: &Account| (of.id.clone(), of.name.clone());
            Ok(world.accounts.iter().filter(inside).map(pair).collect())
        })
    }
}

impl Quotas for Cloud {
    fn accounts(&self) -> Call<'_, u64> {
        self.call("GetServiceQuota", |world| Ok(world.quota))
    }
}

impl TagIndex for Cloud {
    fn accounts_tagged<'a>(&'a self, key: &'a str, value: &'a str) -> Call<'a, Vec<AccountId>> {
        self.call("GetResources", |world| {
            if !world.tag_index {
                return Err(Error::new("s:Op", Kind::Unsupported, "HTTP 404", ""));
            }
            let has = |id: &str| {
                world.tags.get(id).is_some_and(|t| t.get(key).is_some_and(|of| of == value))
            };
            Ok(world.accounts.iter().map(|of| of.id.clone()).filter(|id| has(id)).collect())
        })
    }

    fn tags_of_accounts(&self) -> Call<'_, BTreeMap<AccountId, BTreeMap<String, String>>> {
        self.call("GetResources", |world| {
            if !world.tag_index {
                return Err(Error::new("s:Op", Kind::Unsupported, "HTTP 404", ""));
            }
            let tagged = world.accounts.iter().filter_map(|of| {
                let tags = world.tags.get(of.id.as_str()).filter(|tags| !tags.is_empty())?;
                Some((of.id.clone(), tags.clone()))
            });
            Ok(tagged.collect())
        })
    }
}
