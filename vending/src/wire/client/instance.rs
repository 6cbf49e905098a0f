//! A process of a vendor: described and configured once per start.

use std::sync::Arc;

use fleet_model::lifecycle::LifecyclePhase;
use fleet_vending_proto::v1beta1 as wire;
use fleet_vending_proto::v1beta1::account_vendor_client::AccountVendorClient;
use fleet_vending_proto::{SERVICE, limits};
use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tonic::transport::Channel;

use super::{Settings, refused};
use crate::error::Kind;
use crate::problem::{Class, Problem};
use crate::refusal::Refusal;
use crate::vendor::Description;
use crate::wire::convert::problem::from_message;
use crate::wire::convert::stage;
use crate::wire::convert::text::shown;

/// Which start of the process it is. Another number is another process, which knows nothing of what the last one was asked.
pub type Generation = u64;

/// The way to a process of a vendor.
pub trait Connect: Send + Sync {
    /// A channel to it, started if it does not run.
    fn channel(&self) -> BoxFuture<'_, Result<(Channel, Generation), Refusal>>;
}

/// Reads what the vendor says of itself. What is too long to be a schema is none.
fn description(said: &wire::DescribeResponse) -> Description {
    let has = |of: wire::Capability| said.capabilities.contains(&of.into());
    let schema = |text: &str| (1..=limits::SCHEMA).contains(&text.len()).then(|| text.to_owned());
    let names = |of: &[String]| of.iter().take(limits::ENTRIES).map(|name| shown(name)).collect();
    Description {
        name: shown(&said.name),
        version: shown(&said.version),
        settings_schema: schema(&said.settings_schema),
        vendor_settings_schema: schema(&said.vendor_settings_schema),
        arguments: names(&said.arguments),
        required_arguments: names(&said.required_arguments),
        checks: said
            .checks
            .iter()
            .take(limits::ENTRIES)
            .map(|check| (shown(&check.name), shown(&check.description)))
            .collect(),
        irreversible: said
            .irreversible
            .iter()
            .map(|state| stage::life_from(*state, LifecyclePhase::Closed))
            .collect(),
        max_in_flight: usize::try_from(said.max_in_flight).ok().filter(|most| *most > 0),
        adopts: has(wire::Capability::Adopt),
        lists: has(wire::Capability::List),
        lists_unmanaged: has(wire::Capability::ListUnmanaged),
        freezes: has(wire::Capability::Freeze),
        closes: has(wire::Capability::Close),
        defers_identity: has(wire::Capability::DeferredIdentity),
    }
}

/// The process that one side of a vendor lives in.
pub(super) struct Instance {
    name: String,
    connect: Arc<dyn Connect>,
    read_only: bool,
    configured: Mutex<Option<(Generation, Arc<Description>)>>,
}

/// A process that is ready to be asked.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) rpc: AccountVendorClient<Channel>,
    pub(super) described: Arc<Description>,
}

impl Instance {
    pub(super) fn new(name: &str, connect: Arc<dyn Connect>, read_only: bool) -> Self {
        Self { name: name.to_owned(), connect, read_only, configured: Mutex::default() }
    }

    /// The process, configured. One that was started anew is configured anew.
    pub(super) async fn client(&self, settings: &Settings) -> Result<Client, Refusal> {
        let mut configured = self.configured.lock().await;
        let (channel, generation) = self.connect.channel().await?;
        let mut rpc =
            AccountVendorClient::new(channel).max_decoding_message_size(limits::MESSAGE_OF_VENDOR);
        if let Some((of, described)) = &*configured
            && *of == generation
        {
            return Ok(Client { rpc, described: Arc::clone(described) });
        }
        let described = self.describe(&mut rpc, settings).await?;
        let described = Arc::new(described);
        *configured = Some((generation, Arc::clone(&described)));
        Ok(Client { rpc, described })
    }

    async fn describe(
        &self,
        rpc: &mut AccountVendorClient<Channel>,
        settings: &Settings,
    ) -> Result<Description, Refusal> {
        let said = rpc
            .describe(wire::DescribeRequest {
                host_version: settings.host_version.clone(),
                host_capabilities: vec![wire::HostCapability::DeferredIdentity.into()],
            })
            .await
            .map_err(|status| self.failed("Describe", &status))?;
        let answer = rpc
            .configure(wire::ConfigureRequest {
                settings: settings.json.clone(),
                managed_by: settings.managed_by.clone(),
                read_only: self.read_only,
            })
            .await
            .map_err(|status| self.failed("Configure", &status))?
            .into_inner();
        match answer.problems.as_slice() {
            [] => Ok(description(&said.into_inner())),
            [first, more @ ..] => {
                let mut problem = from_message(&self.name, first);
                for other in more.iter().take(limits::ENTRIES) {
                    let other = from_message(&self.name, other);
                    problem.message = format!("{}; {}", problem.message, other.message);
                }
                Err(refused(problem))
            }
        }
    }

    fn failed(&self, rpc: &str, status: &tonic::Status) -> Refusal {
        refused(Problem {
            vendor: self.name.clone(),
            class: Class::Call(match status.code() {
                tonic::Code::Unimplemented => Kind::Unsupported,
                tonic::Code::FailedPrecondition | tonic::Code::InvalidArgument => Kind::Invalid,
                _ => Kind::Unanswered,
            }),
            code: String::new(),
            message: format!("it does not answer {rpc} of {SERVICE}: {}", shown(status.message())),
            why: String::new(),
            remedy: String::new(),
            object: String::new(),
            call: rpc.to_owned(),
            native_code: format!("{:?}", status.code()),
        })
    }
}
