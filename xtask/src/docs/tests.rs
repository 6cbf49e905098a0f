use std::path::Path;
use std::{env, fs};

use super::*;

const SCHEMA: &str = include_str!("testdata/schema.json");

/// A repository with the sources of pages, and the schema of `testdata/`.
fn repository() -> (tempfile::TempDir, ProviderSchema) {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("examples/provider/provider.tf", "provider \"fleet\" {}\n"),
        ("examples/resources/fleet_ship/resource.tf", "resource \"fleet_ship\" \"a\" {\n}\n"),
        ("examples/data-sources/fleet_tide/data-source.tf", "data \"fleet_tide\" \"a\" {}\n"),
        (
            "examples/functions/knots/function.tf",
            "locals {\n  speed = provider::fleet::knots(3)\n}\n",
        ),
        ("examples/resources/fleet_ship/import.sh", "terraform import fleet_ship.a 7\n"),
        (
            "examples/resources/fleet_ship/import-by-string-id.tf",
            "import {\n  to = fleet_ship.a\n  id = \"7\"\n}\n",
        ),
        ("examples/resources/fleet_ship/resource_2.tf", "resource \"fleet_ship\" \"b\" {}\n"),
        (
            "examples/resources/fleet_ship/import-by-identity.tf",
            "import {\n  to       = fleet_ship.a\n  identity = { number = 7 }\n}\n",
        ),
        (
            "examples/ephemeral-resources/fleet_pass/ephemeral-resource.tf",
            "ephemeral \"fleet_pass\" \"a\" {}\n",
        ),
        (
            "examples/list-resources/fleet_ship/list-resource.tfquery.hcl",
            "list \"fleet_ship\" \"a\" {\n  provider = fleet\n}\n",
        ),
        ("examples/actions/fleet_signal/action.tf", "action \"fleet_signal\" \"a\" {}\n"),
        ("templates/actions/signal.md", "## Light\n\nAt night.\n"),
        ("templates/resources/ship.md", "## Sailing\n\nSlowly.\n"),
        (
            "provider/codes/FLEET0002.md",
            "# FLEET0002: It sank\n\n## What happened\n\nWater.\n\n```sh\n# pump\n```\n",
        ),
        ("provider/codes/FLEET0001.md", "# FLEET0001: No `key`\n\n## Why\n\nLost.\n"),
    ] {
        write(&root.path().join(path), text).unwrap();
    }
    let schemas: ProviderSchemas = serde_json::from_str(SCHEMA).unwrap();
    (root, schemas.into_only_provider().unwrap())
}

#[test]
fn pages_have_the_registrys_layout() {
    let (root, provider) = repository();
    let pages = pages(root.path(), &provider).unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs/testdata/docs");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        for (name, text) in &pages {
            write(&golden.join(name), text).unwrap();
        }
    }
    for (name, text) in &pages {
        let expected = fs::read_to_string(golden.join(name)).unwrap_or_default();
        assert_eq!(*text, expected, "{name}: set UPDATE_GOLDEN and read the difference");
    }
    assert_eq!(
        pages.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "actions/signal.md",
            "data-sources/tide.md",
            "ephemeral-resources/pass.md",
            "functions/knots.md",
            "guides/diagnostics.md",
            "index.md",
            "list-resources/ship.md",
            "resources/ship.md"
        ]
    );
}

#[test]
fn the_registry_takes_them() {
    let (root, provider) = repository();
    for (name, text) in pages(root.path(), &provider).unwrap() {
        write(&root.path().join("docs").join(name), &text).unwrap();
    }
    registry::check(&root.path().join("docs")).unwrap();
}

#[test]
fn an_object_without_an_example_is_an_error_that_names_the_file() {
    for path in [
        "examples/provider/provider.tf",
        "examples/data-sources/fleet_tide/data-source.tf",
        "examples/resources/fleet_ship/import-by-identity.tf",
        "examples/ephemeral-resources/fleet_pass/ephemeral-resource.tf",
        "examples/list-resources/fleet_ship/list-resource.tfquery.hcl",
        "examples/actions/fleet_signal/action.tf",
        "examples/functions/knots/function.tf",
    ] {
        let (root, provider) = repository();
        fs::remove_file(root.path().join(path)).unwrap();
        let error = pages(root.path(), &provider).unwrap_err().to_string();
        assert!(error.contains(path), "{error}");
    }
}

