//! One row about a person: which facts it happens to hold, how they are written, what went wrong.

use crate::countries::COUNTRIES;
use crate::firm::web_address;
use crate::person::{Job, Person};
use crate::phone::write_phone;
use crate::places::{Address, BR, DE, ES, GB, IN, JP, MX, US};
use crate::random::Rng;
use crate::text::{capitalize, mistype, strip_accents};
use crate::titles::TITLES;

/// Columns of the file that describe the person, in order.
pub const FIRST: usize = 0;
pub const LAST: usize = 1;
pub const EMAIL: usize = 2;
pub const PHONE: usize = 3;
pub const MOBILE: usize = 4;
pub const COMPANY: usize = 5;
pub const WEBSITE: usize = 6;
pub const TITLE: usize = 7;
pub const STREET: usize = 8;
pub const CITY: usize = 9;
pub const STATE: usize = 10;
pub const POSTAL: usize = 11;
pub const COUNTRY: usize = 12;

/// The person's columns of one row.
pub type Row = [String; 13];

/// Where a row came from; decides what it holds.
pub static SOURCES: [(&str, u32); 8] = [
    ("Web Form", 280),
    ("List Import", 198),
    ("Manual Entry", 141),
    ("Trade Show", 124),
    ("LinkedIn", 117),
    ("Partner", 52),
    ("Webinar", 48),
    ("Chat", 40),
];
const WEB_FORM: usize = 0;
const LINKEDIN: usize = 4;
const CHAT: usize = 7;

/// Draws where a row came from.
pub fn draw_source(rng: &mut Rng) -> usize {
    rng.weighted(&SOURCES.map(|(_, weight)| weight))
}

/// Writes a row about a person as the given source would.
pub fn write_row(rng: &mut Rng, person: &Person, source: usize) -> Row {
    let mut row = Row::default();
    let job = match person.jobs.get(1) {
        Some(earlier) if rng.chance(0.5) => earlier,
        _ => &person.jobs[0],
    };
    write_name(rng, person, &mut row);
    write_email(rng, person, job, source, &mut row);
    write_phones(rng, person, job, source, &mut row);
    write_company(rng, job, source, &mut row);
    write_address(rng, person, job, source, &mut row);
    row
}

fn write_name(rng: &mut Rng, person: &Person, row: &mut Row) {
    let mut given = person.given.clone();
    let mut family = person.family.clone();
    let nicknames = crate::nicknames::nicknames(&given);
    if !nicknames.is_empty() && rng.chance(0.33) {
        given = (*rng.pick(nicknames)).to_string();
    }
    if given.contains(' ') && rng.chance(0.2) {
        given = given.split(' ').next().unwrap_or_default().to_string();
    }
    if let Some((first, second)) = family.split_once([' ', '-'])
        && rng.chance(0.16)
    {
        family = (if rng.chance(0.75) { first } else { second }).to_string();
    }
    if rng.chance(0.034) {
        given = mistype(rng, &given);
    }
    if rng.chance(0.06) {
        family = mistype(rng, &family);
    }
    if rng.chance(0.22) {
        let german = person.names_country == DE && rng.chance(0.6);
        given = strip_accents(&given, german);
        family = strip_accents(&family, german);
    }
    match rng.below(1000) {
        0..=12 => given = format!("{}.", given.chars().next().unwrap_or('X')),
        13..=17 => given = given.chars().take(1).collect(),
        18..=34 => given = format!("{given} {}.", (b'A' + rng.below(20) as u8) as char),
        35..=39 => given = format!("{given} {}", (b'A' + rng.below(20) as u8) as char),
        40..=52 => {
            let title = rng.pick(&["Dr.", "Dr.", "Dr.", "Mr.", "Mr", "Mrs.", "Ms."]);
            given = format!("{title} {given}");
        }
        _ => {}
    }
    if !person.suffix.is_empty() && rng.chance(0.35) {
        let comma = if rng.chance(0.6) { "," } else { "" };
        family = format!("{family}{comma} {}", person.suffix);
    } else if rng.chance(0.0035) {
        let tail = rng.pick(&[" (old)", ", PhD", ", CPA", " - do not call"]);
        family = format!("{family}{tail}");
    }
    match rng.below(1000) {
        0..=13 => std::mem::swap(&mut given, &mut family),
        14..=17 => {
            given = format!("{given} {family}");
            family.clear();
        }
        18..=37 => given.clear(),
        38..=48 => family.clear(),
        _ => {}
    }
    match rng.below(1000) {
        0..=58 => {
            given = given.to_uppercase();
            family = family.to_uppercase();
        }
        59..=145 => {
            given = given.to_lowercase();
            family = family.to_lowercase();
        }
        _ => {}
    }
    match rng.below(1000) {
        0..=11 if !given.is_empty() => given.insert_str(0, "  "),
        12..=22 if !given.is_empty() => given.push(' '),
        _ => {}
    }
    row[FIRST] = given;
    row[LAST] = family;
}

