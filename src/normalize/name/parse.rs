//! All name cells of a record, read together.
//!
//! Called by `name::parse`'s callers for each distinct combination of cells. Nothing is guessed: an
//! exchange of given and family name is only flagged, and a cell that is no name is left out.

use super::affix;
use super::case::{drop_numbers, is_upper, repair_case};
use super::order::{family_start, holds_full_name, is_east_asian, is_swap_likely, same_words};
use super::refuse::{is_null_surname, refuse};
use super::tokens::{self, Cell};
use super::{NameParts, PersonName, is_family_name, is_given_name, is_placeholder};
use crate::normalize::{Normalized, Status, text};

/// Reads a person's name from the cells that may hold it.
///
/// ```
/// use leadmend::normalize::name::{self, NameParts};
/// let read = name::parse(&NameParts { full: "de la Cruz, Dr. María", ..NameParts::default() });
/// let name = read.value.unwrap();
/// assert_eq!((name.given[0].as_str(), name.family[0].as_str()), ("María", "de la Cruz"));
/// assert_eq!(name.family_folded, ["delacruz"]);
/// assert_eq!(read.reason, "last-first");
/// ```
pub fn parse(parts: &NameParts<'_>) -> Normalized<PersonName> {
    if let Some(name) = read_plain(parts) {
        return Normalized::ok(name);
    }
    let mut reader = Reader::default();
    let [given, middle, family, full] = reader.take_cells(parts);
    if given.is_empty() && middle.is_empty() && family.is_empty() && full.is_empty() {
        return match reader.refused {
            "" => Normalized::missing(if reader.null { "null-word" } else { "" }),
            reason => Normalized::invalid(reason),
        };
    }
    let whole = [given.as_str(), &middle, &family].join(" ");
    let nobody = |text: &str| !text.trim().is_empty() && is_placeholder(text.trim());
    if nobody(&whole) || (whole.trim().is_empty() && nobody(&full)) {
        return Normalized::invalid("placeholder");
    }
    reader.read(given, &middle, family, &full, parts);
    reader.finish()
}

/// The commonest case without any of the machinery: one plain word in each of the two cells.
fn read_plain(parts: &NameParts<'_>) -> Option<PersonName> {
    let others = [parts.prefix, parts.middle, parts.suffix, parts.full, parts.nickname];
    if others.iter().any(|cell| !cell.is_empty()) {
        return None;
    }
    for word in [parts.given, parts.family] {
        let (first, rest) = word.as_bytes().split_first()?;
        let plain =
            first.is_ascii_uppercase() && rest.len() > 1 && rest.iter().all(u8::is_ascii_lowercase);
        if !plain || text::is_null_word(word) || is_placeholder(word) {
            return None;
        }
    }
    let whole = [parts.given, " ", parts.family].concat();
    if is_placeholder(&whole) {
        return None;
    }
    let (given, family) = (parts.given.to_ascii_lowercase(), parts.family.to_ascii_lowercase());
    let mut name = PersonName {
        given: vec![parts.given.to_string()],
        family: vec![parts.family.to_string()],
        given_folded: vec![given],
        family_folded: vec![family.clone()],
        family_core: vec![family],
        ..PersonName::default()
    };
    name.swap_likely = is_swap_likely(&name);
    Some(name)
}

#[derive(Default)]
struct Reader {
    name: PersonName,
    given: Vec<String>,
    family: Vec<String>,
    reason: &'static str,
    refused: &'static str,
    null: bool,
}

impl Reader {
    /// The first repair names the whole.
    fn note(&mut self, reason: &'static str) {
        if self.reason.is_empty() {
            self.reason = reason;
        }
    }

    fn take_cells(&mut self, parts: &NameParts<'_>) -> [String; 4] {
        let empty = |cell: &str| text::is_null_word(cell);
        let keep_null = |own: &str, other: &str| {
            empty(own) && !own.trim().is_empty() && !empty(other) && is_null_surname(own)
        };
        let family_kept = keep_null(parts.family, parts.given);
        let given_kept = parts.given.trim() == "Nan" || parts.given.trim() == "Na";
        let given = self.take(parts.given, given_kept && !empty(parts.family));
        let family = self.take(parts.family, family_kept);
        let mut cells =
            [given, self.take(parts.middle, false), family, self.take(parts.full, false)];
        // Half a placeholder beside a real name: the real half stays.
        if !cells[0].is_empty() && !cells[2].is_empty() {
            let (given, family) = (is_placeholder(&cells[0]), is_placeholder(&cells[2]));
            if given != family {
                cells[if given { 0 } else { 2 }].clear();
                self.note("placeholder-part");
            }
        }
        cells
    }

