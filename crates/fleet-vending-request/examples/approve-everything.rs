//! Approves every request in a directory, at once and without looking: for the kit, which needs somebody who answers. It is
//! nobody's approval, and has no place beside real accounts.
//!
//! `approve-everything DIRECTORY FAULT-FILE`: while the second file says `slow`, it answers nothing, with `human` it wants to
//! know more, with `denied` it denies. It ends with its stdin.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;
use std::{env, fs, io, process, thread};

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [directory, fault_file] = words.as_slice() else {
        return Err(io::Error::other("DIRECTORY and FAULT-FILE are needed"));
    };
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(0)
    });
    loop {
        let fault = fs::read_to_string(fault_file).unwrap_or_default();
        let requests =
            fs::read_dir(Path::new(directory).join("requests")).into_iter().flatten().flatten();
        for entry in requests {
            let name = entry.file_name();
            let hidden = name.as_encoded_bytes().starts_with(b".");
            if !hidden && fault != "slow" {
                // A request that went away meanwhile wants no answer.
                let _ = answer(Path::new(directory), &entry.path(), &fault);
            }
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn answer(directory: &Path, request: &Path, fault: &str) -> io::Result<()> {
    let text = fs::read_to_string(request)?;
    let hash = text.lines().find(|line| line.starts_with("request_sha256:")).unwrap_or_default();
    let name = request.file_name().unwrap_or_default();
    let key = request.file_stem().unwrap_or_default().to_string_lossy();
    let decision = match fault {
        "human" => "decision: needs_info\nreason: Which cost centre?",
        "denied" => "decision: denied\nreason: There are enough.",
        _ => &format!("decision: approved\nnative_id: made-{key}\nevidence: [ticket 1]"),
    };
    let text = format!("version: 1\n{hash}\napprover: somebody\n{decision}\n");
    let folder = directory.join("fulfilments");
    fs::create_dir_all(&folder)?;
    let path = folder.join(name);
    let old = fs::read_to_string(&path).unwrap_or_default();
    if old == text || (old.contains(hash) && old.contains("approved")) {
        return Ok(());
    }
    let new = folder.join(".new");
    fs::write(&new, text)?;
    fs::rename(new, path)
}
