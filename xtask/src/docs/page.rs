//! The pages: front matter, title, description, example, prose, schema, import.

use anyhow::Context as _;

use super::schema::{Function, Parameter, ProviderSchema, Schema};
use super::{PROVIDER, Sources, section};

/// Resources and data sources have pages alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Resource,
    DataSource,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Resource => "Resource",
            Self::DataSource => "Data Source",
        }
    }

    /// The folder below `docs/`, `examples/` and `templates/`.
    fn folder(self) -> &'static str {
        match self {
            Self::Resource => "resources",
            Self::DataSource => "data-sources",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Resource => "resource.tf",
            Self::DataSource => "data-source.tf",
        }
    }
}

/// The name of a type without the provider's: `fleet_account` → `account`.
pub(super) fn short(name: &str) -> &str {
    name.strip_prefix(PROVIDER).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name)
}

/// The page of the provider.
pub(super) fn index(provider: &ProviderSchema, sources: &Sources<'_>) -> anyhow::Result<String> {
    let block = &provider.provider.block;
    let mut page = Page::new(&format!("{PROVIDER} Provider"), None, &block.description);
    page.part(&format!("# {PROVIDER} Provider"));
    page.part(&block.description);
    page.example(sources, "examples/provider/provider.tf")?;
    page.prose(sources.read("templates/index.md")?);
    page.part(&section::schema(block));
    Ok(page.finish())
}

/// The page of a resource or data source.
pub(super) fn object(
    kind: Kind,
    name: &str,
    schema: &Schema,
    sources: &Sources<'_>,
) -> anyhow::Result<String> {
    let (title, folder) = (kind.title(), kind.folder());
    let description = &schema.block.description;
    let mut page = Page::new(&page_title(name, title), Some(""), description);
    page.part(&format!("# {name} ({title})"));
    page.part(description);
    page.example(sources, &format!("examples/{folder}/{name}/{}", kind.example()))?;
    page.prose(sources.read(&format!("templates/{folder}/{}.md", short(name)))?);
    page.part(&section::schema(&schema.block));
    page.import(
        sources.read(&format!("examples/{folder}/{name}/import-by-string-id.tf"))?,
        sources.read(&format!("examples/{folder}/{name}/import.sh"))?,
    );
    Ok(page.finish())
}

/// The page of a function.
pub(super) fn function(
    name: &str,
    function: &Function,
    sources: &Sources<'_>,
) -> anyhow::Result<String> {
    let mut page = Page::new(&page_title(name, "function"), Some(""), &function.summary);
    page.part(&format!("# function: {name}"));
    page.part(if function.description.trim().is_empty() {
        &function.summary
    } else {
        &function.description
    });
    page.example(sources, &format!("examples/functions/{name}/function.tf"))?;
    page.prose(sources.read(&format!("templates/functions/{name}.md"))?);

    let signature = |parameter: &Parameter, dots: &str| {
        let ty = section::type_name(&parameter.ty).to_lowercase();
        format!("{} {ty}{dots}", parameter.name)
    };
    let mut parameters: Vec<_> = function.parameters.iter().map(|p| signature(p, "")).collect();
    parameters.extend(function.variadic_parameter.iter().map(|p| signature(p, "...")));
    let returned = section::type_name(&function.return_type).to_lowercase();
    page.part("## Signature");
    page.code("text", &format!("{name}({}) {returned}", parameters.join(", ")));

    let all = function.parameters.iter().chain(&function.variadic_parameter).enumerate();
    let arguments: Vec<_> = all
        .map(|(index, parameter)| {
            let nullable = if parameter.is_nullable { ", Nullable" } else { "" };
            let variadic = if index == function.parameters.len() { ", Variadic" } else { "" };
            let ty = section::type_name(&parameter.ty);
            let description = section::one_line(&parameter.description);
            format!("{}. `{}` ({ty}{nullable}{variadic}) {description}", index + 1, parameter.name)
        })
        .collect();
    if !arguments.is_empty() {
        page.part("## Arguments");
        page.part(&arguments.join("\n"));
    }
    Ok(page.finish())
}

fn page_title(name: &str, kind: &str) -> String {
    format!("{name} {kind} - terraform-provider-{PROVIDER}")
}

/// A page in the making: parts with an empty line between them.
struct Page {
    text: String,
}

impl Page {
    /// Front matter. The index has no `subcategory`, all other pages must have one.
    fn new(title: &str, subcategory: Option<&str>, description: &str) -> Self {
        let subcategory =
            subcategory.map(|name| format!("subcategory: \"{name}\"\n")).unwrap_or_default();
        let first = description.trim().split("\n\n").next().unwrap_or_default();
        let first = section::one_line(first);
        let text = format!(
            "---\n# Generated by `cargo xtask docs`.\npage_title: \"{title}\"\n{subcategory}description: |-\n  {first}\n---\n"
        );
        Self { text }
    }

    fn part(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.text.push_str(&format!("\n{text}\n"));
        }
    }

    fn code(&mut self, language: &str, code: &str) {
        self.part(&format!("```{language}\n{code}\n```"));
    }

    /// Every page shows its object in use: an example that is missing is an error.
    fn example(&mut self, sources: &Sources<'_>, path: &str) -> anyhow::Result<()> {
        let example = sources.read(path)?.with_context(|| format!("there is no example {path}"))?;
        self.part("## Example Usage");
        self.code("terraform", &example);
        Ok(())
    }

    fn prose(&mut self, prose: Option<String>) {
        if let Some(prose) = prose {
            self.part(&prose);
        }
    }

    fn import(&mut self, block: Option<String>, command: Option<String>) {
        if block.is_none() && command.is_none() {
            return;
        }
        self.part("## Import");
        if let Some(block) = block {
            self.part("By a block of the configuration:");
            self.code("terraform", &block);
        }
        if let Some(command) = command {
            self.part("By a command:");
            self.code("shell", &command);
        }
    }

    fn finish(self) -> String {
        self.text
    }
}
