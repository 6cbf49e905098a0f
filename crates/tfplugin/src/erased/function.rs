//! Functions without their types.

use std::sync::Arc;

use crate::function::{Function, FunctionDefinition, FunctionError};
use crate::value::Value;

pub(crate) trait ErasedFunction: Send + Sync {
    fn definition(&self) -> FunctionDefinition;
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

struct Typed<F>(F);

pub(crate) fn function<F: Function>(function: F) -> Arc<dyn ErasedFunction> {
    Arc::new(Typed(function))
}

impl<F: Function> ErasedFunction for Typed<F> {
    fn definition(&self) -> FunctionDefinition {
        self.0.definition()
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        self.0.call(arguments)
    }
}
