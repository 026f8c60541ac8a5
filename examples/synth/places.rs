//! Nine countries: how addresses and telephone numbers look there.
//!
//! Cities carry their real region, dialling code and postal prefix, so that addresses and numbers
//! agree with each other as they do in a real database; streets and house numbers are invented.

use crate::random::Rng;

/// Index into [`COUNTRIES`].
pub type CountryId = usize;

/// A town people live and work in.
pub struct City {
    pub name: &'static str,
    /// Region written out; empty where addresses carry none.
    pub region: &'static str,
    pub region_code: &'static str,
    /// Dialling code without trunk zero.
    pub dial: &'static str,
    /// First characters of the postal code.
    pub postal: &'static str,
    /// The name in another language or without accents; empty if there is none.
    pub other_name: &'static str,
    pub weight: u32,
}

/// A country and its habits.
pub struct Country {
    pub names: &'static [&'static str],
    pub calling_code: &'static str,
    pub trunk: &'static str,
    pub tlds: &'static [&'static str],
    pub free_mail: &'static [&'static str],
    pub streets: &'static [&'static str],
    pub legal_forms: &'static [&'static [&'static str]],
    pub cities: &'static [City],
    /// Share of firms, in thousandths.
    pub weight: u32,
}

const fn city(
    name: &'static str,
    region: &'static str,
    region_code: &'static str,
    dial: &'static str,
    postal: &'static str,
    other_name: &'static str,
    weight: u32,
) -> City {
    City { name, region, region_code, dial, postal, other_name, weight }
}

/// United States.
pub const US: CountryId = 0;
/// United Kingdom.
pub const GB: CountryId = 1;
/// Germany.
pub const DE: CountryId = 2;
/// France.
pub const FR: CountryId = 3;
/// Spain.
pub const ES: CountryId = 4;
/// Brazil.
pub const BR: CountryId = 5;
/// Mexico.
pub const MX: CountryId = 6;
/// India.
pub const IN: CountryId = 7;
/// Japan.
pub const JP: CountryId = 8;

