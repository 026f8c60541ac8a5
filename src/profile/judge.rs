//! Whether a value is usable as what its column says it is, and why not.
//!
//! One place for all roles, so that profiles, checks and reports never disagree on what an invalid
//! phone is. The normalizers decide; here only their answers are brought to one scale.

use super::Leads;
use crate::normalize::activity::with_product;
use crate::normalize::country::Country;
use crate::normalize::date::{self, ColumnOrder, DateOrder};
use crate::normalize::name::{self, NameParts};
use crate::normalize::phone::{self, Certainty};
use crate::normalize::{Normalized, Status, address, company, consent, country, email, region};
use crate::normalize::{text, title, url};
use crate::schema::Role;

/// How usable a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// No value.
    Missing,
    /// Not usable.
    Invalid,
    /// Perhaps usable: a number in no assigned range, a mail domain with a slip in it.
    Doubtful,
    /// Usable.
    Valid,
}

/// A judgement with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Judgement {
    /// How usable.
    pub validity: Validity,
    /// Why not, as a stable kebab-case code; empty when valid.
    pub reason: &'static str,
}

impl Judgement {
    fn valid() -> Self {
        Self { validity: Validity::Valid, reason: "" }
    }

    fn doubtful(reason: &'static str) -> Self {
        Self { validity: Validity::Doubtful, reason }
    }

    fn invalid(reason: &'static str) -> Self {
        Self { validity: Validity::Invalid, reason }
    }

    fn missing(reason: &'static str) -> Self {
        Self { validity: Validity::Missing, reason }
    }

    /// What a normalizer said, with a second look at what it could read.
    fn of<T>(read: &Normalized<T>, look: impl Fn(&T) -> Self) -> Self {
        match (&read.value, read.status) {
            (Some(value), _) => look(value),
            (None, Status::Missing) => Self::missing(read.reason),
            (None, _) => Self::invalid(read.reason),
        }
    }
}

/// Judges one value by its role. `country` is that of its record, `order` that of its column.
pub fn judge(role: Role, text: &str, country: Option<Country>, order: DateOrder) -> Judgement {
    match role {
        Role::Email => judge_email(text),
        Role::Phone | Role::Mobile => judge_phone(text, country),
        Role::GivenName | Role::MiddleName => {
            judge_name(text, &NameParts { given: text, ..NameParts::default() })
        }
        Role::FamilyName => judge_name(text, &NameParts { family: text, ..NameParts::default() }),
        Role::FullName => judge_name(text, &NameParts { full: text, ..NameParts::default() }),
        Role::Company => Judgement::of(&company::parse(text), |company| {
            if company.placeholder { Judgement::invalid("placeholder") } else { Judgement::valid() }
        }),
        Role::Title => Judgement::of(&title::parse(text), |title| {
            if title.placeholder { Judgement::invalid("placeholder") } else { Judgement::valid() }
        }),
        Role::City => Judgement::of(&address::city(text), |_| Judgement::valid()),
        Role::Country => Judgement::of(&country::parse(text), |_| Judgement::valid()),
        Role::Region => {
            match Judgement::of(&region::parse(text, country), |_| Judgement::valid()) {
                // The list does not hold the regions of every country.
                Judgement { validity: Validity::Invalid, reason } => Judgement::doubtful(reason),
                judged => judged,
            }
        }
        Role::Postcode => Judgement::of(&address::postcode(text, country), |_| Judgement::valid()),
        Role::Street => Judgement::of(&address::street(text, country), |_| Judgement::valid()),
        Role::Website => Judgement::of(&url::parse(text), |_| Judgement::valid()),
        Role::BirthDate => Judgement::of(&date::birth(text, order), |_| Judgement::valid()),
        role if role.is_time() => Judgement::of(&date::parse(text, order), |_| Judgement::valid()),
        Role::Consent(_) => Judgement::of(&consent::parse_word(text), |_| Judgement::valid()),
        _ if text::is_null_word(text) => {
            Judgement::missing(if text.trim().is_empty() { "" } else { "null-word" })
        }
        _ => Judgement::valid(),
    }
}

