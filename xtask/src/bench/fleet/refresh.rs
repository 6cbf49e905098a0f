//! The refresh of a large fleet: one account is vended, and the others are its copies, in the organization, in the state
//! and in the inventory. To vend a thousand would take AWS's time, and say nothing about the refresh.
//!
//! The copies carry the first one's digest of readiness, in which its id has a part. So a plan shows an update of each,
//! after the same calls as for an account that says what it should.

use std::fs;

use anyhow::{Context as _, Result};
use fleet_acceptance::Run;
use fleet_model::tags;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::calls::{by_service, number, shares};
use super::world::{BLOCK, UNITS, World, block_name, key};
use crate::bench::figure::{Figure, Target, Unit};
use crate::bench::subject::Program;

/// Accounts on a page of `ListAccounts`.
const PAGE: u32 = 20;
/// How many accounts a page of the tag index has.
const INDEX_PAGE: u32 = 100;

/// Calls about the organization that a refresh may make beside the pages of accounts, OUs and policies.
const BESIDE_PAGES: u32 = 10;

/// Calls to Organizations that a refresh may make for each account.
const PER_ACCOUNT: f64 = 1.0;

/// Megabytes that the provider may have resident with the largest fleet.
const MOST_MEGABYTES: f64 = 60.0;

/// How much is read of members.
const MODES: [&str; 3] = ["full", "cached", "off"];

/// Refreshes `count` accounts in each mode.
pub(crate) fn refresh(provider: &Program, count: u32) -> Result<Vec<Figure>> {
    let fleet = Fleet::new(provider, count)?;
    let mut figures = Vec::new();
    for mode in MODES {
        figures.extend(fleet.refresh(mode)?);
    }
    Ok(figures)
}

/// The memory with `count` accounts, each of which is entered.
pub(crate) fn memory(provider: &Program, count: u32) -> Result<Vec<Figure>> {
    let fleet = Fleet::new(provider, count)?;
    let (run, peak) = fleet.plan("full")?;
    let beside = format!("{}; {:.0} s", changes(&run), run.took.as_secs_f64());
    Ok(vec![
        Figure::new(
            format!("peak memory, refresh of {count} accounts (full)"),
            Unit::Megabytes,
            peak,
        )
        .target(Target::AtMost(MOST_MEGABYTES))
        .beside(beside),
    ])
}

/// An organization with many accounts that are ready.
struct Fleet {
    world: World,
    count: u32,
}

impl Fleet {
    fn new(provider: &Program, count: u32) -> Result<Self> {
        println!("making an organization of {count} accounts");
        let world = World::new(provider, &["create_seconds=0", "role_seconds=0"])?;
        world.ask_for(1, "")?;
        world.run(&["apply", "-auto-approve", "-no-color"])?;
        let fleet = Self { world, count };
        fleet.copy_the_first()?;
        Ok(fleet)
    }

    /// Copies the first account into the organization, the state and the inventory.
    fn copy_the_first(&self) -> Result<()> {
        let workspace = &self.world.workspace;
        let mut state: Value = serde_json::from_str(&workspace.read("work/terraform.tfstate")?)?;
        let block = state["resources"][0].clone();
        let instance = block["instances"][0].clone();
        let first = &instance["attributes"];
        let text =
            |name: &str| first[name].as_str().with_context(|| format!("an account without {name}"));
        let (id, organization) = (text("id")?, text("organization_id")?);
        let file = workspace.read(&format!("inventory/accounts/{}.yaml", key(0)))?;

        let carried = self.tags(id)?;
        let accounts: Vec<Value> =
            (1..self.count).map(key).map(|key| account(&key, organization, &carried)).collect();
        let asked = json!({"like": key(0), "accounts": accounts});
        let ids = self.world.emulator()?.ask("copies", &asked)?;
        let ids: Vec<String> = serde_json::from_value(ids["ids"].clone())?;

        let mut instances = vec![instance.clone()];
        for (number, its_id) in (1..).zip(&ids) {
            let own = |text: String| text.replace(id, its_id).replace(&key(0), &key(number));
            let file = own(file.clone());
            workspace.write(&format!("inventory/accounts/{}.yaml", key(number)), &file)?;
            let mut instance: Value = serde_json::from_str(&own(instance.to_string()))?;
            instance["attributes"]["inventory_sha256"] = json!(sha256(&file));
            instances.push(instance);
        }
        let blocks = (0..).zip(instances.chunks(BLOCK as usize)).map(|(number, instances)| {
            let mut block = block.clone();
            block["name"] = json!(block_name(number));
            block["instances"] = json!(instances);
            block
        });
        state["resources"] = blocks.collect();
        fs::write(workspace.file("work/terraform.tfstate"), state.to_string())?;
        Ok(())
    }

