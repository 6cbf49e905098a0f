//! A host, plugins as real processes, and what can happen between them.
#![cfg(unix)]

#[cfg(test)]
mod clock;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod places;
#[cfg(test)]
mod starts;
#[cfg(test)]
mod supervising;
#[cfg(test)]
mod world;
