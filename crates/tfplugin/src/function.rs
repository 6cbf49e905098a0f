//! Functions: pure calculations, called as `provider::cloud::name(…)`. They run without a configured
//! provider.
//!
//! ```
//! use tfplugin::{Function, FunctionDefinition, FunctionError, Parameter, Type, Value};
//!
//! struct Repeat;
//!
//! impl Function for Repeat {
//!     const NAME: &'static str = "repeat";
//!
//!     fn definition(&self) -> FunctionDefinition {
//!         FunctionDefinition::new("Repeats a text.", "Repeats a text some times.", Type::String)
//!             .parameter(Parameter::new("text", Type::String, "What to repeat."))
//!             .parameter(Parameter::new("times", Type::Number, "How many times."))
//!     }
//!
//!     fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
//!         match arguments.as_slice() {
//!             [Value::String(text), Value::Number(times)] => match times.as_u64() {
//!                 Some(times @ 0..=100) => Ok(text.repeat(times as usize).into()),
//!                 _ => Err(FunctionError::new("It must be 0 to 100.").argument(1)),
//!             },
//!             _ => Err(FunctionError::new("It takes a text and a number.")),
//!         }
//!     }
//! }
//!
//! let result = Repeat.call(vec!["ab".into(), 2.into()]);
//! assert_eq!(result, Ok("abab".into()));
//! assert_eq!(Repeat.call(vec!["ab".into(), (-1).into()]).unwrap_err().argument, Some(1));
//! ```

use crate::value::{Type, Value};

/// A function.
pub trait Function: Send + Sync + 'static {
    /// Its name.
    const NAME: &'static str;

    /// Its parameters and result.
    fn definition(&self) -> FunctionDefinition;

    /// Calculates the result. There is one argument for each parameter, then those of the variadic one.
    ///
    /// # Errors
    /// What is wrong with the arguments.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// The signature of a function.
#[derive(Debug, Clone)]
pub struct FunctionDefinition {
    /// One line.
    pub summary: String,
    /// Description, in Markdown.
    pub description: String,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// What takes any number of further arguments.
    pub variadic: Option<Parameter>,
    /// Type of the result.
    pub returns: Type,
    /// Why not to use it any more, and what instead.
    pub deprecated: Option<String>,
}

/// One parameter of a function.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name, for messages.
    pub name: String,
    /// Type of the argument.
    pub ty: Type,
    /// Description, in Markdown.
    pub description: String,
    /// May the argument be null?
    pub allow_null: bool,
    /// May the argument be unknown? If not, the result of an unknown argument is unknown.
    pub allow_unknown: bool,
}

/// Why a function has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong.
    pub text: String,
    /// With which argument, counted from 0.
    pub argument: Option<i64>,
}

impl FunctionDefinition {
    /// A function that takes nothing yet.
    #[must_use]
    pub fn new(summary: impl Into<String>, description: impl Into<String>, returns: Type) -> Self {
        Self {
            summary: summary.into(),
            description: description.into(),
            parameters: Vec::new(),
            variadic: None,
            returns,
            deprecated: None,
        }
    }

    /// The same, with one more parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The parameter that the argument at `position` is for.
    #[must_use]
    pub fn parameter_at(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }
}

impl Parameter {
    /// A parameter that takes neither null nor unknown.
    #[must_use]
    pub fn new(name: impl Into<String>, ty: Type, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ty,
            description: description.into(),
            allow_null: false,
            allow_unknown: false,
        }
    }
}

impl FunctionError {
    /// An error of the call as a whole.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None }
    }

    /// The same, about the argument at this position, counted from 0.
    #[must_use]
    pub const fn argument(mut self, position: i64) -> Self {
        self.argument = Some(position);
        self
    }
}
