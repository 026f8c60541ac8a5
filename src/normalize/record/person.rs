//! Person names of all records as ids.

use super::mailbox::{Known, complete};
use super::{Builder, QUALITY_BAD, QUALITY_FAIR, QUALITY_GOOD};
use crate::compare::feature::{FLAG_PLACEHOLDER, Features, NONE, Name, Token};
use crate::compare::sketch::Sketch;
use crate::normalize::name::CellKind;
use crate::normalize::{name, text};
use crate::record::{DictionaryBuilder, ValueId};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The columns a name can be spread over, in the order of `name::NameParts`.
pub(super) const PARTS: [Role; 7] = [
    Role::NamePrefix,
    Role::GivenName,
    Role::MiddleName,
    Role::FamilyName,
    Role::NameSuffix,
    Role::FullName,
    Role::Nickname,
];

/// A parsed name before its tokens have ids; all empty for a placeholder (`Test Test`).
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) given: Vec<String>,
    pub(super) family: Vec<String>,
    pub(super) given_joined: String,
    pub(super) family_joined: String,
    pub(super) generation: u8,
}

impl Builder<'_> {
    /// Reads the names: each distinct combination of cells once.
    pub(super) fn read_names(&mut self) {
        let columns: Vec<Vec<usize>> = PARTS.iter().map(|&role| self.columns_of(&[role])).collect();
        let (combinations, of_record) = self.distinct_names(&columns);
        let plain = self.plain_words(&columns);
        // What is not two plain words is read; how the others read is known from their cells.
        let read: Vec<Option<Parsed>> = (0..combinations.len())
            .into_par_iter()
            .with_min_len(256)
            .filter(|&i| plain.as_ref().is_none_or(|plain| !plain.are(combinations.get(i))))
            .map(|i| self.parse_name(&columns, combinations.get(i)))
            .collect();
        let mut tokens = DictionaryBuilder::default();
        let mut names = Names::default();
        let mut words = plain.as_ref().map(|plain| WordTokens::new(self, plain));
        let mut read = read.into_iter();
        let ids: Vec<(u32, bool)> = (0..combinations.len())
            .map(|i| {
                let cells = combinations.get(i);
                let name = match (&plain, &mut words) {
                    (Some(plain), Some(words)) if plain.are(cells) => {
                        words.name(self, cells, &mut tokens)
                    }
                    _ => match read.next().flatten() {
                        None => return (NONE, false),
                        Some(p) if p.given.is_empty() && p.family.is_empty() => {
                            return (NONE, true);
                        }
                        Some(p) => to_name(&p, &mut tokens),
                    },
                };
                (names.id(name), false)
            })
            .collect();
        drop(read);
        for (row, &combination) in self.features.rows.iter_mut().zip(&of_record) {
            let (id, hidden) = ids[combination as usize];
            row.name = id;
            if hidden {
                row.flags |= FLAG_PLACEHOLDER;
            }
        }
        self.complete_names(&mut tokens, &mut names);
        self.note_name_quality(&columns, &combinations, &ids);
        let text = tokens.finish();
        self.features.tokens = describe_tokens(&text);
        self.features.token_text = text;
        self.features.names = names.all;
        self.count_tokens();
    }

    /// Where names are a given and a family name and nothing else: which cells are plain words.
    fn plain_words(&self, columns: &[Vec<usize>]) -> Option<PlainWords> {
        let ([given], [family], 2) =
            (&columns[1][..], &columns[3][..], columns.iter().flatten().count())
        else {
            return None;
        };
        let of_column = |column: usize| -> Vec<bool> {
            let dictionary = &self.table.columns[column].dictionary;
            (0..dictionary.len() as u32)
                .into_par_iter()
                .with_min_len(1024)
                .map(|v| CellKind::of(dictionary.get(ValueId(v))) == CellKind::Word)
                .collect()
        };
        let columns = [*given, *family];
        Some(PlainWords { columns, is: columns.map(of_column) })
    }

    /// Distinct combinations of name cells, and which each record holds.
    fn distinct_names(&self, columns: &[Vec<usize>]) -> (Combinations, Vec<u32>) {
        let flat: Vec<&[ValueId]> =
            columns.iter().flatten().map(|&c| self.table.columns[c].ids.as_slice()).collect();
        let width = flat.len();
        let mut all = Combinations { width, count: 1, cells: vec![ValueId::MISSING; width] };
        let mut of_record = Vec::with_capacity(self.table.len());
        if width <= 2 {
            // The ordinary file: given and family name, packed into one integer.
            let mut index: FxHashMap<u64, u32> =
                FxHashMap::with_capacity_and_hasher(self.table.len() / 2, Default::default());
            let cell = |column: usize, record: usize| {
                flat.get(column).map_or(ValueId::MISSING, |ids| ids[record])
            };
            for record in 0..self.table.len() {
                let (a, b) = (cell(0, record), cell(1, record));
                let key = u64::from(a.0) << 32 | u64::from(b.0);
                of_record.push(match key {
                    0 => 0,
                    key => *index.entry(key).or_insert_with(|| all.add(&[a, b][..width])),
                });
            }
        } else {
            let mut index: FxHashMap<Vec<ValueId>, u32> = FxHashMap::default();
            let mut cells = Vec::with_capacity(width);
            for record in 0..self.table.len() {
                cells.clear();
                cells.extend(flat.iter().map(|ids| ids[record]));
                of_record.push(if cells.iter().all(|c| c.is_missing()) {
                    0
                } else if let Some(&id) = index.get(&cells) {
                    id
                } else {
                    let id = all.add(&cells);
                    index.insert(cells.clone(), id);
                    id
                });
            }
        }
        (all, of_record)
    }

    pub(super) fn parse_name(&self, columns: &[Vec<usize>], cells: &[ValueId]) -> Option<Parsed> {
        let mut texts: [String; PARTS.len()] = Default::default();
        let mut at = 0;
        for (part, of_part) in texts.iter_mut().zip(columns) {
            for &column in of_part {
                let cell = self.table.columns[column].dictionary.get(cells[at]);
                at += 1;
                if cell.is_empty() {
                    continue;
                }
                if !part.is_empty() {
                    part.push(' ');
                }
                part.push_str(cell);
            }
        }
        let [prefix, given, middle, family, suffix, full, nickname] = &texts;
        let parts = name::NameParts { prefix, given, middle, family, suffix, full, nickname };
        let read = name::parse(&parts);
        if read.reason == "placeholder" {
            return Some(Parsed::default());
        }
        let person = read.value?;
        let parsed = Parsed {
            given_joined: person.given_folded.concat(),
            family_joined: person.family_folded.concat(),
            given: person.given_folded.clone(),
            family: person.family_core.clone(),
            generation: person.generation.map_or(0, |g| g as u8 + 1),
        };
        (!parsed.given.is_empty() || !parsed.family.is_empty()).then_some(parsed)
    }

    /// Fills names that a column leaves open from the record's mailbox.
    pub(super) fn complete_names(&mut self, tokens: &mut DictionaryBuilder, names: &mut Names) {
        for r in 0..self.features.rows.len() {
            let row = &self.features.rows[r];
            let (name, email) = (names.all[row.name as usize], row.email[0]);
            if row.name == NONE || email == NONE || self.features.emails[email as usize].role {
                continue;
            }
            let text = |id: u32| tokens.dictionary().get(ValueId(id));
            let (given, family) = (text(name.given_joined), text(name.family_joined));
            if given.len() > 1 && family.len() > 1 {
                continue;
            }
            let local = self.features.local(self.features.emails[email as usize].local);
            let Some((given, family)) = complete(Known { given, family }, local) else { continue };
            let filled = Parsed {
                given: vec![given.to_string()],
                family: vec![family.to_string()],
                given_joined: given.to_string(),
                family_joined: family.to_string(),
                generation: name.generation,
            };
            self.features.rows[r].name = names.id(to_name(&filled, tokens));
        }
    }

    fn note_name_quality(
        &mut self,
        columns: &[Vec<usize>],
        combinations: &Combinations,
        ids: &[(u32, bool)],
    ) {
        for (at, &column) in columns.iter().flatten().enumerate() {
            let dictionary = &self.table.columns[column].dictionary;
            let mut named = vec![false; dictionary.len()];
            for (i, &(id, hidden)) in ids.iter().enumerate() {
                let value = combinations.get(i)[at];
                named[value.index()] |= !value.is_missing() && id != NONE && !hidden;
            }
            let quality = |(v, named): (u32, bool)| {
                // `J.` is a name, but any spelled-out one is better.
                let letters = || dictionary.get(ValueId(v)).chars().filter(|c| c.is_alphabetic());
                match named {
                    false => QUALITY_BAD,
                    true if letters().nth(1).is_some() => QUALITY_GOOD,
                    true => QUALITY_FAIR,
                }
            };
            self.quality[column] = Some((0..).zip(named).map(quality).collect());
        }
    }

    pub(super) fn count_tokens(&mut self) {
        let f = &mut self.features;
        for row in f.rows.iter().filter(|row| row.name != NONE) {
            let n = &f.names[row.name as usize];
            let tokens = &mut f.tokens;
            tokens[n.given_joined as usize].given_records += 1;
            tokens[n.family_joined as usize].family_records += 1;
            for &t in n.given().iter().filter(|&&t| t != n.given_joined) {
                tokens[t as usize].given_records += 1;
            }
            for &t in n.family().iter().filter(|&&t| t != n.family_joined) {
                tokens[t as usize].family_records += 1;
            }
        }
        f.tokens[0] = Token::default();
    }
}

