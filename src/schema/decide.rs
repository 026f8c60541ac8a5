//! The role of a column of people or organizations: what is proposed, held against the content.
//!
//! First each column for itself ([`decide`]), then all together ([`settle`]), because some roles
//! depend on the others: a `name` is a person's or a company's by what stands beside it.

use super::content::Content;
use super::header::{self, key};
use super::preset::Preset;
use super::role::Role;
use super::{ColumnSchema, Kind};

/// A column with a role, its reason and how sure we are.
pub(crate) fn column(header: &str, role: Role, confidence: f32, why: String) -> ColumnSchema {
    let slot = header::propose(header).map_or("", |proposal| proposal.slot);
    ColumnSchema {
        header: header.to_string(),
        role,
        slot: slot.to_string(),
        separator: None,
        false_decides: false,
        confidence,
        why,
    }
}

/// The role of one column for itself.
pub(crate) fn decide(header: &str, content: &Content, preset: Option<&Preset>) -> ColumnSchema {
    let proposed = proposal(header, preset);
    if content.filled == 0 {
        let why = format!("header «{header}»; the column is empty");
        return match proposed {
            Some((role, ..)) => column(header, role, 0.5, why),
            None => column(header, Role::Ignored, 0.5, why),
        };
    }
    let Some((role, trust, origin)) = proposed else {
        return by_content(header, content, "");
    };
    match support(role, content) {
        Support::Neutral if role == Role::Title && content.prefix >= 0.5 => {
            let evidence = format!("{}% of values are salutations", percent(content.prefix));
            column(header, Role::NamePrefix, 0.8, format!("{origin}, but {evidence}"))
        }
        Support::Confirmed(evidence) => {
            column(header, role, (trust + 0.15).min(0.99), format!("{origin}; {evidence}"))
        }
        // Part of a header proves nothing without the content's consent: `email_quality`.
        Support::Neutral
            if trust < 0.7 && matches!(role, Role::Email | Role::Phone | Role::Mobile) =>
        {
            by_content(header, content, "")
        }
        Support::Neutral => column(header, role, trust, origin),
        Support::Denied(evidence) => {
            by_content(header, content, &format!("{origin} as {role}, but {evidence}; "))
        }
    }
}

/// Role, trust and origin of what preset and header say.
fn proposal(header: &str, preset: Option<&Preset>) -> Option<(Role, f32, String)> {
    if let Some(preset) = preset
        && let Some((role, _)) = preset.column(header)
    {
        return Some((role, 0.9, format!("header «{header}» is known for {}", preset.product)));
    }
    let proposal = header::propose(header)?;
    let (trust, word) = if proposal.exact { (0.8, "is a known name") } else { (0.6, "tells it") };
    Some((proposal.role, trust, format!("header «{header}» {word}")))
}

/// What the content says of a proposed role.
enum Support {
    Confirmed(String),
    Neutral,
    Denied(String),
}

fn percent(share: f32) -> u32 {
    (share * 100.0).round() as u32
}

