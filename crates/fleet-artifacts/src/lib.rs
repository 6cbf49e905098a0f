//! Pure emission of GitOps artifacts and of YAML: decisions in, bytes out.
//!
//! Nothing here touches a disk. Equal inputs give equal bytes, so that a file in Git changes only
//! when what it says changes.

pub mod argocd;
pub mod digest;
pub mod targets;
pub mod yaml;
