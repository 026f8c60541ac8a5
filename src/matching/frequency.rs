//! Term frequency: agreeing on "Smith" is not agreeing on "Featherstonehaugh".
//!
//! Applied when a pair is decided, not when the model is fitted, so that patterns stay few. The
//! adjustment is the logarithm of how much rarer the agreed value is than the average agreement;
//! it corrects the unrelated class only.

use super::model::MatchingModel;
use crate::compare::Pair;
use crate::compare::feature::{Averages, Entity, Features, Name, Token};
use crate::compare::level::{at, company, level_of, name, place, three};

/// Strength of the adjustment for names: half, since namesakes of rare names share families.
const NAME_STRENGTH: f64 = 0.5;
/// Most bits a rare name adds.
const NAME_BONUS: f64 = 2.0;
/// Records of average names that a name's frequency leans on: in a file of thirty rows the two that agree
/// would make any name a frequent one.
const NAME_RECORDS: f64 = 300.0;
/// Strength of a double family name, as a multiple of what a single one has: it comes from two
/// families, and cousins share one half of it only.
const DOUBLE_STRENGTH: f64 = 2.0;
/// Bounds of the other adjustments, in bits.
const OTHER_BOUND: f64 = 5.0;

/// Chance that two unrelated records reach the one-sided level, as the model starts out.
const ONE_SIDED_PROB: f64 = 1e-3;

/// The averages that agreements are held against.
#[derive(Debug, Clone)]
pub struct Frequencies {
    records: f64,
    name_strength: f64,
    given: f64,
    family: f64,
    company: f64,
    city: f64,
    generic: Vec<f64>,
}

/// Bits added to a pair's match weight, by what they come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Adjustment {
    /// From the name.
    pub name: f64,
    /// From the company.
    pub company: f64,
    /// From the city.
    pub city: f64,
    /// From columns without a role of their own.
    pub generic: f64,
}

impl Adjustment {
    /// All bits.
    pub fn total(&self) -> f64 {
        self.name + self.company + self.city + self.generic
    }
}

/// The averages of the records at hand.
pub fn averages(f: &Features) -> Averages {
    let records = (f.len() as f64).max(2.0);
    let mean = |counts: &mut dyn Iterator<Item = u32>| {
        let (mut agree, mut all) = (0.0, 0.0);
        for c in counts.map(f64::from) {
            agree += c * (c - 1.0).max(0.0);
            all += c;
        }
        (agree / (all * (all - 1.0)).max(1.0)).max(0.5 / records)
    };
    Averages {
        records,
        companies: f.companies.len() as u32,
        company: mean(&mut f.companies.iter().skip(1).map(|c| c.records)),
        city: mean(&mut f.city_records.iter().skip(1).copied()),
        generic: f.generics.iter().map(|g| mean(&mut g.records.iter().skip(1).copied())).collect(),
    }
}

impl Frequencies {
    /// Averages of the features under a model.
    pub fn of(f: &Features, model: &MatchingModel) -> Self {
        let Averages { records, company, city, generic, .. } =
            f.frozen.clone().unwrap_or_else(|| averages(f));
        Self {
            records,
            name_strength: NAME_STRENGTH,
            given: model.given_agreement_prob,
            family: model.family_agreement_prob,
            company,
            city,
            generic,
        }
    }

    /// The same averages, but a rare name counts no more than a common one.
    pub fn without_names(self) -> Self {
        Self { name_strength: 0.0, ..self }
    }

    /// Share of records with a value, the pair itself left out.
    fn share(&self, records: u32) -> f64 {
        (f64::from(records) - 1.0).max(0.5) / self.records
    }

    /// Bits that the adjustment of a pair with this pattern cannot exceed.
    pub(super) fn most_bits(pattern: u64) -> f64 {
        // The name, the company, the city and every column of its own.
        let generics = (at::GENERIC..at::LIMIT).filter(|&i| level_of(pattern, i) == three::SAME);
        let company = level_of(pattern, at::COMPANY) == company::SAME;
        let city = level_of(pattern, at::PLACE) == place::CITY;
        let bounded = usize::from(company) + usize::from(city) + generics.count();
        let double = level_of(pattern, at::NAME) == name::EXACT;
        let name = if double { OTHER_BOUND } else { NAME_BONUS };
        name + OTHER_BOUND * bounded as f64
    }

