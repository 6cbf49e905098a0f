//! `cargo xtask proto`: makes the Rust of the wire messages from `proto/`.
//!
//! The result is committed, so that nobody who builds or packages the crates needs a protobuf compiler.

mod breaks;

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use anyhow::{Context as _, bail, ensure};
use protox::prost_reflect::prost::Message as _;
use protox::prost_reflect::prost_types::FileDescriptorSet;

/// A file of `proto/`, and the Rust that is made of it.
struct Source {
    /// Below `proto/`.
    file: &'static str,
    /// Where the result is committed, below the root of the repository: a folder that has no other source's.
    generated: &'static str,
    /// Whether somebody calls its services; to serve them is made in any case.
    client: bool,
    /// Where its descriptors are committed, for a protocol of ours: who was built by them has to understand the file as it is.
    descriptors: Option<&'static str>,
}

/// All of them.
const SOURCES: [Source; 3] = [
    Source {
        file: "tfplugin6.proto",
        generated: "crates/tfplugin/src/server/generated",
        client: false,
        descriptors: None,
    },
    Source {
        file: "goplugin.proto",
        generated: "crates/goplugin/src/generated",
        client: true,
        descriptors: None,
    },
    Source {
        file: "fleet/vending/v1beta1/vending.proto",
        generated: "crates/fleet-vending-proto/src/generated",
        client: true,
        descriptors: Some("crates/fleet-vending-proto/descriptor.binpb"),
    },
];

/// What to do with what is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Fail where it is not what would be written.
    Check,
    /// Write it; fail where that would break programs that were built by it.
    Write,
    /// Write it, whatever breaks.
    Break,
}

/// Writes the generated Rust and the descriptors, or checks them.
///
/// # Errors
///
/// A `.proto` file that does not compile, files that cannot be read or written, a change that breaks readers, and with
/// [`Mode::Check`] a stale file.
pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    SOURCES.iter().try_for_each(|source| {
        // First, so that a break is told before anything is written.
        renew_descriptors(&root, source, mode)?;
        renew(&root, source, mode == Mode::Check)
    })
}

/// The descriptors of one source, where they are committed.
fn renew_descriptors(root: &Path, source: &Source, mode: Mode) -> anyhow::Result<()> {
    let Source { file, descriptors: Some(descriptors), .. } = source else { return Ok(()) };
    let mut fresh = compile(&root.join("proto"), source)?;
    // Comments and lines break nobody.
    fresh.file.iter_mut().for_each(|file| file.source_code_info = None);
    let committed = read(&root.join(descriptors))?;
    let made = fresh.encode_to_vec();
    if committed.as_ref() == Some(&made) {
        return Ok(());
    }
    if mode != Mode::Break
        && let Some(committed) = committed
    {
        let old = FileDescriptorSet::decode(committed.as_slice())
            .with_context(|| format!("{descriptors} is no set of descriptors"))?;
        let breaks = breaks::between(&old, &fresh);
        ensure!(
            breaks.is_empty(),
            "proto/{file} breaks programs that were built by {descriptors}:\n  {}\nAdd beside it instead; where nobody was \
             built by it yet, run `cargo xtask proto --break`",
            breaks.join("\n  ")
        );
    }
    ensure!(
        mode != Mode::Check,
        "{descriptors} is not what proto/{file} says: run `cargo xtask proto`"
    );
    fs::write(root.join(descriptors), made).with_context(|| format!("writing {descriptors}"))
}

fn compile(proto: &Path, source: &Source) -> anyhow::Result<FileDescriptorSet> {
    protox::compile([source.file], [proto]).with_context(|| format!("compiling {}", source.file))
}

/// The generated Rust of one source.
fn renew(root: &Path, source: &Source, check: bool) -> anyhow::Result<()> {
    let Source { generated, .. } = source;
    let fresh = tempfile::tempdir().context("making a directory for the generated code")?;
    generate(&root.join("proto"), source, fresh.path())?;
    format(root, fresh.path())?;

    let committed = root.join(generated);
    let stale = stale(fresh.path(), &committed)?;
    if stale.is_empty() {
        return Ok(());
    }
    if check {
        bail!(
            "{generated} is not what proto/ says ({}): run `cargo xtask proto`",
            stale.join(", ")
        );
    }
    fs::create_dir_all(&committed).with_context(|| format!("making {generated}"))?;
    for name in stale {
        let made = fresh.path().join(&name);
        let target = committed.join(&name);
        if made.exists() {
            fs::copy(made, target).with_context(|| format!("writing {name}"))?;
        } else {
            fs::remove_file(target).with_context(|| format!("removing {name}"))?;
        }
    }
    Ok(())
}

/// Compiles a source into `out`, one file per protobuf package.
fn generate(proto: &Path, source: &Source, out: &Path) -> anyhow::Result<()> {
    let files = compile(proto, source)?;
    tonic_prost_build::configure()
        .build_client(source.client)
        .build_transport(false)
        // What a provider does not offer yet answers UNIMPLEMENTED, which core tolerates.
        .generate_default_stubs(true)
        // A map in the order of its keys: the same provider answers with the same bytes.
        .btree_map(".")
        .emit_rerun_if_changed(false)
        .out_dir(out)
        .compile_fds(files)
        .context("generating Rust")
}

/// Formats with the pinned toolchain, so that `cargo fmt --check` agrees.
fn format(root: &Path, directory: &Path) -> anyhow::Result<()> {
    let status = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .args(files(directory)?.into_iter().map(|name| directory.join(name)))
        .current_dir(root)
        .status()
        .context("starting rustfmt (`rustup component add rustfmt`)")?;
    ensure!(status.success(), "rustfmt could not format the generated code");
    Ok(())
}

/// Names of the files that differ between the two directories, or are in only one of them.
fn stale(fresh: &Path, committed: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = files(fresh)?;
    names.extend(files(committed)?);
    names.sort();
    names.dedup();
    let mut stale = Vec::new();
    for name in names {
        // mod.rs is written by hand.
        if name != "mod.rs" && read(&fresh.join(&name))? != read(&committed.join(&name))? {
            stale.push(name);
        }
    }
    Ok(stale)
}

/// Names of the files in a directory; none when it does not exist.
fn files(directory: &Path) -> anyhow::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("reading {}", directory.display()));
        }
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// The content of a file; nothing when it does not exist.
fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_code_is_what_the_proto_files_say() {
        run(Mode::Check).unwrap();
    }

    #[test]
    fn changed_missing_and_surplus_files_are_stale_but_mod_rs_is_not() {
        let fresh = tempfile::tempdir().unwrap();
        let committed = tempfile::tempdir().unwrap();
        for (directory, name, text) in [
            (&fresh, "same.rs", "1"),
            (&committed, "same.rs", "1"),
            (&fresh, "changed.rs", "1"),
            (&committed, "changed.rs", "2"),
            (&fresh, "missing.rs", "1"),
            (&committed, "surplus.rs", "1"),
            (&committed, "mod.rs", "by hand"),
        ] {
            fs::write(directory.path().join(name), text).unwrap();
        }
        assert_eq!(
            stale(fresh.path(), committed.path()).unwrap(),
            ["changed.rs", "missing.rs", "surplus.rs"]
        );
    }
}
