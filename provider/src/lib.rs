//! The OpenTofu and Terraform provider fleet: vend accounts, register clusters, place workloads.
