//! From the arguments to the request of a decision, and back from targets to attributes.

use std::collections::{BTreeMap, BTreeSet};

use fleet_artifacts::argocd::ApplicationSet;
use fleet_model::cluster::Effect;
use fleet_model::name::{self, Key};
use fleet_placement::{
    Limits, MatchExpression, Mode, Operator, Request, Role, Segment, Selector, Strategy, Target,
    Toleration, TolerationOperator, VersionRange, VersionRangeError,
};
use tfplugin::Attr;
use tfplugin::diagnostic::Path;

use super::artifacts::Emission;
use super::model::{self, Model};

/// Why an argument makes no request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Error {
    /// A value is not known yet.
    Unknown(Path),
    /// A number is negative.
    Negative(Path, i64),
    /// An element of a collection is null.
    Null(Path),
    /// An element of a set is null; whether each is.
    NullElement(Path, bool),
    /// A word is none of the words that are allowed; the attribute's validator says which are.
    Word(Path, String),
    /// A text is no range of versions.
    Range(Path, String, VersionRangeError),
    /// The key, given or made of app and environment, cannot name files.
    Key(String, name::Error),
}

/// The arguments that decide, all known. `key` is the placement's, `prior` the targets there are.
///
/// # Errors
/// Everything that is wrong with them.
pub(super) fn request(config: &Model, key: Key, prior: Prior) -> Result<Request, Vec<Error>> {
    let mut problems = Vec::new();
    let request = read(config, key, prior, &mut problems);
    if problems.is_empty() { Ok(request) } else { Err(problems) }
}

/// What a decision goes by beside the arguments: the targets there are, whether the state says so or a file, and who places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Prior {
    pub(super) targets: Option<BTreeMap<Key, Target>>,
    pub(super) found: bool,
    /// Who places, where that is known.
    pub(super) manager: Option<String>,
}

/// As [`request`], whatever is wrong: what cannot be read is as if it were not given.
pub(super) fn read(config: &Model, key: Key, prior: Prior, problems: &mut Vec<Error>) -> Request {
    let at = Path::attribute;
    let mut reader = Reader { problems };
    Request {
        key,
        manager: prior.manager,
        environment: reader.text(&config.environment, &at("environment")).unwrap_or_default(),
        selector: reader.selector(&config.selector),
        strategy: reader.strategy(&config.strategy),
        tolerations: reader.tolerations(&config.tolerations),
        prior: prior.targets,
        found: prior.found,
        limits: reader.limits(&config.blast_radius),
    }
}

/// The key that the arguments ask for; `None` when it is not given.
pub(super) fn given_key(config: &Model) -> Result<Option<Key>, Error> {
    let given = known(&config.key, &Path::attribute("key"))?.cloned();
    given.map(|text| Key::new(text.clone()).map_err(|error| Error::Key(text, error))).transpose()
}

/// The key of a placement that does not give one.
pub(super) fn default_key(config: &Model) -> Result<Key, Error> {
    let text = |attr: &Attr<String>, name: &'static str| {
        Ok(known(attr, &Path::attribute(name))?.cloned().unwrap_or_default())
    };
    let app = text(&config.app, "app")?;
    let text = format!("{app}-{}", text(&config.environment, "environment")?);
    Key::new(text.clone()).map_err(|error| Error::Key(text, error))
}

/// What to emit; [`Error::Unknown`] when a part of it is not known yet.
pub(super) fn emission(config: &Model) -> Result<Emission, Error> {
    let at = Path::attribute("emit");
    let text = |attr: &Attr<String>, at: &Path, name: &'static str| {
        Ok(known(attr, &at.clone().nested(name))?.cloned())
    };
    let Some(emit) = known(&config.emit, &at)? else { return Ok(Emission::default()) };
    let at_argocd = at.clone().nested("argocd");
    let argocd = known(&emit.argocd, &at_argocd)?.map(|argocd| {
        let required = |attr: &Attr<String>, name: &'static str| {
            text(attr, &at_argocd, name).map(Option::unwrap_or_default)
        };
        let namespace = text(&argocd.namespace, &at_argocd, "namespace")?;
        let application_set = ApplicationSet {
            project: required(&argocd.project, "project")?,
            repo_url: required(&argocd.repo_url, "repo_url")?,
            target_revision: required(&argocd.target_revision, "target_revision")?,
            source_path: required(&argocd.source_path, "source_path")?,
            namespace: namespace.unwrap_or_else(|| "argocd".to_owned()),
        };
        Ok((text(&argocd.path, &at_argocd, "path")?, application_set))
    });
    let at_json = at.nested("json");
    let json = known(&emit.json, &at_json)?.map(|json| text(&json.path, &at_json, "path"));
    Ok(Emission { argocd: argocd.transpose()?, json: json.transpose()? })
}

