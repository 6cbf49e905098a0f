//! What the tests found, as a table for people and as JSON for programs.

use comfy_table::{Cell, ContentArrangement, Table};
use serde::Serialize;

/// Characters of what was seen that the table shows; JSON has all of it.
const SEEN: usize = 600;

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// The vendor keeps this rule.
    Pass,
    /// It does not.
    Fail {
        /// What the contract asks for.
        expected: String,
        /// What the vendor did.
        seen: String,
    },
    /// It was not tried.
    Skip {
        /// The capability that the vendor does not claim, or what the kit was not given.
        because: String,
    },
}

/// One row.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) number: u8,
    pub(crate) rule: &'static str,
    #[serde(flatten)]
    pub(crate) verdict: Verdict,
}

/// How many of each.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

/// Counts the rows.
pub(crate) fn count(rows: &[Row]) -> Count {
    let mut count = Count::default();
    for row in rows {
        match row.verdict {
            Verdict::Pass => count.passed += 1,
            Verdict::Fail { .. } => count.failed += 1,
            Verdict::Skip { .. } => count.skipped += 1,
        }
    }
    count
}

/// The table and a last line with the counts.
pub(crate) fn table(vendor: &str, rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_preset("     --            ").set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["", "", "The vendor …"]);
    for row in rows {
        let word = match row.verdict {
            Verdict::Pass => "pass",
            Verdict::Fail { .. } => "FAIL",
            Verdict::Skip { .. } => "skip",
        };
        let mut text = row.rule.to_owned();
        match &row.verdict {
            Verdict::Pass => {}
            Verdict::Fail { expected, seen } => {
                text.push_str(&format!(
                    "\n  expected: {expected}\n  seen:     {}",
                    shown(seen).replace('\n', "\n            ")
                ));
            }
            Verdict::Skip { because } => text.push_str(&format!("\n  not tried: {because}")),
        }
        table.add_row([
            Cell::new(row.number).set_alignment(comfy_table::CellAlignment::Right),
            Cell::new(word),
            Cell::new(text),
        ]);
    }
    let Count { passed, failed, skipped } = count(rows);
    let lines: Vec<String> =
        table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    let vendor = shown(vendor);
    format!(
        "{vendor}\n\n{}\n\n{passed} passed, {failed} failed, {skipped} not tried\n",
        lines.join("\n")
    )
}

/// The rows and the counts as JSON.
pub(crate) fn json(vendor: &str, rows: &[Row]) -> serde_json::Result<String> {
    let count = count(rows);
    let whole = serde_json::json!({ "vendor": vendor, "tests": rows, "count": count });
    Ok(format!("{}\n", serde_json::to_string_pretty(&whole)?))
}

/// What a vendor said, as a terminal may have it: without control characters, and not for ever.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (index, letter) in text.trim_end().chars().enumerate() {
        if index == SEEN {
            return shown + " …";
        }
        if letter.is_control() && letter != '\n' {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_what_a_vendor_said_without_what_moves_a_terminal() {
        let seen = format!("a\u{1b}[2J\nb{}", "x".repeat(SEEN));
        let verdict = Verdict::Fail { expected: "order".into(), seen };
        let rows = [Row { number: 1, rule: "keeps order", verdict }];
        let table = table("V\u{7}", &rows);
        assert!(table.starts_with("V\\u{7}\n"), "{table}");
        assert!(table.contains("seen:     a\\u{1b}[2J\n") && table.contains("xxx …"), "{table}");
        assert!(table.ends_with("0 passed, 1 failed, 0 not tried\n"), "{table}");
    }
}
