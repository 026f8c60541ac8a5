//! Cells into words: what surrounds the names is taken out, particles are kept with their name.
//!
//! Called by `name::parse`, cell by cell, before the cells are read together.

use super::affix::{self, Generation};
use crate::normalize::text;

/// A name cell after everything that is no name was taken out.
#[derive(Debug, Default)]
pub(super) struct Cell {
    pub words: Vec<String>,
    /// Words after a comma that is not followed by a suffix: the given names of `Last, First`.
    pub after_comma: Vec<String>,
    pub prefix: Vec<String>,
    pub generation: Option<Generation>,
    pub credentials: Vec<String>,
    pub nickname: Option<String>,
    pub note: Option<String>,
}

impl Cell {
    /// Reads a cleaned cell; `accompanied` when other name cells are filled, so that a cell that is
    /// only a title is one.
    pub fn read(cell: &str, accompanied: bool) -> Self {
        let mut out = Self::default();
        if cell.is_empty() {
            return out;
        }
        let rest = out.take_enclosed(cell);
        let rest = out.take_dashed(&rest);
        let mut segments = rest.split([',', '，', '、']);
        out.words = words(segments.next().unwrap_or(""));
        for segment in segments {
            out.take_segment(segment);
        }
        out.take_prefixes(accompanied);
        let mut after = std::mem::take(&mut out.after_comma);
        out.take_suffixes(&mut after);
        out.after_comma = after;
        let mut main = std::mem::take(&mut out.words);
        out.take_suffixes(&mut main);
        out.words = main;
        out
    }

    /// Text in quotes or parentheses: a nickname when it is one word, else a note.
    fn take_enclosed(&mut self, cell: &str) -> String {
        if !cell.contains(['(', '"', '“', '”', '\'', '‘', '’', '[', '«', '（', '„', '{', '<'])
        {
            return cell.to_string();
        }
        let mut out = String::with_capacity(cell.len());
        let mut rest = cell;
        while let Some(c) = rest.chars().next() {
            let inside = closing(c).and_then(|close| {
                let opens = out.is_empty() || out.ends_with(' ') || !matches!(c, '\'' | '‘' | '’');
                let body = &rest[c.len_utf8()..];
                let end = body.find(close).filter(|_| opens)?;
                let after = &body[end..];
                let after = &after[after.chars().next().map_or(0, char::len_utf8)..];
                // An apostrophe that is followed by a letter closes nothing.
                let quote = matches!(c, '\'' | '‘' | '’');
                let closes = !quote || after.is_empty() || after.starts_with([' ', ',']);
                closes.then_some((&body[..end], after))
            });
            match inside {
                Some((inside, after)) => {
                    self.keep_enclosed(inside.trim());
                    if !out.ends_with(' ') {
                        out.push(' ');
                    }
                    rest = after;
                }
                None => {
                    if !matches!(
                        c,
                        '"' | '“' | '”' | '„' | '«' | '»' | '(' | ')' | '[' | ']' | '<' | '>'
                    ) {
                        out.push(c);
                    }
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
        out
    }

    fn keep_enclosed(&mut self, inside: &str) {
        if inside.is_empty() {
            return;
        }
        let folded = text::fold(inside);
        let bare = bare(&folded);
        if let Some(generation) = affix::generation(&bare, true) {
            self.generation = self.generation.or(Some(generation));
        } else if let Some(credential) = affix::credential(&bare, true) {
            self.credentials.push(credential.to_string());
        } else if affix::is_note(&folded)
            || inside.contains(' ')
            || inside.contains(|c: char| c.is_ascii_digit())
        {
            self.note.get_or_insert_with(|| inside.to_string());
        } else {
            self.nickname.get_or_insert_with(|| inside.to_string());
        }
    }

    /// `Kim - Acme`, `Kim | Acme`: what follows is no part of the name.
    fn take_dashed(&mut self, cell: &str) -> String {
        let marks = [" - ", " – ", " — ", " | ", " / ", " @ ", " : "];
        let found =
            marks.iter().filter_map(|mark| cell.find(mark).map(|at| (at, mark.len()))).min();
        let Some((at, length)) = found else { return cell.to_string() };
        let (before, after) = (cell[..at].trim(), cell[at + length..].trim());
        if before.is_empty() || after.is_empty() {
            return format!("{before}{after}");
        }
        if super::is_given_name(&text::fold(before)) && super::is_given_name(&text::fold(after)) {
            return format!("{before}-{after}");
        }
        self.note.get_or_insert_with(|| after.to_string());
        before.to_string()
    }

    /// What stands behind a comma: suffixes, or the given names.
    fn take_segment(&mut self, segment: &str) {
        let segment = words(segment);
        let all = !segment.is_empty()
            && segment.iter().all(|word| {
                let bare = bare(&text::fold(word));
                affix::generation(&bare, true).is_some() || affix::credential(&bare, true).is_some()
            });
        if !all {
            self.after_comma.extend(segment);
            return;
        }
        for word in segment {
            let bare = bare(&text::fold(&word));
            match (affix::generation(&bare, true), affix::credential(&bare, true)) {
                (Some(generation), _) => self.generation = self.generation.or(Some(generation)),
                (None, Some(name)) => self.credentials.push(name.to_string()),
                (None, None) => {}
            }
        }
    }

    fn take_prefixes(&mut self, accompanied: bool) {
        let after = !self.after_comma.is_empty();
        take_from_front(&mut self.words, &mut self.prefix, accompanied || after);
        take_from_front(&mut self.after_comma, &mut self.prefix, true);
    }

    fn take_suffixes(&mut self, words: &mut Vec<String>) {
        while words.len() > 1 {
            let Some(last) = words.last() else { return };
            let bare = bare(&text::fold(last));
            let dotted = last.trim_end_matches('.').contains('.');
            // "Neto" and "Filho" end a Portuguese family name; alone they are one.
            let portuguese = matches!(bare.as_str(), "neto" | "filho");
            if let Some(generation) =
                affix::generation(&bare, false).filter(|_| !portuguese || words.len() > 2)
            {
                self.generation = self.generation.or(Some(generation));
            } else if let Some(name) = affix::credential(&bare, dotted) {
                self.credentials.insert(0, name.to_string());
            } else {
                return;
            }
            words.pop();
        }
    }
}

fn closing(open: char) -> Option<&'static [char]> {
    Some(match open {
        '(' => &[')'],
        '（' => &['）'],
        '[' => &[']'],
        '"' => &['"'],
        '“' | '„' => &['”', '“'],
        '«' => &['»'],
        '\'' => &['\''],
        '‘' | '’' => &['’'],
        '<' => &['>'],
        _ => return None,
    })
}

fn take_from_front(words: &mut Vec<String>, prefix: &mut Vec<String>, accompanied: bool) {
    while let Some(first) = words.first() {
        let bare = bare(&text::fold(first));
        let dotted = first.ends_with('.');
        if !affix::is_prefix(&bare, dotted) || (words.len() == 1 && !(accompanied && dotted)) {
            return;
        }
        prefix.push(words.remove(0));
    }
}

/// A folded word without dots.
pub(super) fn bare(folded: &str) -> String {
    folded.chars().filter(|c| *c != '.').collect()
}

/// The words of a text; punctuation around them goes, a glued title (`Dr.Anna`) and glued initials
/// with a name (`J.Smith`) come apart.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for piece in text.split([
        ' ', ';', '_', '*', '!', '?', '#', '=', '+', '|', '/', '\\', ':', '~', '^', '%', '&', '"',
    ]) {
        let piece = piece
            .trim_matches(['-', '\'', '’', '‘', '`', ',', '<', '>', '(', ')', '[', ']', '{', '}']);
        let piece = piece.trim_start_matches('.');
        match piece.find('.') {
            Some(at)
                if at + 1 < piece.len()
                    && piece[at + 1..].chars().filter(|c| c.is_alphabetic()).count() > 1
                    && !piece[at + 1..].contains(['.', '-']) =>
            {
                out.push(piece[..=at].to_string());
                out.push(piece[at + 1..].to_string());
            }
            _ if piece.chars().any(char::is_alphanumeric) => out.push(piece.to_string()),
            _ => {}
        }
    }
    out
}