/// The targets of a state or a plan. One that we did not write as it is counts as none.
pub(super) fn targets(attr: &Attr<BTreeMap<String, model::Target>>) -> BTreeMap<Key, Target> {
    let targets = attr.known().into_iter().flatten();
    targets
        .filter_map(|(name, target)| {
            let region = target.region.known()?.clone();
            let role = Role::parse(target.role.known()?)?;
            let account = target.account.known().and_then(|account| Key::new(account).ok());
            let cloud = target.cloud.known().cloned();
            let reason = target.reason.known().cloned().unwrap_or_default();
            let target = Target { region, account, cloud, role, reason };
            Some((Key::new(name.clone()).ok()?, target))
        })
        .collect()
}

/// The attribute `targets`.
pub(super) fn targets_attribute(
    targets: &BTreeMap<Key, Target>,
) -> BTreeMap<String, model::Target> {
    let target = |target: &Target| model::Target {
        region: Attr::Known(target.region.clone()),
        account: target.account.as_ref().map(Key::to_string).into(),
        cloud: target.cloud.clone().into(),
        role: Attr::Known(target.role.as_str().to_owned()),
        wave: Attr::Null,
        reason: Attr::Known(target.reason.clone()),
    };
    targets.iter().map(|(name, of)| (name.to_string(), target(of))).collect()
}

/// Where a rule of the decision points.
pub(super) fn path(segments: &[Segment]) -> Path {
    segments.iter().fold(Path::default(), |path, segment| match segment {
        Segment::Attribute(name) => path.nested(*name),
        Segment::Index(index) => path.index(i64::try_from(*index).unwrap_or(i64::MAX)),
        Segment::Key(key) => path.key(key),
    })
}

fn known<'a, T>(attr: &'a Attr<T>, at: &Path) -> Result<Option<&'a T>, Error> {
    match attr {
        Attr::Null => Ok(None),
        Attr::Unknown => Err(Error::Unknown(at.clone())),
        Attr::Known(value) => Ok(Some(value)),
    }
}

/// Reads arguments and keeps everything that is wrong with them, each with its path.
struct Reader<'a> {
    problems: &'a mut Vec<Error>,
}