/// Distinct combinations of name cells.
struct Combinations {
    /// Cells of each.
    width: usize,
    count: usize,
    cells: Vec<ValueId>,
}

impl Combinations {
    fn len(&self) -> usize {
        self.count
    }

    fn get(&self, i: usize) -> &[ValueId] {
        &self.cells[i * self.width..(i + 1) * self.width]
    }

    fn add(&mut self, cells: &[ValueId]) -> u32 {
        self.cells.extend_from_slice(cells);
        self.count += 1;
        (self.count - 1) as u32
    }
}

/// Which cells of given and family names are one plain word, as [`CellKind::Word`] has it.
struct PlainWords {
    columns: [usize; 2],
    is: [Vec<bool>; 2],
}

impl PlainWords {
    fn are(&self, cells: &[ValueId]) -> bool {
        self.is[0][cells[0].index()] && self.is[1][cells[1].index()]
    }
}

/// The tokens of plain words, each put into small letters once.
struct WordTokens {
    columns: [usize; 2],
    /// Per value; [`NONE`] until it is asked for.
    token: [Vec<u32>; 2],
    small: String,
}

impl WordTokens {
    fn new(builder: &Builder<'_>, plain: &PlainWords) -> Self {
        let values = |c: usize| builder.table.columns[c].dictionary.len();
        let token = plain.columns.map(|c| vec![NONE; values(c)]);
        Self { columns: plain.columns, token, small: String::new() }
    }

