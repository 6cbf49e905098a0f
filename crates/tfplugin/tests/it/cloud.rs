//! A made-up provider that uses everything, and whose answers a test chooses.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{
    Applied, Attr, Context, Create, DataSource, Delete, Diagnostics, Function, FunctionDefinition,
    FunctionError, Object, Parameter, Plan, Provider, Read, Registry, Resource, Timeouts, Type,
    Update, Value,
};

/// Settings of the cloud.
#[derive(Debug, Clone, Object)]
pub(crate) struct Config {
    /// Where to ask.
    #[attribute(optional, validate(regex("^https://", "an address that starts with `https://`")))]
    pub(crate) endpoint: Attr<String>,
    /// What proves who asks.
    #[attribute(optional, sensitive)]
    pub(crate) token: Attr<String>,
    /// Whom to act as.
    #[block(list(max = 1))]
    pub(crate) assume_role: Attr<Vec<AssumeRole>>,
    /// What every object carries.
    #[block(single)]
    pub(crate) default_labels: Attr<DefaultLabels>,
}

/// A role to act as.
#[derive(Debug, Clone, Object)]
pub(crate) struct AssumeRole {
    /// The role.
    #[attribute(required, validate(length(1..)))]
    pub(crate) role: Attr<String>,
}

/// Labels for every object.
#[derive(Debug, Clone, Object)]
pub(crate) struct DefaultLabels {
    /// The labels.
    #[attribute(optional)]
    pub(crate) labels: Attr<BTreeMap<String, String>>,
}

/// A server.
///
/// It runs until it is deleted.
#[derive(Debug, Clone, PartialEq, Object)]
pub(crate) struct Server {
    /// Its name.
    #[attribute(required, validate(length(1..=12), custom(no_spaces)))]
    pub(crate) name: Attr<String>,
    /// Its size.
    #[attribute(optional, computed, default = "small", validate(one_of(&["small", "large"])))]
    pub(crate) size: Attr<String>,
    /// Where it runs.
    #[attribute(optional, plan(requires_replace))]
    pub(crate) zone: Attr<String>,
    /// What it runs.
    #[attribute(optional, computed, plan(use_state_for_unknown, requires_replace_if_configured))]
    pub(crate) image: Attr<String>,
    /// Who may do what; upper and lower case mean the same.
    #[attribute(optional, plan(keep_prior_when_equal(same_but_for_case)))]
    pub(crate) policy: Attr<String>,
    /// How to log in for the first time.
    #[attribute(optional, write_only, sensitive)]
    pub(crate) password: Attr<String>,
    /// Number of processors.
    #[attribute(optional, validate(range(1..=64)), deprecated = "Use `size`.")]
    pub(crate) cores: Attr<i64>,
    /// Its disks.
    #[attribute(optional)]
    pub(crate) disks: Attr<Vec<Disk>>,
    /// Its networks.
    #[attribute(optional)]
    pub(crate) networks: Attr<BTreeSet<Network>>,
    /// Labels.
    #[attribute(optional, validate(keys(regex("^[a-z]+$", "a word of a-z")), each(length(..=5))))]
    pub(crate) labels: Attr<BTreeMap<String, String>>,
    /// Anything.
    #[attribute(optional)]
    pub(crate) extra: Attr<Value>,
    /// How long things may take.
    #[attribute(optional)]
    pub(crate) timeouts: Attr<Timeouts>,
    /// Its id.
    #[attribute(computed, refine(not_null, prefix("server-")), plan(use_state_for_unknown))]
    pub(crate) id: Attr<String>,
    /// Counts its changes.
    #[attribute(computed, refine(range(1..)))]
    pub(crate) revision: Attr<i64>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Object)]
pub(crate) struct Disk {
    /// Its name.
    #[attribute(required)]
    pub(crate) name: Attr<String>,
    /// Its size in gigabytes.
    #[attribute(optional, computed, default = 10, validate(range(1..)))]
    pub(crate) gigabytes: Attr<i64>,
    /// What unlocks it.
    #[attribute(optional, write_only)]
    pub(crate) key: Attr<String>,
    /// Its id.
    #[attribute(computed, refine(not_null), plan(use_non_null_state))]
    pub(crate) id: Attr<String>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Object)]
pub(crate) struct Network {
    /// The network it is in.
    #[attribute(required)]
    pub(crate) network: Attr<String>,
    /// Its address.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub(crate) address: Attr<String>,
}

fn no_spaces(value: &Value) -> Result<(), String> {
    match value.as_str() {
        Some(text) if text.contains(' ') => Err("A name has no spaces.".to_owned()),
        _ => Ok(()),
    }
}

fn same_but_for_case(prior: &Value, planned: &Value) -> bool {
    match (prior.as_str(), planned.as_str()) {
        (Some(prior), Some(planned)) => prior.eq_ignore_ascii_case(planned),
        _ => false,
    }
}

