//! Functions without their types.

use std::sync::Arc;

use super::{Registered, guard};
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

// === impl Registered ===

impl Registered {
    /// Calls a function. Its parameters say what happens with null and unknown arguments: the CLI asks for nothing that
    /// they do not allow, other callers may.
    ///
    /// # Errors
    /// What the function finds wrong with its arguments, or what is wrong with the function.
    pub fn call_function(&self, name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let Some(function) = self.registry.functions.get(name) else {
            return Err(FunctionError::new(format!("There is no function `{name}`.")));
        };
        let fault = |what: &str| {
            Err(FunctionError::new(format!(
                "The function `{name}` {what}. This is a bug in the provider. Please report it to its developers."
            )))
        };
        let definition = guard::call("say what a function takes", || function.definition())
            .map_err(|panic| FunctionError::new(panic.detail))?;
        if !definition.is_complete(&arguments)? {
            return Ok(Value::UNKNOWN);
        }
        let known = arguments.iter().all(Value::is_wholly_known);
        let result = guard::call("call a function", || function.call(arguments))
            .unwrap_or_else(|panic| Err(FunctionError::new(panic.detail)))?
            .composed();
        if !definition.returns.admits(&result) {
            fault(&format!("gave {}, which is not what it says to return", result.kind()))
        } else if known && !result.is_wholly_known() {
            fault("gave an unknown result for known arguments")
        } else {
            Ok(result)
        }
    }
}
