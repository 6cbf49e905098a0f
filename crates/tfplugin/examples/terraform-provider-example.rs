//! A whole provider: text files, kept as the configuration says. The README of the crate says how to try it.

use std::{fs, io, process::ExitCode};

use tfplugin::{
    Applied, Attr, Context, Create, Delete, Diagnostic, Provider, Read, Registry, Resource, Update,
};

/// A text file.
#[derive(Clone, tfplugin::Object)]
struct File {
    /// Where it lies. With another path, another file takes its place.
    #[attribute(required, plan(requires_replace))]
    path: Attr<String>,
    /// What is in it.
    #[attribute(required)]
    content: Attr<String>,
}

struct Files;

impl Resource for Files {
    type Model = File;
    const TYPE: &'static str = "example_file";

    async fn create(&self, _: &Context, request: Create<File>) -> Applied<File> {
        write(request.planned)
    }
    async fn read(&self, _: &Context, request: Read<File>) -> Applied<File> {
        match fs::read_to_string(request.state.path.as_str().unwrap_or_default()) {
            Ok(text) => Applied::ok(File { content: text.into(), ..request.state }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Applied::gone(),
            Err(error) => failed("read", &error),
        }
    }
    async fn update(&self, _: &Context, request: Update<File>) -> Applied<File> {
        write(request.planned)
    }
    async fn delete(&self, _: &Context, request: Delete<File>) -> Applied<File> {
        match fs::remove_file(request.prior.path.as_str().unwrap_or_default()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => failed("deleted", &error),
            _ => Applied::gone(),
        }
    }
}

fn write(file: File) -> Applied<File> {
    let text = file.content.as_str().unwrap_or_default();
    match fs::write(file.path.as_str().unwrap_or_default(), text) {
        Ok(()) => Applied::ok(file),
        Err(error) => failed("written", &error),
    }
}

fn failed(what: &str, error: &io::Error) -> Applied<File> {
    let summary = format!("The file was not {what}");
    Applied::error(Diagnostic::error(summary, format!("{error}.")).at("path"))
}

/// Keeps text files.
#[derive(tfplugin::Object)]
struct Settings {}

struct Example;

impl Provider for Example {
    type Config = Settings;
    const NAME: &'static str = "example";
    const ADDRESS: &'static str = "registry.terraform.io/example/example";

    fn register(&self, registry: &mut Registry) {
        registry.resource(Files);
    }
}

fn main() -> ExitCode {
    tfplugin::server::run(Example)
}