/// Holds a role against the content.
fn support(role: Role, content: &Content) -> Support {
    use Role::{BirthDate, BirthDay, BirthMonth, BirthYear, Created, Employees, LastActivity};
    use Role::{City, Company, Country, Department, Region, Title, Updated};
    use Role::{Email, FamilyName, FullName, GivenName, MiddleName, Mobile, Nickname, Phone};
    use Role::{HouseNumber, Postcode, RecordId, Street, Website};
    let share = |share: f32, least: f32, what: &str| {
        let evidence = format!("{}% of values are {what}", percent(share));
        match share {
            s if s >= least => Support::Confirmed(evidence),
            // Few values prove little against a header.
            _ if content.distinct < 3 && content.token < 0.5 => Support::Neutral,
            _ => Support::Denied(evidence),
        }
    };
    let within = |low: i64, high: i64, what: &str| match content.range {
        Some((least, most)) if content.integer >= 0.8 && least >= low && most <= high => {
            Support::Confirmed(format!("all values are {what}"))
        }
        Some((least, _)) if content.integer >= 0.8 && least >= 0 && content.distinct < 50 => {
            Support::Neutral
        }
        _ => Support::Denied(format!("values are not {what}")),
    };
    let text = || match content {
        c if c.email >= 0.5 => Support::Denied("values are e-mail addresses".into()),
        c if c.token >= 0.5 => Support::Denied("values are machine tokens".into()),
        c if c.clock >= 0.5 => Support::Denied("values are dates".into()),
        _ => Support::Neutral,
    };
    match role {
        Email => share(content.email, 0.3, "e-mail addresses"),
        Phone | Mobile => share(content.phone, 0.2, "phone numbers"),
        Website => share(content.url, 0.3, "web addresses"),
        GivenName | FamilyName | FullName | MiddleName | Nickname => {
            // `first_001` is an odd name, but a name; a token, a number or an address is none.
            let other = content.token.max(content.integer).max(content.email);
            let other = other.max(content.date).max(content.url).max(content.phone);
            match share(content.name, 0.5, "written like names") {
                Support::Denied(_) if other < 0.3 && content.prose < 0.5 => Support::Neutral,
                verdict => verdict,
            }
        }
        role if role.is_time() => share(content.date, 0.3, "dates"),
        BirthDate => share(content.date, 0.3, "dates"),
        BirthYear => within(1850, 2100, "years"),
        BirthMonth => within(1, 12, "months"),
        BirthDay if content.date >= 0.3 || content.integer < 0.5 => Support::Neutral,
        BirthDay => within(1, 31, "days"),
        HouseNumber => share(content.digit, 0.5, "numbers"),
        Postcode => match text() {
            Support::Neutral => share(content.digit, 0.3, "with digits, as postal codes are"),
            denied => denied,
        },
        City | Region | Country | Company | Title | Department | Street => text(),
        Employees | Created | Updated | LastActivity => Support::Neutral,
        RecordId if content.uniqueness() >= 0.5 && content.filled * 2 >= content.records => {
            Support::Confirmed(format!("{}% of values are unique", percent(content.uniqueness())))
        }
        RecordId => Support::Denied(format!(
            "only {}% of values are unique",
            percent(content.uniqueness().min(content.filled as f32 / content.records as f32))
        )),
        _ => Support::Neutral,
    }
}

/// The role the cells alone show.
fn by_content(header: &str, content: &Content, before: &str) -> ColumnSchema {
    let found: [(f32, f32, Role, &str); 5] = [
        (content.email, 0.6, Role::Email, "e-mail addresses"),
        (content.url, 0.7, Role::Website, "web addresses"),
        (content.prose, 0.5, Role::FreeText, "sentences"),
        (content.json, 0.5, Role::FreeText, "JSON"),
        (
            if content.integer < 0.5 { content.phone } else { 0.0 },
            0.7,
            Role::Phone,
            "phone numbers",
        ),
    ];
    if let Some((share, _, role, what)) = found.iter().find(|(share, least, ..)| share >= least) {
        let why = format!("{before}{}% of values are {what}", percent(*share));
        return column(header, *role, 0.5 + share * 0.4, why);
    }
    if content.company >= 0.3 && content.several_words >= 0.5 && content.given < content.company {
        let why = format!("{before}{}% of values carry a legal form", percent(content.company));
        return column(header, Role::Company, 0.6, why);
    }
    if content.given >= 0.3 && content.name >= 0.7 {
        let role = if content.several_words >= 0.6 { Role::FullName } else { Role::GivenName };
        let why = format!("{before}{}% of values hold a common given name", percent(content.given));
        return column(header, role, 0.6, why);
    }
    if content.country >= 0.6 {
        let why = format!("{before}{}% of values are countries", percent(content.country));
        return column(header, Role::Country, 0.6, why);
    }
    if content.distinct <= 1 {
        return column(header, Role::Ignored, 0.7, format!("{before}all values are the same"));
    }
    let why = format!("{before}no known meaning, {} distinct values", content.distinct);
    column(header, Role::Generic, 0.5, why)
}

/// Decides what depends on several columns, and what the rows are.
pub(crate) fn settle(columns: &mut [ColumnSchema], contents: &[Content], forced: &[bool]) -> Kind {
    one_record_id(columns, contents, forced);
    whole_names(columns, contents, forced);
    short_names(columns, contents, forced);
    family_beside_given(columns, contents, forced);
    plain_name(columns, contents, forced);
    let has = |role: Role| columns.iter().any(|c| c.role == role);
    let person = [Role::GivenName, Role::FamilyName, Role::FullName].into_iter().any(has);
    if has(Role::Company) && !person && !has(Role::Email) {
        Kind::Organizations
    } else {
        Kind::People
    }
}

fn change(column: &mut ColumnSchema, role: Role, confidence: f32, why: &str) {
    column.why = format!("{}; {why}", column.why);
    column.role = role;
    column.confidence = confidence;
}

