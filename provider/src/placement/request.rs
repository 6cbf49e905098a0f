//! From the arguments to the request of a decision, and back from targets to attributes.

use std::collections::{BTreeMap, BTreeSet};

use fleet_artifacts::argocd::ApplicationSet;
use fleet_model::cluster::Effect;
use fleet_model::name::{self, Key};
use fleet_placement::{
    Invalid, Limits, MatchExpression, Mode, Operator, Request, Role, Segment, Selector, Strategy,
    Target, Toleration, TolerationOperator,
};
use tfplugin::Attr;
use tfplugin::diagnostic::Path;

use super::artifacts::Emission;
use super::model::{self, Model};

/// Why arguments make no request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Error {
    /// A value is not known yet.
    Unknown(Path),
    /// A number is negative.
    Negative(Path),
    /// A word is none of the words that are allowed; the attribute's validator says which are.
    Word(Path, String),
    /// The key, given or made of app and environment, cannot name files.
    Key(String, name::Error),
}

/// The arguments that decide, all known. `key` is the placement's, `prior` the targets there are.
pub(super) fn request(
    config: &Model,
    key: Key,
    prior: Option<BTreeMap<Key, Target>>,
) -> Result<Request, Error> {
    let at = Path::attribute;
    Ok(Request {
        key,
        environment: text(&config.environment, &at("environment"))?.unwrap_or_default(),
        selector: selector(&config.selector)?,
        strategy: strategy(&config.strategy)?,
        tolerations: tolerations(&config.tolerations)?,
        prior,
        limits: limits(&config.blast_radius)?,
    })
}

/// The key that the arguments ask for; `None` when it is not given.
pub(super) fn given_key(config: &Model) -> Result<Option<Key>, Error> {
    let given = text(&config.key, &Path::attribute("key"))?;
    given.map(|text| Key::new(text.clone()).map_err(|error| Error::Key(text, error))).transpose()
}

/// The key of a placement that does not give one.
pub(super) fn default_key(config: &Model) -> Result<Key, Error> {
    let app = text(&config.app, &Path::attribute("app"))?.unwrap_or_default();
    let environment = text(&config.environment, &Path::attribute("environment"))?;
    let text = format!("{app}-{}", environment.unwrap_or_default());
    Key::new(text.clone()).map_err(|error| Error::Key(text, error))
}

/// What to emit; [`Error::Unknown`] when a part of it is not known yet.
pub(super) fn emission(config: &Model) -> Result<Emission, Error> {
    let at = Path::attribute("emit");
    let Some(emit) = known(&config.emit, &at)? else { return Ok(Emission::default()) };
    let at_argocd = at.clone().nested("argocd");
    let argocd = known(&emit.argocd, &at_argocd)?.map(|argocd| {
        let required = |attr: &Attr<String>, name: &'static str| {
            text(attr, &at_argocd.clone().nested(name)).map(Option::unwrap_or_default)
        };
        let namespace = text(&argocd.namespace, &at_argocd.clone().nested("namespace"))?;
        let application_set = ApplicationSet {
            project: required(&argocd.project, "project")?,
            repo_url: required(&argocd.repo_url, "repo_url")?,
            target_revision: required(&argocd.target_revision, "target_revision")?,
            source_path: required(&argocd.source_path, "source_path")?,
            namespace: namespace.unwrap_or_else(|| "argocd".to_owned()),
        };
        Ok((text(&argocd.path, &at_argocd.clone().nested("path"))?, application_set))
    });
    let at_json = at.nested("json");
    let json =
        known(&emit.json, &at_json)?.map(|json| text(&json.path, &at_json.clone().nested("path")));
    Ok(Emission { argocd: argocd.transpose()?, json: json.transpose()? })
}

/// The targets of a state or a plan. One that we did not write as it is counts as none.
pub(super) fn targets(attr: &Attr<BTreeMap<String, model::Target>>) -> BTreeMap<Key, Target> {
    let targets = attr.known().into_iter().flatten();
    targets
        .filter_map(|(name, target)| {
            let region = target.region.known()?.clone();
            let role = Role::parse(target.role.known()?)?;
            let reason = target.reason.known().cloned().unwrap_or_default();
            Some((Key::new(name.clone()).ok()?, Target { region, role, reason }))
        })
        .collect()
}

/// The attribute `targets`.
pub(super) fn targets_attribute(
    targets: &BTreeMap<Key, Target>,
) -> BTreeMap<String, model::Target> {
    let target = |target: &Target| model::Target {
        region: Attr::Known(target.region.clone()),
        role: Attr::Known(target.role.as_str().to_owned()),
        wave: Attr::Null,
        reason: Attr::Known(target.reason.clone()),
    };
    targets.iter().map(|(name, of)| (name.to_string(), target(of))).collect()
}

/// Where a rule of the decision points.
pub(super) fn path(invalid: &Invalid) -> Path {
    invalid.path.iter().fold(Path::default(), |path, segment| match segment {
        Segment::Attribute(name) => path.nested(*name),
        Segment::Index(index) => path.index(i64::try_from(*index).unwrap_or(i64::MAX)),
    })
}

