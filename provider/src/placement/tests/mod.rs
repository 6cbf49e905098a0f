//! The resource as the CLI drives it: through the plan engine, on a store and files in a directory.

mod apply;
mod files;
mod limits;
mod memory;
mod objects;
mod plan;
mod run;
mod world;
