//! Firms: name, domain, address, switchboard, and how large each is.
//!
//! A firm is a function of its number, so no list of firms is ever held. Sizes follow a flattened
//! power law, and a name that several firms would share gets letters of the firm's number in its
//! domain: two firms may have one name, as in life, but never one domain.

use crate::countries::COUNTRIES;
use crate::names::Names;
use crate::phone::{Phone, office_line};
use crate::places::{Address, CountryId, JP, draw_city, draw_country};
use crate::random::{Permutation, Rng, Stream};
use crate::text::fold;

static WORDS: &[&str] = &[
    "Summit",
    "Pioneer",
    "Apex",
    "Horizon",
    "Lake",
    "Luma",
    "Orion",
    "Titan",
    "Harbor",
    "Anchor",
    "Eagle",
    "Lion",
    "Falcon",
    "Cedar",
    "Oak",
    "Granite",
    "Silver",
    "Golden",
    "Iron",
    "Crown",
    "Royal",
    "Noble",
    "Patriot",
    "Liberty",
    "Heritage",
    "Frontier",
    "Prairie",
    "Canyon",
    "River",
    "Stone",
    "Solar",
    "Lunar",
    "Stellar",
    "Astro",
    "Aero",
    "Hydro",
    "Aqua",
    "Terra",
    "Geo",
    "Eco",
    "Bio",
    "Nano",
    "Micro",
    "Macro",
    "Mecha",
    "Electro",
    "Tele",
    "Cyber",
    "Digital",
    "Data",
    "Cloud",
    "Net",
    "Info",
    "Smart",
    "Bright",
    "Rapid",
    "Swift",
    "Prime",
    "Premier",
    "Elite",
    "Alpha",
    "Delta",
    "Omega",
    "Zenith",
    "Vertex",
    "Quantum",
    "Fusion",
    "Nova",
    "Vital",
    "Core",
    "Edge",
    "Point",
    "Bridge",
    "Gate",
    "Peak",
    "Crest",
    "Ridge",
    "Bay",
    "Coast",
    "Atlantic",
    "Pacific",
    "Nordic",
    "Global",
    "United",
    "Allied",
    "Advanced",
    "Modern",
    "Urban",
    "Metro",
    "Cornerstone",
    "Keystone",
    "Compass",
    "Beacon",
    "Sierra",
    "Redwood",
    "Evergreen",
    "Cascade",
];

static TRADES: &[&str] = &[
    "Systems",
    "Solutions",
    "Software",
    "Technologies",
    "Networks",
    "Analytics",
    "Consulting",
    "Partners",
    "Associates",
    "Capital",
    "Financial",
    "Holdings",
    "Ventures",
    "Insurance",
    "Realty",
    "Properties",
    "Construction",
    "Engineering",
    "Manufacturing",
    "Industries",
    "Metals",
    "Plastics",
    "Textiles",
    "Chemicals",
    "Electronics",
    "Instruments",
    "Robotics",
    "Automation",
    "Energy",
    "Power",
    "Logistics",
    "Freight",
    "Transport",
    "Marine",
    "Motors",
    "Foods",
    "Supply",
    "Distribution",
    "Trading",
    "Packaging",
    "Retail",
    "Travel",
    "Hospitality",
    "Health",
    "Media",
    "Marketing",
    "Design",
    "Learning",
    "Research",
    "Security",
    "Communications",
    "Instruments",
];

static ENDINGS: &[&str] =
    &["net", "link", "line", "wave", "soft", "tech", "works", "logic", "ware", "point", "labs"];

/// How a firm forms mail addresses of its staff.
#[derive(Clone, Copy, PartialEq)]
pub enum MailStyle {
    FirstDotLast,
    InitialLast,
    First,
    FirstLast,
    FirstUnderscoreLast,
    LastInitial,
}

const MAIL_STYLES: [(MailStyle, u32); 6] = [
    (MailStyle::FirstDotLast, 44),
    (MailStyle::InitialLast, 19),
    (MailStyle::First, 9),
    (MailStyle::FirstLast, 11),
    (MailStyle::FirstUnderscoreLast, 8),
    (MailStyle::LastInitial, 9),
];

/// An employer.
pub struct Firm {
    pub country: CountryId,
    pub name: String,
    /// Which legal form of the country, and its usual spelling; `None`: the name stands alone.
    pub legal: Option<(usize, usize)>,
    pub domain: String,
    pub website: String,
    pub mail_style: MailStyle,
    pub address: Address,
    pub switchboard: Phone,
    pub block: u32,
    /// How many persons are expected to have worked here.
    pub staff: f64,
}

/// The law of firm sizes, and what is needed to make a firm.
pub struct Firms {
    seed: u64,
    count: f64,
    offset: f64,
    persons: f64,
    codes: Permutation,
}

/// Exponent of the size law.
const POWER: f64 = 0.82;

impl Firms {
    /// Firms for a population of persons.
    pub fn new(seed: u64, persons: u64) -> Firms {
        let count = (persons as f64 / 6.5).max(8.0).floor();
        let offset = 0.155 * count.sqrt();
        let codes = Permutation::new(count as u64 + 1, seed, 3);
        Firms { seed, count, offset, persons: persons as f64, codes }
    }

