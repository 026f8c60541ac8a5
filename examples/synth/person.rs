//! Persons: who they are, where they live, what they do, and who stands beside them.
//!
//! Persons with numbers 2n and 2n+1 may be related: a couple under one roof, a father and son of
//! one name, namesakes in one firm or in two. The second draws from the first, so relations need no
//! list either.

use crate::countries::COUNTRIES;
use crate::firm::{Firm, Firms, MailStyle};
use crate::names::{Drawn, Names};
use crate::phone::{Phone, home_line, mobile, office_line};
use crate::places::{Address, BR, CountryId, ES, MX, US, draw_city, draw_country};
use crate::random::{Permutation, Rng, Stream};
use crate::text::fold;

/// What person 2n+1 is to person 2n.
#[derive(Clone, Copy, PartialEq)]
pub enum Relation {
    Stranger,
    Couple,
    FatherAndSon,
    NamesakeSameFirm,
    Namesake,
}

/// One employment.
pub struct Job {
    pub firm: Firm,
    pub title: usize,
    pub email: String,
    pub direct: Phone,
}

/// A person.
pub struct Person {
    pub number: u64,
    pub given: String,
    pub family: String,
    /// `Jr.` and the like, written in some records only.
    pub suffix: &'static str,
    pub names_country: CountryId,
    pub home: Address,
    pub home_phone: Phone,
    pub mobile: Option<Phone>,
    pub personal_email: String,
    /// The present job and, for some, an earlier one.
    pub jobs: Vec<Job>,
}

struct Identity {
    given: Drawn,
    family: Drawn,
    suffix: &'static str,
    names_country: CountryId,
    home: Address,
    home_phone: Phone,
    firm: u64,
    /// Told apart from the relative of the same name by this number in mail addresses.
    twin: bool,
}

/// Makes persons.
pub struct People {
    seed: u64,
    pub names: Names,
    pub firms: Firms,
    persons: f64,
    numbers: Permutation,
    mobile_tails: Permutation,
    home_tails: Permutation,
    tails: u64,
}

/// Ends of private numbers: seven digits that start with 2 to 9.
const TAILS: std::ops::Range<u64> = 2_000_000..10_000_000;

impl People {
    /// A population.
    pub fn new(seed: u64, persons: u64) -> People {
        let room = TAILS.end - TAILS.start;
        let tails = persons.clamp(room / 2, room);
        People {
            seed,
            names: Names::new(),
            firms: Firms::new(seed, persons),
            persons: persons as f64,
            numbers: Permutation::new(persons.max(1), seed, 2),
            mobile_tails: Permutation::new(tails, seed, 4),
            home_tails: Permutation::new(tails, seed, 5),
            tails,
        }
    }

    /// What the two persons of a pair of numbers are to each other.
    pub fn relation(&self, number: u64) -> Relation {
        let at = Rng::keyed(self.seed, Stream::Relation, number / 2).unit();
        match at {
            x if x < 0.010 => Relation::Couple,
            x if x < 0.014 => Relation::FatherAndSon,
            x if x < 0.0295 => Relation::NamesakeSameFirm,
            x if x < 0.066 => Relation::Namesake,
            _ => Relation::Stranger,
        }
    }

    /// A number unlike the person's place in the truth: it appears in mail addresses.
    pub fn public_number(&self, number: u64) -> u64 {
        self.numbers.forward(number % self.persons as u64)
    }

    /// The last seven digits of a person's mobile number: from the low end of the range.
    fn mobile_tail(&self, number: u64) -> u64 {
        TAILS.start + self.mobile_tails.forward(number % self.tails)
    }

    /// The last seven digits of a person's home number: from the high end, out of reach of mobiles
    /// up to four million persons.
    fn home_tail(&self, number: u64) -> u64 {
        TAILS.end - 1 - self.home_tails.forward(number % self.tails)
    }

    /// The person of a number.
    pub fn make(&self, number: u64) -> Person {
        let mut rng = Rng::keyed(self.seed, Stream::Person, number);
        let rng = &mut rng;
        let mut who = self.identity(rng, number);
        let relation = self.relation(number);
        if relation != Relation::Stranger {
            let second = number % 2 == 1;
            if second {
                let mut first_rng = Rng::keyed(self.seed, Stream::Person, number - 1);
                let first = self.identity(&mut first_rng, number - 1);
                relate(&mut who, first, relation);
            }
            if relation == Relation::FatherAndSon {
                who.suffix = if second { "Jr." } else { "Sr." };
            }
        } else if rng.chance(0.012) {
            who.suffix = *rng.pick(&["Jr.", "II", "III", "III", "Jr"]);
        }
        let mut jobs = vec![self.job(rng, &who, who.firm)];
        if rng.chance(0.235) {
            let firm = self.firms.draw(rng);
            jobs.push(self.job(rng, &who, firm));
        }
        let home_country = who.home.country;
        let tail = self.mobile_tail(number);
        let mobile = rng.chance(0.70).then(|| mobile(rng, home_country, who.home.city, tail));
        let personal_email = self.personal_email(rng, &who, number);
        Person {
            number,
            given: who.given.text,
            family: who.family.text,
            suffix: who.suffix,
            names_country: who.names_country,
            home: who.home,
            home_phone: who.home_phone,
            mobile,
            personal_email,
            jobs,
        }
    }

