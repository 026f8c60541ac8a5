//! The comparisons and their levels, with the priors of the matching model.
//!
//! A comparison turns one aspect of a pair into an ordered level; level 0 is "missing" and carries
//! no evidence. The numbers are relative frequencies of the levels among pairs of the same person
//! (`same`), of related persons (`related`: household, colleagues, shared mailbox or switchboard)
//! and of unrelated ones (`unrelated`, used where the data says nothing). They are where EM starts
//! and what it is pulled to when data is thin; they were measured on several public and generated
//! contact sets with one setting for all (see ARCHITECTURE.md, "Matching model").

use serde::Serialize;

/// How EM may move a level's probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelRule {
    /// Estimated.
    Free,
    /// Estimated, but the share among same persons stays under this multiple of its prior: a
    /// contradiction must not become common by learning from wrong pairs.
    Capped(f64),
    /// Not estimated: m / u is this ratio and r / u is 1. For levels inside an agreement that
    /// another comparison has already paid (same work domain, other local part).
    Ratio(f64),
}

/// One level of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct LevelSpec {
    /// What it means, for people.
    pub label: &'static str,
    /// Prior share among pairs of the same person.
    pub same: f64,
    /// Prior share among related pairs.
    pub related: f64,
    /// Share among unrelated pairs where the data gives none.
    pub unrelated: f64,
    /// How EM treats it.
    pub rule: LevelRule,
}

/// One comparison.
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonSpec {
    /// Name as written in `matching.json` and explanations.
    pub name: String,
    /// Levels from 1 on; a pattern's nibble `l` is `levels[l - 1]`.
    pub levels: Vec<LevelSpec>,
    /// Weight of the `same` prior, in pairs.
    pub same_strength: f64,
    /// Weight of the `related` prior, in pairs.
    pub related_strength: f64,
}

/// Weight of the prior of "same", in pairs; names are steadier than the rest.
const SAME_STRENGTH: f64 = 200.0;
const SAME_STRENGTH_NAME: f64 = 300.0;
/// Weight of the prior of "related"; the name is its anchor: related *means* another name.
const RELATED_STRENGTH: f64 = 1_000.0;
const RELATED_STRENGTH_NAME: f64 = 10_000.0;

const fn level(label: &'static str, same: f64, related: f64, unrelated: f64) -> LevelSpec {
    LevelSpec { label, same, related, unrelated, rule: LevelRule::Free }
}

const fn capped(label: &'static str, same: f64, related: f64, unrelated: f64) -> LevelSpec {
    LevelSpec { label, same, related, unrelated, rule: LevelRule::Capped(2.5) }
}

const fn ratio(label: &'static str, ratio: f64) -> LevelSpec {
    LevelSpec { label, same: 0.0, related: 0.0, unrelated: 1e-4, rule: LevelRule::Ratio(ratio) }
}

fn comparison(name: &str, levels: Vec<LevelSpec>) -> ComparisonSpec {
    ComparisonSpec {
        name: name.to_string(),
        levels,
        same_strength: SAME_STRENGTH,
        related_strength: RELATED_STRENGTH,
    }
}

fn anchored(mut spec: ComparisonSpec) -> ComparisonSpec {
    spec.same_strength = SAME_STRENGTH_NAME;
    spec.related_strength = RELATED_STRENGTH_NAME;
    spec
}

/// Values a level may have, 0 for missing included: a nibble.
pub const LEVELS: usize = 16;

/// Position of each comparison in a pattern. Generic columns and external ids follow.
pub mod at {
    /// Person name, or organization name.
    pub const NAME: usize = 0;
    /// E-mail.
    pub const EMAIL: usize = 1;
    /// Phone.
    pub const PHONE: usize = 2;
    /// Company, website and work domain.
    pub const COMPANY: usize = 3;
    /// Street, postcode and city.
    pub const PLACE: usize = 4;
    /// Job title.
    pub const TITLE: usize = 5;
    /// Birth date.
    pub const BIRTH: usize = 6;
    /// First column without a role of its own.
    pub const GENERIC: usize = 7;
    /// Comparisons a pattern has room for: 16 nibbles in a `u64`.
    pub const LIMIT: usize = 16;
}

