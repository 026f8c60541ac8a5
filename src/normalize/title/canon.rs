//! The canonical form of a title.
//!
//! Called by `title::parse`. Why words are reordered: "Director of Engineering", "Engineering
//! Director" and "Dir Engineering" are one job, and only one order makes them one string. Directors
//! and heads read "director of x", vice presidents "vice president x", managers "x manager".

use super::words::LISTS;
use crate::normalize::text;

/// Ranks that lead the canonical title, longest first, and what joins them to the field.
const LEADING: &[(&str, &str)] = &[("vice president", ""), ("director", "of "), ("head", "of ")];

/// Words that stay in front of a rank: "regional director", "senior vice president".
const QUALIFIERS: &[&str] = &[
    "acting",
    "area",
    "assistant",
    "associate",
    "co",
    "corporate",
    "deputy",
    "executive",
    "former",
    "global",
    "group",
    "interim",
    "international",
    "junior",
    "national",
    "regional",
    "senior",
];

/// Titles in which the rank word belongs to a fixed phrase.
const FIXED: &[&str] = &[
    "managing director",
    "executive director",
    "creative director",
    "art director",
    "medical director",
];

/// The canonical form of a cleaned title; empty when it has no letter or digit.
pub(super) fn canonical(cleaned: &str) -> String {
    let folded = text::fold(&without_acronym(cleaned));
    let mut current = folded;
    // Spelling out can make a whole title that the list knows; the second pass settles it.
    for _ in 0..12 {
        let next = pass(&current);
        if next == current {
            break;
        }
        current = next;
    }
    current
}

fn pass(folded: &str) -> String {
    let parts = parts(folded);
    if parts.len() > 1 && parts.iter().all(|part| names_job(part)) {
        let mut jobs: Vec<String> = Vec::with_capacity(parts.len());
        for part in &parts {
            let job = one(part, false);
            if !job.is_empty() && !jobs.contains(&job) {
                jobs.push(job);
            }
        }
        let joined = jobs.join(" and ");
        return LISTS.titles.get(joined.as_str()).map_or(joined, |whole| whole.to_string());
    }
    one(&parts.concat(), folded.contains(", "))
}

/// `Chief Security Officer (CSO)`: the acronym repeats what is spelled out.
fn without_acronym(title: &str) -> String {
    if let (Some(open), Some(close)) = (title.find('('), title.rfind(')'))
        && open < close
        && open > 0
    {
        let inside = title[open + 1..close].trim();
        let letters = |t: &str| -> String {
            t.split([' ', '-', '/'])
                .filter_map(|w| w.chars().next())
                .flat_map(char::to_lowercase)
                .collect()
        };
        let initials = letters(title[..open].trim());
        let short: String =
            inside.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if !short.is_empty() && short.chars().count() >= 2 && initials.ends_with(&short) {
            return format!("{} {}", title[..open].trim(), title[close + 1..].trim());
        }
    }
    title.to_string()
}

