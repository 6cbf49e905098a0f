//! What the Registry asks of every page, those by hand too:
//! <https://developer.hashicorp.com/terraform/registry/providers/docs>.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};

use super::kind::{FUNCTIONS, GUIDES, Kind};
use super::sources::files_below;

/// The most pages that it stores.
const MOST_PAGES: usize = 2000;

/// The size that a page has to stay below, in bytes.
const PAGE_LIMIT: u64 = 500_000;

/// Fails when a file below `docs/` is none that the Registry takes, and says which and why.
pub(super) fn check(docs: &Path) -> anyhow::Result<()> {
    let paths = files_below(docs)?;
    ensure!(paths.len() <= MOST_PAGES, "docs/ has {} files, {MOST_PAGES} at most", paths.len());
    let mut problems = Vec::new();
    for path in paths {
        let name = path.strip_prefix(docs).unwrap_or(&path).display().to_string();
        let size = path.metadata().with_context(|| format!("docs/{name}"))?.len();
        if size >= PAGE_LIMIT {
            problems.push(format!("docs/{name}: {size} bytes, below {PAGE_LIMIT} is asked for"));
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("docs/{name}"))?;
        problems.extend(problem(&name, &text).map(|problem| format!("docs/{name}: {problem}")));
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// What is wrong with a page, given its path below `docs/`.
fn problem(name: &str, text: &str) -> Option<&'static str> {
    let folders = Kind::ALL.map(Kind::folder);
    let (folder, file) = name.split_once('/').unwrap_or(("", name));
    if !(folder.is_empty() || folder == FUNCTIONS || folder == GUIDES || folders.contains(&folder))
    {
        return Some("the Registry knows no such folder");
    }
    if file.contains('/') || !file.ends_with(".md") {
        return Some("a page is a file NAME.md in its kind's folder");
    }
    if folder.is_empty() && file != "index.md" {
        return Some("only index.md is in no folder");
    }
    let Some(front) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else {
        return Some("it begins with no front matter between lines of `---`");
    };
    let has = |key: &str| front.0.lines().any(|line| line.starts_with(&format!("{key}:")));
    [
        (has("layout") || has("sidebar_current"), "`layout` and `sidebar_current` are of old"),
        (!has("page_title"), "its front matter has no `page_title`"),
        (!has("description"), "its front matter has no `description`"),
        (folder.is_empty() && has("subcategory"), "the index is in no `subcategory`"),
        (!folder.is_empty() && folder != GUIDES && !has("subcategory"), "it has no `subcategory`"),
    ]
    .into_iter()
    .find_map(|(wrong, problem)| wrong.then_some(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONT: &str = "---\npage_title: \"A\"\nsubcategory: \"\"\ndescription: |-\n  B.\n---\n";

    #[test]
    fn pages_in_their_places_are_taken() {
        for name in ["resources/a.md", "list-resources/a.md", "actions/a.md", "guides/a.md"] {
            assert_eq!(problem(name, FRONT), None, "{name}");
        }
        let without = FRONT.replace("subcategory: \"\"\n", "");
        for name in ["index.md", "guides/a.md"] {
            assert_eq!(problem(name, &without), None, "{name}");
        }
    }

    #[test]
    fn what_the_registry_does_not_take_is_told() {
        for (name, text, words) in [
            ("recipes/a.md", FRONT.to_owned(), "no such folder"),
            ("resources/a/b.md", FRONT.to_owned(), "NAME.md"),
            ("resources/a.markdown", FRONT.to_owned(), "NAME.md"),
            ("about.md", FRONT.to_owned(), "only index.md"),
            ("resources/a.md", "# A\n".to_owned(), "no front matter"),
            ("resources/a.md", FRONT.replace("page_title", "layout"), "of old"),
            ("guides/a.md", FRONT.replace("page_title", "title"), "no `page_title`"),
            ("guides/a.md", FRONT.replace("description", "about"), "no `description`"),
            ("index.md", FRONT.to_owned(), "in no `subcategory`"),
            ("actions/a.md", FRONT.replace("subcategory", "group"), "has no `subcategory`"),
        ] {
            let problem = problem(name, &text).unwrap();
            assert!(problem.contains(words), "{name}: {problem}");
        }
    }

    #[test]
    fn large_pages_and_many_are_refused() {
        let docs = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            fs::create_dir_all(docs.path().join("guides")).unwrap();
            fs::write(docs.path().join("guides").join(name), text).unwrap();
        };
        write("a.md", FRONT);
        check(docs.path()).unwrap();
        write("b.md", &format!("{FRONT}{}", "x".repeat(500_000)));
        let error = check(docs.path()).unwrap_err().to_string();
        assert!(error.starts_with("docs/guides/b.md: 500"), "{error}");
        for number in 0..=MOST_PAGES {
            write(&format!("{number}.md"), FRONT);
        }
        let error = check(docs.path()).unwrap_err().to_string();
        assert!(error.contains("2000 at most"), "{error}");
    }
}
