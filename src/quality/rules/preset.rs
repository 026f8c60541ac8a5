//! What a rule file builds on: sets of weights for common occasions.

use crate::quality::catalog::{CheckInfo, Needs};
use crate::quality::finding::Severity;

/// A set of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// The catalog's weights and limits.
    #[default]
    Recommended,
    /// No limits; a suspicion is a warning, a warning an error.
    Strict,
    /// For a file that comes from elsewhere: what an import would break is an error, what only a
    /// running process knows (owners, scores, activity) does not count.
    Import,
    /// For a gate that many read: errors and warnings only.
    Ci,
}

/// Checks about what only a running process knows.
const PROCESS: &[&str] = &[
    "owner-missing",
    "owner-inactive",
    "lead-source-missing",
    "lifecycle-regression",
    "never-active",
    "stale",
    "title-missing",
    "score-missing",
    "score-drift",
    "address-incomplete",
];

/// What an import would carry on.
const BREAKS_IMPORT: &[&str] = &[
    "email-invalid",
    "phone-invalid",
    "country-unknown",
    "name-in-wrong-column",
    "control-chars",
    "html-in-field",
    "placeholder-value",
    "test-record",
    "encoding",
];

impl Preset {
    /// All of them with their names.
    pub const NAMED: [(&str, Preset); 4] = [
        ("recommended", Preset::Recommended),
        ("strict", Preset::Strict),
        ("import", Preset::Import),
        ("ci", Preset::Ci),
    ];

    /// Whether a check does not count.
    pub fn is_off(self, check: &str) -> bool {
        self == Self::Import && PROCESS.contains(&check)
    }

    /// The weight of a check's finding of this share; `None`: it does not count.
    pub fn weigh(self, check: &CheckInfo, rate: f64, uncertain: bool) -> Option<Severity> {
        let within = check.max_rate > 0.0 && rate <= check.max_rate;
        let plain = if uncertain || within { Severity::Info } else { check.severity };
        match self {
            Self::Recommended => Some(plain),
            Self::Ci => (plain > Severity::Info).then_some(plain),
            Self::Import if self.is_off(check.id) => None,
            Self::Import if !uncertain && BREAKS_IMPORT.contains(&check.id) => {
                Some(Severity::Error)
            }
            Self::Import => Some(plain),
            Self::Strict if uncertain => Some(Severity::Warning),
            // That a column is empty or a mark is there remains worth knowing and no more.
            Self::Strict if check.needs == Needs::Records && check.id == "bom" => Some(plain),
            Self::Strict => Some(match check.severity {
                Severity::Info => Severity::Warning,
                Severity::Warning | Severity::Error => Severity::Error,
            }),
        }
    }
}