fn write_email(rng: &mut Rng, person: &Person, job: &Job, source: usize, row: &mut Row) {
    if !rng.chance(if source == LINKEDIN { 0.68 } else { 0.966 }) {
        return;
    }
    let mut email = match rng.below(1000) {
        0..=682 => job.email.clone(),
        683..=706 => {
            let desk = rng.pick(&["info", "sales", "contact", "office", "admin", "hello"]);
            format!("{desk}@{}", job.firm.domain)
        }
        _ => person.personal_email.clone(),
    };
    if rng.chance(0.025) {
        email = mistype(rng, &email);
    }
    match rng.below(2000) {
        0..=3 => {
            let tag = rng.pick(&["newsletter", "promo", "crm", "work", "spam"]);
            email = email.replacen('@', &format!("+{tag}@"), 1);
        }
        4..=30 => email.insert(0, ' '),
        31..=35 => email.insert_str(0, "mailto:"),
        36..=37 => email = email.replacen('@', " at ", 1),
        38..=40 => email = (*rng.pick(&["n/a", "none"])).to_string(),
        41 => {
            email = (*rng.pick(&["unknown@example.com", "noemail@noemail.com"])).to_string();
        }
        42..=160 => email = capitalize(&email),
        161..=236 => email = email.to_uppercase(),
        _ => {}
    }
    row[EMAIL] = email;
}

fn write_phones(rng: &mut Rng, person: &Person, job: &Job, source: usize, row: &mut Row) {
    let thin = source == LINKEDIN || source == CHAT;
    if rng.chance(if thin { 0.18 } else { 0.75 }) {
        row[PHONE] = if rng.chance(0.023) {
            let fillers =
                ["000-000-0000", "+1", "1234567890", "unknown", "9999999999", "555-5555", "N/A"];
            (*rng.pick(&fillers)).to_string()
        } else {
            let (phone, office) = match rng.below(100) {
                0..=61 => (&job.firm.switchboard, true),
                62..=73 => (&job.direct, true),
                74..=85 => (&person.home_phone, false),
                _ => (person.mobile.as_ref().unwrap_or(&person.home_phone), false),
            };
            write_phone(rng, phone, if office { 0.12 } else { 0.01 })
        };
    }
    if let Some(mobile) = &person.mobile
        && rng.chance(if thin { 0.17 } else { 0.65 })
    {
        row[MOBILE] = write_phone(rng, mobile, 0.0);
    }
}

fn write_company(rng: &mut Rng, job: &Job, source: usize, row: &mut Row) {
    let firm = &job.firm;
    if rng.chance(if source == CHAT { 0.63 } else { 0.926 }) {
        let mut name = firm.name.clone();
        if rng.chance(0.032) {
            name = mistype(rng, &name);
        }
        if rng.chance(0.05) {
            name = name.replace(" & ", " and ");
        }
        if rng.chance(0.018) {
            let office = rng.pick(&["(US)", "(EMEA)", "city"]);
            let office = if *office == "city" {
                format!("({})", firm.address.city.name)
            } else {
                (*office).to_string()
            };
            name = format!("{name} {office}");
        }
        if let Some((form, spelling)) = firm.legal {
            let spellings = COUNTRIES[firm.country].legal_forms[form];
            match rng.below(100) {
                0..=53 => name = format!("{name} {}", spellings[spelling]),
                54..=67 => name = format!("{name} {}", rng.pick(spellings)),
                68 => name = format!("{name}, {}", spellings[spelling]),
                _ => {}
            }
        }
        match rng.below(1000) {
            0..=14 => name.insert_str(0, "The "),
            22..=26 => name = firm.domain.clone(),
            27..=28 => {
                name = name.split(' ').filter_map(|word| word.chars().next()).collect();
            }
            39..=77 => name = name.to_uppercase(),
            90..=139 => name = name.to_lowercase(),
            _ => {}
        }
        row[COMPANY] = name;
    }
    if rng.chance(0.506) {
        row[WEBSITE] =
            if rng.chance(0.9) { firm.website.clone() } else { web_address(rng, &firm.domain) };
    }
    if rng.chance(0.82) {
        let spellings = TITLES[job.title];
        let spelling = if rng.chance(0.74) { 0 } else { rng.below(spellings.len()) };
        row[TITLE] = spellings[spelling].to_string();
        if rng.chance(0.05) {
            row[TITLE] = row[TITLE].to_lowercase();
        }
    }
}