#[test]
fn a_resource_without_import_says_so() {
    let (root, mut provider) = repository();
    provider.resource_identity_schemas.clear();
    for name in ["import.sh", "import-by-string-id.tf", "import-by-identity.tf"] {
        fs::remove_file(root.path().join("examples/resources/fleet_ship").join(name)).unwrap();
    }
    let error = pages(root.path(), &provider).unwrap_err().to_string();
    assert!(error.contains("templates/resources/ship.md does not say"), "{error}");
    let template = root.path().join("templates/resources/ship.md");
    fs::write(template, "A ship cannot be imported.\n").unwrap();
    pages(root.path(), &provider).unwrap();
}

#[test]
fn a_file_that_no_page_is_made_from_is_an_error() {
    for path in [
        "templates/resources/boat.md",
        "templates/guide.md",
        "examples/resources/fleet_boat/resource.tf",
        "examples/resources/fleet_ship/resources.hcl",
        "examples/list-resources/fleet_ship/list-resource.tf",
        "examples/data-sources/fleet_tide/import.sh",
    ] {
        let (root, provider) = repository();
        write(&root.path().join(path), "left behind\n").unwrap();
        let error = pages(root.path(), &provider).unwrap_err().to_string();
        assert_eq!(error, format!("no page is made from: {path}"));
    }
}

#[test]
fn every_link_to_a_nested_schema_has_its_anchor() {
    let (root, provider) = repository();
    for (name, text) in pages(root.path(), &provider).unwrap() {
        for link in text.split("(see [below for nested schema](#").skip(1) {
            let anchor = link.split(')').next().unwrap();
            assert!(text.contains(&format!("<a id=\"{anchor}\"></a>")), "{name}: {anchor}");
        }
    }
}

#[test]
fn a_changed_a_missing_and_an_orphaned_page_are_stale() {
    let (root, provider) = repository();
    let docs = root.path().join("docs");
    let pages = pages(root.path(), &provider).unwrap();
    for (name, text) in &pages {
        write(&docs.join(name), text).unwrap();
    }
    assert_eq!(stale(&docs, &pages).unwrap(), BTreeSet::new());

    write(&docs.join("index.md"), "by hand").unwrap();
    fs::remove_file(docs.join("functions/knots.md")).unwrap();
    let orphans = [
        "actions/hoist.md",
        "data-sources/wind.md",
        "ephemeral-resources/rope.md",
        "functions/miles.md",
        "list-resources/boat.md",
        "resources/boat.md",
        "resources/old/boat.md",
    ];
    for orphan in orphans {
        write(&docs.join(orphan), "of an object that is gone").unwrap();
    }
    write(&docs.join("guides/sailing.md"), "guides are written by hand").unwrap();
    let mut expected = BTreeSet::from(orphans.map(str::to_owned));
    expected.extend(["functions/knots.md".to_owned(), "index.md".to_owned()]);
    assert_eq!(stale(&docs, &pages).unwrap(), expected);
}

#[test]
fn a_code_page_must_name_its_code() {
    assert!(codes::parse("FLEET0001", "# FLEET0001: Title\n\n## Why\n").is_ok());
    for bad in ["", "# FLEET0002: Title\n", "FLEET0001: Title\n", "# FLEET00011: Title\n"] {
        let error = codes::parse("FLEET0001", bad).unwrap_err().to_string();
        assert!(error.contains("FLEET0001.md"), "{error}");
    }
}

#[test]
fn types_read_as_words() {
    for (ty, words) in [
        (r#""string""#, "String"),
        (r#""bool""#, "Boolean"),
        (r#""dynamic""#, "Dynamic"),
        (r#"["map",["list","number"]]"#, "Map of List of Number"),
        (r#"["object",{"a":"string"}]"#, "Object"),
        (r#"["tuple",["string"]]"#, "Tuple"),
    ] {
        assert_eq!(section::type_name(&serde_json::from_str(ty).unwrap()), words);
    }
}
