//! The account-vending engine: phases, controls, readiness, and the AWS adapter behind its ports.