/// Levels of the person name.
pub mod name {
    /// Both parts equal after folding.
    pub const EXACT: u8 = 1;
    /// Nickname, prefix or middle name, family equal.
    pub const NICKNAME: u8 = 2;
    /// Initial, family equal.
    pub const INITIAL: u8 = 3;
    /// Given and family swapped.
    pub const SWAPPED: u8 = 4;
    /// One part mistyped, the other equal.
    pub const TYPO: u8 = 5;
    /// Family names share a part, given agrees.
    pub const PARTIAL: u8 = 6;
    /// Weaker mixes of 2 to 6.
    pub const MIXED: u8 = 7;
    /// Family equal, a given name missing.
    pub const FAMILY_ONLY: u8 = 8;
    /// The only name of one side occurs in the other.
    pub const ONE_SIDED: u8 = 9;
    /// Family equal, given contradicts.
    pub const OTHER_GIVEN: u8 = 10;
    /// Given agrees, family contradicts.
    pub const OTHER_FAMILY: u8 = 11;
    /// Family alike, given contradicts.
    pub const FAMILY_NEAR: u8 = 12;
    /// Both contradict.
    pub const DIFFERENT: u8 = 13;
    /// Jr against Sr, II against III.
    pub const OTHER_GENERATION: u8 = 14;
    /// A generation on one side only.
    pub const ONE_GENERATION: u8 = 15;
}

/// Levels of the e-mail comparison.
pub mod email {
    /// Same address, on one or two names.
    pub const SAME: u8 = 1;
    /// Same address, but a role mailbox or on three names or more.
    pub const SHARED: u8 = 2;
    /// Same local part, domain mistyped.
    pub const DOMAIN_TYPO: u8 = 3;
    /// Local part mistyped, same domain.
    pub const LOCAL_TYPO: u8 = 4;
    /// Same unusual local part at another domain.
    pub const SAME_LOCAL: u8 = 5;
    /// Same work domain, another local part.
    pub const COLLEAGUE: u8 = 6;
    /// Same letters, other digits, same domain.
    pub const OTHER_DIGITS: u8 = 7;
    /// A private against a work address.
    pub const FREE_AND_WORK: u8 = 8;
    /// Two work domains.
    pub const TWO_WORK: u8 = 9;
    /// Two private addresses.
    pub const TWO_FREE: u8 = 10;
}

/// Levels of the phone comparison.
pub mod phone {
    /// A number in common, on one or two names.
    pub const SAME: u8 = 1;
    /// A number in common, on three to eight names.
    pub const SHARED: u8 = 2;
    /// A number in common, on more than eight names: a switchboard.
    pub const SWITCHBOARD: u8 = 3;
    /// One digit off.
    pub const TYPO: u8 = 4;
    /// First digits in common.
    pub const PREFIX: u8 = 5;
    /// Different.
    pub const DIFFERENT: u8 = 6;
    /// Two different mobile numbers.
    pub const TWO_MOBILES: u8 = 7;
}

/// Levels of the company comparison.
pub mod company {
    /// Same company, website or work domain.
    pub const SAME: u8 = 1;
    /// Alike: prefix, acronym, mistyped, domain label.
    pub const NEAR: u8 = 2;
    /// Different.
    pub const DIFFERENT: u8 = 3;
}

/// Levels of the place comparison.
pub mod place {
    /// Same street and number, on few names.
    pub const SAME: u8 = 1;
    /// Same street and number, on many names: an office.
    pub const OFFICE: u8 = 2;
    /// Same postcode.
    pub const POSTCODE: u8 = 3;
    /// Street alike in the same city or postcode.
    pub const NEAR_STREET: u8 = 4;
    /// Same city.
    pub const CITY: u8 = 5;
    /// Postcode alike, or only the street.
    pub const NEAR: u8 = 6;
    /// Different.
    pub const DIFFERENT: u8 = 7;
}

/// Levels of title, generic and external-id comparisons: same, near, different.
pub mod three {
    /// Same.
    pub const SAME: u8 = 1;
    /// Near.
    pub const NEAR: u8 = 2;
    /// Different.
    pub const DIFFERENT: u8 = 3;
}

