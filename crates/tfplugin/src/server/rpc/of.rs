//! What an RPC is about.

/// What an RPC is about, for the log and for messages.
#[derive(Clone, Copy)]
pub(in crate::server) enum Of<'a> {
    Provider,
    Resource(&'a str),
    DataSource(&'a str),
    List(&'a str),
    Ephemeral(&'a str),
    Action(&'a str),
    Function(&'a str),
}

impl Of<'_> {
    /// Its name, as a person reads it.
    pub(in crate::server) fn name(self) -> Option<String> {
        match self {
            Self::Provider => None,
            Self::Resource(name) | Self::Function(name) => Some(name.to_owned()),
            Self::DataSource(name) => Some(format!("data.{name}")),
            Self::List(name) => Some(format!("list.{name}")),
            Self::Ephemeral(name) => Some(format!("ephemeral.{name}")),
            Self::Action(name) => Some(format!("action.{name}")),
        }
    }
}