/// The countries, by [`CountryId`].
pub static COUNTRIES: [Country; 9] = [
    Country {
        names: &["United States", "USA", "US", "United States of America", "U.S.A."],
        calling_code: "1",
        trunk: "1",
        tlds: &["com", "com", "com", "com", "net", "io", "co", "org"],
        free_mail: &[
            "gmail.com",
            "gmail.com",
            "gmail.com",
            "gmail.com",
            "comcast.net",
            "aol.com",
            "icloud.com",
            "yahoo.com",
            "hotmail.com",
            "outlook.com",
        ],
        streets: &[
            "Main Street",
            "Market Street",
            "Maple Avenue",
            "Oak Street",
            "Church Street",
            "Park Avenue",
            "Washington Boulevard",
            "Lake Drive",
            "River Road",
            "Cedar Lane",
            "Elm Street",
            "Broadway",
            "Commerce Drive",
            "Technology Court",
            "Franklin Avenue",
            "Hillcrest Road",
            "Sunset Boulevard",
            "Jefferson Street",
            "Industrial Parkway",
            "Corporate Drive",
            "2nd Avenue",
            "5th Avenue",
            "Spring Street",
            "Highland Avenue",
            "Lincoln Way",
            "Mill Road",
            "College Avenue",
            "Ridge Road",
            "Union Street",
        ],
        legal_forms: &[
            &["Inc", "Inc.", "Incorporated", "INC"],
            &["LLC", "L.L.C.", "llc"],
            &["Corp", "Corp.", "Corporation"],
            &["Co", "Co.", "Company"],
            &["Group", "Grp", "Group"],
        ],
        cities: &[
            city("New York", "New York", "NY", "212", "100", "NYC", 90),
            city("Brooklyn", "New York", "NY", "718", "112", "", 70),
            city("Los Angeles", "California", "CA", "213", "900", "", 50),
            city("San Diego", "California", "CA", "619", "921", "", 28),
            city("San Jose", "California", "CA", "408", "951", "", 22),
            city("San Francisco", "California", "CA", "415", "941", "", 18),
            city("Denver", "Colorado", "CO", "303", "802", "", 25),
            city("Houston", "Texas", "TX", "713", "770", "", 26),
            city("Dallas", "Texas", "TX", "214", "752", "", 15),
            city("Austin", "Texas", "TX", "512", "787", "", 15),
            city("San Antonio", "Texas", "TX", "210", "782", "", 13),
            city("Phoenix", "Arizona", "AZ", "602", "850", "", 24),
            city("Raleigh", "North Carolina", "NC", "919", "276", "", 22),
            city("Charlotte", "North Carolina", "NC", "704", "282", "", 17),
            city("Philadelphia", "Pennsylvania", "PA", "215", "191", "", 22),
            city("Pittsburgh", "Pennsylvania", "PA", "412", "152", "", 10),
            city("Chicago", "Illinois", "IL", "312", "606", "", 21),
            city("Orlando", "Florida", "FL", "407", "328", "", 19),
            city("Tampa", "Florida", "FL", "813", "336", "", 16),
            city("Miami", "Florida", "FL", "305", "331", "", 10),
            city("Cleveland", "Ohio", "OH", "216", "441", "", 16),
            city("Columbus", "Ohio", "OH", "614", "432", "", 12),
            city("Salt Lake City", "Utah", "UT", "801", "841", "", 15),
            city("Portland", "Oregon", "OR", "503", "972", "", 14),
            city("Las Vegas", "Nevada", "NV", "702", "891", "", 14),
            city("Atlanta", "Georgia", "GA", "404", "303", "", 13),
            city("Minneapolis", "Minnesota", "MN", "612", "554", "", 13),
            city("Boston", "Massachusetts", "MA", "617", "021", "", 12),
            city("Hartford", "Connecticut", "CT", "860", "061", "", 12),
            city("Indianapolis", "Indiana", "IN", "317", "462", "", 11),
            city("Nashville", "Tennessee", "TN", "615", "372", "", 10),
            city("Louisville", "Kentucky", "KY", "502", "402", "", 10),
            city("Omaha", "Nebraska", "NE", "402", "681", "", 10),
            city("St. Louis", "Missouri", "MO", "314", "631", "Saint Louis", 9),
            city("Seattle", "Washington", "WA", "206", "981", "", 9),
            city("Milwaukee", "Wisconsin", "WI", "414", "532", "", 8),
        ],
        weight: 470,
    },
    Country {
        names: &["United Kingdom", "England", "UK", "Great Britain", "GB"],
        calling_code: "44",
        trunk: "0",
        tlds: &["co.uk", "co.uk", "co.uk", "com", "uk"],
        free_mail: &["gmail.com", "yahoo.co.uk", "hotmail.co.uk", "btinternet.com", "outlook.com"],
        streets: &[
            "High Street",
            "Station Road",
            "London Road",
            "Church Lane",
            "Mill Lane",
            "Kingsway",
            "Victoria Road",
            "Park Lane",
            "Queen Street",
            "Bridge Street",
            "Albert Road",
            "The Crescent",
            "George Street",
            "King Street",
            "Castle Street",
            "Manor Road",
        ],
        legal_forms: &[
            &["Ltd", "Ltd.", "Limited"],
            &["PLC", "plc", "P.L.C."],
            &["LLP", "llp", "L.L.P."],
        ],
        cities: &[
            city("London", "", "", "20", "EC|SW|W|N", "", 100),
            city("Newcastle upon Tyne", "", "", "191", "NE", "Newcastle", 32),
            city("Birmingham", "", "", "121", "B", "", 34),
            city("Leeds", "", "", "113", "LS", "", 26),
            city("Reading", "", "", "118", "RG", "", 24),
            city("Nottingham", "", "", "115", "NG", "", 18),
            city("Glasgow", "", "", "141", "G", "", 17),
            city("Cardiff", "", "", "29", "CF", "", 15),
            city("Edinburgh", "", "", "131", "EH", "", 12),
            city("Manchester", "", "", "161", "M", "", 14),
            city("Sheffield", "", "", "114", "S", "", 9),
            city("Bristol", "", "", "117", "BS", "", 9),
            city("Liverpool", "", "", "151", "L", "", 9),
        ],
        weight: 133,
    },
    Country {
        names: &["Germany", "DE", "Deutschland"],
        calling_code: "49",
        trunk: "0",
        tlds: &["de", "de", "de", "com"],
        free_mail: &["gmail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "outlook.de"],
        streets: &[
            "Hauptstraße",
            "Bahnhofstraße",
            "Gartenstraße",
            "Schulstraße",
            "Berliner Straße",
            "Goethestraße",
            "Mozartstraße",
            "Lindenstraße",
            "Bergstraße",
            "Kaiserstraße",
            "Friedrichstraße",
            "Marktplatz",
            "Königsallee",
            "Schillerplatz",
            "Ringstraße",
        ],
        legal_forms: &[
            &["GmbH", "Gmbh", "GMBH"],
            &["AG", "Aktiengesellschaft"],
            &["KG", "K.G."],
            &["GmbH & Co. KG", "GmbH & Co KG", "GmbH u. Co. KG"],
            &["UG", "UG (haftungsbeschränkt)"],
        ],
        cities: &[
            city("Berlin", "Berlin", "BE", "30", "101", "", 35),
            city("Hamburg", "Hamburg", "HH", "40", "203", "", 21),
            city("München", "Bayern", "BY", "89", "803", "Munich", 14),
            city("Köln", "Nordrhein-Westfalen", "NW", "221", "506", "Cologne", 18),
            city("Dortmund", "Nordrhein-Westfalen", "NW", "231", "441", "", 20),
            city("Essen", "Nordrhein-Westfalen", "NW", "201", "451", "", 15),
            city("Leipzig", "Sachsen", "SN", "341", "041", "", 14),
            city("Frankfurt am Main", "Hessen", "HE", "69", "603", "Frankfurt", 14),
            city("Stuttgart", "Baden-Württemberg", "BW", "711", "701", "", 13),
            city("Bremen", "Bremen", "HB", "421", "281", "", 7),
            city("Dresden", "Sachsen", "SN", "351", "010", "", 7),
            city("Düsseldorf", "Nordrhein-Westfalen", "NW", "211", "402", "Duesseldorf", 7),
            city("Nürnberg", "Bayern", "BY", "911", "904", "Nuremberg", 5),
            city("Hannover", "Niedersachsen", "NI", "511", "301", "", 5),
        ],
        weight: 101,
    },
    Country {
        names: &["France", "FR"],
        calling_code: "33",
        trunk: "0",
        tlds: &["fr", "fr", "com"],
        free_mail: &["gmail.com", "orange.fr", "free.fr", "wanadoo.fr", "hotmail.fr", "yahoo.fr"],
        streets: &[
            "Rue de la République",
            "Rue de la Gare",
            "Avenue Jean Jaurès",
            "Rue des Écoles",
            "Boulevard Haussmann",
            "Rue Saint-Honoré",
            "Avenue Victor Hugo",
            "Rue du Moulin",
            "Place de l'Église",
            "Rue Pasteur",
            "Rue Nationale",
            "Allée des Tilleuls",
        ],
        legal_forms: &[&["SAS", "S.A.S."], &["SARL", "S.A.R.L."], &["SA", "S.A."]],
        cities: &[
            city("Paris", "Île-de-France", "Île-de-France", "1", "750", "", 22),
            city("Toulouse", "Occitanie", "Occitanie", "5", "310", "", 21),
            city("Bordeaux", "Nouvelle-Aquitaine", "Nouvelle-Aquitaine", "5", "330", "", 20),
            city("Lyon", "Auvergne-Rhône-Alpes", "Auvergne-Rhône-Alpes", "4", "690", "", 21),
            city("Lille", "Hauts-de-France", "Hauts-de-France", "3", "590", "", 13),
            city("Nice", "Provence-Alpes-Côte d'Azur", "PACA", "4", "060", "", 12),
            city("Marseille", "Provence-Alpes-Côte d'Azur", "PACA", "4", "130", "", 8),
            city("Nantes", "Pays de la Loire", "Pays de la Loire", "2", "440", "", 10),
            city("Strasbourg", "Grand Est", "Grand Est", "3", "670", "", 9),
            city("Rennes", "Bretagne", "Bretagne", "2", "350", "", 5),
        ],
        weight: 57,
    },
    Country {
        names: &["Spain", "España", "ES"],
        calling_code: "34",
        trunk: "",
        tlds: &["es", "es", "com"],
        free_mail: &["gmail.com", "yahoo.es", "telefonica.net", "hotmail.com"],
        streets: &[
            "Calle Mayor",
            "Calle Real",
            "Gran Vía",
            "Paseo de Gracia",
            "Avenida de América",
            "Calle de Alcalá",
            "Plaza de España",
            "Calle Serrano",
            "Calle del Sol",
            "Avenida de la Constitución",
            "Ronda de Toledo",
            "Calle San Juan",
        ],
        legal_forms: &[&["S.L.", "SL", "S L"], &["S.A.", "SA"], &["S.L.U.", "SLU"]],
        cities: &[
            city("Barcelona", "Barcelona", "Barcelona", "93", "080", "", 36),
            city("Madrid", "Madrid", "Madrid", "91", "280", "", 36),
            city("Zaragoza", "Zaragoza", "Zaragoza", "976", "500", "Saragossa", 20),
            city("Valencia", "Valencia", "Valencia", "96", "460", "València", 10),
            city("Bilbao", "Vizcaya", "Vizcaya", "94", "480", "", 9),
            city("Sevilla", "Sevilla", "Sevilla", "95", "410", "Seville", 9),
            city("Málaga", "Málaga", "Málaga", "952", "290", "", 8),
            city("A Coruña", "A Coruña", "A Coruña", "981", "150", "La Coruña", 5),
        ],
        weight: 56,
    },
    Country {
        names: &["Brazil", "Brasil", "BR"],
        calling_code: "55",
        trunk: "0",
        tlds: &["com.br", "com.br", "com"],
        free_mail: &["gmail.com", "uol.com.br", "bol.com.br", "yahoo.com.br", "hotmail.com"],
        streets: &[
            "Avenida Paulista",
            "Rua Augusta",
            "Rua XV de Novembro",
            "Avenida Brasil",
            "Rua das Flores",
            "Alameda Santos",
            "Avenida Atlântica",
            "Rua Sete de Setembro",
            "Rua Oscar Freire",
            "Avenida Ipiranga",
            "Rua Tiradentes",
            "Travessa da Paz",
        ],
        legal_forms: &[
            &["Ltda", "LTDA", "Limitada", "Ltda."],
            &["S.A.", "SA", "S/A"],
            &["Eireli", "EIRELI"],
        ],
        cities: &[
            city("São Paulo", "São Paulo", "SP", "11", "01", "Sampa", 46),
            city("Rio de Janeiro", "Rio de Janeiro", "RJ", "21", "20", "Rio", 16),
            city("Curitiba", "Paraná", "PR", "41", "80", "", 13),
            city("Porto Alegre", "Rio Grande do Sul", "RS", "51", "90", "", 11),
            city("Belo Horizonte", "Minas Gerais", "MG", "31", "30", "BH", 9),
            city("Brasília", "Distrito Federal", "DF", "61", "70", "", 8),
            city("Recife", "Pernambuco", "PE", "81", "50", "", 6),
            city("Salvador", "Bahia", "BA", "71", "40", "", 5),
            city("Campinas", "São Paulo", "SP", "19", "13", "", 5),
        ],
        weight: 55,
    },
    Country {
        names: &["Mexico", "México", "MX"],
        calling_code: "52",
        trunk: "",
        tlds: &["mx", "com.mx", "com"],
        free_mail: &["gmail.com", "yahoo.com.mx", "hotmail.com", "prodigy.net.mx"],
        streets: &[
            "Avenida Insurgentes",
            "Paseo de la Reforma",
            "Avenida Universidad",
            "Calle Hidalgo",
            "Calle Juárez",
            "Avenida Chapultepec",
            "Calle Morelos",
            "Calzada de Tlalpan",
            "Avenida Vallarta",
            "Calle 5 de Mayo",
            "Boulevard Díaz Ordaz",
        ],
        legal_forms: &[&["S.A. de C.V.", "SA de CV", "S.A. de CV"], &["S. de R.L.", "S de RL"]],
        cities: &[
            city("Ciudad de México", "Ciudad de México", "CDMX", "55", "06", "Mexico City", 30),
            city("León", "Guanajuato", "GTO", "477", "37", "", 20),
            city("Guadalajara", "Jalisco", "JAL", "33", "44", "", 14),
            city("Monterrey", "Nuevo León", "NL", "81", "64", "", 14),
            city("Mérida", "Yucatán", "YUC", "999", "97", "", 15),
            city("Tijuana", "Baja California", "BC", "664", "22", "", 7),
            city("Puebla", "Puebla", "PUE", "222", "72", "", 6),
            city("Querétaro", "Querétaro", "QRO", "442", "76", "", 5),
        ],
        weight: 41,
    },
    Country {
        names: &["India", "IN"],
        calling_code: "91",
        trunk: "0",
        tlds: &["in", "co.in", "com"],
        free_mail: &["gmail.com", "gmail.com", "rediffmail.com", "yahoo.co.in", "outlook.com"],
        streets: &[
            "MG Road",
            "Brigade Road",
            "Nehru Place",
            "Park Street",
            "Linking Road",
            "Anna Salai",
            "Station Road",
            "Hitech City Road",
            "Sardar Patel Marg",
            "Residency Road",
            "Gandhi Nagar",
            "Ring Road",
        ],
        legal_forms: &[
            &["Pvt Ltd", "Pvt. Ltd.", "Private Limited", "P Ltd"],
            &["Ltd", "Limited", "Ltd."],
            &["LLP", "llp"],
        ],
        cities: &[
            city("Mumbai", "Maharashtra", "Maharashtra", "22", "400", "Bombay", 44),
            city("Hyderabad", "Telangana", "Telangana", "40", "500", "", 18),
            city("Delhi", "Delhi", "Delhi", "11", "110", "New Delhi", 15),
            city("Bengaluru", "Karnataka", "Karnataka", "80", "560", "Bangalore", 14),
            city("Gurgaon", "Haryana", "Haryana", "124", "122", "Gurugram", 11),
            city("Pune", "Maharashtra", "Maharashtra", "20", "411", "", 10),
            city("Chennai", "Tamil Nadu", "Tamil Nadu", "44", "600", "Madras", 8),
            city("Ahmedabad", "Gujarat", "Gujarat", "79", "380", "", 7),
            city("Kolkata", "West Bengal", "West Bengal", "33", "700", "Calcutta", 5),
        ],
        weight: 61,
    },
    Country {
        names: &["Japan", "JP"],
        calling_code: "81",
        trunk: "0",
        tlds: &["co.jp", "jp", "com"],
        free_mail: &["gmail.com", "yahoo.co.jp", "outlook.jp", "docomo.ne.jp"],
        streets: &[
            "Nishi-Shinjuku",
            "Marunouchi",
            "Ginza",
            "Umeda",
            "Tenjin",
            "Shibuya",
            "Sakae",
            "Honmachi",
            "Akasaka",
            "Roppongi",
        ],
        legal_forms: &[
            &["K.K.", "KK"],
            &["Co., Ltd.", "Co Ltd", "Co., Ltd"],
            &["Inc", "Inc.", "Incorporated"],
        ],
        cities: &[
            city("Osaka", "Osaka", "Osaka", "6", "530", "", 30),
            city("Nagoya", "Aichi", "Aichi", "52", "450", "", 20),
            city("Tokyo", "Tokyo", "Tokyo", "3", "100", "", 14),
            city("Sapporo", "Hokkaido", "Hokkaido", "11", "060", "", 12),
            city("Yokohama", "Kanagawa", "Kanagawa", "45", "220", "", 7),
            city("Fukuoka", "Fukuoka", "Fukuoka", "92", "810", "", 4),
            city("Kyoto", "Kyoto", "Kyoto", "75", "600", "", 4),
        ],
        weight: 26,
    },
];

/// Draws a country by the share of firms.
pub fn draw_country(rng: &mut Rng) -> CountryId {
    let mut weights = [0u32; 9];
    for (weight, country) in weights.iter_mut().zip(&COUNTRIES) {
        *weight = country.weight;
    }
    rng.weighted(&weights)
}

/// Draws a city of a country by size.
pub fn draw_city(rng: &mut Rng, country: CountryId) -> &'static City {
    let cities = COUNTRIES[country].cities;
    let total: u32 = cities.iter().map(|city| city.weight).sum();
    let mut left = rng.below(total as usize) as u32;
    for city in cities {
        if left < city.weight {
            return city;
        }
        left -= city.weight;
    }
    &cities[0]
}