    /// The adjustment for a pair with this pattern.
    pub fn adjust(&self, f: &Features, pair: Pair, pattern: u64) -> Adjustment {
        let (x, y) = (&f.rows[pair.a as usize], &f.rows[pair.b as usize]);
        let mut adjustment = Adjustment::default();
        if f.entity == Entity::Person {
            adjustment.name = self.name_bits(f, x.name, y.name, level_of(pattern, at::NAME));
            if level_of(pattern, at::COMPANY) == company::SAME && x.company != 0 && y.company != 0 {
                let (p, q) = (&f.companies[x.company as usize], &f.companies[y.company as usize]);
                adjustment.company = self.bits(self.company, p.records.max(q.records));
            }
        }
        if level_of(pattern, at::PLACE) == place::CITY && x.city == y.city {
            adjustment.city = self.bits(self.city, f.city_records[x.city as usize]);
        }
        for (i, g) in f.generics.iter().take(at::LIMIT - at::GENERIC).enumerate() {
            if !g.external && level_of(pattern, at::GENERIC + i) == three::SAME {
                let records = g.records[g.ids[pair.a as usize] as usize];
                adjustment.generic += self.bits(self.generic[i], records);
            }
        }
        adjustment
    }

    fn bits(&self, average: f64, records: u32) -> f64 {
        (average / self.share(records)).log2().clamp(-OTHER_BOUND, OTHER_BOUND)
    }

    /// How much rarer than the average a name on so many records is, in bits.
    fn rarity(&self, records: u32, average: f64) -> f64 {
        let others = (f64::from(records) - 1.0).max(0.5) + NAME_RECORDS * average;
        (average * (self.records + NAME_RECORDS) / others).log2()
    }

    fn name_bits(&self, f: &Features, a: u32, b: u32, level: u8) -> f64 {
        if a == 0 || b == 0 {
            return 0.0;
        }
        let (x, y) = (&f.names[a as usize], &f.names[b as usize]);
        let part = |pick: fn(&Name) -> u32, count: fn(&Token) -> u32, average: f64| {
            let (p, q) = (pick(x), pick(y));
            if p == 0 || q == 0 {
                return 0.0;
            }
            let records = |token: u32| count(&f.tokens[token as usize]);
            self.rarity(records(p).max(records(q)), average)
        };
        let given = || part(|n| n.given_joined, |t| t.given_records, self.given);
        let family = || part(|n| n.family_joined, |t| t.family_records, self.family);
        let double = level == name::EXACT && x.family_count > 1 && y.family_count > 1;
        let bits = match level {
            name::EXACT if double => given() + DOUBLE_STRENGTH * family(),
            name::EXACT | name::ONE_GENERATION => given() + family(),
            // Of García López and García the rarity of García counts.
            name::PARTIAL | name::MIXED => {
                let shared = self.shared_part(f, x, y).unwrap_or_else(family);
                0.7 * (given() + shared)
            }
            name::NICKNAME | name::TYPO => 0.7 * (given() + family()),
            name::INITIAL | name::FAMILY_ONLY => family(),
            // The same given name and no family name: as telling as the name is rare.
            name::ONE_SIDED if x.given_joined == y.given_joined && x.given_joined != 0 => {
                part(|n| n.given_joined, |t| t.given_records, self.given).min(0.0)
                    + (ONE_SIDED_PROB / self.given).log2().min(0.0)
            }
            name::SWAPPED => 0.5 * (given() + family()),
            _ => 0.0,
        };
        let bonus = if double { OTHER_BOUND } else { NAME_BONUS };
        (self.name_strength * bits).clamp(-OTHER_BOUND, bonus)
    }

    /// How much rarer than the average the part is that two double family names have in common; the
    /// rarest of several.
    fn shared_part(&self, f: &Features, x: &Name, y: &Name) -> Option<f64> {
        let records = |&t: &u32| f.tokens[t as usize].family_records;
        let common = x.family().iter().filter(|t| y.family().contains(t));
        let rarest = common.map(records).min()?;
        Some(self.rarity(rarest, self.family))
    }
}
