//! The word lists of titles: abbreviations, translations, whole titles, what a word says of rank
//! and field.
//!
//! Read by the canonical form. Why one plain-text list: a new abbreviation is one line, without Rust.

use super::{Function, Seniority};
use crate::normalize::text::list_lines;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// `data/titles.txt`, by section.
pub(super) struct Lists {
    /// Whole titles: `ae` to `account executive`.
    pub titles: FxHashMap<&'static str, &'static str>,
    /// Phrases of two to four words within a title, keyed by their first word.
    pub phrases: FxHashMap<&'static str, Vec<(&'static str, &'static str)>>,
    /// Single words.
    pub words: FxHashMap<&'static str, &'static str>,
    functions: FxHashMap<&'static str, Function>,
    ranks: FxHashMap<&'static str, Seniority>,
    fillers: Vec<&'static str>,
    nothing: Vec<&'static str>,
}

/// Names of the functions, as models and lists spell them.
pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("management", Function::Management),
    ("engineering", Function::Engineering),
    ("it", Function::It),
    ("security", Function::Security),
    ("data", Function::Data),
    ("product", Function::Product),
    ("marketing", Function::Marketing),
    ("sales", Function::Sales),
    ("customer", Function::Customer),
    ("finance", Function::Finance),
    ("legal", Function::Legal),
    ("human-resources", Function::HumanResources),
    ("operations", Function::Operations),
    ("purchasing", Function::Purchasing),
    ("administration", Function::Administration),
    ("design", Function::Design),
    ("research", Function::Research),
    ("education", Function::Education),
    ("health", Function::Health),
    ("consulting", Function::Consulting),
    ("project", Function::Project),
];

const RANKS: &[(&str, Seniority)] = &[
    ("c-level", Seniority::CLevel),
    ("owner", Seniority::Owner),
    ("vp", Seniority::Vp),
    ("director", Seniority::Director),
    ("head", Seniority::Head),
    ("manager", Seniority::Manager),
    ("senior", Seniority::Senior),
    ("staff", Seniority::Staff),
    ("junior", Seniority::Junior),
    ("intern", Seniority::Intern),
    ("student", Seniority::Student),
    ("retired", Seniority::Retired),
];

pub(super) static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists {
        titles: FxHashMap::default(),
        phrases: FxHashMap::default(),
        words: FxHashMap::default(),
        functions: FxHashMap::default(),
        ranks: FxHashMap::default(),
        fillers: Vec::new(),
        nothing: Vec::new(),
    };
    let mut section = "";
    let texts = crate::lists::with_own("titles.txt", include_str!("../../../data/titles.txt"));
    for line in texts.into_iter().flat_map(list_lines) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
            continue;
        }
        match section {
            "fillers" => lists.fillers.extend(line.split_whitespace()),
            "placeholders" => lists.nothing.extend(line.split(',').map(str::trim)),
            _ => {
                let Some((to, from)) = line.split_once('=') else { continue };
                for spelling in from.split(',').map(str::trim).filter(|s| !s.is_empty()) {
                    lists.add(section, spelling, to.trim());
                }
            }
        }
    }
    for phrases in lists.phrases.values_mut() {
        phrases.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    }
    lists
});

impl Lists {
    fn add(&mut self, section: &str, from: &'static str, to: &'static str) {
        match section {
            "titles" => {
                self.titles.entry(from).or_insert(to);
            }
            "words" => match from.split_once(' ') {
                Some((first, _)) => self.phrases.entry(first).or_default().push((from, to)),
                None => {
                    self.words.entry(from).or_insert(to);
                }
            },
            "functions" => {
                if let Some((_, function)) = FUNCTIONS.iter().find(|(name, _)| *name == to) {
                    self.functions.entry(from).or_insert(*function);
                }
            }
            "seniority" => {
                if let Some((_, rank)) = RANKS.iter().find(|(name, _)| *name == to) {
                    self.ranks.entry(from).or_insert(*rank);
                }
            }
            _ => {}
        }
    }

    /// Words that carry no meaning of their own (`of`, `de`, `für`).
    pub fn is_filler(&self, word: &str) -> bool {
        self.fillers.contains(&word)
    }
}

/// True for a canonical title that names no job.
pub(super) fn is_placeholder(canonical: &str) -> bool {
    LISTS.nothing.contains(&canonical)
        || (canonical.len() > 2
            && canonical.bytes().all(|b| Some(&b) == canonical.as_bytes().first()))
}

/// The highest rank a canonical title names; staff when it names only a field.
pub(super) fn seniority(canonical: &str) -> Option<Seniority> {
    // "Assistant to the CEO" is an assistant, "Assistant Director" nearly a director.
    if canonical.starts_with("assistant chief ")
        || canonical.ends_with(" assistant")
        || canonical == "assistant"
    {
        return Some(Seniority::Junior);
    }
    let words: Vec<&str> = canonical.split(' ').collect();
    let chief = canonical.starts_with("chief ") && canonical.contains(" officer");
    if chief || canonical.contains(" chief ") && canonical.ends_with("officer") {
        return Some(Seniority::CLevel);
    }
    // Whole phrases first, so that the president of "vice president" is not one.
    if let Some(&rank) = LISTS.ranks.get(canonical) {
        return Some(rank);
    }
    if canonical.contains("vice president") {
        return Some(Seniority::Vp);
    }
    let mut best: Option<Seniority> = None;
    for (i, word) in words.iter().enumerate() {
        let pair = words.get(i + 1).map(|next| format!("{word} {next}"));
        let rank = pair
            .and_then(|pair| LISTS.ranks.get(pair.as_str()))
            .or_else(|| LISTS.ranks.get(word))
            .copied();
        best = match (best, rank) {
            (Some(a), Some(b)) => Some(weigh(a, b)),
            (a, b) => a.or(b),
        };
    }
    best.or_else(|| function(canonical).map(|_| Seniority::Staff))
}

/// Of two ranks in one title the higher counts, except that studying, interning and having
/// retired say more than the job named beside them, and a qualifier less.
fn weigh(a: Seniority, b: Seniority) -> Seniority {
    let (high, low) = if a <= b { (a, b) } else { (b, a) };
    match (high, low) {
        (_, Seniority::Intern | Seniority::Student | Seniority::Retired) => low,
        (Seniority::Staff, Seniority::Junior) => low,
        _ => high,
    }
}

/// The field of work a canonical title names: the first word or pair that the list knows.
pub(super) fn function(canonical: &str) -> Option<Function> {
    if let Some(&function) = LISTS.functions.get(canonical) {
        return Some(function);
    }
    // The president of "vice president marketing" says nothing of the field.
    let field = canonical.replace("vice president", "");
    let words: Vec<&str> = field.split(' ').filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        if let Some(&function) = LISTS.functions.get(format!("{} {}", pair[0], pair[1]).as_str()) {
            return Some(function);
        }
    }
    words.iter().find_map(|word| LISTS.functions.get(word).copied())
}