    /// Draws an employer's number.
    pub fn draw(&self, rng: &mut Rng) -> u64 {
        let low = self.offset.powf(1.0 - POWER);
        let high = (self.offset + self.count).powf(1.0 - POWER);
        let at = (low + rng.unit() * (high - low)).powf(1.0 / (1.0 - POWER)) - self.offset;
        (at as u64).min(self.count as u64 - 1)
    }

    fn staff(&self, index: u64) -> f64 {
        let scale = (self.offset + self.count).powf(1.0 - POWER) - self.offset.powf(1.0 - POWER);
        self.persons * (1.0 - POWER) / scale * (index as f64 + self.offset).powf(-POWER)
    }

    /// Where a firm is: the first draw of its stream, cheaper than the whole firm.
    pub fn country(&self, index: u64) -> CountryId {
        draw_country(&mut Rng::keyed(self.seed, Stream::Firm, index))
    }

    /// The firm of a number.
    pub fn make(&self, names: &Names, index: u64) -> Firm {
        let mut rng = Rng::keyed(self.seed, Stream::Firm, index);
        let rng = &mut rng;
        let country = draw_country(rng);
        let city = draw_city(rng, country);
        let (name, mut base, rivals) = self.draw_name(rng, names, country, city.name);
        let domain_style = rng.below(100);
        match domain_style {
            0..=5 => base.push_str("group"),
            6..=9 => base.push_str("hq"),
            10..=12 => base.push_str("inc"),
            13..=15 => base.push_str("global"),
            _ => {}
        }
        // Where another firm of this name is likely, the domain carries letters of the number.
        if rivals > 0.02 {
            if domain_style >= 60 {
                base.push('-');
            }
            base.push_str(&self.letters(index));
        }
        let tld = rng.pick(COUNTRIES[country].tlds);
        let domain = format!("{base}.{tld}");
        let website = web_address(rng, &domain);
        let forms = COUNTRIES[country].legal_forms;
        let legal = if rng.chance(0.9) {
            let form = if rng.chance(0.5) { 0 } else { rng.below(forms.len()) };
            Some((form, if rng.chance(0.75) { 0 } else { rng.below(forms[form].len()) }))
        } else {
            None
        };
        let style = rng.weighted(&MAIL_STYLES.map(|(_, weight)| weight));
        let address = Address::draw(rng, country, city);
        let block = rng.below(570) as u32;
        let switchboard = office_line(rng, country, city, block);
        Firm {
            country,
            name,
            legal,
            domain,
            website,
            mail_style: MAIL_STYLES[style].0,
            address,
            switchboard,
            block,
            staff: self.staff(index),
        }
    }

    /// A name, its domain stem, and how many other firms are expected to have the same stem.
    fn draw_name(
        &self,
        rng: &mut Rng,
        names: &Names,
        country: CountryId,
        city: &str,
    ) -> (String, String, f64) {
        // Names of which there are few give way to names of which there are many as firms multiply.
        let few = (0.30_f64).min(2000.0 / self.count);
        let trade = *rng.pick(TRADES);
        let trades = TRADES.len() as f64;
        let kind = rng.unit();
        let (name, forms) = if kind < few {
            (format!("{} {trade}", rng.pick(WORDS)), WORDS.len() as f64 * trades / few)
        } else if kind < 1.4 * few {
            (format!("{city} {trade}"), 90.0 * trades / (0.4 * few))
        } else if kind < 1.7 * few {
            let name = format!("{}{}", rng.pick(WORDS), rng.pick(ENDINGS));
            (name, WORDS.len() as f64 * ENDINGS.len() as f64 / (0.3 * few))
        } else {
            match rng.below(100) {
                0..=29 => {
                    let (one, two) = (rng.pick(WORDS), rng.pick(WORDS));
                    (format!("{one} {two} {trade}"), (WORDS.len() as f64).powi(2) * trades * 3.0)
                }
                30..=49 => {
                    let mut letters = String::new();
                    for _ in 0..3 {
                        letters.push(*rng.pick(b"ABCDEFGHIJKLMNOPRSTUVWXYZ") as char);
                    }
                    (format!("{letters} {trade}"), 15_625.0 * trades * 5.0)
                }
                50..=74 => {
                    let family = names.draw_family(rng, country);
                    let share = family.per_million / 1e6 / 9.0;
                    (format!("{} {trade}", family.text), trades * 4.0 / share)
                }
                _ => {
                    let one = names.draw_family(rng, country);
                    let two = names.draw_family(rng, country);
                    let share = one.per_million * two.per_million / 1e12 / 9.0;
                    (format!("{} & {}", one.text, two.text), 4.0 / share)
                }
            }
        };
        let mut base = fold(&name);
        if country == JP && rng.chance(0.3) {
            base.push_str("-jp");
        }
        (name, base, self.count / forms)
    }

    /// The firm's number in letters, shuffled so that neighbors do not look alike.
    fn letters(&self, index: u64) -> String {
        let mut code = self.codes.forward(index);
        let mut letters = String::new();
        loop {
            letters.push((b'a' + (code % 26) as u8) as char);
            code /= 26;
            if code == 0 {
                return letters;
            }
        }
    }
}

/// One of the ways a website is written.
pub fn web_address(rng: &mut Rng, domain: &str) -> String {
    match rng.below(5) {
        0 => format!("https://{domain}"),
        1 => format!("https://www.{domain}"),
        2 => format!("www.{domain}"),
        3 => format!("https://{domain}/"),
        _ => {
            if rng.chance(0.5) {
                format!("http://{domain}")
            } else {
                domain.to_string()
            }
        }
    }
}