/// The words of a title in groups, split where two jobs are joined.
fn parts(folded: &str) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = vec![Vec::new()];
    let separated = folded.replace('&', " & ").replace(['/', '|', ';', '+'], " & ");
    for piece in separated.split([' ', ',', '-', '(', ')', ':', '_', '[', ']', '"']) {
        if matches!(piece, "&" | "and" | "y" | "e" | "und" | "et") {
            parts.push(Vec::new());
            continue;
        }
        // Dots inside an abbreviation go (`v.p.`), dots that glue two words split them (`dir.marketing`).
        let longest = piece.split('.').map(str::len).max().unwrap_or(0);
        let glued = longest > 2 && piece.trim_end_matches('.').contains('.');
        let words: Vec<&str> = if glued { piece.split('.').collect() } else { vec![piece] };
        for word in words {
            let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
            if let (false, Some(last)) = (word.is_empty(), parts.last_mut()) {
                last.push(word);
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// True when the words name a job by themselves (`founder`, `ceo`), not only a field (`sales`).
fn names_job(words: &[String]) -> bool {
    let title = one(words, false);
    let jobs = [
        "founder",
        "owner",
        "president",
        "director",
        "manager",
        "officer",
        "partner",
        "chairman",
        "head",
        "engineer",
        "developer",
        "consultant",
        "operator",
        "cso",
        "principal",
        "professor",
        "teacher",
        "student",
        "analyst",
        "controller",
        "lead",
        "chair",
        "cpo",
        "cco",
        "cro",
        "cdo",
        "trainer",
        "coach",
        "author",
        "speaker",
    ];
    title.split(' ').any(|word| jobs.contains(&word))
}

fn one(words: &[String], comma: bool) -> String {
    let bare: Vec<&str> =
        words.iter().map(String::as_str).filter(|w| !LISTS.is_filler(w)).collect();
    let joined = bare.join(" ");
    if let Some(whole) = LISTS.titles.get(joined.as_str()) {
        return whole.to_string();
    }
    let spelled = spell_out(&bare);
    if let Some(whole) = LISTS.titles.get(spelled.as_str()) {
        return whole.to_string();
    }
    let ordered = order(&spelled, comma);
    LISTS.titles.get(ordered.as_str()).map_or(ordered, |whole| whole.to_string())
}

/// Abbreviations and other languages' words replaced, longest phrase first.
fn spell_out(words: &[&str]) -> String {
    let mut out = String::with_capacity(48);
    let mut at = 0;
    while at < words.len() {
        let phrase = LISTS.phrases.get(words[at]).and_then(|phrases| {
            phrases.iter().find(|(from, _)| {
                let mut rest = words[at..].iter();
                from.split(' ').all(|word| rest.next() == Some(&word))
            })
        });
        let (text, taken) = match phrase {
            Some((from, to)) => (*to, from.split(' ').count()),
            None => (LISTS.words.get(words[at]).copied().unwrap_or(words[at]), 1),
        };
        if !text.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(text);
        }
        at += taken;
    }
    out
}

fn order(title: &str, comma: bool) -> String {
    let words: Vec<&str> = title.split(' ').filter(|word| *word != "of").collect();
    if words.len() < 2 || words.join(" ").starts_with("chief ") {
        return words.join(" ");
    }
    let plain = words.join(" ");
    if let Some(fixed) = FIXED.iter().find(|fixed| plain.contains(**fixed)) {
        return if plain == **fixed { plain } else { move_front(&plain, fixed) };
    }
    for (rank, joiner) in LEADING {
        let length = rank.split(' ').count();
        let found = words.windows(length).position(|window| window.join(" ") == *rank);
        if let Some(at) = found {
            return lead(&words, at, length, joiner);
        }
    }
    let movable = ["manager", "supervisor", "coordinator", "specialist"];
    let inverted = comma
        && ["analyst", "engineer", "consultant", "developer", "assistant"].contains(&words[0]);
    if movable.contains(&words[0]) || inverted {
        return format!("{} {}", words[1..].join(" "), words[0]);
    }
    // "Manager senior sales" and "senior manager sales" both put the field before the rank.
    if words.len() > 2 && QUALIFIERS.contains(&words[0]) && movable.contains(&words[1]) {
        return format!("{} {} {}", words[0], words[2..].join(" "), words[1]);
    }
    plain
}

/// The fixed phrase first, the rest behind it.
fn move_front(title: &str, fixed: &str) -> String {
    let rest = title.replacen(fixed, "", 1);
    let rest: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
    let (front, back): (Vec<&str>, Vec<&str>) =
        rest.into_iter().partition(|word| QUALIFIERS.contains(word));
    front.into_iter().chain([fixed]).chain(back).collect::<Vec<_>>().join(" ")
}

/// Qualifiers, rank, joiner, field.
fn lead(words: &[&str], at: usize, length: usize, joiner: &str) -> String {
    let rank = words[at..at + length].join(" ");
    let others = words[..at].iter().chain(&words[at + length..]).copied();
    let (front, field): (Vec<&str>, Vec<&str>) = others.partition(|word| QUALIFIERS.contains(word));
    let mut out = front.join(" ");
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(&rank);
    if !field.is_empty() {
        out.push(' ');
        out.push_str(joiner);
        out.push_str(&field.join(" "));
    }
    out
}
