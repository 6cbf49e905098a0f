//! A figure: what was measured, and what it should be.

use std::fmt;

use comfy_table::{Table, presets};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Thousandths of a second.
    Milliseconds,
    /// Millions of bytes.
    Megabytes,
    /// How many times as much.
    Times,
    /// The power of a size.
    Power,
    /// How many.
    Number,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// This, or less.
    AtMost(f64),
    /// This, or more.
    AtLeast(f64),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    /// What was measured, in a few words.
    pub(crate) what: String,
    pub(crate) unit: Unit,
    pub(crate) measured: f64,
    pub(crate) target: Option<Target>,
    /// What stands beside it: the figure of another subject, a ratio.
    pub(crate) beside: String,
}

impl Figure {
    /// A figure without a target, and with nothing beside it.
    pub(crate) fn new(what: impl Into<String>, unit: Unit, measured: f64) -> Self {
        Self { what: what.into(), unit, measured, target: None, beside: String::new() }
    }

    /// The same with a target.
    pub(crate) fn target(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    /// The same with something beside it.
    pub(crate) fn beside(self, beside: impl Into<String>) -> Self {
        Self { beside: beside.into(), ..self }
    }

    /// Whether it is what it should be; none where nothing was asked.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.target.map(|target| match target {
            Target::AtMost(most) => self.measured <= most,
            Target::AtLeast(least) => self.measured >= least,
        })
    }

    fn row(&self) -> [String; 5] {
        let target = match self.target {
            None => String::new(),
            Some(Target::AtMost(most)) => format!("≤ {}", self.unit.of(most)),
            Some(Target::AtLeast(least)) => format!("≥ {}", self.unit.of(least)),
        };
        let verdict = match self.is_met() {
            None => "",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        let measured = self.unit.of(self.measured).to_string();
        [self.what.clone(), target, measured, self.beside.clone(), verdict.to_owned()]
    }
}

/// The figures as a table.
pub(crate) fn table(figures: &[Figure]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_header(["figure", "target", "measured", "beside", "verdict"]);
    for figure in figures {
        table.add_row(figure.row());
    }
    table
}

// === impl Unit ===

/// An amount with its unit.
struct Amount(Unit, f64);

impl Unit {
    fn of(self, amount: f64) -> impl fmt::Display {
        Amount(self, amount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(unit, amount) = *self;
        match unit {
            Unit::Milliseconds if amount >= 100.0 => write!(f, "{amount:.0} ms"),
            Unit::Milliseconds => write!(f, "{amount:.2} ms"),
            Unit::Megabytes => write!(f, "{amount:.2} MB"),
            Unit::Times => write!(f, "{amount:.2}x"),
            Unit::Power => write!(f, "n^{amount:.2}"),
            Unit::Number if amount.fract() == 0.0 => write!(f, "{amount:.0}"),
            Unit::Number => write!(f, "{amount:.2}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_the_target() {
        let figure = |measured| Figure::new("x", Unit::Times, measured);
        assert_eq!(figure(1.2).is_met(), None);
        assert_eq!(figure(1.25).target(Target::AtMost(1.25)).is_met(), Some(true));
        assert_eq!(figure(1.26).target(Target::AtMost(1.25)).is_met(), Some(false));
        assert_eq!(figure(10.0).target(Target::AtLeast(10.0)).is_met(), Some(true));
        assert_eq!(figure(9.9).target(Target::AtLeast(10.0)).is_met(), Some(false));
    }

    #[test]
    fn a_miss_can_be_seen_in_the_table() {
        let figures = [
            Figure::new("handshake", Unit::Milliseconds, 1.5).target(Target::AtMost(3.0)),
            Figure::new("binary", Unit::Megabytes, 7.81)
                .target(Target::AtMost(6.0))
                .beside("Go 18.40 MB"),
            Figure::new("wall time", Unit::Milliseconds, 1234.5),
        ];
        let table = table(&figures).to_string();
        let lines: Vec<&str> =
            table.lines().filter(|line| line.contains("MB") || line.contains("ms")).collect();
        assert!(lines[0].contains("≤ 3.00 ms") && lines[0].contains("met"), "{table}");
        assert!(lines[1].contains("7.81 MB") && lines[1].contains("MISSED"), "{table}");
        assert!(lines[1].contains("Go 18.40 MB"), "{table}");
        assert!(lines[2].contains("1234 ms") && !lines[2].contains("met"), "{table}");
    }
}