    fn identity(&self, rng: &mut Rng, number: u64) -> Identity {
        let firm = self.firms.draw(rng);
        let firm_country = self.firms.country(firm);
        let country = if rng.chance(0.12) { draw_country(rng) } else { firm_country };
        let names_country = if rng.chance(0.09) { draw_country(rng) } else { country };
        let given = self.names.draw_given(rng, names_country);
        let mut family = self.names.draw_family(rng, names_country);
        let second = match names_country {
            ES => 0.5,
            BR => 0.4,
            MX => 0.3,
            US => 0.02,
            _ => 0.012,
        };
        if rng.chance(second) {
            let other = self.names.draw_family(rng, names_country);
            let joint = if matches!(names_country, ES | BR | MX) { ' ' } else { '-' };
            family.text.push(joint);
            family.text.push_str(&other.text);
            family.per_million *= second * other.per_million / 1e6;
        }
        let city = draw_city(rng, country);
        let home = Address::draw(rng, country, city);
        let home_phone = home_line(country, city, self.home_tail(number));
        let suffix = "";
        Identity { given, family, suffix, names_country, home, home_phone, firm, twin: false }
    }

    fn job(&self, rng: &mut Rng, who: &Identity, firm: u64) -> Job {
        let firm = self.firms.make(&self.names, firm);
        let direct = office_line(rng, firm.country, firm.address.city, firm.block);
        let mut local = match firm.mail_style {
            MailStyle::FirstDotLast => {
                format!("{}.{}", first_word(&who.given), joined(&who.family))
            }
            MailStyle::InitialLast => format!("{}{}", initial(&who.given), joined(&who.family)),
            MailStyle::First => first_word(&who.given),
            MailStyle::FirstLast => format!("{}{}", first_word(&who.given), joined(&who.family)),
            MailStyle::FirstUnderscoreLast => {
                format!("{}_{}", first_word(&who.given), joined(&who.family))
            }
            MailStyle::LastInitial => format!("{}{}", joined(&who.family), initial(&who.given)),
        };
        // Colleagues with the same address get a number, more digits in larger firms.
        let namesakes = firm.staff * share(&who.given, &who.family, firm.mail_style);
        if who.twin {
            local.push('2');
        } else if namesakes > 0.03 {
            local.push_str(&(3 + rng.below((namesakes * 150.0) as usize + 30)).to_string());
        }
        let email = format!("{local}@{}", firm.domain);
        Job { title: rng.below(crate::titles::TITLES.len()), firm, email, direct }
    }

    fn personal_email(&self, rng: &mut Rng, who: &Identity, number: u64) -> String {
        let host = rng.pick(COUNTRIES[who.home.country].free_mail);
        let first = first_word(&who.given);
        let last = joined(&who.family);
        let style = rng.below(100);
        let by_initial = (20..38).contains(&style);
        let like = if by_initial { MailStyle::InitialLast } else { MailStyle::FirstDotLast };
        let namesakes = self.persons * 0.4 * share(&who.given, &who.family, like);
        let year = rng.between(1950, 2004);
        // A year tells few namesakes apart; frequent names need a number nobody else has.
        let mark = if namesakes < 0.2 && style < 88 {
            if rng.chance(0.5) { year.to_string() } else { (year % 100).to_string() }
        } else {
            self.public_number(number).to_string()
        };
        let local = match style {
            0..=19 => format!("{first}{last}{mark}"),
            20..=37 => format!("{}{last}{mark}", initial(&who.given)),
            38..=67 => format!("{first}.{last}{mark}"),
            68..=79 => format!("{last}.{first}{mark}"),
            80..=87 => format!("{first}{last}{mark}"),
            88..=95 => format!("{first}{mark}"),
            _ => format!("{}{first}{mark}", rng.pick(&["sunny", "the", "mr", "cool", "real"])),
        };
        format!("{local}@{host}")
    }
}

fn relate(who: &mut Identity, first: Identity, relation: Relation) {
    if relation == Relation::Couple || relation == Relation::FatherAndSon {
        who.home = first.home;
        who.home_phone = first.home_phone;
    }
    if relation == Relation::NamesakeSameFirm {
        who.firm = first.firm;
        who.twin = true;
    }
    if relation != Relation::Couple {
        who.given = first.given;
    }
    who.family = first.family;
    who.names_country = first.names_country;
}

fn first_word(name: &Drawn) -> String {
    fold(name.text.split(' ').next().unwrap_or_default())
}

fn joined(name: &Drawn) -> String {
    fold(&name.text)
}

fn initial(name: &Drawn) -> String {
    fold(&name.text).chars().take(1).collect()
}

/// The share of people whose address would be the same under a mail style.
fn share(given: &Drawn, family: &Drawn, style: MailStyle) -> f64 {
    let (given, family) = (given.per_million / 1e6, family.per_million / 1e6);
    match style {
        MailStyle::First => given,
        MailStyle::InitialLast | MailStyle::LastInitial => 0.08 * family,
        _ => given * family,
    }
}