/// Where somebody can be visited.
#[derive(Clone)]
pub struct Address {
    pub country: CountryId,
    pub city: &'static City,
    pub street: &'static str,
    pub number: u32,
    /// Second and third number of a Japanese block; suite number elsewhere, 0 = none.
    pub unit: u32,
    pub postal: String,
}

impl Address {
    /// A new address in a city.
    pub fn draw(rng: &mut Rng, country: CountryId, city: &'static City) -> Address {
        let street = *rng.pick(COUNTRIES[country].streets);
        let long = rng.below(3) == 0;
        let number = match country {
            US => rng.between(10, if long { 9899 } else { 999 }),
            MX => rng.between(10, if long { 5900 } else { 900 }),
            JP => rng.between(1, 5),
            _ => rng.between(1, 190),
        } as u32;
        let unit = match country {
            JP => rng.between(101, 3099) as u32,
            US | GB | IN if rng.chance(0.3) => rng.between(100, 999) as u32,
            _ => 0,
        };
        let postal = draw_postal(rng, country, city.postal);
        Address { country, city, street, number, unit, postal }
    }
}

fn draw_postal(rng: &mut Rng, country: CountryId, prefix: &str) -> String {
    match country {
        GB => {
            let areas: Vec<&str> = prefix.split('|').collect();
            let area = rng.pick(&areas);
            let letters = b"ABDEFGHJLNPQRSTUWXYZ";
            let (a, b) = (*rng.pick(letters) as char, *rng.pick(letters) as char);
            let district = match *area {
                "EC" => format!("{}A", rng.between(1, 4)),
                "SW" | "W" => format!("1{}", *rng.pick(b"ADHPVW") as char),
                _ => rng.between(1, 19).to_string(),
            };
            format!("{area}{district} {}{a}{b}", rng.between(1, 9))
        }
        BR => format!("{prefix}{:03}-{:03}", rng.below(1000), rng.below(1000)),
        JP => format!("{prefix}-{:04}", rng.below(1000)),
        IN => format!("{prefix}{:03}", rng.between(1, 120)),
        MX => format!("{prefix}{:03}", rng.below(900)),
        ES => format!("{prefix}{:02}", rng.between(1, 48)),
        _ => format!("{prefix}{:02}", rng.between(1, 99)),
    }
}

