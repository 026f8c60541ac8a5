//! Tables of pairs with the level each comparison must give, both ways round.
//!
//! Every case is a small file of its own that goes through reading and normalizing, so that a case
//! says what a user sees: two rows, one level.

use super::level::{at, company, email, level_of, name, phone, place, three};
use super::{Pair, pattern};
use crate::normalize::record::{Records, records};
use crate::record::Table;
use crate::schema;
use crate::source::{self, Source};

/// Reads a file from its text, as a run does.
pub(crate) fn read(csv: &str) -> (Table, Records) {
    let raw = source::read_bytes(&Source::new("leads.csv"), csv.as_bytes().to_vec()).unwrap();
    let detected = schema::detect(&raw, &schema::SchemaOverrides::default());
    let (mut table, united) = schema::unite(vec![(raw, detected)]).unwrap();
    table.put_in_canonical_order();
    let records = records(&table, &united);
    (table, records)
}

/// The level of the first two records of a file in one comparison; `rest` are further rows.
fn level(header: &str, a: &str, b: &str, rest: &[String], index: usize) -> u8 {
    let forward = level_one_way(header, a, b, rest, index);
    let backward = level_one_way(header, b, a, rest, index);
    assert_eq!(forward, backward, "not symmetric: {a} / {b}");
    forward
}

fn level_one_way(header: &str, a: &str, b: &str, rest: &[String], index: usize) -> u8 {
    let mut csv = format!("id,{header}\n1,{a}\n2,{b}\n");
    for (i, row) in rest.iter().enumerate() {
        csv.push_str(&format!("{},{row}\n", i + 3));
    }
    let (_, records) = read(&csv);
    level_of(pattern(&records.features, Pair { a: 0, b: 1 }), index)
}

