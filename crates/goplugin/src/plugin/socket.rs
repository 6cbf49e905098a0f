//! The socket of a plugin, in a private directory.

use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use super::environment::Environment;
use crate::directory::{Kind, NoPlace, PrivateDirectory, Unfit, first_fit, places};

/// The name of the socket in its directory.
const SOCKET: &str = "s";

/// A private directory with a socket in it. Both are removed when this is dropped.
pub(super) struct SocketDirectory {
    directory: PrivateDirectory,
    kind: Kind,
}

/// Where the socket may lie, best first. The host may name one place, and then looks nowhere else.
pub(super) fn places_of(environment: &Environment) -> Vec<PathBuf> {
    environment.socket_directory.clone().map_or_else(places, |place| vec![place])
}

impl SocketDirectory {
    /// Binds a socket in a fresh directory below the first of `places` that is fit for one. The directory's name begins with
    /// `prefix`.
    pub(super) fn bind(
        places: &[PathBuf],
        prefix: &'static str,
    ) -> Result<(Self, UnixListener), NoPlace> {
        let kind = Kind { prefix, mark: SOCKET, holds_files: false };
        first_fit(places, |place| {
            let room = "/".len() + SOCKET.len();
            let directory = PrivateDirectory::create_in(place, prefix, room)?;
            let bound = Self { directory, kind };
            let socket = UnixListener::bind(bound.path())?;
            socket.set_nonblocking(true)?;
            Ok::<_, Unfit>((bound, socket))
        })
    }

    /// The path of the socket.
    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join(SOCKET)
    }

    /// Removes what plugins of this kind left behind that were killed.
    pub(super) fn sweep_beside(&self) {
        self.directory.sweep_beside(self.kind);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::Path;

    use super::*;
    use crate::directory::{LONGEST, sweep};

    const PREFIX: &str = "tfplugin-";

    fn bind(place: &Path) -> SocketDirectory {
        SocketDirectory::bind(&[place.to_owned()], PREFIX).unwrap().0
    }

    /// The directory of a process that was killed: its lock is gone, and nothing else.
    fn left(place: &Path) -> PathBuf {
        bind(place).directory.leave()
    }

    fn names(place: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(place)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_socket_lies_in_a_private_directory_that_goes_with_it() {
        let place = tempfile::tempdir().unwrap();
        let bound = bind(place.path());
        let directory = bound.path().parent().unwrap().to_owned();
        assert_eq!(directory.parent(), Some(place.path()));
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert!(bound.path().exists());
        drop(bound);
        assert_eq!(names(place.path()), [""; 0]);
    }

    #[test]
    fn a_place_that_is_not_fit_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let with = |name: &str| {
            let place = root.path().join(name);
            fs::create_dir_all(&place).unwrap();
            place
        };
        let good = with("good");
        let long = with(&"long/".repeat(30));
        let bad = [
            (with("a|b"), "cannot be told in a handshake line"),
            (with("a\nb"), "cannot be told in a handshake line"),
            (long, "the system takes"),
            (root.path().join("nowhere"), "o such file"),
        ];
        for (place, _) in &bad {
            let places = [place.clone(), good.clone()];
            let (bound, _) = SocketDirectory::bind(&places, PREFIX).unwrap();
            assert!(bound.path().starts_with(&good), "{}", place.display());
        }
        let places: Vec<PathBuf> = bad.iter().map(|(place, _)| place.clone()).collect();
        let error = SocketDirectory::bind(&places, PREFIX).map(|_| ()).unwrap_err().to_string();
        for (place, why) in &bad {
            assert!(error.contains(&place.display().to_string()), "{error}");
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_path_of_the_longest_size_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let rest = LONGEST - root.path().as_os_str().len() - "//tfplugin-XXXXXX/s".len();
        for (length, fits) in [(rest, true), (rest + 1, false)] {
            let place = root.path().join("d".repeat(length));
            fs::create_dir(&place).unwrap();
            assert_eq!(SocketDirectory::bind(&[place], PREFIX).is_ok(), fits, "{length}");
        }
    }

    #[test]
    fn what_was_left_behind_is_removed_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("place");
        fs::create_dir(&place).unwrap();
        let lives = bind(&place);
        left(&place);
        left(&place);
        // Another's directory under our name, one that is just being made, one with something of a person's in it, and a
        // link to one that is elsewhere.
        let open = left(&place);
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let young = place.join("tfplugin-young");
        fs::create_dir(&young).unwrap();
        fs::set_permissions(&young, fs::Permissions::from_mode(0o700)).unwrap();
        let kept = left(&place);
        fs::write(kept.join("notes"), "mine").unwrap();
        let file = left(&place);
        fs::remove_file(file.join(SOCKET)).unwrap();
        fs::write(file.join(SOCKET), "no socket").unwrap();
        let elsewhere = left(root.path());
        let link = place.join("tfplugin-link");
        symlink(&elsewhere, &link).unwrap();

        sweep(&place, lives.kind).unwrap();

        let mut expected: Vec<String> =
            [lives.directory.path(), &open, &young, &kept, &file, &link]
                .iter()
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
        expected.sort();
        assert_eq!(names(&place), expected);
        assert!(lives.path().exists());
        assert!(elsewhere.join(SOCKET).exists());
        assert_eq!(fs::read(kept.join("notes")).unwrap(), b"mine");
    }
}
