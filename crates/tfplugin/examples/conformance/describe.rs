//! A function that takes null and unknown, of any type. It is deprecated.

use tfplugin::{Function, FunctionDefinition, FunctionError, Parameter, Type, Value};

pub(crate) struct Describe;

impl Function for Describe {
    const NAME: &'static str = "describe";

    fn definition(&self) -> FunctionDefinition {
        let what = "Says whether a value is `null`, `unknown` or `known`.";
        let parameter = Parameter::new("value", Type::Dynamic, "Any value.");
        let mut definition = FunctionDefinition::new("Describes a value.", what, Type::String)
            .parameter(parameter.nullable().unknowable());
        definition.deprecated = Some("Look at the value instead.".to_owned());
        definition
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let described = match arguments.first() {
            None => "null",
            Some(value) if value.is_null() => "null",
            Some(value) if value.is_unknown() => "unknown",
            Some(_) => "known",
        };
        Ok(described.into())
    }
}