/// Levels of the birth date comparison.
pub mod birth {
    /// Same day.
    pub const SAME: u8 = 1;
    /// One digit off, or day and month swapped.
    pub const TYPO: u8 = 2;
    /// Two of year, month and day equal.
    pub const TWO_PARTS: u8 = 3;
    /// Same or neighboring year.
    pub const YEAR: u8 = 4;
    /// Different.
    pub const DIFFERENT: u8 = 5;
}

fn person_name() -> ComparisonSpec {
    anchored(comparison(
        "name",
        vec![
            level("same name", 0.64, 0.0015, 1e-5),
            level("nickname or middle name, same family name", 0.06, 0.0005, 3e-6),
            level("initial, same family name", 0.04, 0.001, 5e-6),
            level("given and family name swapped", 0.03, 0.0002, 1e-6),
            level("one name mistyped", 0.10, 0.001, 1e-5),
            level("part of a double family name, same given name", 0.03, 0.0005, 3e-6),
            level("names alike", 0.02, 0.001, 5e-6),
            level("same family name, a given name missing", 0.02, 0.003, 5e-4),
            level("the only name of one side is part of the other", 0.02, 0.003, 1e-3),
            capped("same family name, another given name", 0.004, 0.20, 2e-3),
            capped("same given name, another family name", 0.012, 0.03, 5e-3),
            capped("family name alike, another given name", 0.004, 0.02, 2e-3),
            capped("different names", 0.004, 0.73, 0.98),
            capped("another generation (Jr, Sr, II)", 0.001, 0.003, 1e-7),
            level("a generation (Jr, Sr) on one side only", 0.015, 0.002, 2e-7),
        ],
    ))
}

fn email_levels() -> ComparisonSpec {
    comparison(
        "email",
        vec![
            level("same e-mail", 0.52, 0.03, 1e-8),
            level("same e-mail, but a shared mailbox", 0.02, 0.15, 1e-6),
            level("same e-mail but for a mistyped domain", 0.04, 0.002, 1e-8),
            level("same e-mail but for one letter", 0.03, 0.005, 1e-7),
            level("same unusual mailbox name elsewhere", 0.04, 0.005, 1e-6),
            ratio("same work domain, another mailbox", 0.03),
            ratio("same mailbox but for its digits", 0.003),
            level("a private and a work e-mail", 0.24, 0.18, 0.40),
            level("two work e-mails of different domains", 0.07, 0.15, 0.40),
            level("two private e-mails", 0.03, 0.06, 0.20),
        ],
    )
}

fn phone_levels() -> ComparisonSpec {
    comparison(
        "phone",
        vec![
            level("same phone", 0.42, 0.10, 1e-8),
            level("same phone, on several names", 0.06, 0.15, 1e-6),
            level("same phone, a switchboard", 0.04, 0.35, 1e-5),
            level("phone but for one digit", 0.02, 0.01, 1e-6),
            level("phones share their first digits", 0.12, 0.15, 0.02),
            level("different phones", 0.30, 0.20, 0.95),
            level("two different mobile phones", 0.04, 0.04, 0.03),
        ],
    )
}

fn company_levels() -> ComparisonSpec {
    comparison(
        "company",
        vec![
            level("same company", 0.72, 0.80, 4e-4),
            level("company names alike", 0.10, 0.08, 5e-3),
            level("different companies", 0.18, 0.12, 0.98),
        ],
    )
}

fn place_levels() -> ComparisonSpec {
    comparison(
        "place",
        vec![
            level("same street and number", 0.30, 0.20, 1e-6),
            level("same street and number, on many names", 0.25, 0.30, 1e-5),
            level("same postcode", 0.08, 0.10, 1e-3),
            level("streets alike in one city", 0.08, 0.05, 1e-5),
            level("same city", 0.15, 0.20, 1.3e-2),
            level("postcodes alike", 0.06, 0.05, 1e-2),
            level("different places", 0.08, 0.10, 0.97),
        ],
    )
}

