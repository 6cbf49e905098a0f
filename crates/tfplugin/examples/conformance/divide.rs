//! A function whose arguments can be wrong.

use tfplugin::function::argument;
use tfplugin::{Function, FunctionDefinition, FunctionError, Parameter, Type, Value};

pub(crate) struct Divide;

impl Function for Divide {
    const NAME: &'static str = "divide";

    fn definition(&self) -> FunctionDefinition {
        let number = |name, what| Parameter::new(name, Type::Number, what);
        let what = "Divides a whole number by another one, and drops the rest.";
        FunctionDefinition::new("Divides numbers.", what, Type::Number)
            .parameter(number("dividend", "What is divided."))
            .parameter(number("divisor", "By what it is divided; not 0."))
    }

    fn call(&self, mut arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let dividend: i64 = argument(&mut arguments, 0)?;
        let divisor: i64 = argument(&mut arguments, 1)?;
        dividend
            .checked_div(divisor)
            .map(Value::from)
            .ok_or_else(|| FunctionError::new("The divisor must not be 0.").argument(1))
    }
}