fn judge_email(text: &str) -> Judgement {
    let read = email::parse(text);
    let pieces = email::split(text);
    if read.value.is_none() && pieces.len() > 1 {
        let worst = pieces.into_iter().map(judge_email).min_by_key(|j| j.validity);
        return worst.unwrap_or(Judgement::invalid("several-addresses"));
    }
    Judgement::of(&read, |email| match email {
        email if email.placeholder => Judgement::invalid("placeholder"),
        email if email.suggestion.is_some() => Judgement::doubtful("domain-typo"),
        email if email.disposable => Judgement::doubtful("disposable"),
        _ => Judgement::valid(),
    })
}

fn judge_phone(text: &str, country: Option<Country>) -> Judgement {
    let read = phone::parse(text, country);
    if read.value.is_none() && read.reason == "several-numbers" {
        let pieces = phone::split(text).into_iter().filter(|piece| piece.len() < text.len());
        let worst = pieces.map(|piece| judge_phone(piece, country)).min_by_key(|j| j.validity);
        return worst.unwrap_or(Judgement::invalid(read.reason));
    }
    Judgement::of(&read, |phone| match phone.certainty {
        Certainty::Valid => Judgement::valid(),
        Certainty::Possible => Judgement::doubtful("unassigned-range"),
        Certainty::Shape => Judgement::doubtful("country-unknown"),
    })
}

fn judge_name(text: &str, parts: &NameParts) -> Judgement {
    if name::is_placeholder(text) {
        return Judgement::invalid("placeholder");
    }
    Judgement::of(&name::parse(parts), |_| Judgement::valid())
}

/// Judges the values of one column.
pub struct Judge {
    role: Role,
    order: DateOrder,
    /// Per value: the country of the first record that holds it; empty where it does not matter.
    countries: Vec<u16>,
}

impl Judge {
    /// A judge for a column of leads.
    pub fn new(leads: &Leads<'_>, column: usize) -> Self {
        let (table, role) = (&leads.table, leads.schema.columns[column].role);
        let cells = &table.columns[column];
        let mut countries = Vec::new();
        if matches!(role, Role::Phone | Role::Mobile | Role::Region | Role::Postcode | Role::Street)
        {
            countries = vec![0; cells.dictionary.len()];
            for (record, id) in cells.ids.iter().enumerate().rev() {
                countries[id.index()] = leads.records.features.rows[record].country;
            }
        }
        let decided = || ColumnOrder::decide(cells.dictionary.iter()).order;
        let order = match role.is_time() || role == Role::BirthDate {
            true => {
                leads.schema.inputs.first().map_or_else(decided, |i| with_product(decided(), i))
            }
            false => DateOrder::Ambiguous,
        };
        Self { role, order, countries }
    }

    /// Judges a value.
    pub fn judge(&self, text: &str, value: u32) -> Judgement {
        let code = self.countries.get(value as usize).copied().unwrap_or(0).to_be_bytes();
        let country = std::str::from_utf8(&code).ok().and_then(Country::from_code);
        judge(self.role, text, country, self.order)
    }

    /// Whether the values of the column have a form of their own.
    pub fn assesses(&self) -> bool {
        use Role::{
            City, Company, Email, FamilyName, FullName, GivenName, MiddleName, Mobile, Phone,
            Postcode, Region, Street, Title, Website,
        };
        self.role.is_time()
            || matches!(
                self.role,
                Email
                    | Phone
                    | Mobile
                    | GivenName
                    | MiddleName
                    | FamilyName
                    | FullName
                    | Company
                    | Title
                    | City
                    | Role::Country
                    | Region
                    | Postcode
                    | Street
                    | Website
                    | Role::BirthDate
                    | Role::Consent(_)
            )
    }
}
