//! `conformance_file`: a real file, which may change or go behind the CLI's back.

use std::fs;
use std::io::ErrorKind;

use tfplugin::{Applied, Attr, Context, Create, Delete, Diagnostic, Plan, Read, Resource, Update};

/// A file on this machine.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct File {
    /// Where it is; another path is another file.
    #[attribute(required, plan(requires_replace))]
    path: Attr<String>,
    /// What is in it.
    #[attribute(optional, computed, default = "")]
    content: Attr<String>,
    /// Number of bytes in it, known as soon as the content is.
    #[attribute(computed)]
    size: Attr<i64>,
    /// Names the file for an import: its path.
    #[attribute(computed, plan(use_state_for_unknown))]
    id: Attr<String>,
}

pub(crate) struct Files;

impl Resource for Files {
    type Model = File;
    const TYPE: &'static str = "conformance_file";

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, File>) {
        if let Some(proposed) = &plan.proposed {
            let size = proposed.content.as_ref().map(|content| size(content));
            plan.set("size", size);
        }
    }

    async fn create(&self, _: &Context, request: Create<File>) -> Applied<File> {
        write(request.planned)
    }

    async fn read(&self, _: &Context, request: Read<File>) -> Applied<File> {
        let path = request.state.path.as_str().unwrap_or_default();
        match fs::read_to_string(path) {
            Ok(content) => Applied::ok(File { content: content.into(), ..request.state }.sized()),
            Err(error) if error.kind() == ErrorKind::NotFound => Applied::gone(),
            Err(error) => failed(path, "read", &error),
        }
    }

    async fn update(&self, _: &Context, request: Update<File>) -> Applied<File> {
        write(request.planned)
    }

    async fn delete(&self, _: &Context, request: Delete<File>) -> Applied<File> {
        let path = request.prior.path.as_str().unwrap_or_default();
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => failed(path, "removed", &error),
            _ => Applied::gone(),
        }
    }

    async fn import(&self, _: &Context, id: &str) -> Applied<File> {
        match fs::read_to_string(id) {
            Ok(content) => Applied::ok(
                File { path: id.into(), content: content.into(), size: Attr::Null, id: id.into() }
                    .sized(),
            ),
            Err(error) => failed(id, "read", &error),
        }
    }
}

fn write(planned: File) -> Applied<File> {
    let path = planned.path.as_str().unwrap_or_default();
    match fs::write(path, planned.content.as_str().unwrap_or_default()) {
        Ok(()) => Applied::ok(File { id: planned.path.clone(), ..planned }.sized()),
        Err(error) => failed(path, "written", &error),
    }
}

fn failed(path: &str, verb: &str, error: &std::io::Error) -> Applied<File> {
    let detail = format!("`{path}` cannot be {verb}: {error}.");
    Applied::error(Diagnostic::error("The file is out of reach", detail).at("path"))
}

fn size(content: &str) -> i64 {
    i64::try_from(content.len()).unwrap_or(i64::MAX)
}

impl File {
    fn sized(self) -> Self {
        let size = self.content.as_ref().map(|content| size(content));
        Self { size, ..self }
    }
}
