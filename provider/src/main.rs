//! The plugin process that OpenTofu and Terraform start.
fn main() {}
