//! A provider as a real process, and a client that plays the CLI.
#![cfg(unix)]

#[cfg(test)]
mod actions;
#[cfg(test)]
mod cancellation;
#[cfg(test)]
mod client;
#[cfg(test)]
mod connection;
#[cfg(test)]
mod ephemeral;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod history;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod process;
#[cfg(test)]
mod resource;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod unimplemented;
#[cfg(test)]
mod wire;
