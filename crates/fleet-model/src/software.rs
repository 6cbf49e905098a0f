//! What a registration says of a cluster's software, which people and tools compare: so it has one spelling.

/// Who syncs into a cluster.
const ENGINES: [&str; 4] = ["argocd", "flux", "config-sync", "rancher-fleet"];
/// Where the controller runs.
const MODES: [&str; 2] = ["local", "hub"];
/// The most characters of a version, with what its vendor adds.
const LONGEST: usize = 63;

/// The rule that such a word breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SoftwareError {
    /// Not a version of Kubernetes.
    #[error(
        "a version of Kubernetes is written `1.32` or `1.32.4`, without a `v`; what its vendor adds follows a `-` or a `+`, as in `1.32.4-eks-1a2b3c`"
    )]
    Version,
    /// Not one of the engines.
    #[error("it is `argocd`, `flux`, `config-sync` or `rancher-fleet`")]
    Engine,
    /// Not one of the places of a controller.
    #[error("it is `local` (the controller runs in the cluster) or `hub` (it runs in another one)")]
    Mode,
}

/// Checks `kubernetes_version`.
///
/// # Errors
/// [`SoftwareError::Version`].
pub fn check_version(text: &str) -> Result<(), SoftwareError> {
    let (version, added) = match text.find(['-', '+']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let number = |part: &str| {
        let canonical = part == "0" || !part.starts_with('0');
        (1..=4).contains(&part.len()) && part.bytes().all(|of| of.is_ascii_digit()) && canonical
    };
    let parts: Vec<&str> = version.split('.').collect();
    let inner = |of: u8| of.is_ascii_alphanumeric() || matches!(of, b'-' | b'.' | b'+');
    let is_added = |added: &str| {
        added.ends_with(|of: char| of.is_ascii_alphanumeric())
            && added.starts_with(|of: char| of.is_ascii_alphanumeric())
            && added.bytes().all(inner)
    };
    let holds = matches!(parts.len(), 2 | 3)
        && parts.iter().all(|part| number(part))
        && added.is_none_or(is_added)
        && text.len() <= LONGEST;
    if holds { Ok(()) } else { Err(SoftwareError::Version) }
}

/// Checks `gitops.engine`.
///
/// # Errors
/// [`SoftwareError::Engine`].
pub fn check_engine(text: &str) -> Result<(), SoftwareError> {
    if ENGINES.contains(&text) { Ok(()) } else { Err(SoftwareError::Engine) }
}

/// Checks `gitops.controller_mode`.
///
/// # Errors
/// [`SoftwareError::Mode`].
pub fn check_controller_mode(text: &str) -> Result<(), SoftwareError> {
    if MODES.contains(&text) { Ok(()) } else { Err(SoftwareError::Mode) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_one_spelling() {
        let good = "1.32 1.30 1.32.4 1.9 2.0 1.32.4-eks-1a2b3c 1.32.4-gke.1234000 1.31.5+k3s1 1.32-alpha.1 1.30.0+rke2r1";
        for good in good.split(' ') {
            assert_eq!(check_version(good), Ok(()), "{good}");
        }
        let long = format!("1.32-{}", "a".repeat(64));
        for bad in [
            "",
            "latest",
            "v1.32",
            "V1.32",
            "1",
            "1.",
            ".32",
            "1.32.",
            "1.x",
            "1.32.4.5",
            "1.32-",
            "1.32+",
            "1.32.4-",
            "1.32 ",
            " 1.32",
            "1.32\n",
            "01.32",
            "1.032",
            "1,32",
            "1.32.4-eks_1",
            "1.32.4-é",
            "-1.32",
            "1.32.4--",
            "99999.1",
            "1.32\u{202e}",
            ">=1.32",
            &long,
        ] {
            assert_eq!(check_version(bad), Err(SoftwareError::Version), "{bad:?}");
        }
    }

    #[test]
    fn who_syncs_is_one_of_a_few() {
        for good in ENGINES {
            assert_eq!(check_engine(good), Ok(()));
        }
        for bad in ["", "argo", "ArgoCD", "argo-cd", "argocd ", "fluxcd", "none", "x"] {
            assert_eq!(check_engine(bad), Err(SoftwareError::Engine), "{bad:?}");
        }
        assert_eq!(MODES.map(check_controller_mode), [Ok(()); 2]);
        for bad in ["", "x", "Local", "remote", "hub\n"] {
            assert_eq!(check_controller_mode(bad), Err(SoftwareError::Mode), "{bad:?}");
        }
    }
}
