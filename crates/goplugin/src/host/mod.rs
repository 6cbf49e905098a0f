//! The host's side: starts a plugin program, gives a tonic channel to it, and ends it.
//!
//! [`Launch`] says what to start and how; [`Launch::start`] gives a [`Running`] plugin, which is killed when it is dropped.
//! A [`Supervisor`] starts one when a call first needs it, starts another one, within limits, where one has died, and counts
//! them.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use goplugin::Protocol;
//! use goplugin::host::Launch;
//!
//! let protocol = Protocol { cookie_key: "GREETER_PLUGIN", cookie_value: "6f5a2c", version: 1 };
//! let mut launch = Launch::new(protocol, "/opt/greeters/polite");
//! launch.inherit_env.push("GREETER_LANGUAGE".into());
//! let greeter = launch.start().await?;
//! let channel = greeter.channel(); // for the client that tonic generates of a service
//! greeter.stop(Duration::from_secs(10)).await;
//! # drop(channel);
//! # Ok(())
//! # }
//! ```
//!
//! What a plugin is given: nothing of the host's environment but what is named, a pipe as stdin that ends when the host does,
//! a process group of its own, and, by mutual TLS, a host that it can tell from all others.

mod channel;
mod clock;
mod error;
mod handshake;
mod identity;
mod launch;
mod output;
mod prepare;
mod process;
mod running;
mod sha256;
mod start;
mod supervisor;
mod threads;

pub use self::clock::{Clock, SystemClock};
pub use self::error::StartError;
pub use self::handshake::{HandshakeError, Malformed};
pub use self::launch::Launch;
pub use self::running::Running;
pub use self::sha256::{NoSha256, Sha256};
pub use self::supervisor::{Ended, Instance, Restarts, Supervisor, Unavailable};