impl Reader<'_> {
    fn selector(&mut self, attr: &Attr<model::Selector>) -> Selector {
        let at = Path::attribute("selector");
        let Some(selector) = self.known(attr, &at) else { return Selector::default() };
        let mut values = |attr: &Attr<BTreeSet<Option<String>>>, name: &'static str| {
            self.values(attr, at.clone().nested(name))
        };
        let regions = values(&selector.regions, "regions");
        let data_classification = values(&selector.data_classification, "data_classification");
        let tier = values(&selector.tier, "tier");
        let names = values(&selector.names, "names");
        let accounts = values(&selector.accounts, "accounts");
        let owners = values(&selector.owners, "owners");
        let clouds = values(&selector.clouds, "clouds");
        let managed_by = values(&selector.managed_by, "managed_by");
        let zones = values(&selector.zones, "zones");
        let at_labels = at.clone().nested("match_labels");
        let mut match_labels = BTreeMap::new();
        for (key, value) in self.known(&selector.match_labels, &at_labels).into_iter().flatten() {
            match value {
                Some(value) => _ = match_labels.insert(key.clone(), value.clone()),
                None => self.problems.push(Error::Null(at_labels.clone().key(key))),
            }
        }
        let kubernetes_version =
            self.range(&selector.kubernetes_version, at.clone().nested("kubernetes_version"));
        Selector {
            environment: self.text(&selector.environment, &at.clone().nested("environment")),
            regions,
            match_labels,
            match_expressions: self
                .match_expressions(&selector.match_expressions, &at.nested("match_expressions")),
            data_classification,
            tier,
            names,
            accounts,
            owners,
            clouds,
            managed_by,
            zones,
            kubernetes_version,
        }
    }

    fn range(&mut self, attr: &Attr<String>, at: Path) -> Option<VersionRange> {
        let text = self.known(attr, &at)?;
        let range = VersionRange::parse(text);
        range.map_err(|error| self.problems.push(Error::Range(at, text.clone(), error))).ok()
    }

    fn match_expressions(
        &mut self,
        attr: &Attr<Vec<Option<model::MatchExpression>>>,
        at: &Path,
    ) -> Vec<MatchExpression> {
        let mut read = Vec::new();
        for (at, expression) in self.elements(attr, at) {
            let values = self.values(&expression.values, at.clone().nested("values"));
            let key = self.text(&expression.key, &at.clone().nested("key")).unwrap_or_default();
            let operator = at.nested("operator");
            if let Some(operator) =
                self.required_word(&expression.operator, operator, Operator::parse)
            {
                let values = values.unwrap_or_default();
                read.push(MatchExpression { key, operator, values });
            }
        }
        read
    }

    fn strategy(&mut self, attr: &Attr<model::Strategy>) -> Strategy {
        let at = Path::attribute("strategy");
        let Some(strategy) = self.known(attr, &at) else { return Strategy::default() };
        let at = |name: &'static str| at.clone().nested(name);
        Strategy {
            mode: self.word(&strategy.mode, at("mode"), Mode::parse),
            count: self.number(&strategy.count, at("count")),
            min_regions: self.number(&strategy.min_regions, at("min_regions")),
            max_clusters_per_region: self
                .number(&strategy.max_clusters_per_region, at("max_clusters_per_region")),
            primary_region: self.text(&strategy.primary_region, &at("primary_region")),
        }
    }

    fn tolerations(&mut self, attr: &Attr<Vec<Option<model::Toleration>>>) -> Vec<Toleration> {
        let mut read = Vec::new();
        for (at, toleration) in self.elements(attr, &Path::attribute("tolerations")) {
            let at = |name: &'static str| at.clone().nested(name);
            let key = self.text(&toleration.key, &at("key")).unwrap_or_default();
            let value = self.text(&toleration.value, &at("value"));
            let effect = self.word(&toleration.effect, at("effect"), Effect::parse);
            let parse = TolerationOperator::parse;
            if let Some(operator) = self.required_word(&toleration.operator, at("operator"), parse)
            {
                read.push(Toleration { key, operator, value, effect });
            }
        }
        read
    }

    fn limits(&mut self, attr: &Attr<model::BlastRadius>) -> Limits {
        let at = Path::attribute("blast_radius");
        let Some(limits) = self.known(attr, &at) else { return Limits::default() };
        let at = |name: &'static str| at.clone().nested(name);
        Limits {
            max_added: self.number(&limits.max_added, at("max_added")),
            max_removed: self.number(&limits.max_removed, at("max_removed")),
            max_regions_touched: self
                .number(&limits.max_regions_touched, at("max_regions_touched")),
            acknowledge: self.text(&limits.acknowledge, &at("acknowledge")),
        }
    }

    fn known<'v, T>(&mut self, attr: &'v Attr<T>, at: &Path) -> Option<&'v T> {
        known(attr, at).unwrap_or_else(|problem| {
            self.problems.push(problem);
            None
        })
    }

    fn text(&mut self, attr: &Attr<String>, at: &Path) -> Option<String> {
        self.known(attr, at).cloned()
    }

    /// The elements of a list, each with its path.
    fn elements<'v, T>(&mut self, attr: &'v Attr<Vec<Option<T>>>, at: &Path) -> Vec<(Path, &'v T)> {
        let mut elements = Vec::new();
        for (index, element) in (0..).zip(self.known(attr, at).into_iter().flatten()) {
            let at = at.clone().index(index);
            match element {
                Some(element) => elements.push((at, element)),
                None => self.problems.push(Error::Null(at)),
            }
        }
        elements
    }

    fn values(
        &mut self,
        attr: &Attr<BTreeSet<Option<String>>>,
        at: Path,
    ) -> Option<BTreeSet<String>> {
        let values = self.known(attr, &at)?;
        if values.contains(&None) {
            let each = values.iter().all(Option::is_none);
            self.problems.push(Error::NullElement(at, each));
        }
        Some(values.iter().flatten().cloned().collect())
    }

    fn number(&mut self, attr: &Attr<i64>, at: Path) -> Option<usize> {
        let number = *self.known(attr, &at)?;
        let read = usize::try_from(number).ok();
        if read.is_none() {
            self.problems.push(Error::Negative(at, number));
        }
        read
    }

    fn word<T>(
        &mut self,
        attr: &Attr<String>,
        at: Path,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.known(attr, &at)?;
        let read = parse(text);
        if read.is_none() {
            self.problems.push(Error::Word(at, text.clone()));
        }
        read
    }

    fn required_word<T>(
        &mut self,
        attr: &Attr<String>,
        at: Path,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if attr.is_null() {
            self.problems.push(Error::Word(at, String::new()));
            return None;
        }
        self.word(attr, at, parse)
    }
}