/// Keeps the best id column; others become ids of elsewhere.
fn one_record_id(columns: &mut [ColumnSchema], contents: &[Content], forced: &[bool]) {
    let ids: Vec<usize> =
        (0..columns.len()).filter(|&i| columns[i].role == Role::RecordId).collect();
    let rank = |&i: &usize| {
        let content = &contents[i];
        // Rounded, so that two ids unique in the same measure fall back on column order.
        let unique =
            percent(content.uniqueness()) as usize * content.filled / content.records.max(1);
        (forced[i], unique, percent(columns[i].confidence), std::cmp::Reverse(i))
    };
    let Some(&best) = ids.iter().max_by_key(|i| rank(i)) else { return };
    for i in ids.into_iter().filter(|&i| i != best) {
        let unique = contents[i].uniqueness() >= 0.9;
        let role = if unique { Role::ExternalId } else { Role::Generic };
        let why = format!("«{}» is the record id", columns[best].header);
        change(&mut columns[i], role, 0.6, &why);
    }
}

/// A given or family name column with whole names and no counterpart is a full name.
fn whole_names(columns: &mut [ColumnSchema], contents: &[Content], forced: &[bool]) {
    for (role, other) in [(Role::GivenName, Role::FamilyName), (Role::FamilyName, Role::GivenName)]
    {
        if columns.iter().any(|c| c.role == other) {
            continue;
        }
        for (i, column) in columns.iter_mut().enumerate() {
            if column.role == role && !forced[i] && contents[i].several_words >= 0.6 {
                change(column, Role::FullName, 0.7, "values are whole names");
            }
        }
    }
}

/// A «name» of one word beside a family name is the given name (`nome`, `sobrenome`).
fn short_names(columns: &mut [ColumnSchema], contents: &[Content], forced: &[bool]) {
    let has = |role: Role| columns.iter().any(|c| c.role == role);
    if has(Role::GivenName) || !has(Role::FamilyName) {
        return;
    }
    for (i, column) in columns.iter_mut().enumerate() {
        let content = &contents[i];
        if column.role == Role::FullName
            && !forced[i]
            && content.filled > 0
            && content.several_words < 0.4
        {
            change(column, Role::GivenName, 0.7, "one word beside a family name");
        }
    }
}

/// Without headers a family name column shows only by standing beside the given names.
fn family_beside_given(columns: &mut [ColumnSchema], contents: &[Content], forced: &[bool]) {
    let Some(given) = columns.iter().position(|c| c.role == Role::GivenName) else { return };
    if columns.iter().any(|c| c.role == Role::FamilyName) {
        return;
    }
    for i in [given + 1, given.wrapping_sub(1)] {
        let Some(content) = contents.get(i) else { continue };
        let like = content.name >= 0.8 && content.several_words <= 0.4 && content.country < 0.5;
        if like && matches!(columns[i].role, Role::Generic | Role::Ignored) && !forced[i] {
            change(&mut columns[i], Role::FamilyName, 0.5, "stands beside the given names");
            return;
        }
    }
}

/// A column called `name`: of a person or of an organization, by its values and its neighbors.
fn plain_name(columns: &mut [ColumnSchema], contents: &[Content], forced: &[bool]) {
    let is_name = |c: &ColumnSchema| ["name", "names"].contains(&key(&c.header).as_str());
    let Some(at) = columns.iter().position(is_name) else { return };
    if forced[at] || columns[at].confidence > 0.85 || contents[at].filled == 0 {
        return;
    }
    let has = |role: Role| columns.iter().any(|c| c.role == role);
    let content = &contents[at];
    let aged = columns.iter().any(|c| ["age", "gender", "sex"].contains(&key(&c.header).as_str()));
    let personal =
        [Role::GivenName, Role::FamilyName, Role::BirthDate, Role::BirthYear, Role::Title];
    let personal = aged || personal.into_iter().any(has);
    let evidence = format!(
        "header «{}»: {}% of values hold a common given name, {}% a word of organizations",
        columns[at].header,
        percent(content.given),
        percent(content.company)
    );
    let person = if has(Role::FullName) && columns[at].role != Role::FullName {
        return;
    } else if personal || has(Role::Company) {
        content.name >= 0.5 || content.given >= 0.2 || aged
    } else {
        content.given >= 0.25 && content.given > content.company
    };
    if person && content.token < 0.5 {
        columns[at].why = evidence;
        columns[at].role = Role::FullName;
        columns[at].confidence = 0.75;
    } else if !has(Role::Company) && content.token < 0.5 {
        columns[at].why = evidence;
        columns[at].role = Role::Company;
        columns[at].confidence = 0.7;
    }
}
