//! A function with a variadic parameter.

use tfplugin::function::{argument, arguments_from};
use tfplugin::{Function, FunctionDefinition, FunctionError, Parameter, Type, Value};

pub(crate) struct Join;

impl Function for Join {
    const NAME: &'static str = "join";

    fn definition(&self) -> FunctionDefinition {
        let returns = Type::String;
        FunctionDefinition::new("Joins texts.", "Joins texts with a separator.", returns)
            .parameter(Parameter::new("separator", Type::String, "What stands between."))
            .variadic(Parameter::new("parts", Type::String, "What is joined; none is empty."))
    }

    fn call(&self, mut arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let separator: String = argument(&mut arguments, 0)?;
        let parts: Vec<String> = arguments_from(&mut arguments, 1)?;
        match parts.iter().position(String::is_empty) {
            Some(empty) => Err(FunctionError {
                text: "A part must not be empty.".to_owned(),
                argument: i64::try_from(empty + 1).ok(),
            }),
            None => Ok(parts.join(&separator).into()),
        }
    }
}
