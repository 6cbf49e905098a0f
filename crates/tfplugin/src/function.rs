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

use crate::diagnostic::Diagnostic;
use crate::value::{AttributeType, Type, Value};

/// A function.
pub trait Function: Send + Sync + 'static {
    /// Its name.
    const NAME: &'static str;

    /// Its parameters and result.
    fn definition(&self) -> FunctionDefinition;

    /// Calculates the result. There is one argument for each parameter, then those of the variadic one; null and unknown
    /// ones only where the parameter takes them. [`argument`] takes them out as Rust types. The result of known
    /// arguments is known.
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
    /// May the argument be unknown, whole or in part? If not, the result of such an argument is unknown.
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

/// Takes the argument at `position` out, as a Rust type: `Attr<T>` and `Option<T>` where it may be null.
///
/// # Errors
/// That the argument does not fit the type, or is not there.
pub fn argument<T: AttributeType>(
    arguments: &mut [Value],
    position: usize,
) -> Result<T, FunctionError> {
    let value = arguments.get_mut(position).map(std::mem::take).ok_or_else(|| {
        FunctionError::new(format!("Argument {} is missing.", position.saturating_add(1)))
    })?;
    T::decode(value).map_err(|error| FunctionError {
        text: Diagnostic::from(error).detail,
        argument: i64::try_from(position).ok(),
    })
}

/// Takes the arguments from `position` on out, as [`argument`] does: those of a variadic parameter.
///
/// # Errors
/// That an argument does not fit the type.
pub fn arguments_from<T: AttributeType>(
    arguments: &mut [Value],
    position: usize,
) -> Result<Vec<T>, FunctionError> {
    (position..arguments.len()).map(|position| argument(arguments, position)).collect()
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

    /// The same, with a parameter for any number of further arguments.
    #[must_use]
    pub fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// The same, with one more parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Can the function be called with these arguments? If not, its result is unknown.
    pub(crate) fn is_complete(&self, arguments: &[Value]) -> Result<bool, FunctionError> {
        if let Some(missing) = self.parameters.get(arguments.len()) {
            let text = format!("The argument `{}` is missing.", missing.name);
            return Err(FunctionError::new(text));
        }
        let mut complete = true;
        for (position, argument) in arguments.iter().enumerate() {
            let wrong = |text: &str| FunctionError {
                text: text.to_owned(),
                argument: i64::try_from(position).ok(),
            };
            let parameter = self
                .parameter_at(position)
                .ok_or_else(|| wrong("The function takes fewer arguments."))?;
            if argument.is_null() && !parameter.allow_null {
                return Err(wrong("The argument must not be null."));
            }
            complete &= parameter.allow_unknown || argument.is_wholly_known();
        }
        Ok(complete)
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

    /// The same, but the argument may be null.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.allow_null = true;
        self
    }

    /// The same, but the argument may be unknown, whole or in part.
    #[must_use]
    pub fn unknowable(mut self) -> Self {
        self.allow_unknown = true;
        self
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
