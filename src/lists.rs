//! The user's own reference lists, which extend those of `data/`.
//!
//! A folder of files with the names and formats of `data/`: nicknames, legal forms, mail domains,
//! titles, countries, presets and so on. Where the same spelling stands in both, the user's counts.
//! Why set once for the process and not passed along: every normalizer is a pure function of a
//! cell, called millions of times and from anywhere; the lists are read on first use and never
//! change after that. [`extend`] therefore refuses when something was read already.

use crate::error::{Error, Result};
use crate::schema::Role;
use crate::schema::preset::Preset;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::OnceLock;

/// What the user added, as read on first use.
static OWN: OnceLock<Vec<OwnList>> = OnceLock::new();

/// A list the user brought.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OwnList {
    /// File name, as in `data/`: `nicknames.txt`, `presets/acme.toml`.
    pub file: String,
    /// SHA-256 of its text.
    pub sha256: String,
    #[serde(skip)]
    text: &'static str,
}

/// Checks a line of a list: `None` when it is right, else what it should be.
type Check = fn(&str) -> Option<&'static str>;

/// The lists that can be extended, and what their lines must be.
const LISTS: [(&str, Check); 16] = [
    ("activity_kinds.txt", |line| wants(pair(line, ':'), "kind: names, separated by commas")),
    ("cities.txt", |line| wants(fields(line, 2) && is_region(line), "CC-REGION;names by |")),
    ("consent_words.txt", |line| {
        let known = line.split(';').next().is_some_and(crate::normalize::consent::is_state);
        wants(fields(line, 2) && known, "state;words by | (opted-in, opted-out, objected, ...)")
    }),
    ("countries.txt", |line| wants(is_country(line), "AA;AAA;dialing digits;names by |")),
    ("disposable_domains.txt", |line| wants(domains(line), "domains in small letters")),
    ("domain_typos.txt", |line| {
        let right = line.split_once('=').is_some_and(|(a, b)| domains(a) && domains(b));
        wants(right, "wrong.domain = right.domain")
    }),
    ("family_names.txt", |line| wants(pair(line, ':') && folded(line), "language: folded names")),
    ("free_mail_domains.txt", |line| wants(domains(line), "domains in small letters")),
    ("given_names.txt", |line| wants(pair(line, ':') && folded(line), "language: folded names")),
    ("headers.txt", |line| {
        let role = line
            .rsplit_once(": ")
            .is_some_and(|(role, names)| role.parse::<Role>().is_ok() && !names.trim().is_empty());
        wants(role, "role: headers, separated by ;")
    }),
    ("legal_forms.txt", |line| {
        let filled = line.split('|').take(2).filter(|f| !f.trim().is_empty()).count() == 2;
        wants(filled, "spelling | canonical form | countries")
    }),
    ("nicknames.txt", |line| {
        wants(pair(line, ':') && folded(line), "formal: variants, small letters without accents")
    }),
    ("regions.txt", |line| wants(fields(line, 2) && is_region(line), "CC-REGION;names by |")),
    ("role_mailboxes.txt", |line| {
        let right = line.split_whitespace().all(|w| !w.contains('@') && w == w.to_lowercase());
        wants(right, "local parts in small letters, without @")
    }),
    ("street_words.txt", |line| {
        let kind = line.split(';').next().unwrap_or("").trim();
        let known = ["type", "unit", "place", "number", "box"].contains(&kind);
        let filled = line.split(';').count() == 3 && line.split(';').nth(2) != Some("");
        wants(known && filled, "kind;form;spellings by | (type, unit, place, number, box)")
    }),
    ("titles.txt", |line| {
        let section = line.starts_with('[') && line.ends_with(']');
        // Fillers are words, placeholders a list: only a lone sign says nothing.
        wants(section || line.chars().any(char::is_alphanumeric), "[section] or title = spellings")
    }),
];