    /// A cell cleaned; empty when it is a null word or no name at all.
    fn take(&mut self, raw: &str, keep_null: bool) -> String {
        if raw.is_empty() {
            return String::new();
        }
        let cleaned = text::clean(raw);
        if !keep_null && text::is_null_word(&cleaned) {
            self.null |= !cleaned.is_empty();
            return String::new();
        }
        if let Some(reason) = refuse(&cleaned) {
            if self.refused.is_empty() {
                self.refused = reason;
            }
            return String::new();
        }
        let repair = text::clean_reason(raw, &cleaned);
        if !repair.is_empty() {
            self.note(repair);
        }
        cleaned.into_owned()
    }

    fn read(
        &mut self,
        given: String,
        middle: &str,
        family: String,
        full: &str,
        parts: &NameParts<'_>,
    ) {
        if !self.refused.is_empty() {
            let reason = self.refused;
            self.note(reason);
        }
        self.take_prefix_cell(parts.prefix);
        self.take_suffix_cell(parts.suffix);
        // The same whole name in both cells is a whole name.
        if !given.is_empty() && given == family && given.contains(' ') {
            self.note("repeated");
            self.read_full(&given, false);
        } else if given.is_empty() && family.is_empty() {
            self.read_full(if full.is_empty() { middle } else { full }, !full.is_empty());
        } else if family.is_empty() {
            self.read_alone(&given, middle, full, true);
        } else if given.is_empty() {
            self.read_alone(&family, middle, full, false);
        } else {
            self.read_both(&given, middle, &family);
        }
        let nickname = text::clean(parts.nickname);
        if !nickname.is_empty() && !text::is_null_word(&nickname) && refuse(&nickname).is_none() {
            self.name.nickname = Some(nickname.into_owned());
        }
    }

    fn take_prefix_cell(&mut self, raw: &str) {
        let cleaned = text::clean(raw);
        if !text::is_null_word(&cleaned) && refuse(&cleaned).is_none() {
            self.name.prefix.extend(cleaned.split(' ').map(str::to_string));
        }
    }

