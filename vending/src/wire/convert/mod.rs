//! Between the messages and what vendors are asked and answer, one file per noun, in both directions.
//!
//! Reading what a vendor said gives [`Nonsense`] where it cannot be; what this version does not know is read as the careful one.

pub(super) mod adoption;
pub(super) mod facts;
pub(super) mod let_go;
pub(super) mod outcome;
pub(super) mod planned;
pub(super) mod problem;
pub(super) mod readiness;
pub(super) mod refusal;
pub(super) mod request;
pub(super) mod stage;
pub(super) mod text;

pub(super) use text::Nonsense;

#[cfg(test)]
mod tests;