fn wants(right: bool, form: &'static str) -> Option<&'static str> {
    if right { None } else { Some(form) }
}

fn pair(line: &str, separator: char) -> bool {
    line.split_once(separator).is_some_and(|(a, b)| !a.trim().is_empty() && !b.trim().is_empty())
}

fn folded(line: &str) -> bool {
    line.is_ascii() && !line.bytes().any(|b| b.is_ascii_uppercase())
}

fn fields(line: &str, count: usize) -> bool {
    line.split(';').count() == count && line.split(';').all(|field| !field.trim().is_empty())
}

fn domains(line: &str) -> bool {
    let domain =
        |word: &str| word.contains('.') && !word.contains('@') && word == word.to_lowercase();
    line.split_whitespace().count() > 0 && line.split_whitespace().all(domain)
}

fn capitals(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_region(line: &str) -> bool {
    line.split_once('-').is_some_and(|(country, rest)| {
        capitals(country, 2) && rest.starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}

fn is_country(line: &str) -> bool {
    let all: Vec<&str> = line.split(';').map(str::trim).collect();
    fields(line, 4)
        && capitals(all[0], 2)
        && capitals(all[1], 3)
        && all[2].bytes().all(|b| b.is_ascii_digit())
}

/// The texts of a list: the user's own first (empty when there is none), then the shipped one.
pub(crate) fn with_own(file: &str, shipped: &'static str) -> [&'static str; 2] {
    let own = OWN.get_or_init(Vec::new).iter().find(|list| list.file == file);
    [own.map_or("", |list| list.text), shipped]
}

/// The user's own presets, by file name.
pub(crate) fn own_presets() -> impl Iterator<Item = &'static str> {
    let own = OWN.get_or_init(Vec::new).iter();
    own.filter(|list| list.file.starts_with("presets/")).map(|list| list.text)
}

/// The lists the user brought, by file name.
pub fn own() -> &'static [OwnList] {
    OWN.get().map_or(&[], Vec::as_slice)
}

/// Extends the reference lists by those of a folder, for the whole process; to be called before
/// anything is read or normalized.
///
/// # Errors
/// [`Error::Config`] with every unknown file and every line that is wrong.
pub fn extend(folder: &Path) -> Result<()> {
    let lists = read(folder)?;
    OWN.set(lists).map_err(|_| {
        Error::usage("the reference lists are in use already", "extend them before anything else")
    })
}

/// Reads and checks a folder of lists.
fn read(folder: &Path) -> Result<Vec<OwnList>> {
    let mut mistakes = Vec::new();
    let mut found = Vec::new();
    collect(folder, "", &mut found, &mut mistakes);
    found.sort();
    let mut lists = Vec::new();
    for file in found {
        match std::fs::read_to_string(folder.join(&file)) {
            Ok(text) => {
                mistakes.extend(check(&file, &text));
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_string();
                let sha256: String =
                    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
                // Kept for the life of the process, as the shipped lists are.
                lists.push(OwnList { file, sha256, text: Box::leak(text.into_boxed_str()) });
            }
            Err(_) => mistakes.push(format!("{file} is no UTF-8 text, or cannot be read")),
        }
    }
    if mistakes.is_empty() {
        return Ok(lists);
    }
    mistakes.sort();
    Err(Error::Config {
        file: folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned(),
        mistakes,
        remedy: "the files of --data have the names and formats of the lists in data/".into(),
    })
}

/// The list files of a folder; what is none is a mistake. Hidden files and Markdown are for people.
fn collect(folder: &Path, below: &str, found: &mut Vec<String>, mistakes: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        mistakes.push(format!("{below}is no folder that can be read"));
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let file = format!("{below}{name}");
        if name.starts_with('.') || name.ends_with(".md") {
            continue;
        }
        if entry.path().is_dir() && file == "presets" {
            collect(&entry.path(), "presets/", found, mistakes);
        } else if below == "presets/" && name.ends_with(".toml")
            || LISTS.iter().any(|(known, _)| *known == file)
        {
            found.push(file);
        } else {
            let near = LISTS.iter().map(|(known, _)| *known).max_by(|a, b| {
                let like = |known: &str| strsim::jaro_winkler(known, &file);
                like(a).total_cmp(&like(b))
            });
            let near = near.map_or(String::new(), |near| format!("; the nearest is {near}"));
            mistakes.push(format!("{file} is no reference list{near}"));
        }
    }
}

/// Every mistake of a list.
fn check(file: &str, text: &str) -> Vec<String> {
    if file.starts_with("presets/") {
        let parsed = toml::from_str::<Preset>(text);
        return parsed.err().map(|e| format!("{file}: {}", e.message())).into_iter().collect();
    }
    let Some((_, check)) = LISTS.iter().find(|(known, _)| *known == file) else {
        return Vec::new();
    };
    let lines = text.lines().map(str::trim).zip(1..);
    let content = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    content
        .filter_map(|(line, number)| Some((check(line)?, number)))
        .map(|(form, number): (&str, usize)| format!("{file} line {number}: is not `{form}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lists_are_right_by_their_own_checks() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        for (file, _) in LISTS {
            let text = std::fs::read_to_string(data.join(file)).unwrap();
            assert_eq!(check(file, &text), Vec::<String>::new());
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        std::fs::create_dir(dir.path().join("presets")).unwrap();
        write("nicknames.txt", "# own\nguadalupe: lupe lupita\nJosé: pepe\n");
        write("countries.txt", "XK;XKX;383;Kosovo\nKosovo\n");
        write("nickname.txt", "");
        write("README.md", "for people");
        write("presets/own.toml", "name = 1");
        let error = read(dir.path()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let Error::Config { mistakes, .. } = error else { panic!("{error}") };
        assert_eq!(mistakes.len(), 4, "{mistakes:?}");
        assert!(mistakes[0].starts_with("countries.txt line 2"), "{mistakes:?}");
        assert!(mistakes[1].contains("the nearest is nicknames.txt"), "{mistakes:?}");
        assert!(mistakes[2].starts_with("nicknames.txt line 3"), "{mistakes:?}");
        assert!(mistakes[3].starts_with("presets/own.toml"), "{mistakes:?}");
    }
}
