use std::fs;
use std::path::Path;

use super::*;
use crate::protocol::Protocol;

const PROTOCOL: Protocol = Protocol { cookie_key: "K", cookie_value: "v", version: 1 };

#[test]
fn copies_keep_their_places_to_each_other() {
    for (files, base) in [
        (&["/a/b/c"][..], Some("/a/b")),
        (&["/a/b/c", "/a/b/d"], Some("/a/b")),
        (&["/a/b/c/d", "/a/b/e", "/a/b/c/f"], Some("/a/b")),
        (&["/a/b", "/c/d"], Some("/")),
        (&[], None),
    ] {
        let found = common_base(files.iter().map(Path::new));
        assert_eq!(found.as_deref(), base.map(Path::new), "{files:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;
    use crate::directory::NoPlace;

    fn sum(path: &Path) -> Sha256 {
        Sha256(sha2::Sha256::digest(fs::read(path).unwrap()).into())
    }

    /// A directory for files, and one for what is prepared.
    struct World {
        files: TempDir,
        place: TempDir,
    }

    impl World {
        fn new() -> Self {
            Self { files: tempfile::tempdir().unwrap(), place: tempfile::tempdir().unwrap() }
        }

        fn file(&self, name: &str, content: &[u8]) -> PathBuf {
            let path = self.files.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        }

        /// A launch of `command`, with the sums of all of `files`.
        fn launch(&self, command: &Path, files: &[&Path]) -> Launch {
            let mut launch = Launch::new(PROTOCOL, command);
            launch.places = vec![self.place.path().to_owned()];
            launch.files = files.iter().map(|path| ((*path).to_owned(), sum(path))).collect();
            launch
        }

        fn refused(&self, launch: &Launch) -> StartError {
            let error = Prepared::of(launch).map(|_| ()).unwrap_err();
            assert_eq!(fs::read_dir(self.place.path()).unwrap().count(), 0, "{error}");
            error
        }
    }

    /// The exit code of what is started.
    fn code(prepared: &Prepared, args: &[&str]) -> Option<i32> {
        let mut command = Command::new(&prepared.program);
        command.args(&prepared.args).args(args).status().unwrap().code()
    }

    /// Puts another file into the place of one, as an upgrade does.
    fn swap(path: &Path, content: &[u8]) {
        let other = path.with_extension("new");
        fs::write(&other, content).unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(other, path).unwrap();
    }

    #[test]
    fn what_was_checked_is_executed_whatever_is_in_its_place_by_then() {
        let world = World::new();
        // A program, and a script.
        let program = world.file("program", &fs::read("/bin/sh").unwrap());
        let prepared = Prepared::of(&world.launch(&program, &[&program])).unwrap();
        swap(&program, b"#!/bin/sh\nexit 66\n");
        assert_eq!(code(&prepared, &["-c", "exit 7"]), Some(7));
        prepared.is_unchanged().unwrap();

        let script = world.file("script", b"#!/bin/sh\nexit $1\n");
        let prepared = Prepared::of(&world.launch(&script, &[&script])).unwrap();
        swap(&script, b"#!/bin/sh\nexit 66\n");
        assert_eq!(code(&prepared, &["8"]), Some(8));
        fs::write(&script, b"#!/bin/sh\nexit 67\n").unwrap();
        assert_eq!(code(&prepared, &["9"]), Some(9));
        prepared.is_unchanged().unwrap();

        // An interpreter's script, which loads another one from beside it.
        let main = world.file("bin/main", b". \"${0%/*}/../lib/more\"\n");
        let more = world.file("lib/more", b"exit $1\n");
        let mut launch = world.launch(Path::new("/bin/sh"), &[&main, &more]);
        launch.args = vec![main.clone().into_os_string()];
        let prepared = Prepared::of(&launch).unwrap();
        swap(&main, b"exit 66\n");
        swap(&more, b"exit 66\n");
        assert_eq!(code(&prepared, &["10"]), Some(10));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_is_written_to_while_it_starts_is_found_out() {
        let world = World::new();
        let program = world.file("program", &fs::read("/bin/sh").unwrap());
        let prepared = Prepared::of(&world.launch(&program, &[&program])).unwrap();
        // The change of a file is known by the system's clock, which has ticks.
        std::thread::sleep(std::time::Duration::from_millis(20));
        let mut file = OpenOptions::new().append(true).open(&program).unwrap();
        file.write_all(b"more").unwrap();
        drop(file);
        assert!(matches!(
            prepared.is_unchanged(),
            Err(StartError::Changed { path }) if path == program
        ));
    }

    #[test]
    fn a_file_that_is_another_one_is_refused_with_both_sums() {
        let world = World::new();
        for content in [b"#!/bin/sh\n".as_slice(), b"\x7fELF", b"x", b""] {
            let program = world.file("program", content);
            let mut launch = world.launch(&program, &[&program]);
            let known = launch.files[0].1;
            let wrong = Sha256([7; 32]);
            launch.files[0].1 = wrong;
            assert!(matches!(
                world.refused(&launch),
                StartError::WrongSum { path, expected, found }
                    if path == program && expected == wrong && found == known
            ));
        }
        // So is one beside the program.
        let data = world.file("data", b"data");
        let mut launch = world.launch(Path::new("/bin/sh"), &[&data]);
        launch.files[0].1 = Sha256([7; 32]);
        assert!(
            matches!(world.refused(&launch), StartError::WrongSum { path, .. } if path == data)
        );
    }

    #[test]
    fn what_is_no_file_is_told_and_not_waited_for() {
        let world = World::new();
        let pipe = world.files.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let launch = |path: &Path| {
            let mut launch = Launch::new(PROTOCOL, "/bin/sh");
            launch.places = vec![world.place.path().to_owned()];
            launch.files = vec![(path.to_owned(), Sha256([0; 32]))];
            launch
        };
        for path in [&pipe, world.files.path(), Path::new("/dev/zero")] {
            let error = world.refused(&launch(path));
            assert!(
                matches!(&error, StartError::NotRegular { path: told } if told == path),
                "{error}"
            );
        }
        let missing = world.files.path().join("missing");
        assert!(matches!(world.refused(&launch(&missing)), StartError::Unreadable { .. }));
        assert!(matches!(world.refused(&launch(Path::new("a/b"))), StartError::NotAbsolute { .. }));
        let relative = Launch::new(PROTOCOL, "sh");
        assert!(matches!(world.refused(&relative), StartError::NotAbsolute { .. }));
    }

    #[test]
    fn no_link_leads_out_of_the_directory_of_the_program() {
        let world = World::new();
        let inside = world.file("package/real", b"#!/bin/sh\n");
        world.file("outside", b"#!/bin/sh\n");
        let package = world.files.path().join("package");
        let link = |name: &str, to: &str| {
            let link = package.join(name);
            symlink(to, &link).unwrap();
            link
        };
        // A name that begins like the directory's is another directory's.
        world.file("package-2/real", b"#!/bin/sh\n");
        for (command, stays) in [
            (inside.clone(), true),
            (link("alias", "real"), true),
            (link("out", "../outside"), false),
            (link("away", "/bin/sh"), false),
            (package.join("../package-2/real"), false),
        ] {
            let mut launch = world.launch(&command, &[]);
            launch.within = Some(package.clone());
            match Prepared::of(&launch) {
                Ok(_) => assert!(stays, "{}", command.display()),
                Err(StartError::Outside { .. }) => assert!(!stays, "{}", command.display()),
                Err(error) => panic!("{error}"),
            }
        }
        // The package itself may be a link: a CLI's cache is.
        let cache = world.files.path().join("cache");
        symlink(&package, &cache).unwrap();
        let mut launch = world.launch(&cache.join("real"), &[]);
        launch.within = Some(cache);
        assert!(Prepared::of(&launch).is_ok());
    }

    #[test]
    fn arguments_that_name_no_checked_file_stay_as_they_are() {
        let world = World::new();
        let script = world.file("script", b"exit 0\n");
        let mut launch = world.launch(Path::new("/bin/sh"), &[&script]);
        launch.args = vec!["-e".into(), script.clone().into_os_string(), "/etc/passwd".into()];
        let prepared = Prepared::of(&launch).unwrap();
        assert_eq!(prepared.program, Path::new("/bin/sh"));
        let copy = prepared.directory.path().join("files/script");
        assert_eq!(
            prepared.args,
            [OsString::from("-e"), copy.clone().into(), "/etc/passwd".into()]
        );
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o500);
        let directory = prepared.directory.path().to_owned();
        drop(prepared);
        assert!(!directory.exists());
    }

    #[test]
    fn a_place_whose_path_is_too_long_is_passed_over_or_told() {
        let world = World::new();
        let long = world.files.path().join("long/".repeat(20));
        fs::create_dir_all(&long).unwrap();
        let mut launch = world.launch(Path::new("/bin/sh"), &[]);
        launch.places.insert(0, long.clone());
        assert!(Prepared::of(&launch).unwrap().directory.path().starts_with(world.place.path()));
        launch.places.pop();
        let StartError::NoPlace(error) = world.refused(&launch) else { panic!("another error") };
        let NoPlace { tried } = &error;
        assert!(matches!(tried.as_slice(), [(place, Unfit::TooLong { .. })] if *place == long));
        assert!(error.to_string().contains("TMPDIR"), "{error}");
    }

    #[test]
    fn what_a_killed_host_left_is_removed_by_the_next_one() {
        let world = World::new();
        let script = world.file("script", b"#!/bin/sh\nexit 0\n");
        let launch = world.launch(&script, &[&script]);
        let left = Prepared::of(&launch).unwrap().directory.leave();
        let lives = Prepared::of(&launch).unwrap();
        // One that has no mark yet is another's that is just being made.
        let young = world.place.path().join("goplugin-young");
        fs::create_dir(&young).unwrap();
        fs::set_permissions(&young, fs::Permissions::from_mode(0o700)).unwrap();
        // A process that another test starts has the lock too, until it has become another program.
        for _ in 0..1000 {
            crate::directory::sweep(world.place.path(), KIND).unwrap();
            if !left.exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(!left.exists());
        assert!(young.exists());
        assert!(lives.directory.path().join("files/script").exists());
    }
}