    /// The tags that an account carries.
    fn tags(&self, id: &str) -> Result<Map<String, Value>> {
        let asked = json!({"ResourceId": id});
        let found =
            self.world.workspace.aws.call("organizations", "list_tags_for_resource", &asked)?;
        let listed = found["Tags"].as_array().context("an account without tags")?;
        let pair = |tag: &Value| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].clone()));
        Ok(listed.iter().filter_map(pair).collect())
    }

    /// A plan in this mode: what it said, and the most memory that the provider had.
    fn plan(&self, mode: &str) -> Result<(Run, f64)> {
        println!("refreshing {} accounts, refresh_readiness = {mode}", self.count);
        self.world.ask_for(self.count, &format!("refresh_readiness = \"{mode}\""))?;
        self.world.emulator()?.forget_calls()?;
        let (run, metered) = self.world.run(&["plan", "-no-color", "-parallelism=50"])?;
        Ok((run, metered.peak))
    }

    fn refresh(&self, mode: &str) -> Result<Vec<Figure>> {
        let (run, peak) = self.plan(mode)?;
        let calls = self.world.emulator()?.calls()?;
        let shares = shares(&calls, UNITS);
        let accounts = f64::from(self.count);
        // The management account is listed too, and the root's OUs are asked for like those of an OU. The baseline's
        // policy is attached to every account. The parents of OUs have to do with what is allowed beside the pages.
        let (pages, units) = ((self.count + 1).div_ceil(PAGE), UNITS + 1);
        let policies = self.policies()?;
        let targets = self.count.div_ceil(PAGE);
        // The tags of all accounts, for two of one key.
        let index = self.count.div_ceil(INDEX_PAGE);
        let most = f64::from(pages + units + targets + index + BESIDE_PAGES) + number(policies);
        let what = |what: &str| format!("{what}, refresh of {} ({mode})", self.count);
        Ok(vec![
            Figure::new(what("calls about the organization"), Unit::Number, shares.organization)
                .target(Target::AtMost(most))
                .beside(format!("pages: {pages} of accounts, {units} of OUs, {targets} of targets; {policies} policies")),
            Figure::new(
                what("Organizations calls per account"),
                Unit::Number,
                shares.account / accounts,
            )
            .target(Target::AtMost(PER_ACCOUNT))
            .beside(changes(&run)),
            Figure::new(what("member calls per account"), Unit::Number, shares.member / accounts)
                .beside(format!(
                    "{}; {:.0} s",
                    by_service(&calls, self.count),
                    run.took.as_secs_f64()
                )),
            Figure::new(what("peak memory"), Unit::Megabytes, peak)
                .target(Target::AtMost(MOST_MEGABYTES)),
        ])
    }

    /// How many policies the organization has that accounts are checked for.
    fn policies(&self) -> Result<u64> {
        let asked = json!({"Filter": "SERVICE_CONTROL_POLICY"});
        let found = self.world.workspace.aws.call("organizations", "list_policies", &asked)?;
        Ok(found["Policies"].as_array().context("no list of policies")?.len() as u64)
    }
}

/// An account for the emulated AWS that carries what the first one carries, under another key.
fn account(key: &str, organization: &str, carried: &Map<String, Value>) -> Value {
    let mut of = carried.clone();
    of.insert(tags::ID.into(), json!(tags::fleet_id(organization, key)));
    of.insert(tags::KEY.into(), json!(key));
    json!({"name": key, "email": format!("aws+{key}@example.com"), "tags": of})
}

/// What a plan said of changes, in its own words.
fn changes(run: &Run) -> String {
    let line = run
        .stdout
        .lines()
        .find(|line| line.starts_with("No changes.") || line.starts_with("Plan:"));
    line.unwrap_or("no word about changes").split(". ").next().unwrap_or_default().to_owned()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
