//! Functions: null, unknown and variadic arguments, and errors that say which argument.

use tfplugin::erased::Registered;
use tfplugin::function::{argument, arguments_from};
use tfplugin::{
    Attr, Function, FunctionDefinition, FunctionError, Parameter, Provider, Registry, Type, Value,
};

/// Gives what `answer` says, and takes null and unknown where its parameters say so.
struct Pick;

impl Function for Pick {
    const NAME: &'static str = "pick";

    fn definition(&self) -> FunctionDefinition {
        let list = Type::list(Type::String);
        FunctionDefinition::new("Picks", "Picks something.", Type::String)
            .parameter(Parameter::new("from", list, "A list."))
            .parameter(Parameter::new("position", Type::Number, "Null is the first.").nullable())
            .parameter(Parameter::new("note", Type::String, "Anything.").nullable().unknowable())
            .variadic(Parameter::new("instead", Type::String, "In its place."))
    }

    fn call(&self, mut arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let from: Vec<String> = argument(&mut arguments, 0)?;
        let position: Option<i64> = argument(&mut arguments, 1)?;
        let note: Attr<String> = argument(&mut arguments, 2)?;
        let instead: Vec<String> = arguments_from(&mut arguments, 3)?;
        match note.as_str() {
            Some("panic") => panic!("asked to"),
            Some("unknown") => return Ok(Value::UNKNOWN),
            Some("number") => return Ok(1.into()),
            _ => {}
        }
        if let Some(position) = instead.iter().position(|text| text == "bad") {
            return Err(FunctionError {
                text: "This one is bad.".to_owned(),
                argument: i64::try_from(position + 3).ok(),
            });
        }
        let position = usize::try_from(position.unwrap_or_default()).unwrap_or(usize::MAX);
        match from.get(position).or(instead.first()) {
            Some(found) if note.is_unknown() => Ok(format!("{found}?").into()),
            Some(found) => Ok(found.as_str().into()),
            None => Err(FunctionError::new("There is nothing there.").argument(1)),
        }
    }
}

struct Picks;

impl Provider for Picks {
    type Config = crate::cloud::Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.function(Pick);
    }
}

fn list(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| Value::from(*text)).collect())
}

fn pick(arguments: Vec<Value>) -> Result<Value, (String, Option<i64>)> {
    Registered::new(Picks)
        .call_function("pick", arguments)
        .map_err(|error| (error.text, error.argument))
}

fn fails(text: &str, argument: Option<i64>) -> Result<Value, (String, Option<i64>)> {
    Err((text.to_owned(), argument))
}

#[test]
fn null_and_unknown_go_where_a_parameter_takes_them() {
    let from = || list(&["a", "b"]);
    assert_eq!(pick(vec![from(), 1.into(), "".into()]), Ok("b".into()));
    assert_eq!(pick(vec![from(), Value::Null, Value::Null]), Ok("a".into()));
    assert_eq!(pick(vec![from(), Value::Null, Value::UNKNOWN]), Ok("a?".into()));
    assert_eq!(pick(vec![from(), 9.into(), Value::Null, "c".into(), "d".into()]), Ok("c".into()));
    // What a parameter does not take.
    assert_eq!(
        pick(vec![Value::Null, 1.into(), "".into()]),
        fails("The argument must not be null.", Some(0))
    );
    assert_eq!(
        pick(vec![from(), 1.into(), "".into(), "c".into(), Value::Null]),
        fails("The argument must not be null.", Some(4))
    );
}

#[test]
fn the_result_of_an_unknown_argument_is_unknown() {
    let partly = Value::List(vec!["a".into(), Value::UNKNOWN]);
    for arguments in [
        vec![Value::UNKNOWN, 1.into(), "panic".into()],
        vec![partly, 0.into(), "panic".into()],
        vec![list(&[]), Value::UNKNOWN, "panic".into()],
        vec![list(&[]), 1.into(), "panic".into(), Value::UNKNOWN],
    ] {
        assert_eq!(pick(arguments), Ok(Value::UNKNOWN));
    }
    // A null that is not allowed is wrong whatever the others turn out to be.
    assert_eq!(
        pick(vec![Value::Null, Value::UNKNOWN, "".into()]),
        fails("The argument must not be null.", Some(0))
    );
}

#[test]
fn errors_say_which_argument() {
    let from = || list(&["a"]);
    assert_eq!(pick(vec![from(), 3.into(), "".into()]), fails("There is nothing there.", Some(1)));
    assert_eq!(
        pick(vec![from(), 0.into(), "".into(), "ok".into(), "bad".into()]),
        fails("This one is bad.", Some(4))
    );
    let half: tfplugin::Number = "0.5".parse().unwrap();
    assert_eq!(
        pick(vec![from(), half.into(), "".into()]),
        fails("This value cannot be used: expected a whole number that fits in 64 bits.", Some(1))
    );
    assert_eq!(pick(vec![from(), 0.into()]), fails("The argument `note` is missing.", None));
}

#[test]
fn a_mistake_of_the_function_is_the_providers() {
    for (note, said) in [
        ("panic", "The provider crashed while it tried to call a function: asked to"),
        ("unknown", "The function `pick` gave an unknown result for known arguments."),
        ("number", "The function `pick` gave a number, which is not what it says to return."),
    ] {
        let (text, argument) = pick(vec![list(&["a"]), 0.into(), note.into()]).unwrap_err();
        assert!(text.starts_with(said), "{text}");
        assert!(text.contains("report it"), "{text}");
        assert_eq!(argument, None);
    }
}
