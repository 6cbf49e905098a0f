//! Signatures of functions as messages.

use crate::function::{FunctionDefinition, Parameter};
use crate::server::generated::tfplugin6::{self as wire, StringKind};

/// A signature.
pub(crate) fn function(definition: &FunctionDefinition) -> wire::Function {
    wire::Function {
        parameters: definition.parameters.iter().map(parameter).collect(),
        variadic_parameter: definition.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: definition.returns.to_json() }),
        summary: definition.summary.clone(),
        description: definition.description.clone(),
        description_kind: StringKind::Markdown.into(),
        deprecation_message: definition.deprecated.clone().unwrap_or_default(),
    }
}

fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.clone(),
        r#type: parameter.ty.to_json(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: StringKind::Markdown.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Type;

    #[test]
    fn a_signature_is_whole() {
        let mut definition = FunctionDefinition::new("Joins.", "Joins *all*.", Type::String)
            .parameter(Parameter::new("separator", Type::String, "Between."));
        definition.variadic = Some(Parameter {
            allow_null: true,
            allow_unknown: true,
            ..Parameter::new("parts", Type::list(Type::String), "What.")
        });
        definition.deprecated = Some("Use join.".to_owned());
        let made = function(&definition);
        assert_eq!(made.parameters.len(), 1);
        assert!(!made.parameters[0].allow_null_value && !made.parameters[0].allow_unknown_values);
        let variadic = made.variadic_parameter.unwrap();
        assert_eq!(variadic.r#type, br#"["list","string"]"#);
        assert!(variadic.allow_null_value && variadic.allow_unknown_values);
        assert_eq!(made.r#return.unwrap().r#type, br#""string""#);
        assert_eq!((made.summary.as_str(), made.description.as_str()), ("Joins.", "Joins *all*."));
        assert_eq!(made.deprecation_message, "Use join.");
    }
}
