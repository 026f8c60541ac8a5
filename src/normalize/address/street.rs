//! Street lines: house number, street name, unit and post box.

use super::name::canonical_name;
use super::words::{Word, direction, is_ordinal, street_type, word};
use crate::normalize::Normalized;
use crate::normalize::country::Country;
use crate::normalize::fold::{is_null_word, trim};
use deunicode::deunicode_char;

/// A street line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, serde::Serialize)]
pub struct Street {
    /// House number: `1875`, `12-14`, `221b`, `2-7-9`.
    pub number: Option<String>,
    /// Folded street name with its type and directions in their comparison form.
    pub name: String,
    /// Unit, floor or building as folded words (`suite 106`); several are joined in order.
    pub unit: Option<String>,
    /// Number of a post box.
    pub po_box: Option<String>,
    /// The line as written, with white space and commas in order.
    pub display: String,
}

impl Street {
    /// Identity for matching: number and name, or the post box; units are left out, because one of
    /// two spellings often lacks them.
    pub fn key(&self) -> String {
        match (&self.number, &self.po_box) {
            (Some(number), _) if !self.name.is_empty() => format!("{number} {}", self.name),
            (_, Some(po_box)) if self.name.is_empty() => format!("po box {po_box}"),
            (Some(number), _) => number.clone(),
            _ => self.name.clone(),
        }
    }
}

/// Reads a street line; `country` is the row's country, if known.
///
/// Repairs: `format` (white space, commas). Invalid: `no-letters`, `email-in-street`.
pub fn street(raw: &str, country: Option<Country>) -> Normalized<Street> {
    let text = trim(raw);
    if text.is_empty() {
        return Normalized::missing("");
    }
    if is_null_word(text) {
        return Normalized::missing("null-word");
    }
    if text.contains('@') {
        return Normalized::invalid("email-in-street");
    }
    let mut reader = Reader { country, ..Reader::default() };
    for part in text.split([',', '\n', '\r', ';', '|']) {
        reader.part(part);
    }
    let display = tidy(text);
    let changed = display != raw;
    match reader.finish(display) {
        None => Normalized::invalid("no-letters"),
        Some(street) if changed => Normalized::repaired(street, "format"),
        Some(street) => Normalized::ok(street),
    }
}

