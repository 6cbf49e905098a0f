//! `CallFunction`.

use super::{Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::function::FunctionError;
use crate::server::generated::tfplugin6::call_function::{Request, Response};
use crate::server::generated::tfplugin6::{self as wire, DynamicValue};
use crate::server::{convert, request_log};

/// Calls a function.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "CallFunction";

    fn of(&self) -> Of<'_> {
        Of::Function(&self.name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        Ok(match call(provider, self) {
            Ok(result) => Response { result: Some(result), error: None },
            Err(error) => failed(error),
        })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        failed(FunctionError::new(provider.reworded(error).detail))
    }

    /// A function's error is none.
    fn diagnostics(_: &Response) -> &[wire::Diagnostic] {
        &[]
    }
}

fn failed(error: FunctionError) -> Response {
    request_log::function_error(&error);
    Response { result: None, error: Some(convert::function_error(error)) }
}

fn call(provider: &Registered, request: &Request) -> Result<DynamicValue, FunctionError> {
    let name = &request.name;
    let definition = provider.function(name).ok_or_else(|| {
        FunctionError::new(format!("This version of the provider has no function `{name}`."))
    })?;
    let mut arguments = Vec::with_capacity(request.arguments.len());
    for (position, argument) in request.arguments.iter().enumerate() {
        let wrong = |text: String| FunctionError { text, argument: i64::try_from(position).ok() };
        let parameter = definition
            .parameter_at(position)
            .ok_or_else(|| wrong(format!("`{name}` takes fewer arguments.")))?;
        let value = convert::decode(Some(argument), &parameter.ty, "argument")
            .map_err(|error| wrong(provider.reworded(error).detail))?;
        arguments.push(value);
    }
    let result = provider.call_function(name, arguments)?;
    convert::encode(&result, &definition.returns, "result")
        .map_err(|error| FunctionError::new(provider.reworded(error).detail))
}