    /// The name of two plain words.
    fn name(
        &mut self,
        builder: &Builder<'_>,
        cells: &[ValueId],
        tokens: &mut DictionaryBuilder,
    ) -> Name {
        let mut token = |at: usize| {
            let (slot, value) = (&mut self.token[at][cells[at].index()], cells[at]);
            if *slot == NONE {
                self.small.clear();
                let text = builder.table.columns[self.columns[at]].dictionary.get(value);
                self.small.push_str(text);
                self.small.make_ascii_lowercase();
                *slot = tokens.intern(&self.small).map_or(NONE, |id| id.0);
            }
            *slot
        };
        Name::of_two(token(0), token(1))
    }
}

/// Distinct names by what makes two of them the same.
pub(super) struct Names {
    /// All of them; the first stands for none.
    pub(super) all: Vec<Name>,
    /// Those of one given and one family token and nothing else.
    two: FxHashMap<u64, u32>,
    others: FxHashMap<NameKey, u32>,
}

impl Default for Names {
    fn default() -> Self {
        Self { all: vec![Name::default()], two: FxHashMap::default(), others: FxHashMap::default() }
    }
}

impl Names {
    /// The id of a name.
    pub(super) fn id(&mut self, name: Name) -> u32 {
        let key = NameKey::of(&name);
        let plain = NameKey::of(&Name::of_two(name.given_joined, name.family_joined));
        let all = &mut self.all;
        let add = || {
            all.push(name);
            (all.len() - 1) as u32
        };
        if key == plain {
            let key = u64::from(name.given_joined) << 32 | u64::from(name.family_joined);
            *self.two.entry(key).or_insert_with(add)
        } else {
            *self.others.entry(key).or_insert_with(add)
        }
    }
}

/// What makes two parsed names the same name.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct NameKey {
    given: [u32; 3],
    family: [u32; 3],
    joined: [u32; 2],
    generation: u8,
}

impl NameKey {
    pub(crate) fn of(n: &Name) -> Self {
        Self {
            given: n.given,
            family: n.family,
            joined: [n.given_joined, n.family_joined],
            generation: n.generation,
        }
    }
}

pub(super) fn to_name(p: &Parsed, tokens: &mut DictionaryBuilder) -> Name {
    let mut intern = |text: &str| tokens.intern(text).map_or(NONE, |id| id.0);
    let mut fill = |from: &[String]| {
        let mut slots = [NONE; 3];
        let mut count = 0;
        for text in from.iter().take(3) {
            slots[count] = intern(text);
            count += 1;
        }
        (slots, count as u8)
    };
    let (given, given_count) = fill(&p.given);
    let (family, family_count) = fill(&p.family);
    Name {
        given,
        family,
        given_joined: intern(&p.given_joined),
        family_joined: intern(&p.family_joined),
        given_count,
        family_count,
        generation: p.generation,
    }
}

pub(crate) fn describe_tokens(text: &crate::record::Dictionary) -> Vec<Token> {
    let mut roots = DictionaryBuilder::default();
    let described: Vec<(u64, Option<&'static str>)> = (0..text.len() as u32)
        .into_par_iter()
        .with_min_len(512)
        .map(|id| {
            let word = text.get(ValueId(id));
            (text::phonetic(word), name::nickname_root(word))
        })
        .collect();
    text.iter()
        .zip(described)
        .map(|(word, (phonetic, root))| Token {
            phonetic,
            root: root.and_then(|r| roots.intern(r)).map_or(NONE, |id| id.0),
            initial: word.bytes().next().unwrap_or(0),
            length: word.len().min(255) as u8,
            sketch: Sketch::of(word),
            ..Token::default()
        })
        .collect()
}

/// The look of a name that survives typos and swaps: first three letters of given and family name,
/// in alphabetical order. 0 when there is no name.
pub(super) fn shape(f: &Features, name: u32) -> u64 {
    if name == NONE {
        return 0;
    }
    let n = &f.names[name as usize];
    let head =
        |token: u32| f.token(token).bytes().take(3).fold(0u64, |head, b| head << 8 | u64::from(b));
    let (x, y) = (head(n.given_joined), head(n.family_joined));
    x.min(y) << 24 | x.max(y)
}
