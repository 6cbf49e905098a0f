//! The life of an account: made, brought to what is asked, looked at, let go.

pub(crate) mod baseline;
pub(crate) mod closure;
pub(crate) mod converge;
pub(crate) mod create;
mod farewell;
pub(crate) mod governance;
pub(crate) mod ownership;
pub(crate) mod quarantine;
pub(crate) mod refresh;
mod rivals;
pub(crate) mod run;
