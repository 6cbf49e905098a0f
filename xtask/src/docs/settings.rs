//! The table of the index page: where each setting of the provider comes from. It is read out of the
//! descriptions, where a sentence that begins with "Otherwise from" names environment variables and files.

use super::schema::Block;

/// Where the template of the index page wants the table.
const PLACE: &str = "{{ settings }}";

/// What the sentence calls a file, and what the table calls it.
const FILES: [(&str, &str); 4] = [
    ("the shared configuration and credentials files", "shared configuration, shared credentials"),
    ("the shared configuration file", "shared configuration"),
    ("the shared credentials file", "shared credentials"),
    ("the profile", "shared configuration, shared credentials"),
];

/// `template` with the table where it wants it.
pub(super) fn insert(template: &str, provider: &Block) -> String {
    template.replace(PLACE, &table(provider))
}

fn table(provider: &Block) -> String {
    let mut rows = Vec::new();
    for (name, attribute) in &provider.attributes {
        rows.push(row(name, &attribute.description));
    }
    for (name, nested) in &provider.block_types {
        let block = &nested.block;
        rows.push(row(name, &block.description));
        for (inner, attribute) in &block.attributes {
            rows.extend(with_sources(&format!("{name}.{inner}"), &attribute.description));
        }
    }
    format!("| Setting | Argument | Environment | Files |\n|---|---|---|---|\n{}", rows.join("\n"))
}

/// A row for what is in a block, if it can come from elsewhere at all: the others are on this page, too.
fn with_sources(argument: &str, description: &str) -> Option<String> {
    description.contains("Otherwise from").then(|| row(argument, description))
}

fn row(argument: &str, description: &str) -> String {
    // Descriptions wrap, a row must not.
    let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let setting = sentences(&description).next().unwrap_or_default();
    let setting = setting
        .split(": ")
        .next()
        .and_then(|text| text.split("; ").next())
        .unwrap_or_default()
        .trim_end_matches('.');
    let otherwise = otherwise(&description).unwrap_or_default();
    let quoted = || otherwise.split('`').skip(1).step_by(2);
    let is_variable = |word: &&str| word.starts_with(|first: char| first.is_ascii_uppercase());
    let variables: Vec<_> = quoted().filter(is_variable).map(|word| format!("`{word}`")).collect();
    let paths = quoted().filter(|word| word.starts_with('~')).map(|word| format!("`{word}`"));
    let named = FILES.iter().find(|(words, _)| otherwise.contains(words));
    let files: Vec<_> =
        named.map(|(_, files)| (*files).to_owned()).into_iter().chain(paths).collect();
    format!("| {setting} | `{argument}` | {} | {} |", variables.join(", "), files.join(", "))
}

fn otherwise(description: &str) -> Option<&str> {
    sentences(description).find(|sentence| sentence.starts_with("Otherwise from"))
}

fn sentences(description: &str) -> impl Iterator<Item = &str> {
    description.split_inclusive(". ").map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_variables_and_files() {
        for (description, row_) in [
            (
                "The region: where calls go.\nOtherwise from `AWS_REGION`,\n`AWS_DEFAULT_REGION` or the shared configuration file.",
                "| The region | `x` | `AWS_REGION`, `AWS_DEFAULT_REGION` | shared configuration |",
            ),
            (
                "Some files; or `http:` ones. Otherwise from `AWS_CONFIG_FILE`, or `~/.aws/config`.",
                "| Some files | `x` | `AWS_CONFIG_FILE` | `~/.aws/config` |",
            ),
            ("Only here.", "| Only here | `x` |  |  |"),
        ] {
            assert_eq!(row("x", description), row_);
        }
        assert_eq!(with_sources("x.y", "Only here."), None);
    }
}