fn title_levels() -> ComparisonSpec {
    comparison(
        "title",
        vec![
            level("same job title", 0.76, 0.06, 2e-2),
            level("job titles share a word", 0.14, 0.22, 0.15),
            level("different job titles", 0.10, 0.72, 0.83),
        ],
    )
}

fn birth_levels() -> ComparisonSpec {
    comparison(
        "birth date",
        vec![
            level("same birth date", 0.80, 0.01, 4e-5),
            level("birth date mistyped", 0.11, 0.01, 1e-3),
            level("two parts of the birth date", 0.04, 0.03, 5e-3),
            level("same or neighboring birth year", 0.02, 0.10, 0.04),
            level("different birth dates", 0.03, 0.85, 0.95),
        ],
    )
}

/// A column that is another system's identifier.
fn external_levels(header: &str) -> ComparisonSpec {
    comparison(
        header,
        vec![
            level("same identifier", 0.90, 0.01, 1e-7),
            level("identifier mistyped", 0.08, 0.04, 1e-4),
            level("different identifiers", 0.02, 0.95, 0.999),
        ],
    )
}

/// A column without a role of its own.
fn generic_levels(header: &str) -> ComparisonSpec {
    comparison(
        header,
        vec![
            level("same value", 0.80, 0.30, 2e-2),
            level("values alike", 0.08, 0.10, 2e-2),
            level("different values", 0.12, 0.60, 0.96),
        ],
    )
}

fn organization_name() -> ComparisonSpec {
    anchored(comparison(
        "name",
        vec![
            level("same name", 0.50, 0.12, 1e-5),
            level("names nearly the same", 0.16, 0.08, 1e-5),
            level("names mostly the same", 0.10, 0.10, 1e-4),
            level("one name within the other", 0.10, 0.15, 1e-4),
            level("names share words", 0.06, 0.15, 2e-3),
            level("names share common words", 0.04, 0.10, 2e-2),
            LevelSpec {
                label: "different names",
                same: 0.04,
                related: 0.60,
                unrelated: 0.97,
                rule: LevelRule::Capped(0.1),
            },
        ],
    ))
}

fn organization_place() -> ComparisonSpec {
    anchored(comparison(
        "place",
        vec![
            level("same street and number", 0.70, 0.15, 1e-6),
            level("same street and number, on many names", 0.18, 0.01, 1e-5),
            level("same postcode", 0.015, 0.17, 1e-3),
            level("streets alike in one city", 0.06, 0.005, 1e-5),
            level("same city", 0.02, 0.36, 5e-2),
            level("postcodes alike", 0.01, 0.05, 1e-2),
            level("different places", 0.015, 0.40, 0.93),
        ],
    ))
}

/// The comparisons for people, with one more per generic column (header, is it an identifier).
pub fn for_persons<'a>(generic: impl Iterator<Item = (&'a str, bool)>) -> Vec<ComparisonSpec> {
    let mut specs = vec![
        person_name(),
        email_levels(),
        phone_levels(),
        company_levels(),
        place_levels(),
        title_levels(),
        birth_levels(),
    ];
    push_generic(&mut specs, generic);
    specs
}

/// The comparisons for organizations.
pub fn for_organizations<'a>(
    generic: impl Iterator<Item = (&'a str, bool)>,
) -> Vec<ComparisonSpec> {
    let mut specs = vec![
        organization_name(),
        email_levels(),
        phone_levels(),
        company_levels(),
        organization_place(),
        title_levels(),
        birth_levels(),
    ];
    push_generic(&mut specs, generic);
    specs
}

fn push_generic<'a>(
    specs: &mut Vec<ComparisonSpec>,
    generic: impl Iterator<Item = (&'a str, bool)>,
) {
    specs.extend(generic.take(at::LIMIT - at::GENERIC).map(|(header, external)| {
        if external { external_levels(header) } else { generic_levels(header) }
    }));
}

/// The level of comparison `index` in a pattern; 0 is missing.
pub fn level_of(pattern: u64, index: usize) -> u8 {
    ((pattern >> (4 * index)) & 15) as u8
}

/// A pattern with `level` at comparison `index` (which must be empty so far).
pub fn with_level(pattern: u64, index: usize, level: u8) -> u64 {
    pattern | (u64::from(level) << (4 * index))
}