/// Checks all cases and names every one that is off.
fn check(header: &str, index: usize, cases: &[(&str, &str, u8, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|&(a, b, expected, why)| {
            let got = level(header, a, b, &[], index);
            (got != expected).then(|| format!("{why}: {a} / {b}: {got} instead of {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn name_levels() {
    use name::{
        DIFFERENT, EXACT, FAMILY_NEAR, FAMILY_ONLY, INITIAL, MIXED, NICKNAME, ONE_GENERATION,
        ONE_SIDED, OTHER_FAMILY, OTHER_GENERATION, OTHER_GIVEN, PARTIAL, SWAPPED, TYPO,
    };
    check(
        "first name,last name",
        at::NAME,
        &[
            ("John,Smith", "John,Smith", EXACT, "equal"),
            ("john,SMITH", "John,Smith", EXACT, "case"),
            (" John ,Smith", "John,  Smith", EXACT, "white space"),
            ("José,Núñez", "Jose,Nunez", EXACT, "accents"),
            ("Mary Ann,Jones", "Maryann,Jones", EXACT, "one word or two"),
            ("Sean,O'Brien", "Sean,OBrien", EXACT, "apostrophe"),
            ("Dr. Ana,Silva", "Ana,Silva", EXACT, "academic title"),
            ("Jean-Luc,Picard", "Jean Luc,Picard", EXACT, "hyphen"),
            ("William,Brown", "Bill,Brown", NICKNAME, "nickname"),
            ("Elizabeth,Brown", "Liz,Brown", NICKNAME, "nickname"),
            ("Robert,Miller", "Bob,Miller", NICKNAME, "nickname"),
            ("Maximilian,Weber", "Max,Weber", NICKNAME, "short form"),
            ("John Paul,Smith", "John,Smith", NICKNAME, "middle name on one side"),
            ("Anna Maria,Rossi", "Maria,Rossi", NICKNAME, "called by the second name"),
            ("J.,Smith", "John,Smith", INITIAL, "initial"),
            ("J,Smith", "J,Smith", INITIAL, "initials are not a name, equal or not"),
            ("Smith,John", "John,Smith", SWAPPED, "cells swapped"),
            ("Karin,Thomas", "Thomas,Karin", SWAPPED, "swapped, both usual as given names"),
            ("Josph,Smith", "Joseph,Smith", TYPO, "letter missing in the given name"),
            ("John,Smiht", "John,Smith", TYPO, "neighbors swapped in the family name"),
            ("Catherine,Baker", "Katherine,Baker", TYPO, "one letter, the first"),
            ("Ana,Lopez Garcia", "Ana,Lopez", PARTIAL, "one of two family names"),
            ("Ana,Lopez-Garcia", "Ana,Garcia", PARTIAL, "the other of two family names"),
            ("Ana,García López", "Ana,García Lópe", PARTIAL, "one of two family names mistyped"),
            ("Ana,García López", "Ana,López Garcia", PARTIAL, "family names in another order"),
            ("Ana,García López", "Ana,García L.", PARTIAL, "the second cut to its initial"),
            ("Ana,García López", "Ana,García Ruiz", OTHER_FAMILY, "two families"),
            ("María José,Gil", "María,Gil", NICKNAME, "half of a double given name"),
            ("María José,Gil", "María J.,Gil", NICKNAME, "a middle initial"),
            ("María José,Gil", "María Carmen,Gil", OTHER_GIVEN, "sisters"),
            ("Ana Maria,de la Cruz Gil", "Ana,De La Cruz", PARTIAL, "particles"),
            ("A.,Lopez Garcia", "Ana,Lopez", MIXED, "initial and half a family name"),
            ("J.,Smiht", "John,Smith", MIXED, "initial and a typo"),
            (",Smith", "John,Smith", FAMILY_ONLY, "no given name"),
            (",Smith", ",Smith", FAMILY_ONLY, "a family name is all there is"),
            ("John,", "John,Smith", ONE_SIDED, "no family name"),
            ("Mary,Smith", "John,Smith", OTHER_GIVEN, "a household"),
            ("J.,Smith", "Mary,Smith", OTHER_GIVEN, "the initial contradicts"),
            ("Anna,Schmidt", "Anna,Fischer", OTHER_FAMILY, "marriage or coincidence"),
            ("Bill,Schmidt", "William,Fischer", OTHER_FAMILY, "nickname, other family"),
            ("Mary,Smiths", "Peter,Smith", FAMILY_NEAR, "family alike, given contradicts"),
            ("Mary,Smith", "Peter,Jones", DIFFERENT, "nothing in common"),
            ("Mary,", "Peter,Jones", DIFFERENT, "the only name contradicts"),
            ("Robert,Lee Jr.", "Robert,Lee Sr.", OTHER_GENERATION, "father and son"),
            ("Robert,Lee II", "Robert,Lee III", OTHER_GENERATION, "father and son by number"),
            ("Robert,Lee Jr.", "Robert,Lee", ONE_GENERATION, "a generation on one side"),
            ("Robert,Lee Jr", "Robert,Lee Jr.", EXACT, "the same generation"),
            ("Bob,Lee Jr.", "Robert,Lee Sr.", OTHER_GENERATION, "nickname, father and son"),
            ("Test,Test", "Test,Test", DIFFERENT, "a placeholder is nobody"),
            ("asdf,asdf", "John,Smith", DIFFERENT, "a placeholder is nobody"),
            (",", "John,Smith", 0, "nothing to compare"),
        ],
    );
}

#[test]
fn email_levels() {
    use email::{
        COLLEAGUE, DOMAIN_TYPO, FREE_AND_WORK, LOCAL_TYPO, OTHER_DIGITS, SAME, SHARED, TWO_FREE,
        TWO_WORK,
    };
    check(
        "first name,last name,email",
        at::EMAIL,
        &[
            ("A,B,ana@acme.com", "A,B,ANA@Acme.com", SAME, "case"),
            ("A,B,ana.lopez@gmail.com", "A,B,analopez+x@gmail.com", SAME, "gmail's rules"),
            ("A,B,info@acme.com", "C,D,info@acme.com", SHARED, "a role mailbox"),
            ("A,B,ana.lopez@gmail.com", "A,B,ana.lopez@gmial.com", DOMAIN_TYPO, "domain"),
            ("A,B,ana.lopez@acme.com", "A,B,ana.lpoez@acme.com", LOCAL_TYPO, "local part"),
            ("A,B,jsmith@acme.com", "A,B,msmith@acme.com", COLLEAGUE, "another first letter"),
            ("A,B,ana@acme.com", "C,D,luis@acme.com", COLLEAGUE, "colleagues"),
            ("A,B,ana1980@web.de", "C,D,ana1975@web.de", OTHER_DIGITS, "other digits"),
            ("A,B,ana@gmail.com", "A,B,a.lopez@acme.com", FREE_AND_WORK, "private and work"),
            ("A,B,ana@acme.com", "A,B,ana.lopez@other.com", TWO_WORK, "two companies"),
            ("A,B,ana@gmail.com", "C,D,luis@gmail.com", TWO_FREE, "two private ones"),
            ("A,B,", "A,B,ana@acme.com", 0, "missing"),
            ("A,B,not an address", "A,B,ana@acme.com", 0, "no address"),
            ("A,B,info@acme.com", "A,B,ana@acme.com", 0, "a role says nothing of the person"),
        ],
    );
    check(
        "first name,last name,email",
        at::EMAIL,
        &[
            ("Ana,Sola,ana.sola@acme.com", "Ana,Sola,asola@acme.com", 0, "two forms of her name"),
            ("Ana,Sola,sola@acme.com", "Ana,Sola,ana@acme.com", 0, "each half of her name"),
            ("Ana,Sola,ana.sola@acme.com", "Ana,Sola,ana.sola2@acme.com", OTHER_DIGITS, "number"),
            (
                "Ana,Sola,ana.sola@acme.com",
                "Ana,Sola,asola2@acme.com",
                COLLEAGUE,
                "a form, a number",
            ),
            ("Ana,Sola,ana.sola@acme.com", "Ana,Sola,sunflower@acme.com", COLLEAGUE, "no form"),
            ("Ana,Sola,ana@acme.com", "Eva,Sola,eva@acme.com", COLLEAGUE, "two names"),
            ("Ed,Lee,lee.family@x.com", "Ed,Lee Jr.,lee.family@x.com", SHARED, "father and son"),
            ("Ed,Lee,ed.lee@x.com", "Ed,Lee Jr.,ed.lee@x.com", SHARED, "too short to tell"),
            ("Edwin,Lee,edwin@x.com", "Edwin,Lee Jr.,edwin@x.com", SAME, "his own"),
            ("Edwin,Lee,e.lee@x.com", "Edwin,Lee Jr.,e.lee@x.com", SAME, "his own by the initial"),
            ("Edwin,Lee,lees@x.com", "Edwin,Lee,lees@x.com", SAME, "one generation"),
        ],
    );
    let row = |first: &str, last: &str| format!("{first},{last},team@acme.com");
    let others = [row("Eva", "Gil"), row("Pedro", "Sanz")];
    let header = "first name,last name,email";
    let shared = level(header, &row("Ana", "Lopez"), &row("Luis", "Mora"), &others, at::EMAIL);
    assert_eq!(shared, SHARED, "four names on one address");
    let local = |at: &str| level(header, "Ana,Lopez,zorro77@a.com", at, &[], at::EMAIL);
    assert_eq!(local("Ana,Lopez,zorro77@other.com"), email::SAME_LOCAL);
    assert_eq!(
        level(
            header,
            "Ana,Lopez,ana.lopez@acme.com",
            "Ana,Lopez,ana.lopez@other.com",
            &[],
            at::EMAIL
        ),
        TWO_WORK,
        "a local part built from the name is no news"
    );
}

#[test]
fn phone_levels() {
    use phone::{DIFFERENT, PREFIX, SAME, SHARED, SWITCHBOARD, TWO_MOBILES, TYPO};
    check(
        "first name,last name,phone,country",
        at::PHONE,
        &[
            ("A,B,+1 212 555 0142,US", "A,B,(212) 555-0142,US", SAME, "formats"),
            ("A,B,+34 912 345 678,ES", "A,B,912345678,ES", SAME, "with and without country code"),
            ("A,B,+1 212 736 5000,US", "A,B,+1 212 736 5001,US", TYPO, "one digit"),
            ("A,B,+1 212 736 5021,US", "A,B,+1 212 736 5012,US", TYPO, "neighbors swapped"),
            ("A,B,+1 212 736 5021,US", "C,D,+1 212 736 5888,US", PREFIX, "first digits"),
            ("A,B,+1 212 736 5021,US", "C,D,+1 415 391 8472,US", DIFFERENT, "nothing in common"),
            ("A,B,+44 7400 123456,GB", "C,D,+44 7911 123456,GB", TWO_MOBILES, "two mobiles"),
            ("A,B,,US", "A,B,+1 212 736 5000,US", 0, "missing"),
            ("A,B,0000000000,US", "A,B,0000000000,US", 0, "zeros are no number"),
        ],
    );
    let names = ["Gil", "Sanz", "Vega", "Ortiz", "Rojas", "Cruz", "Pena", "Soto", "Luna"];
    let rows: Vec<String> = names.iter().map(|n| format!("Eva,{n},+1 212 736 5000,US")).collect();
    let with = |count: usize| {
        level(
            "first name,last name,phone,country",
            "Ana,Lopez,+1 212 736 5000,US",
            "Luis,Mora,+1 212 736 5000,US",
            &rows[..count],
            at::PHONE,
        )
    };
    assert_eq!([with(0), with(1), with(6)], [SAME, SHARED, SHARED]);
    assert_eq!(with(7), SWITCHBOARD, "nine names");
}

#[test]
fn what_belongs_to_the_firm_is_not_counted_beside_it() {
    let names = ["Gil", "Sanz", "Vega", "Ortiz", "Rojas", "Cruz", "Pena", "Soto", "Luna"];
    let line = |who: &str, company: &str| format!("{who},+1 212 736 5000,US,{company}");
    let rows: Vec<String> = names.iter().map(|n| line(&format!("Eva,{n}"), "Acme")).collect();
    let phone = |a: (&str, &str), b: (&str, &str)| {
        let header = "first name,last name,phone,country,company";
        level(header, &line(a.0, a.1), &line(b.0, b.1), &rows, at::PHONE)
    };
    let ana = "Ana,Lopez";
    assert_eq!(phone((ana, "Acme"), (ana, "Acme")), 0, "its switchboard");
    assert_eq!(phone((ana, "Acme"), ("A.,Lopez", "Acme")), 0, "a form of the name");
    assert_eq!(phone((ana, "Acme"), (ana, "Rapid Line")), phone::SWITCHBOARD, "another firm's");
    assert_eq!(phone((ana, "Acme"), ("Luis,Mora", "Acme")), phone::SWITCHBOARD, "colleagues");
    check(
        "first name,last name,company,job title",
        at::TITLE,
        &[
            ("A,B,Acme,Buyer", "A,B,Acme,Buyer", three::SAME, "in one firm"),
            ("A,B,Acme,Buyer", "A,B,Acme,Engineer", three::DIFFERENT, "in one firm"),
            ("A,B,Acme,Buyer", "A,B,Rapid Line,Engineer", 0, "another job"),
            ("A,B,Acme,Buyer", "A,B,Rapid Line,Buyer", 0, "the same job elsewhere"),
            ("A,B,Acme,Buyer", "A,B,,Engineer", three::DIFFERENT, "the firm is not known"),
        ],
    );
}

#[test]
fn company_levels() {
    use company::{DIFFERENT, NEAR, SAME};
    check(
        "first name,last name,company,website,email",
        at::COMPANY,
        &[
            ("A,B,Rapid Line Ltd,,", "C,D,RAPID LINE Limited,,", SAME, "legal form and case"),
            ("A,B,Acme GmbH & Co. KG,,", "C,D,Acme,,", SAME, "legal form"),
            ("A,B,Acme,www.acme.com,", "C,D,,https://acme.com/de,", SAME, "website"),
            ("A,B,,acme.com,", "C,D,,,ana@acme.com", SAME, "website and work domain"),
            ("A,B,Rapid Line,,", "C,D,Rapid Line Logistics,,", NEAR, "prefix"),
            ("A,B,Rapid Line,,", "C,D,Rapid Lien,,", NEAR, "mistyped"),
            ("A,B,International Business Machines,,", "C,D,IBM,,", NEAR, "acronym"),
            ("A,B,Rapid Line,,", "C,D,,,ana@rapidline.com", NEAR, "label of the domain"),
            ("A,B,Rapid Line,,", "C,D,Northern Harbor,,", DIFFERENT, "different"),
            ("A,B,,,ana@acme.com", "C,D,,,luis@other.com", DIFFERENT, "two work domains"),
            ("A,B,,,ana@acme.com", "C,D,,,ana@acme.com", 0, "the e-mail has paid already"),
            ("A,B,Acme,,", "C,D,,,", 0, "missing"),
        ],
    );
}

#[test]
fn place_levels() {
    use place::{CITY, DIFFERENT, NEAR, NEAR_STREET, OFFICE, POSTCODE, SAME};
    let header = "first name,last name,street,city,postal code,country";
    check(
        header,
        at::PLACE,
        &[
            ("A,B,12 Oak Street,Leeds,LS1 4AP,GB", "A,B,12 Oak St.,Leeds,ls14ap,GB", SAME, "forms"),
            ("A,B,12 Oak Street,,,GB", "A,B,12 OAK STREET,,,GB", SAME, "street alone"),
            ("A,B,12 Oak Street,Leeds,,GB", "A,B,12 Oak Street,Bristol,,GB", NEAR, "other town"),
            ("A,B,12 Oak Street,Leeds,,GB", "A,B,13 Oak Street,Leeds,,GB", NEAR_STREET, "number"),
            (
                "A,B,12 Oakwood Street,Leeds,,GB",
                "A,B,12 Oakwod Street,Leeds,,GB",
                NEAR_STREET,
                "typo",
            ),
            ("A,B,,Leeds,LS1 4AP,GB", "A,B,,Leeds,LS1 4AP,GB", POSTCODE, "postcode"),
            ("A,B,,Leeds,,GB", "A,B,,LEEDS,,GB", CITY, "city"),
            ("A,B,,München,,DE", "A,B,,Munchen,,DE", CITY, "accents"),
            ("A,B,,,80331,DE", "A,B,,,80333,DE", NEAR, "postcode alike"),
            ("A,B,,Leeds,,GB", "A,B,,Bristol,,GB", DIFFERENT, "different"),
            ("A,B,,,,GB", "A,B,,Bristol,,GB", 0, "missing"),
        ],
    );
    let row = |n: &str| format!("Eva,{n},12 Oak Street,Leeds,LS1 4AP,GB");
    let others: Vec<String> = ["Gil", "Sanz"].iter().map(|n| row(n)).collect();
    let office = level(header, &row("Lopez"), &row("Mora"), &others, at::PLACE);
    assert_eq!(office, OFFICE, "four names at one address");
    check(
        "first name,last name,company,street,city",
        at::PLACE,
        &[
            ("A,B,Acme,,Leeds", "C,D,Acme,,Leeds", 0, "colleagues share the firm's city"),
            ("A,B,Acme,,Leeds", "C,D,Acme,,Bristol", DIFFERENT, "another branch still counts"),
            ("A,B,Acme,,Leeds", "C,D,North Harbor,,Leeds", CITY, "another firm"),
            ("A,B,Acme,1 Oak Street,Leeds", "A,B,Acme,1 Oak Street,Leeds", SAME, "a home"),
        ],
    );
}