/// Single spaces, one comma between parts.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split([',', '\n', '\r', ';', '|']) {
        let mut words = trim(part).split_whitespace().peekable();
        if words.peek().is_some() && !out.is_empty() {
            out.push_str(", ");
        }
        for (index, word) in words.enumerate() {
            if index > 0 {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}

/// Folded tokens of one comma part. Hyphen, slash and `#` stay inside numbers only.
fn tokens(part: &str) -> Vec<String> {
    let mut folded = String::with_capacity(part.len());
    for c in part.chars() {
        match c {
            'º' | 'ª' | '°' => folded.push(' '),
            _ if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            _ => folded.push_str(&deunicode_char(c).unwrap_or(" ").to_ascii_lowercase()),
        }
    }
    let mut out = Vec::new();
    for raw in
        folded.split(|c: char| c.is_ascii_whitespace() || matches!(c, '.' | '(' | ')' | '"' | ':'))
    {
        let raw = raw.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '#');
        let raw = raw.replace('\'', "");
        if raw.is_empty() {
            continue;
        }
        if raw.starts_with('#') {
            out.push("#".to_owned());
            let rest = raw.trim_matches('#');
            if !rest.is_empty() {
                out.push(rest.to_owned());
            }
        } else if raw.as_bytes()[0].is_ascii_digit() {
            out.push(raw);
        } else {
            // `c/mayor`, `saint-honore`, `p.o.box`
            let words = raw.split(|c: char| !c.is_ascii_alphanumeric() && c != '#');
            out.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    out
}

fn starts_with_digit(token: &str) -> bool {
    token.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

fn is_number(token: &str) -> bool {
    starts_with_digit(token) && !is_ordinal(token)
}

#[derive(Default)]
struct Reader {
    country: Option<Country>,
    number: Option<String>,
    name: String,
    units: Vec<String>,
    po_box: Option<String>,
}

impl Reader {
    /// One comma part: a street, a lone number, a unit, a post box, or a quarter that is left out.
    fn part(&mut self, part: &str) {
        let mut tokens = tokens(part);
        self.take_box(&mut tokens);
        if tokens.is_empty() {
            return;
        }
        if tokens.iter().any(|token| token == "km") && !self.name.is_empty() {
            return;
        }
        let lone_number = self.number.is_none()
            && (tokens.len() == 1 && is_number(&tokens[0])
                || tokens.len() == 2 && word(&tokens[0]) == Some(Word::Number)
                || tokens.len() == 2 && is_number(&tokens[0]) && is_repeat(&tokens[1]));
        if lone_number {
            tokens.retain(|token| word(token) != Some(Word::Number));
            self.number = Some(join_number(tokens.concat()));
            return;
        }
        if word(&tokens[0]).is_some_and(|word| matches!(word, Word::Unit(_)))
            && unit_range(&tokens, 0, 0, false) == Some(0..tokens.len())
        {
            self.take_units(&mut tokens, 0);
            return;
        }
        let replaces_name = self.number.is_none() && self.is_whole_street(&tokens);
        if !self.name.is_empty() && !replaces_name {
            self.after_name(tokens);
            return;
        }
        if matches!(word(&tokens[0]), Some(Word::Place)) && tokens.len() > 1 && !has_number(&tokens)
        {
            return;
        }
        drop_whereabouts(&mut tokens);
        self.take_units(&mut tokens, 1);
        self.take_number(&mut tokens);
        self.take_units(&mut tokens, 1);
        self.name = canonical_name(tokens, self.country);
    }

    /// `The Mill, 3 River Road`: the part after a house name is the street.
    fn is_whole_street(&self, tokens: &[String]) -> bool {
        self.begins_with_number(tokens)
            && tokens.len() >= 3
            && tokens.iter().any(|token| street_type(token).is_some())
    }

    /// A part after the street name: its number, units, a quarter (`Rua Augusta, 1500 apto 42`).
    fn after_name(&mut self, mut tokens: Vec<String>) {
        if self.number.is_none() && is_number(&tokens[0]) {
            self.number = Some(join_number(tokens.remove(0)));
        }
        self.take_units(&mut tokens, 0);
    }

    /// `po box 12`, `p o box 12`, `postfach 12 34`, `apartado postal 5`, `bp 12`.
    fn take_box(&mut self, tokens: &mut Vec<String>) {
        let Some(at) = tokens.iter().position(|token| word(token) == Some(Word::Box)) else {
            return;
        };
        let mut from = at;
        while from > 0 && matches!(tokens[from - 1].as_str(), "p" | "o" | "po" | "post" | "office")
        {
            from -= 1;
        }
        let mut to = at + 1;
        while to < tokens.len()
            && matches!(tokens[to].as_str(), "postal" | "de" | "correos" | "no" | "#")
        {
            to += 1;
        }
        let digits_from = to;
        while to < tokens.len() && starts_with_digit(&tokens[to]) {
            to += 1;
        }
        if to > digits_from && self.po_box.is_none() {
            self.po_box = Some(tokens[digits_from..to].concat());
            tokens.drain(from..to);
        }
    }

    /// Moves `suite 106`, `# 5`, `piso 3`, `3rd floor` out of the tokens, from index `first` on.
    fn take_units(&mut self, tokens: &mut Vec<String>, first: usize) {
        let mut at = first;
        while at < tokens.len() {
            let hash = tokens[at] == "#";
            let form = match word(&tokens[at]) {
                Some(Word::Unit(form)) => form,
                _ if hash => "unit",
                _ => {
                    at += 1;
                    continue;
                }
            };
            let hash_is_number = hash && self.number.is_none() && !self.begins_with_number(tokens);
            if let Some(range) = unit_range(tokens, at, first, hash_is_number) {
                let value: Vec<&str> =
                    range.clone().filter(|&i| i != at).map(|i| tokens[i].as_str()).collect();
                let value = value.concat();
                self.units.push(format!("{form} {}", value.trim_start_matches('#')));
                at = range.start;
                tokens.drain(range);
            } else {
                at += 1;
            }
        }
        if first == 0
            && !tokens.is_empty()
            && starts_with_digit(&tokens[0])
            && self.number.is_some()
        {
            // `Calle Mayor 5, 3 B`: what follows the number is the door.
            self.units.push(tokens.concat());
        }
    }

    fn take_number(&mut self, tokens: &mut Vec<String>) {
        if self.number.is_some() || tokens.is_empty() {
            return;
        }
        let begins_with_number = self.begins_with_number(tokens);
        if let Some(at) = tokens.iter().position(|token| is_marker(token))
            && at > 0
            && !begins_with_number
            && tokens.get(at + 1).is_some_and(|next| starts_with_digit(next))
        {
            self.number = Some(join_number(tokens.remove(at + 1)));
            tokens.remove(at);
            return;
        }
        // `s/n`: without a number, and said so.
        if tokens.len() > 2 && tokens.starts_with(&["s".to_owned(), "n".to_owned()]) {
            tokens.drain(..2);
            return;
        }
        if tokens.len() > 2 && tokens.ends_with(&["s".to_owned(), "n".to_owned()]) {
            tokens.truncate(tokens.len() - 2);
            return;
        }
        let last = tokens.len() - 1;
        if begins_with_number {
            let mut number = join_number(tokens.remove(0));
            let suffix = tokens.len() >= 2
                && (is_repeat(&tokens[0])
                    || (tokens[0].len() == 1 && is_door_letter(&tokens[0], tokens)));
            if suffix {
                number.push_str(&tokens.remove(0));
            }
            self.number = Some(number);
        } else if last >= 1 && is_number(&tokens[last]) {
            self.number = tokens.pop().map(join_number);
        } else if last >= 2 && tokens[last].len() == 1 && is_number(&tokens[last - 1]) {
            let letter = tokens.pop().unwrap_or_default();
            self.number = tokens.pop().map(|number| join_number(number) + &letter);
        }
    }

    /// `1875 main st`: the house number leads.
    fn begins_with_number(&self, tokens: &[String]) -> bool {
        tokens.len() >= 2 && is_number(&tokens[0]) && !self.number_is_last(tokens)
    }

    /// `5 de Mayo 123`: a street whose name begins with a number.
    fn number_is_last(&self, tokens: &[String]) -> bool {
        let last_is_number = tokens.last().is_some_and(|token| is_number(token));
        last_is_number
            && tokens.len() >= 3
            && (tokens[1] == "de" || self.country.is_some_and(puts_number_last))
            && !tokens[1..]
                .iter()
                .any(|token| word(token) == Some(Word::Type("highway")) || token == "route")
    }

    fn finish(self, display: String) -> Option<Street> {
        let unit = (!self.units.is_empty()).then(|| self.units.join(" "));
        let has_name = self.name.bytes().any(|b| b.is_ascii_alphabetic());
        if !has_name && self.po_box.is_none() && unit.is_none() {
            return None;
        }
        Some(Street { number: self.number, name: self.name, unit, po_box: self.po_box, display })
    }
}

fn puts_number_last(country: Country) -> bool {
    matches!(country, Country::DE | Country::ES | Country::MX | Country::BR | Country::IT)
        || matches!(
            country.as_str(),
            "AT" | "CH" | "NL" | "PL" | "CZ" | "SE" | "DK" | "NO" | "PT" | "AR"
        )
}

/// Cuts off what describes the place and is not the address: `... between 5th and 6th ave`,
/// `... esq. Juárez`, `Blvd. Díaz Ordaz 983 Col. Centro`.
fn drop_whereabouts(tokens: &mut Vec<String>) {
    const BETWEEN: [&str; 10] =
        ["between", "btwn", "bet", "near", "off", "opposite", "entre", "esq", "esquina", "at"];
    let cut = tokens.iter().enumerate().skip(2).position(|(at, token)| {
        let quarter = word(token) == Some(Word::Place) && is_number(&tokens[at - 1]);
        at + 1 < tokens.len() && (quarter || BETWEEN.contains(&token.as_str()))
    });
    if let Some(cut) = cut {
        tokens.truncate(cut + 2);
    }
}

/// Words that make a second door of one number.
fn is_repeat(token: &str) -> bool {
    matches!(token, "bis" | "ter" | "quater" | "1/2")
}

fn has_number(tokens: &[String]) -> bool {
    tokens.iter().any(|token| is_number(token))
}

/// A word that announces the house number; `#` does where no number came before.
fn is_marker(token: &str) -> bool {
    token == "#" || word(token) == Some(Word::Number)
}

/// The single letter after a leading number is part of it (`12 b high street`) unless it is a compass
/// direction or an abbreviated street type (`12 n main st`, `12 r de la paix`).
fn is_door_letter(letter: &str, tokens: &[String]) -> bool {
    direction(letter).is_none() && !matches!(letter, "r" | "c" | "l") && tokens.len() >= 3
}

fn join_number(number: String) -> String {
    number.replace([' ', '#'], "")
}

/// The tokens of one unit around its word at `at`: the value after it, or an ordinal before it.
fn unit_range(
    tokens: &[String],
    at: usize,
    first: usize,
    hash_is_number: bool,
) -> Option<std::ops::Range<usize>> {
    if hash_is_number {
        return None;
    }
    let is_value = |token: &String| {
        starts_with_digit(token)
            || token.len() == 1
            || (token.len() <= 4 && token.bytes().any(|b| b.is_ascii_digit()))
    };
    let mut value_at = at + 1;
    if tokens.get(value_at).is_some_and(|token| token == "#" || word(token) == Some(Word::Number)) {
        value_at += 1;
    }
    let before = at.checked_sub(1).filter(|&i| i >= first && is_ordinal(&tokens[i]));
    if let Some(before) = before {
        return Some(before..at + 1);
    }
    // `ste` and `of` mean other things inside a name: a value must follow.
    let value = tokens.get(value_at)?;
    if !is_value(value) {
        return None;
    }
    // A lone letter after the value belongs to it: `piso 3 b`.
    let mut end = value_at + 1;
    if starts_with_digit(value)
        && tokens.get(end).is_some_and(|next| next.len() == 1 && next != "#")
    {
        end += 1;
    }
    Some(at..end)
}