/// A telephone number: calling code and national number without trunk zero.
#[derive(Clone, PartialEq)]
pub struct Phone {
    pub country: CountryId,
    pub area_len: usize,
    pub digits: String,
}

/// A landline of a city whose first digits after the area code are `block` (so that a firm's
/// direct lines sit next to its switchboard).
pub fn landline(rng: &mut Rng, country: CountryId, city: &City, block: u32) -> Phone {
    let length = match country {
        DE => city.dial.len() + 8,
        ES | FR => 9,
        JP => 9,
        _ => 10,
    };
    let mut digits = String::from(city.dial);
    let body = length - digits.len();
    // The first three digits come from the block: 2xx to 7xx is in service in all nine plans.
    let head = match country {
        GB if city.dial == "20" => 700 + block % 300,
        BR => 300 + block % 200,
        _ => 220 + block % 570,
    };
    digits.push_str(&head.to_string());
    for _ in 0..body.saturating_sub(3) {
        digits.push((b'0' + rng.below(10) as u8) as char);
    }
    digits.truncate(length);
    Phone { country, area_len: city.dial.len(), digits }
}

/// A mobile number of a country.
pub fn mobile(rng: &mut Rng, country: CountryId, city: &City) -> Phone {
    let (prefix, area_len, length) = match country {
        US => {
            let block = rng_block(rng);
            return landline(rng, country, city, block);
        }
        GB => (format!("7{}", rng.pick(&["4", "5", "7", "8", "9"])), 4, 10),
        DE => {
            (rng.pick(&["151", "160", "170", "171", "172", "175", "176", "179"]).to_string(), 3, 10)
        }
        FR => (rng.pick(&["6", "6", "7"]).to_string(), 1, 9),
        ES => (format!("6{}", rng.below(9)), 3, 9),
        BR => (format!("{}9", city.dial), 2, 11),
        MX => (city.dial.to_string(), city.dial.len(), 10),
        IN => (rng.pick(&["98", "99", "97", "93", "90", "88", "70"]).to_string(), 5, 10),
        _ => (rng.pick(&["90", "80", "70"]).to_string(), 2, 10),
    };
    let mut digits = prefix;
    digits.push((b'2' + rng.below(8) as u8) as char);
    while digits.len() < length {
        digits.push((b'0' + rng.below(10) as u8) as char);
    }
    Phone { country, area_len, digits }
}

/// A random exchange for [`landline`].
pub fn rng_block(rng: &mut Rng) -> u32 {
    rng.below(570) as u32
}