/// Family words with their particles: `["de", "la", "Cruz", "López"]` to `["de la Cruz", "López"]`.
pub(super) fn join_particles(words: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut pending = String::new();
    for (i, word) in words.iter().enumerate() {
        let last = i + 1 == words.len();
        let folded = bare(&text::fold(word));
        if !pending.is_empty() {
            pending.push(' ');
        }
        pending.push_str(word);
        if last || !text::is_particle(&folded) {
            out.push(std::mem::take(&mut pending));
        }
    }
    out
}

/// Particles that belong to the name itself, so that the core keeps them.
const PART_OF_NAME: &[&str] = &["mac", "mc", "saint", "san", "santa", "st"];

/// The folded forms of one family name: with its particles and without, hyphenated parts apart.
pub(super) fn fold_family(name: &str, full: &mut Vec<String>, core: &mut Vec<String>) {
    let mut lead = String::new();
    let mut kept = String::new();
    let words: Vec<&str> = name.split(' ').collect();
    for (i, word) in words.iter().enumerate() {
        let folded = letters(&text::fold(word));
        if i + 1 < words.len() {
            if !matches!(folded.as_str(), "y" | "e" | "i") {
                lead.push_str(&folded);
            }
            if PART_OF_NAME.contains(&folded.as_str()) {
                kept.push_str(&folded);
            }
            continue;
        }
        for part in text::fold(word).split('-').map(letters).filter(|part| !part.is_empty()) {
            full.push(format!("{lead}{part}"));
            core.push(format!("{kept}{part}"));
            lead.clear();
            kept.clear();
        }
    }
}

/// The letters and digits of a folded word.
fn letters(folded: &str) -> String {
    folded.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The folded forms of one given name: hyphenated parts and initials apart.
pub(super) fn fold_given(name: &str, out: &mut Vec<String>) {
    let folded = text::fold(name);
    // A transliterated name is one word, however many syllables it has.
    let folded = if name.is_ascii() { folded } else { folded.replace(' ', "") };
    out.extend(folded.split(['-', '.', ' ']).map(letters).filter(|part| !part.is_empty()));
}
