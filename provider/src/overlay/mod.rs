//! `provider::fleet::overlay`: what this configuration is about to write, laid over the store's
//! snapshot. Pure, so it runs without a configured provider, and at plan.

use std::error::Error;
use std::sync::Arc;

use fleet_model::snapshot::{Snapshot, overlay};
use tfplugin::{
    AttributeType, Function, FunctionDefinition, FunctionError, Parameter, Type, Value,
};

use crate::diagnostic::printable;
use crate::inventory::decode;

/// The function.
#[derive(Debug, Default)]
pub struct Overlay;

const SNAPSHOT: i64 = 0;
const RECORDS: i64 = 1;

impl Function for Overlay {
    const NAME: &'static str = "overlay";

    fn definition(&self) -> FunctionDefinition {
        FunctionDefinition::new(
            "Lays the registrations of this configuration over a snapshot of the inventory.",
            "Returns the snapshot with each cluster of `records` as this configuration is about to \
             write it: what a record says replaces the asserted facts of that cluster whole, a \
             cluster that the snapshot lacks is added, and the others stay as the store has them. \
             The result is what `fleet_placement.inventory` takes, so that the first plan of a new \
             fleet already decides on its clusters. A cluster cannot be removed this way: retire \
             its registration first.",
            Type::String,
        )
        .parameter(Parameter::new(
            "snapshot",
            Type::String,
            "`snapshot` of `data.fleet_inventory`.",
        ))
        .parameter(Parameter::new(
            "records",
            Type::List(Box::new(Type::String)),
            "`record` of each `fleet_cluster_registration`, in any order.",
        ))
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let mut arguments = arguments.into_iter();
        let mut argument = || arguments.next().unwrap_or(Value::Null);
        let snapshot = String::decode(argument()).map_err(|error| refused(SNAPSHOT, &error))?;
        let records =
            Vec::<String>::decode(argument()).map_err(|error| refused(RECORDS, &error))?;
        let snapshot = decode(&snapshot).map_err(|error| refused(SNAPSHOT, &error))?;
        lay(&snapshot, &records).map(Value::String)
    }
}

fn lay(snapshot: &Arc<Snapshot>, records: &[String]) -> Result<String, FunctionError> {
    overlay(snapshot, records.iter().map(String::as_str))
        .map_err(|error| refused(RECORDS, &error))?
        .encode()
        .map_err(|error| refused(SNAPSHOT, &error))
}

/// A function's error is one text: what is wrong, what to do, and the code of its page.
fn refused(argument: i64, error: &dyn Error) -> FunctionError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    let advice = if argument == SNAPSHOT {
        "Give `snapshot` of data.fleet_inventory, unchanged."
    } else {
        "Give `record` of each fleet_cluster_registration once."
    };
    let text = printable(&text, false);
    FunctionError::new(format!("{text}. {advice} ({})", "FLEET0315")).argument(argument)
}

#[cfg(test)]
mod tests;