fn selector(attr: &Attr<model::Selector>) -> Result<Selector, Error> {
    let at = Path::attribute("selector");
    let Some(selector) = known(attr, &at)? else { return Ok(Selector::default()) };
    let values = |attr: &Attr<BTreeSet<String>>, name: &'static str| {
        known(attr, &at.clone().nested(name)).map(Option::<&BTreeSet<_>>::cloned)
    };
    let at_expressions = at.clone().nested("match_expressions");
    let expressions = known(&selector.match_expressions, &at_expressions)?.into_iter().flatten();
    let match_expressions = (0..).zip(expressions).map(|(index, expression)| {
        let at = at_expressions.clone().index(index);
        let values = known(&expression.values, &at.clone().nested("values"))?;
        Ok(MatchExpression {
            key: text(&expression.key, &at.clone().nested("key"))?.unwrap_or_default(),
            operator: required_word(&expression.operator, at.nested("operator"), Operator::parse)?,
            values: values.cloned().unwrap_or_default(),
        })
    });
    Ok(Selector {
        environment: text(&selector.environment, &at.clone().nested("environment"))?,
        regions: values(&selector.regions, "regions")?,
        match_labels: known(&selector.match_labels, &at.clone().nested("match_labels"))?
            .cloned()
            .unwrap_or_default(),
        match_expressions: match_expressions.collect::<Result<_, _>>()?,
        data_classification: values(&selector.data_classification, "data_classification")?,
        tier: values(&selector.tier, "tier")?,
    })
}

fn strategy(attr: &Attr<model::Strategy>) -> Result<Strategy, Error> {
    let at = Path::attribute("strategy");
    let Some(strategy) = known(attr, &at)? else { return Ok(Strategy::default()) };
    let number = |attr, name: &'static str| number(attr, at.clone().nested(name));
    Ok(Strategy {
        mode: word(&strategy.mode, at.clone().nested("mode"), Mode::parse)?,
        count: number(&strategy.count, "count")?,
        min_regions: number(&strategy.min_regions, "min_regions")?,
        max_clusters_per_region: number(
            &strategy.max_clusters_per_region,
            "max_clusters_per_region",
        )?,
        primary_region: text(&strategy.primary_region, &at.clone().nested("primary_region"))?,
    })
}

fn tolerations(attr: &Attr<Vec<model::Toleration>>) -> Result<Vec<Toleration>, Error> {
    let at = Path::attribute("tolerations");
    let tolerations = known(attr, &at)?.into_iter().flatten();
    (0..)
        .zip(tolerations)
        .map(|(index, toleration)| {
            let at = |name: &'static str| at.clone().index(index).nested(name);
            Ok(Toleration {
                key: text(&toleration.key, &at("key"))?.unwrap_or_default(),
                operator: required_word(
                    &toleration.operator,
                    at("operator"),
                    TolerationOperator::parse,
                )?,
                value: text(&toleration.value, &at("value"))?,
                effect: word(&toleration.effect, at("effect"), Effect::parse)?,
            })
        })
        .collect()
}

fn limits(attr: &Attr<model::BlastRadius>) -> Result<Limits, Error> {
    let at = Path::attribute("blast_radius");
    let Some(limits) = known(attr, &at)? else { return Ok(Limits::default()) };
    let number = |attr, name: &'static str| number(attr, at.clone().nested(name));
    Ok(Limits {
        max_added: number(&limits.max_added, "max_added")?,
        max_removed: number(&limits.max_removed, "max_removed")?,
        max_regions_touched: number(&limits.max_regions_touched, "max_regions_touched")?,
        acknowledge: text(&limits.acknowledge, &at.clone().nested("acknowledge"))?,
    })
}

fn known<'a, T>(attr: &'a Attr<T>, at: &Path) -> Result<Option<&'a T>, Error> {
    match attr {
        Attr::Null => Ok(None),
        Attr::Unknown => Err(Error::Unknown(at.clone())),
        Attr::Known(value) => Ok(Some(value)),
    }
}

fn text(attr: &Attr<String>, at: &Path) -> Result<Option<String>, Error> {
    Ok(known(attr, at)?.cloned())
}

fn number(attr: &Attr<i64>, at: Path) -> Result<Option<usize>, Error> {
    let Some(number) = known(attr, &at)? else { return Ok(None) };
    match usize::try_from(*number) {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(Error::Negative(at)),
    }
}

fn word<T>(
    attr: &Attr<String>,
    at: Path,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    let Some(text) = known(attr, &at)? else { return Ok(None) };
    match parse(text) {
        Some(value) => Ok(Some(value)),
        None => Err(Error::Word(at, text.clone())),
    }
}

fn required_word<T>(
    attr: &Attr<String>,
    at: Path,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    word(attr, at.clone(), parse)?.ok_or_else(|| Error::Word(at, String::new()))
}
