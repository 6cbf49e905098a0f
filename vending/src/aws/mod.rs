//! The AWS adapter: the ports, carried out with the AWS SDK. AWS crates are named nowhere else.
