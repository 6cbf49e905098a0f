//! The pure placement decision: filter, order, select, roles, limits, explain.
