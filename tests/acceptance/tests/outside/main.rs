//! What others say of the providers and of what is written about them: CLIs of their schemas and of every example,
//! and a protocol client that is none of ours.

mod examples;
mod programs;
mod quick_start;
mod schemas;
mod snippets;
mod soup;