pub(crate) type Answer = Box<dyn Fn(Option<Server>) -> Applied<Server> + Send + Sync>;
pub(crate) type Modify = Box<dyn Fn(&mut Plan<'_, Server>) + Send + Sync>;

/// The server resource: `answer` is asked with the planned object (the one in state on read, none on
/// delete and import).
pub(crate) struct Servers {
    pub(crate) answer: Answer,
    pub(crate) modify: Modify,
}

impl Default for Servers {
    /// Servers that come out as they were planned.
    fn default() -> Self {
        Self {
            answer: Box::new(|planned| planned.map_or_else(Applied::gone, Applied::ok)),
            modify: Box::new(|_| {}),
        }
    }
}

impl Resource for Servers {
    type Model = Server;
    const TYPE: &'static str = "cloud_server";
    const VERSION: i64 = 2;

    fn validate(&self, config: &Server, diagnostics: &mut Diagnostics) {
        if config.size.as_str() == Some("large") && config.zone.is_null() {
            let detail = "A large server needs a zone.";
            diagnostics.push(tfplugin::Diagnostic::error("Missing zone", detail).at("zone"));
        }
    }

    fn state_loaded(&self, state: &Server) {
        assert_ne!(state.name.as_str(), Some("panic"), "this name again");
    }

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, Server>) {
        (self.modify)(plan);
    }

    async fn create(&self, _: &Context, request: Create<Server>) -> Applied<Server> {
        (self.answer)(Some(request.planned))
    }

    async fn read(&self, _: &Context, request: Read<Server>) -> Applied<Server> {
        (self.answer)(Some(request.state))
    }

    async fn update(&self, _: &Context, request: Update<Server>) -> Applied<Server> {
        (self.answer)(Some(request.planned))
    }

    async fn delete(&self, _: &Context, _: Delete<Server>) -> Applied<Server> {
        (self.answer)(None)
    }

    async fn import(&self, _: &Context, _: &str) -> Applied<Server> {
        (self.answer)(None)
    }
}

/// An image.
#[derive(Debug, Clone, Object)]
pub(crate) struct Image {
    /// Its name.
    #[attribute(required)]
    pub(crate) name: Attr<String>,
    /// Its id.
    #[attribute(computed)]
    pub(crate) id: Attr<String>,
}

pub(crate) struct Images;

impl DataSource for Images {
    type Model = Image;
    const TYPE: &'static str = "cloud_image";

    async fn read(&self, _: &Context, mut config: Image) -> Applied<Image> {
        match config.name.as_str() {
            Some("nothing") => return Applied::gone(),
            Some("unknown") => config.id = Attr::Unknown,
            Some("renamed") => config.name = "other".into(),
            name => config.id = name.map(|name| format!("image-{name}")).into(),
        }
        Applied::ok(config)
    }
}

pub(crate) struct Join;

impl Function for Join {
    const NAME: &'static str = "join";

    fn definition(&self) -> FunctionDefinition {
        let part = |name| Parameter::new(name, Type::String, "A text.");
        FunctionDefinition {
            variadic: Some(part("parts")),
            ..FunctionDefinition::new("Joins texts.", "Joins texts with a separator.", Type::String)
                .parameter(part("separator"))
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let texts: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        match texts.split_first() {
            Some((&"panic", _)) => panic!("asked to"),
            Some((&"number", _)) => Ok(Value::from(1)),
            Some((_, [])) => Err(FunctionError::new("There is nothing to join.").argument(1)),
            Some((separator, parts)) => Ok(parts.join(separator).into()),
            None => Err(FunctionError::new("A separator is missing.").argument(0)),
        }
    }
}

/// The provider; it gives its resource away when it registers.
pub(crate) struct Cloud(std::sync::Mutex<Option<Servers>>);

impl Cloud {
    pub(crate) fn new(servers: Servers) -> Self {
        Self(std::sync::Mutex::new(Some(servers)))
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::new(Servers::default())
    }
}

impl Provider for Cloud {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    async fn configure(&self, _: &Context, config: Config) -> Diagnostics {
        assert_ne!(config.endpoint.as_str(), Some("https://panic"), "no such place");
        Diagnostics::new()
    }

    fn register(&self, registry: &mut Registry) {
        if let Some(servers) = self.0.lock().unwrap().take() {
            registry.resource(servers);
        }
        registry
            .data_source(Images)
            .ephemeral_resource(crate::ephemeral::Leases)
            .action(crate::actions::Restarts)
            .function(Join);
    }
}

/// A server with these attributes, and null for the others.
pub(crate) fn server<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    filled::<Server, N>(attributes)
}

/// An object with these attributes, and null for the others.
pub(crate) fn filled<M: Object, const N: usize>(attributes: [(&str, Value); N]) -> Value {
    let Type::Object(types) = M::ty() else { panic!("no object") };
    let mut values: BTreeMap<String, Value> =
        types.into_keys().map(|name| (name, Value::Null)).collect();
    for (name, value) in attributes {
        assert!(values.insert(name.to_owned(), value).is_some(), "no attribute `{name}`");
    }
    Value::Object(values)
}

/// The messages as lines: severity, path, summary and the first line of the detail.
pub(crate) fn lines(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics
        .iter()
        .map(|found| {
            let path = found.path.as_ref().map(ToString::to_string).unwrap_or_default();
            let detail = found.detail.lines().next().unwrap_or_default();
            format!("{:?} [{path}] {}: {detail}", found.severity, found.summary)
        })
        .collect()
}

/// Runs a future that waits for nothing.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