    fn take_suffix_cell(&mut self, raw: &str) {
        let cleaned = text::clean(raw);
        if text::is_null_word(&cleaned) || refuse(&cleaned).is_some() {
            return;
        }
        for word in cleaned.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
            let bare = tokens::bare(&text::fold(word));
            match (affix::generation(&bare, true), affix::credential(&bare, true)) {
                (Some(generation), _) => self.name.generation = Some(generation),
                (None, Some(name)) => self.name.credentials.push(name.to_string()),
                (None, None) => self.name.credentials.push(word.to_string()),
            }
        }
    }

    /// Takes over what a cell holds beside names; its words stay in the cell.
    fn absorb(&mut self, cell: &mut Cell) {
        if !cell.prefix.is_empty() {
            self.note("title");
            // The same title in its own cell and before the name is one title.
            for title in cell.prefix.drain(..) {
                if !self.name.prefix.contains(&title) {
                    self.name.prefix.push(title);
                }
            }
        }
        if cell.generation.is_some() || !cell.credentials.is_empty() {
            self.note("suffix");
        }
        if cell.nickname.is_some() {
            self.note("nickname");
        }
        if cell.note.is_some() {
            self.note("note");
        }
        self.name.generation = self.name.generation.or(cell.generation);
        for credential in cell.credentials.drain(..) {
            if !self.name.credentials.contains(&credential) {
                self.name.credentials.push(credential);
            }
        }
        if self.name.nickname.is_none() {
            self.name.nickname = cell.nickname.take();
        }
        if self.name.note.is_none() {
            self.name.note = cell.note.take();
        }
    }

    fn read_both(&mut self, given: &str, middle: &str, family: &str) {
        let mut left = Cell::read(given, true);
        let mut between = Cell::read(middle, true);
        let mut right = Cell::read(family, true);
        self.absorb(&mut left);
        self.absorb(&mut between);
        self.absorb(&mut right);
        self.given = left.words;
        self.given.extend(left.after_comma);
        self.family = right.words;
        if !right.after_comma.is_empty()
            && self.name.note.is_none()
            && !same_words(&right.after_comma, &self.given)
        {
            self.name.note = Some(right.after_comma.join(" "));
        }
        if !right.after_comma.is_empty() {
            self.note("last-first");
        }
        self.drop_repeated();
        self.given.extend(between.words);
    }

    /// `Maria Lopez` + `Lopez`, or `Maria` + `Maria Lopez`: the repeated half goes.
    fn drop_repeated(&mut self) {
        let (given, family) = (&mut self.given, &mut self.family);
        if given.len() > family.len() && !family.is_empty() {
            let at = given.len() - family.len();
            if same_words(&given[at..], family) {
                given.truncate(at);
                self.note("repeated");
            }
        } else if family.len() > given.len()
            && !given.is_empty()
            && same_words(&family[..given.len()], given)
        {
            family.drain(..given.len());
            self.note("repeated");
        }
    }

    /// One of the two cells holds a name, the other nothing.
    fn read_alone(&mut self, cell: &str, middle: &str, full: &str, is_given: bool) {
        let mut read = Cell::read(cell, !full.is_empty());
        if !read.after_comma.is_empty() {
            self.note("last-first");
        }
        self.absorb(&mut read);
        if !read.after_comma.is_empty() {
            self.family = read.words;
            self.given = read.after_comma;
        } else if holds_full_name(&read.words, is_given) {
            self.note("full-name");
            self.split_full(read.words);
        } else if is_given {
            self.given = self.split_joined(read.words);
        } else {
            self.family = read.words;
        }
        self.complete_from_full(full);
        let mut between = Cell::read(middle, true);
        self.absorb(&mut between);
        self.given.extend(between.words);
    }

    /// The full-name cell tells the missing half when it contains the known one.
    fn complete_from_full(&mut self, full: &str) {
        if full.is_empty()
            || (!self.given.is_empty() && !self.family.is_empty())
            || is_placeholder(full)
        {
            return;
        }
        let mut cell = Cell::read(full, false);
        let words = if cell.after_comma.is_empty() {
            std::mem::take(&mut cell.words)
        } else {
            [std::mem::take(&mut cell.after_comma), std::mem::take(&mut cell.words)].concat()
        };
        if self.family.is_empty()
            && words.len() > self.given.len()
            && same_words(&words[..self.given.len()], &self.given)
        {
            self.family = words[self.given.len()..].to_vec();
        } else if self.given.is_empty() && words.len() > self.family.len() {
            let at = words.len() - self.family.len();
            if same_words(&words[at..], &self.family) {
                self.given = words[..at].to_vec();
            }
        }
        self.absorb(&mut cell);
    }

    fn read_full(&mut self, full: &str, is_full_cell: bool) {
        let mut cell = Cell::read(full, false);
        if !cell.after_comma.is_empty() {
            self.note("last-first");
        }
        self.absorb(&mut cell);
        if !cell.after_comma.is_empty() {
            self.family = cell.words;
            self.given = cell.after_comma;
        } else if cell.words.len() == 1 && is_full_cell {
            self.given = self.split_joined(cell.words);
        } else {
            self.split_full(cell.words);
        }
    }

    /// `MariaLopez` typed without the space, when both halves are names.
    fn split_joined(&mut self, mut words: Vec<String>) -> Vec<String> {
        if words.len() != 1 || !self.family.is_empty() {
            return words;
        }
        let word = &words[0];
        let inner = word.char_indices().skip(1).find(|(at, c)| {
            c.is_uppercase() && word[..*at].chars().next_back().is_some_and(char::is_lowercase)
        });
        if let Some((at, _)) = inner {
            let (left, right) = (word[..at].to_string(), word[at..].to_string());
            let (first, second) = (text::fold(&left), text::fold(&right));
            if is_given_name(&first) && is_family_name(&second) {
                self.note("joined");
                self.family = vec![right];
                words[0] = left;
            }
        }
        words
    }

    fn split_full(&mut self, words: Vec<String>) {
        let at = family_start(&words);
        let mut words = words;
        let family = words.split_off(at);
        // Chinese, Japanese and Korean names in their own script put the family name first.
        if words.len() == 1
            && family.len() == 1
            && is_east_asian(&words[0])
            && is_east_asian(&family[0])
        {
            self.given = family;
            self.family = words;
        } else {
            self.given = words;
            self.family = family;
        }
    }

    fn finish(mut self) -> Normalized<PersonName> {
        drop_numbers(&mut self.given);
        drop_numbers(&mut self.family);
        let caps = is_upper(&self.given) && is_upper(&self.family);
        let given_changed = repair_case(&mut self.given, caps);
        if repair_case(&mut self.family, caps || self.given.is_empty()) || given_changed {
            self.note("case");
        }
        let mut name = self.name;
        name.family = tokens::join_particles(&self.family);
        name.given = self.given;
        for given in &name.given {
            tokens::fold_given(given, &mut name.given_folded);
        }
        for family in &name.family {
            tokens::fold_family(family, &mut name.family_folded, &mut name.family_core);
        }
        name.swap_likely = is_swap_likely(&name);
        if name.given_folded.is_empty() && name.family_folded.is_empty() {
            return Normalized::invalid(if self.refused.is_empty() {
                "no-letters"
            } else {
                self.refused
            });
        }
        let status = if self.reason.is_empty() { Status::Ok } else { Status::Repaired };
        Normalized { value: Some(name), status, reason: self.reason }
    }
}
