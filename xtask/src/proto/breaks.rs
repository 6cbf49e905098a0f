//! Whether a change of a `.proto` file breaks programs that were built by the file as it was.
//!
//! What each side reads by is numbers, names of enum values, RPCs and messages. A new one of them is no break; one that is
//! gone, or means another thing now, is. What was removed and reserved is one all the same: whoever was built before still
//! sends it, or waits for it.

use std::collections::BTreeMap;

use protox::prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    ServiceDescriptorProto,
};

/// One line for each thing that `new` takes from readers of `old`, or gives another meaning; empty: nothing.
pub(super) fn between(old: &FileDescriptorSet, new: &FileDescriptorSet) -> Vec<String> {
    let (old, new) = (Names::of(old), Names::of(new));
    let mut breaks = Vec::new();
    for (name, was) in &old.messages {
        match new.messages.get(name) {
            None => breaks.push(format!("message {name} is gone")),
            Some(is) => of_message(name, was, is, &mut breaks),
        }
    }
    for (name, was) in &old.enums {
        match new.enums.get(name) {
            None => breaks.push(format!("enum {name} is gone")),
            Some(is) => of_enum(name, was, is, &mut breaks),
        }
    }
    for (name, was) in &old.services {
        match new.services.get(name) {
            None => breaks.push(format!("service {name} is gone")),
            Some(is) => of_service(name, was, is, &mut breaks),
        }
    }
    breaks
}

/// Everything that a set of files declares, by its full name.
#[derive(Default)]
struct Names<'a> {
    messages: BTreeMap<String, &'a DescriptorProto>,
    enums: BTreeMap<String, &'a EnumDescriptorProto>,
    services: BTreeMap<String, &'a ServiceDescriptorProto>,
}

impl<'a> Names<'a> {
    fn of(set: &'a FileDescriptorSet) -> Self {
        let mut names = Self::default();
        for file in &set.file {
            let inside = |name: &str| format!("{}.{name}", file.package());
            for message in &file.message_type {
                names.take(inside(message.name()), message);
            }
            names.enums.extend(file.enum_type.iter().map(|of| (inside(of.name()), of)));
            names.services.extend(file.service.iter().map(|of| (inside(of.name()), of)));
        }
        names
    }

    fn take(&mut self, name: String, message: &'a DescriptorProto) {
        for inner in &message.nested_type {
            self.take(format!("{name}.{}", inner.name()), inner);
        }
        let enums = message.enum_type.iter().map(|of| (format!("{name}.{}", of.name()), of));
        self.enums.extend(enums);
        self.messages.insert(name, message);
    }
}

/// What of a field its readers depend on.
#[derive(PartialEq)]
struct Shape<'a> {
    kind: i32,
    of: &'a str,
    label: i32,
    one_of: Option<&'a str>,
    optional: bool,
}

impl<'a> Shape<'a> {
    fn of(field: &'a FieldDescriptorProto, message: &'a DescriptorProto) -> Self {
        let optional = field.proto3_optional();
        let one_of = field.oneof_index.and_then(|index| usize::try_from(index).ok());
        let one_of = one_of.and_then(|index| message.oneof_decl.get(index));
        Self {
            kind: field.r#type.unwrap_or_default(),
            of: field.type_name(),
            label: field.label.unwrap_or_default(),
            // An optional field stands in a oneof of its own, which nobody named.
            one_of: one_of.filter(|_| !optional).map(|of| of.name()),
            optional,
        }
    }
}

fn of_message(name: &str, was: &DescriptorProto, is: &DescriptorProto, breaks: &mut Vec<String>) {
    for before in &was.field {
        let (field, number) = (before.name(), before.number());
        let Some(after) = is.field.iter().find(|of| of.number() == number) else {
            let moved = is.field.iter().find(|of| of.name() == field);
            breaks.push(match moved {
                Some(of) => {
                    format!("{name}.{field} had the number {number} and has {}", of.number())
                }
                None => format!("{name}.{field} ({number}) is gone"),
            });
            continue;
        };
        if after.name() != field {
            breaks.push(format!("{name}: the number {number} was {field} and is {}", after.name()));
        }
        if Shape::of(before, was) != Shape::of(after, is) {
            breaks.push(format!(
                "{name}.{field} has another type, is a list now or none any more, or came into another oneof"
            ));
        }
    }
    for range in &was.reserved_range {
        let taken =
            |of: &&FieldDescriptorProto| (range.start()..range.end()).contains(&of.number());
        for field in is.field.iter().filter(taken) {
            breaks.push(format!(
                "{name}.{} has the number {}, which was reserved",
                field.name(),
                field.number()
            ));
        }
        if !is
            .reserved_range
            .iter()
            .any(|of| of.start() <= range.start() && of.end() >= range.end())
        {
            breaks.push(format!("{name}: numbers are not reserved any more"));
        }
    }
    for reserved in &was.reserved_name {
        if !is.reserved_name.contains(reserved) {
            breaks.push(format!("{name}: the name {reserved} is not reserved any more"));
        }
    }
}

fn of_enum(
    name: &str,
    was: &EnumDescriptorProto,
    is: &EnumDescriptorProto,
    breaks: &mut Vec<String>,
) {
    for before in &was.value {
        let (value, number) = (before.name(), before.number());
        match is.value.iter().find(|of| of.name() == value) {
            None => breaks.push(format!("{name}.{value} ({number}) is gone")),
            Some(of) if of.number() != number => {
                breaks.push(format!(
                    "{name}.{value} had the number {number} and has {}",
                    of.number()
                ));
            }
            Some(_) => {}
        }
    }
    for range in &was.reserved_range {
        // Of an enum, the end of a range is in it.
        let holds = |number: i32| (range.start()..=range.end()).contains(&number);
        for value in is.value.iter().filter(|of| holds(of.number())) {
            breaks.push(format!("{name}.{} has a number that was reserved", value.name()));
        }
        let covers = |start: i32, end: i32| start <= range.start() && end >= range.end();
        if !is.reserved_range.iter().any(|of| covers(of.start(), of.end())) {
            breaks.push(format!("{name}: numbers are not reserved any more"));
        }
    }
    for reserved in &was.reserved_name {
        if !is.reserved_name.contains(reserved) {
            breaks.push(format!("{name}: the name {reserved} is not reserved any more"));
        }
    }
}

fn of_service(
    name: &str,
    was: &ServiceDescriptorProto,
    is: &ServiceDescriptorProto,
    breaks: &mut Vec<String>,
) {
    for before in &was.method {
        let method = before.name();
        let Some(after) = is.method.iter().find(|of| of.name() == method) else {
            breaks.push(format!("{name}.{method} is gone"));
            continue;
        };
        if before.input_type() != after.input_type() || before.output_type() != after.output_type()
        {
            breaks.push(format!("{name}.{method} takes or gives another message"));
        }
        if before.client_streaming() != after.client_streaming()
            || before.server_streaming() != after.server_streaming()
        {
            breaks.push(format!("{name}.{method} streams now, or does not any more"));
        }
    }
}

#[cfg(test)]
mod tests;
