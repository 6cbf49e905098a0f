//! The pages: front matter, title, description, example, prose, schema, import.

use anyhow::{Context as _, ensure};

use super::kind::{Example, FUNCTIONS, Kind};
use super::schema::{Block, Function, IdentitySchema, Parameter, ProviderSchema};
use super::sources::Sources;
use super::{PROVIDER, section, settings};

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
    page.examples(sources, "examples/provider", Example::tf("provider"))?;
    let prose = sources.read("templates/index.md")?;
    page.prose(prose.map(|prose| settings::insert(&prose, block)));
    page.part(&section::schema(block));
    Ok(page.finish())
}

/// The page of an object, with what identifies it if it has an identity.
pub(super) fn object(
    kind: Kind,
    name: &str,
    block: &Block,
    identity: Option<&IdentitySchema>,
    sources: &Sources<'_>,
) -> anyhow::Result<String> {
    let (title, folder) = (kind.title(), kind.folder());
    let examples = format!("examples/{folder}/{name}");
    let mut page = Page::new(&page_title(name, title), Some(""), &block.description);
    page.part(&format!("# {name} ({title})"));
    page.part(&block.description);
    page.deprecation(block.deprecated, block.deprecation_message.as_deref());
    page.examples(sources, &examples, kind.example())?;
    let template = format!("templates/{folder}/{}.md", short(name));
    let prose = sources.read(&template)?;
    let says_import = prose.as_ref().is_some_and(|prose| prose.contains("import"));
    page.prose(prose);
    page.part(&section::schema(block));
    if kind == Kind::Resource {
        let imported = page.import(sources, &examples, identity)?;
        ensure!(
            imported || says_import,
            "there is no {examples}/import-by-string-id.tf, and {template} does not say that {name} has no import"
        );
    }
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
    page.deprecation(
        function.deprecation_message.is_some(),
        function.deprecation_message.as_deref(),
    );
    page.examples(sources, &format!("examples/{FUNCTIONS}/{name}"), Example::tf("function"))?;
    page.prose(sources.read(&format!("templates/{FUNCTIONS}/{name}.md"))?);

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
            let variadic = if index == function.parameters.len() { "Variadic, " } else { "" };
            let nullable = if parameter.is_nullable { ", Nullable" } else { "" };
            let ty = section::type_name(&parameter.ty);
            let description = section::one_line(&parameter.description);
            format!("{}. `{}` ({variadic}{ty}{nullable}) {description}", index + 1, parameter.name)
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
        let first = plain(&section::one_line(first));
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

    fn examples(
        &mut self,
        sources: &Sources<'_>,
        folder: &str,
        example: Example,
    ) -> anyhow::Result<()> {
        self.part("## Example Usage");
        for text in sources.examples(folder, example)? {
            self.code("terraform", &text);
        }
        Ok(())
    }

    /// A box that says not to use the object any more.
    fn deprecation(&mut self, deprecated: bool, message: Option<&str>) {
        if deprecated {
            let message = message.map(section::one_line).unwrap_or_default();
            self.part(&format!("~> **Deprecated:** {message}"));
        }
    }

    fn prose(&mut self, prose: Option<String>) {
        if let Some(prose) = prose {
            self.part(&prose);
        }
    }

    /// The ways to import an object: those that have an example. One that has an identity has an example of that. Gives
    /// whether there is any.
    fn import(
        &mut self,
        sources: &Sources<'_>,
        folder: &str,
        identity: Option<&IdentitySchema>,
    ) -> anyhow::Result<bool> {
        let block = sources.read(&format!("{folder}/import-by-string-id.tf"))?;
        let command = sources.read(&format!("{folder}/import.sh"))?;
        if block.is_none() && command.is_none() && identity.is_none() {
            return Ok(false);
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
        if let Some(identity) = identity {
            let path = format!("{folder}/import-by-identity.tf");
            let block = sources.read(&path)?;
            let block = block.with_context(|| format!("there is no example {path}"))?;
            self.part("By its identity, with Terraform 1.12 or OpenTofu 1.12 at least:");
            self.code("terraform", &block);
            self.part(&section::identity(identity));
        }
        Ok(true)
    }

    fn finish(self) -> String {
        self.text
    }
}

/// Text without the marks of Markdown that a plain text would show: of code, of emphasis and of links.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        match link.split_once("](").and_then(|(words, to)| Some((words, to.split_once(')')?.1))) {
            Some((words, after)) => {
                out.push_str(words);
                rest = after;
            }
            None => {
                out.push('[');
                rest = link;
            }
        }
    }
    out.push_str(rest);
    out.replace("**", "").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn marks_of_markdown_are_taken_out_of_plain_text() {
        for (text, expected) in [
            ("A `key` of **two**, see [the guide](guides/a.md).", "A key of two, see the guide."),
            ("A list [1, 2] and f(x) [b] (c).", "A list [1, 2] and f(x) [b] (c)."),
            ("[open](", "[open]("),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