fn write_address(rng: &mut Rng, person: &Person, job: &Job, source: usize, row: &mut Row) {
    let office = rng.chance(0.84);
    let address = if office { &job.firm.address } else { &person.home };
    let whole = source != LINKEDIN && source != CHAT && rng.chance(0.685);
    let city_only = match source {
        LINKEDIN => 0.52,
        CHAT => 0.0,
        WEB_FORM => 0.46,
        _ => 0.0,
    };
    let country_prob = if source == LINKEDIN || source == CHAT { 0.53 } else { 0.775 };
    if rng.chance(country_prob) {
        let names = COUNTRIES[address.country].names;
        let usual = if rng.chance(0.42) { 0 } else { rng.below(names.len()) };
        row[COUNTRY] = names[usual].to_string();
    }
    if whole {
        if rng.chance(0.87) {
            row[STREET] = write_street(rng, address);
        }
        if rng.chance(0.984) {
            row[CITY] = write_city(rng, address);
        }
        if rng.chance(0.975) {
            let city = address.city;
            let spelled_out = address.country != MX && rng.chance(0.24);
            row[STATE] = (if spelled_out { city.region } else { city.region_code }).to_string();
        }
        if rng.chance(0.88) {
            row[POSTAL] = address.postal.clone();
            if address.country == US && rng.chance(0.035) {
                row[POSTAL] = format!("{}-{:04}", address.postal, rng.between(1000, 9999));
            }
        }
    } else if rng.chance(city_only) {
        row[CITY] = write_city(rng, address);
    }
    match rng.below(1000) {
        0..=78 => {
            row[STREET] = row[STREET].to_uppercase();
            row[CITY] = row[CITY].to_uppercase();
        }
        79..=138 => {
            row[STREET] = row[STREET].to_lowercase();
            row[CITY] = row[CITY].to_lowercase();
        }
        _ => {}
    }
}

fn write_city(rng: &mut Rng, address: &Address) -> String {
    let city = address.city;
    if !city.other_name.is_empty() && rng.chance(0.06) {
        return city.other_name.to_string();
    }
    if rng.chance(0.2) {
        return strip_accents(city.name, false);
    }
    city.name.to_string()
}

/// Words of streets and their short forms.
static SHORT: &[(&str, &[&str])] = &[
    ("Street", &["St", "St."]),
    ("Avenue", &["Ave", "Av."]),
    ("Boulevard", &["Blvd", "Bd"]),
    ("Road", &["Rd"]),
    ("Drive", &["Dr"]),
    ("Lane", &["Ln"]),
    ("Court", &["Ct"]),
    ("Parkway", &["Pkwy"]),
    ("straße", &["str.", "strasse"]),
    ("Straße", &["Str.", "Strasse"]),
    ("Calle", &["C/", "Cl."]),
    ("Avenida", &["Av.", "Avda."]),
    ("Rue", &["R."]),
    ("Rua", &["R."]),
    ("Place", &["Pl"]),
];

fn write_street(rng: &mut Rng, address: &Address) -> String {
    let mut street = address.street.to_string();
    if rng.chance(0.27)
        && let Some((long, short)) = SHORT.iter().find(|(long, _)| street.contains(long))
    {
        street = street.replacen(long, rng.pick::<&str>(short), 1);
    }
    if rng.chance(0.03) {
        street = mistype(rng, &street);
    }
    let number = address.number;
    let mut text = match address.country {
        DE | ES | MX => format!("{street} {number}"),
        BR => format!("{street}, {number}"),
        JP => format!("{number}-{}-{} {street}", address.unit / 100, address.unit % 100),
        _ => format!("{number} {street}"),
    };
    if matches!(address.country, US | GB | IN) && address.unit > 0 {
        let word = if rng.chance(0.85) { "Suite" } else { *rng.pick(&["Ste", "#", "Unit"]) };
        text = format!("{text}, {word} {}", address.unit);
    }
    text
}
