//! Companies, websites and job titles of all records as ids.

use super::{Builder, QUALITY_BAD, QUALITY_GOOD};
use crate::compare::feature::{Company, NONE, Title};
use crate::compare::sketch::Sketch;
use crate::normalize::{company, text, title, url};
use crate::record::{ValueId, fnv};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Words that begin many company names and so tell nothing as a blocking key.
const COMMON_FIRST_WORDS: [&str; 6] = ["the", "grupo", "group", "banco", "la", "el"];

impl Builder<'_> {
    /// Reads the company columns; the first filled one counts.
    pub(super) fn read_companies(&mut self) {
        let mut known: FxHashMap<u32, u32> = FxHashMap::default();
        let mut companies = vec![Company::default()];
        let mut tokens: Vec<u32> = Vec::new();
        for column in self.columns_of(&[Role::Company]) {
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<Option<company::Company>> = (0..dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(256)
                .map(|v| company::parse(dictionary.get(ValueId(v))).value)
                .collect();
            let mut ids = Vec::with_capacity(parsed.len());
            let mut quality = Vec::with_capacity(parsed.len());
            for one in parsed {
                let one = one.filter(|c| !c.placeholder && !c.core.is_empty());
                quality.push(if one.is_some() { QUALITY_GOOD } else { QUALITY_BAD });
                ids.push(one.map_or(NONE, |c| {
                    self.intern_company(&c, &mut known, &mut companies, &mut tokens)
                }));
            }
            self.quality[column] = Some(quality);
            self.note_keys(column, ids.iter().copied());
            let values = &self.table.columns[column].ids;
            for (row, value) in self.features.rows.iter_mut().zip(values) {
                if row.company == NONE {
                    row.company = ids[value.index()];
                }
            }
        }
        for row in &self.features.rows {
            companies[row.company as usize].records += 1;
        }
        companies[0].records = 0;
        let mut holding = vec![0u32; self.words.dictionary().len()];
        for c in &companies[1..] {
            let start = c.start as usize;
            let mut own: Vec<u32> = tokens[start..start + c.count as usize].to_vec();
            own.sort_unstable();
            own.dedup();
            for word in own {
                holding[word as usize] += 1;
            }
        }
        self.features.word_companies = holding;
        self.features.companies = companies;
        self.features.company_tokens = tokens;
    }

    pub(super) fn intern_company(
        &mut self,
        one: &company::Company,
        known: &mut FxHashMap<u32, u32>,
        companies: &mut Vec<Company>,
        all: &mut Vec<u32>,
    ) -> u32 {
        let core = self.word(&one.core);
        if let Some(&id) = known.get(&core) {
            return id;
        }
        let company = describe_company(&one.core, |text| self.word(text), all);
        companies.push(company);
        let id = (companies.len() - 1) as u32;
        known.insert(core, id);
        id
    }

    /// Reads the website columns: the registrable domain, unless it is a mail or page provider's.
    pub(super) fn read_websites(&mut self) {
        for column in self.columns_of(&[Role::Website]) {
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<Option<String>> = (0..dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(256)
                .map(|v| url::parse(dictionary.get(ValueId(v))).value.map(|w| w.registrable))
                .collect();
            let mut ids = Vec::with_capacity(parsed.len());
            let mut quality = Vec::with_capacity(parsed.len());
            for domain in parsed {
                quality.push(if domain.is_some() { QUALITY_GOOD } else { QUALITY_BAD });
                let own = domain.filter(|d| !crate::normalize::email::is_free_mail_domain(d));
                ids.push(own.and_then(|d| self.domains.intern(&d)).map_or(NONE, |id| id.0));
            }
            self.quality[column] = Some(quality);
            self.note_keys(column, ids.iter().copied());
            let values = &self.table.columns[column].ids;
            for (row, value) in self.features.rows.iter_mut().zip(values) {
                if row.website == NONE {
                    row.website = ids[value.index()];
                }
            }
        }
    }

    /// Reads the job titles.
    pub(super) fn read_titles(&mut self) {
        let mut known: FxHashMap<u32, u32> = FxHashMap::default();
        let mut titles = vec![Title::default()];
        self.title_info = vec![None];
        for column in self.columns_of(&[Role::Title]) {
            let dictionary = &self.table.columns[column].dictionary;
            let parsed: Vec<Option<title::Title>> = (0..dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(256)
                .map(|v| title::parse(dictionary.get(ValueId(v))).value)
                .collect();
            let mut ids = Vec::with_capacity(parsed.len());
            let mut quality = Vec::with_capacity(parsed.len());
            for one in parsed {
                let one = one.filter(|t| !t.placeholder && !t.canonical.is_empty());
                quality.push(if one.is_some() { QUALITY_GOOD } else { QUALITY_BAD });
                ids.push(match one {
                    None => NONE,
                    Some(t) => {
                        let canonical = self.word(&t.canonical);
                        let info = &mut self.title_info;
                        *known.entry(canonical).or_insert_with(|| {
                            let words = word_signature(&t.canonical);
                            titles.push(Title { canonical, words, records: 0 });
                            info.push(Some(t));
                            (titles.len() - 1) as u32
                        })
                    }
                });
            }
            self.quality[column] = Some(quality);
            self.note_keys(column, ids.iter().copied());
            let values = &self.table.columns[column].ids;
            for (row, value) in self.features.rows.iter_mut().zip(values) {
                if row.title == NONE {
                    row.title = ids[value.index()];
                }
            }
        }
        for row in &self.features.rows {
            titles[row.title as usize].records += 1;
        }
        titles[0].records = 0;
        self.features.titles = titles;
    }
}

/// A company by its core: the words of the core are its tokens.
pub(crate) fn describe_company(
    core: &str,
    mut word: impl FnMut(&str) -> u32,
    all: &mut Vec<u32>,
) -> Company {
    let tokens = || core.split(' ').filter(|token| !token.is_empty());
    let start = all.len() as u32;
    all.extend(tokens().map(&mut word));
    let first = tokens().find(|token| !COMMON_FIRST_WORDS.contains(token));
    let first = first.or(tokens().next()).map_or(NONE, &mut word);
    let acronym = if tokens().count() >= 3 {
        word(&tokens().filter_map(|token| token.chars().next()).collect::<String>())
    } else {
        NONE
    };
    Company {
        core: word(core),
        first,
        start,
        count: (all.len() as u32 - start).min(u32::from(u16::MAX)) as u16,
        acronym,
        sketch: Sketch::of(core),
        initial: core.bytes().find(u8::is_ascii_alphanumeric).unwrap_or(0),
        records: 0,
    }
}

/// One bit per word of four letters or more; words of rank (manager, director) say little but are
/// shared often, and the level's learned weight accounts for that.
pub(crate) fn word_signature(canonical: &str) -> u64 {
    text::tokens(canonical)
        .filter(|w| w.len() >= 4)
        .map(|w| 1u64 << (fnv(w) >> 58))
        .fold(0, |all, bit| all | bit)
}
