//! Every check against planted faults: each is found, nothing else is; clean data has no finding.
//!
//! One generator makes clean leads, one table plants the faults and knows where they are. What is
//! asked of all checks together is a table of precision and recall.

mod depth;
mod more;

use super::finding::Severity;
use super::mask::Reveal;
use super::selection::Selection;
use super::settle::{FailOn, settle};
use super::{Raw, examine};
use crate::config::Config;
use crate::pipeline::survey::{self, Depth};
use crate::pipeline::{self, Job};
use crate::score::model;
use crate::source::Source;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Rows of the clean data.
const ROWS: usize = 1200;
/// Rows in which a fault is planted: few enough to be exceptions.
const AT: [usize; 3] = [137, 611, 1013];
/// 2026-06-30.
const AS_OF: i64 = 1_782_777_600_000_000;

const HEADER: [&str; 26] = [
    "Lead ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone",
    "Company",
    "Website",
    "Job Title",
    "Street",
    "City",
    "State",
    "Zip",
    "Country",
    "Lead Source",
    "Created At",
    "Updated At",
    "Last Activity",
    "Owner",
    "Plan",
    "Card No",
    "Asset Code",
    "Temperature",
    "Opened On",
    "Closed On",
    "Article No",
    "Article Group",
];

const GIVEN: [&str; 16] = [
    "Nora", "Peter", "Maria", "James", "Linda", "Robert", "Susan", "David", "Karen", "Thomas",
    "Nancy", "Daniel", "Betty", "Steven", "Helen", "Kevin",
];
const FAMILY: [&str; 15] = [
    "Miller",
    "Johnson",
    "Garcia",
    "Anderson",
    "Wilson",
    "Thompson",
    "Martinez",
    "Robinson",
    "Clarkson",
    "Rodriguez",
    "Hernandez",
    "Peterson",
    "Campbell",
    "Mitchell",
    "Carpenter",
];
const COMPANIES: [&str; 13] = [
    "Acorn Logistics",
    "Bluebird Foods",
    "Cobalt Energy",
    "Driftwood Hotels",
    "Evergreen Clinics",
    "Falcon Freight",
    "Granite Works",
    "Harbor Textiles",
    "Ivory Paper",
    "Juniper Labs",
    "Kestrel Media",
    "Lantern Books",
    "Maple Furniture",
];
const CITIES: [(&str, &str, &str, &str); 6] = [
    ("Chicago", "IL", "606", "312"),
    ("Houston", "TX", "770", "713"),
    ("Boston", "MA", "021", "617"),
    ("Denver", "CO", "802", "303"),
    ("Seattle", "WA", "981", "206"),
    ("Newark", "NJ", "071", "973"),
];
const TITLES: [&str; 5] =
    ["Sales Manager", "Purchasing Director", "Engineer", "Marketing Manager", "Office Manager"];

type Rows = Vec<Vec<String>>;

fn column(header: &str) -> usize {
    HEADER.iter().position(|h| *h == header).unwrap()
}

/// A repeatable spread of numbers.
fn spread(row: usize, salt: u64) -> u64 {
    let mut x = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ salt.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

fn day(number: u64) -> String {
    let (year, rest) = (2023 + number / 336, number % 336);
    format!("{year}-{:02}-{:02}", rest / 28 + 1, rest % 28 + 1)
}

fn with_luhn(body: &str) -> String {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, b)| {
            let d = u32::from(b - b'0');
            if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Leads without a fault.
fn clean() -> Rows {
    (0..ROWS)
        .map(|i| {
            let pick = |salt: u64, of: usize| (spread(i, salt) % of as u64) as usize;
            let (given, family) = (GIVEN[i % 16], FAMILY[(i / 16 + i) % 15]);
            let company = COMPANIES[i % 13];
            let domain = company.to_lowercase().replace(' ', "-") + ".example";
            let (city, state, zip, area) = CITIES[pick(1, 6)];
            let created = 10 + spread(i, 2) % 600;
            let opened = 10 + spread(i, 3) % 500;
            let bell: u64 = (0..12).map(|k| spread(i, 100 + k) % 1000).sum();
            let article = pick(4, 40);
            vec![
                format!("L{:06}", 100_000 + i),
                given.into(),
                family.into(),
                format!("{}.{}{}@{domain}", given.to_lowercase(), family.to_lowercase(), i + 10),
                format!("+1 {area} {}{:02} {:04}", 2 + pick(5, 6), 20 + pick(6, 70), 1000 + i * 7),
                company.into(),
                format!("https://www.{domain}"),
                TITLES[pick(7, 5)].into(),
                format!("{} Oak Street", 10 + pick(8, 900)),
                city.into(),
                state.into(),
                format!("{zip}{:02}", 1 + pick(9, 20)),
                "United States".into(),
                ["Web Form", "Trade Show", "Referral"][pick(10, 3)].into(),
                day(created),
                day(created + spread(i, 11) % 90),
                day(created + 5 + spread(i, 12) % 90),
                ["g.kim", "a.lopez", "p.meyer"][pick(13, 3)].into(),
                ["Basic", "Premium", "Enterprise"][pick(14, 3)].into(),
                with_luhn(&format!("49927{:010}", spread(i, 15) % 10_000_000_000)),
                format!("{:07}", spread(i, 16) % 10_000_000),
                format!("{}.{}", bell / 100, bell % 100 / 10),
                day(opened),
                day(opened + 3 + spread(i, 17) % 60),
                format!("A{:03}", 100 + article),
                ["Tools", "Paint", "Garden"][article % 3].into(),
            ]
        })
        .collect()
}

fn csv(header: &[&str], rows: &Rows) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(header).unwrap();
    rows.iter().for_each(|row| out.write_record(row).unwrap());
    out.into_inner().unwrap()
}

fn source(file: &str, bytes: Vec<u8>) -> Source {
    Source { content: Some(Arc::new(bytes)), ..Source::new(file) }
}

fn job(bytes: Vec<u8>) -> Job {
    let config = Config { as_of: AS_OF, max_reject_rate: 1.0, ..Config::default() };
    Job { config, inputs: vec![source("leads.csv", bytes)], ..Job::default() }
}

/// What the fast pass finds.
fn found(job: &Job) -> Vec<Raw> {
    let survey = survey::run(job, Depth::Checks, &|_| ()).unwrap();
    examine(survey.material(), &Selection::default(), 1 << 20)
}

/// One kind of fault: the check that must find it, the column, and how a row gets it.
struct Fault {
    check: &'static str,
    column: &'static str,
    plant: fn(&mut Rows, usize),
}

fn put(rows: &mut Rows, at: usize, header: &str, text: &str) {
    rows[at][column(header)] = text.to_string();
}

macro_rules! faults {
    ($($check:literal $column:literal $plant:expr;)*) => {
        &[$(Fault { check: $check, column: $column, plant: $plant }),*]
    };
}

/// The truth list.
const FAULTS: &[Fault] = faults! {
    "duplicate-email" "Email" |r, at| { let e = r[at - 1][3].clone(); let (a, b) = (r[at - 1][1].clone(), r[at - 1][2].clone());
        put(r, at, "Email", &e); put(r, at, "First Name", &a); put(r, at, "Last Name", &b); };
    "duplicate-id" "Lead ID" |r, at| { r[at][0] = r[at - 1][0].clone(); };
    "id-format" "Lead ID" |r, at| { r[at][0] = format!("{at}-x"); };
    "email-invalid" "Email" |r, at| put(r, at, "Email", "nora@@acorn.example");
    "email-invalid" "Email" |r, at| put(r, at, "Email", "n\u{43e}ra@acorn.example");
    "email-typo-domain" "Email" |r, at| put(r, at, "Email", &format!("nora{at}@gmial.com"));
    "email-role" "Email" |r, at| put(r, at, "Email", &format!("info@acorn{at}.example"));
    "email-disposable" "Email" |r, at| put(r, at, "Email", &format!("nora{at}@mailinator.com"));
    "email-free-mail" "Email" |r, at| put(r, at, "Email", &format!("nora{at}@gmail.com"));
    "email-name-mismatch" "Email" |r, at| { put(r, at, "First Name", "Betty"); put(r, at, "Last Name", "Miller");
        put(r, at, "Email", "robert.johnson@acorn.example"); r[at][3] = format!("robert.johnson@acorn{at}.example"); };
    "email-missing" "Email" |r, at| put(r, at, "Email", "");
    "no-channel" "" |r, at| { put(r, at, "Email", ""); put(r, at, "Phone", ""); };
    "phone-invalid" "Phone" |r, at| put(r, at, "Phone", "5.5E+10");
    "phone-country-mismatch" "Phone" |r, at| r[at][4] = format!("+52 33 {:04} 5678", 3000 + at);
    "phone-repeated-digits" "Phone" |r, at| put(r, at, "Phone", "9999999999");
    "country-unknown" "Country" |r, at| put(r, at, "Country", "Atlantis");
    "postcode-invalid" "Zip" |r, at| put(r, at, "Zip", "60-6X");
    "address-incomplete" "Street" |r, at| { put(r, at, "City", ""); put(r, at, "Zip", ""); };
    "address-invalid" "Street" |r, at| put(r, at, "Street", "nora@acorn.example");
    "company-placeholder" "Company" |r, at| put(r, at, "Company", "N/A");
    "domain-company-mismatch" "Website" |r, at| put(r, at, "Website", "https://www.otherfirm.example");
    "title-missing" "Job Title" |r, at| put(r, at, "Job Title", "");
    "title-placeholder" "Job Title" |r, at| put(r, at, "Job Title", "n/a");
    "name-in-wrong-column" "First Name" |r, at| put(r, at, "First Name", "Acorn Logistics Ltd");
    "name-in-wrong-column" "First Name" |r, at| { let f = r[at][2].clone(); r[at][1] = format!("{} {f}", r[at][1]); };
    "name-in-wrong-column" "Last Name" |r, at| { r[at][1] = "Hernandez".into(); r[at][2] = "Karen".into(); };
    "name-email-in-field" "Last Name" |r, at| put(r, at, "Last Name", "nora@acorn.example");
    "column-shift" "" |r, at| { r[at].remove(2); let n = r[at].len(); r[at].insert(n, String::new()); };
    "test-record" "First Name" |r, at| { put(r, at, "First Name", "asdf"); put(r, at, "Last Name", "asdf"); };
    "test-record" "Email" |r, at| put(r, at, "Email", "test@test.com");
    "placeholder-value" "City" |r, at| put(r, at, "City", "unknown");
    "placeholder-value" "First Name" |r, at| put(r, at, "First Name", "{{lead.name}}");
    "case-anomaly" "Last Name" |r, at| { r[at][2] = r[at][2].to_uppercase(); };
    "mojibake" "Last Name" |r, at| put(r, at, "Last Name", "Garc\u{c3}\u{ad}a");
    "control-chars" "Company" |r, at| put(r, at, "Company", "Acorn\u{200b} Logistics");
    "look-alike" "Company" |r, at| put(r, at, "Company", "Ac\u{43e}rn Logistics");
    "formula-injection" "Job Title" |r, at| put(r, at, "Job Title", "=HYPERLINK(\"x\")");
    "html-in-field" "Company" |r, at| put(r, at, "Company", "<b>Acorn Logistics</b>");
    "future-date" "Created At" |r, at| put(r, at, "Created At", "2031-01-01");
    "impossible-date" "Updated At" |r, at| put(r, at, "Updated At", "2025-02-30");
    "created-after-activity" "Created At" |r, at| { put(r, at, "Created At", "2025-12-01"); put(r, at, "Updated At", "2025-12-02");
        put(r, at, "Last Activity", "2024-01-01"); };
    "never-active" "Last Activity" |r, at| put(r, at, "Last Activity", "");
    "owner-missing" "Owner" |r, at| put(r, at, "Owner", "");
    "lead-source-missing" "Lead Source" |r, at| put(r, at, "Lead Source", "");
    "rare-shape" "Article No" |r, at| put(r, at, "Article No", "102-A");
    "rare-length" "Article No" |r, at| put(r, at, "Article No", "A10");
    "rare-value" "Plan" |r, at| put(r, at, "Plan", "Premiun");
    "rarely-empty" "Country" |r, at| if at == AT[0] { put(r, at, "Country", "") };
    "rarely-negative" "Temperature" |r, at| put(r, at, "Temperature", "-61.3");
    "rarely-double" "Card No" |r, at| { r[at][19] = r[at - 1][19].clone(); };
    "checksum" "Card No" |r, at| { let last = r[at][19].pop().unwrap(); r[at][19].push(if last == '9' { '0' } else { (last as u8 + 1) as char }); };
    "outlier" "Temperature" |r, at| put(r, at, "Temperature", "613.5");
    "order-of-columns" "Closed On" |r, at| { put(r, at, "Opened On", "2024-06-01"); put(r, at, "Closed On", "2024-02-01"); };
    "dependency" "Article Group" |r, at| { put(r, at, "Article No", "A100"); put(r, at, "Article Group", "Garden"); };
    "lost-zero" "Asset Code" |r, at| put(r, at, "Asset Code", "123456");
    "neighbor-column" "Job Title" |r, at| { let site = r[at][6].clone(); put(r, at, "Website", ""); put(r, at, "Job Title", &site); };
};

/// Rows of a finding, by number in the file (ids ascend with them).
fn rows_of(found: &[Raw], check: &str, header: &str) -> BTreeSet<usize> {
    let own = |raw: &&Raw| raw.check == check && raw.column.map_or("", |c| HEADER[c]) == header;
    found.iter().filter(own).flat_map(|raw| raw.hits.records.iter().map(|r| r.index())).collect()
}

#[test]
fn clean_data_has_no_finding() {
    let found = found(&job(csv(&HEADER, &clean())));
    let told: Vec<_> =
        found.iter().map(|f| (f.check, f.column.map(|c| HEADER[c]), f.hits.count)).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn planted_faults_are_found_and_nothing_beside_them() {
    let mut table = String::from("check                    column           precision recall\n");
    let mut failed = Vec::new();
    for fault in FAULTS {
        let mut rows = clean();
        let mut planted = BTreeSet::new();
        for at in AT {
            let before = rows[at].clone();
            (fault.plant)(&mut rows, at);
            if rows[at] != before {
                planted.insert(at);
            }
        }
        let all = found(&job(csv(&HEADER, &rows)));
        // Ids that are no longer ascending move their records in canonical order.
        let got: BTreeSet<usize> = rows_of(&all, fault.check, fault.column);
        let (right, wanted) = if matches!(fault.check, "id-format" | "duplicate-id") {
            (got.len().min(planted.len()), planted.len())
        } else {
            (got.intersection(&planted).count(), planted.len())
        };
        let precision = if got.is_empty() { 0.0 } else { right as f64 / got.len() as f64 };
        let recall = right as f64 / wanted as f64;
        table +=
            &format!("{:<24} {:<16} {precision:>9.2} {recall:>6.2}\n", fault.check, fault.column);
        if precision < 1.0 || recall < 1.0 {
            let others: Vec<_> =
                all.iter().map(|f| (f.check, f.column.map(|c| HEADER[c]))).collect();
            failed.push(format!(
                "{} {}: {got:?} of {planted:?}; {others:?}",
                fault.check, fault.column
            ));
        }
    }
    println!("{table}");
    assert!(failed.is_empty(), "{table}\n{}", failed.join("\n"));
}

/// Rows as leads of this header.
fn small(header: &[&str], rows: &[&[&str]]) -> Job {
    let rows: Rows = rows.iter().map(|r| r.iter().map(ToString::to_string).collect()).collect();
    job(csv(header, &rows))
}

fn counts(found: &[Raw], check: &str) -> Vec<u64> {
    found.iter().filter(|raw| raw.check == check).map(|raw| raw.hits.count).collect()
}

#[test]
fn faults_between_records_are_found() {
    let header =
        ["Lead ID", "First Name", "Last Name", "Email", "Phone", "Company", "State", "Country"];
    let cases: [(&str, &[&[&str]], &str); 5] = [
        (
            "shared-email",
            &[
                &["1", "Nora", "Miller", "family@acorn.example", "", "", "", ""],
                &["2", "Robert", "Miller", "family@acorn.example", "", "", "", ""],
            ],
            "father and daughter",
        ),
        (
            "duplicate-email",
            &[
                &["1", "Nora", "Miller", "nora@acorn.example", "", "", "", ""],
                &["2", "N.", "Miller", "NORA@acorn.example", "", "", "", ""],
            ],
            "one person twice",
        ),
        (
            "duplicate-phone",
            &[
                &["1", "Nora", "Miller", "", "+1 312 555 0143", "Acorn Logistics", "", ""],
                &["2", "Robert", "Garcia", "", "+13125550143", "Bluebird Foods", "", ""],
            ],
            "two strangers",
        ),
        (
            "state-country-mismatch",
            &[
                &["1", "Nora", "Miller", "", "", "", "Texas", "Canada"],
                &["2", "Robert", "Garcia", "", "", "", "Texas", "United States"],
                &["3", "Susan", "Wilson", "", "", "", "Ontario", "Canada"],
            ],
            "Texas is not in Canada",
        ),
        (
            "duplicate-id",
            &[
                &["00Q5f00000AbCdE", "Nora", "Miller", "", "", "", "", ""],
                &["00Q5f00000AbCdEEAV", "Nora", "Miller", "", "", "", "", ""],
                &["00Q5f00000AbCdFEAV", "Susan", "Wilson", "", "", "", "", ""],
            ],
            "one Salesforce id in both lengths",
        ),
    ];
    for (check, rows, why) in cases {
        assert!(!counts(&found(&small(&header, rows)), check).is_empty(), "{check}: {why}");
    }
    let innocent: [(&str, &[&[&str]], &str); 3] = [
        (
            "duplicate-phone",
            &[
                &["1", "Nora", "Miller", "", "+1 312 555 0143", "Acorn Logistics", "", ""],
                &["2", "Robert", "Garcia", "", "+13125550143", "Acorn Logistics Inc", "", ""],
            ],
            "a switchboard",
        ),
        (
            "duplicate-phone",
            &[
                &["1", "Nora", "Miller", "", "+1 312 555 0143", "Acorn Logistics", "", ""],
                &["2", "Robert", "Miller", "", "+13125550143", "Bluebird Foods", "", ""],
            ],
            "a household",
        ),
        (
            "shared-email",
            &[
                &["1", "Elizabeth", "Miller", "miller@acorn.example", "", "", "", ""],
                &["2", "Betty", "Miller", "miller@acorn.example", "", "", "", ""],
            ],
            "a nickname",
        ),
    ];
    for (check, rows, why) in innocent {
        assert!(counts(&found(&small(&header, rows)), check).is_empty(), "{check}: {why}");
    }
}

#[test]
fn consent_faults_are_found() {
    let header = ["Lead ID", "Email", "Email Opt In", "Email Opt Out", "Hard Bounced", "Religion"];
    let rows: [&[&str]; 5] = [
        &["1", "nora@acorn.example", "true", "false", "", ""],
        &["2", "nora@acorn.example", "", "true", "", "x"],
        &["3", "peter@acorn.example", "true", "false", "true", ""],
        &["4", "maria@acorn.example", "true", "false", "", ""],
        &["5", "linda@acorn.example", "", "true", "", ""],
    ];
    let mut job = small(&header, &rows);
    for (role, header) in [
        ("consent:email:opt-in", "Email Opt In"),
        ("consent:email:opt-out", "Email Opt Out"),
        ("consent:email:bounced", "Hard Bounced"),
    ] {
        job.config.columns.roles.push((role.parse().unwrap(), header.into()));
    }
    let found = found(&job);
    assert_eq!(counts(&found, "consent-conflict"), [1]);
    assert_eq!(counts(&found, "email-bounced-active"), [1]);
    assert_eq!(counts(&found, "special-category"), [1]);
}

#[test]
fn faults_of_columns_and_files_are_found() {
    // Day and month in both orders.
    let mut rows = clean();
    for (i, row) in rows.iter_mut().enumerate() {
        let (m, d) = (i % 12 + 1, i % 27 + 1);
        row[14] = if i % 5 == 0 { format!("{m}/{d}/2025") } else { format!("{d}/{m}/2025") };
        row[15] = "2026-01-05".into();
        row[16] = "2026-01-06".into();
    }
    assert_eq!(counts(&found(&job(csv(&HEADER, &rows))), "mixed-date-order").len(), 1);
    // A system that cuts at forty characters.
    let mut rows = clean();
    for (i, row) in rows.iter_mut().enumerate() {
        // One in ten is too long for the system.
        let words = if spread(i, 30).is_multiple_of(10) { 8 } else { 2 + spread(i, 31) % 3 };
        let text: Vec<String> =
            (0..words).map(|w| format!("x{}", spread(i, 40 + w) % 100_000)).collect();
        row[8] = text.join(" ").chars().take(40).collect();
    }
    let truncated = counts(&found(&job(csv(&HEADER, &rows))), "truncated");
    assert_eq!(truncated.len(), 1);
    // A plan that was introduced lately.
    let mut rows = clean();
    for row in rows.iter_mut().skip(ROWS - 60).step_by(4) {
        row[18] = "Starter".into();
    }
    assert_eq!(counts(&found(&job(csv(&HEADER, &rows))), "new-category"), [15]);
    // A column that is something else is told once.
    let mut rows = clean();
    for (i, row) in rows.iter_mut().enumerate().filter(|(i, _)| i % 2 == 0) {
        row[12] = format!("Z{i}");
    }
    let all = found(&job(csv(&HEADER, &rows)));
    assert_eq!(counts(&all, "wrong-column"), [600]);
    assert!(counts(&all, "country-unknown").is_empty());
    // A row with a cell too many, and a mark.
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend(csv(&HEADER, &clean()));
    bytes.extend(b"L999999,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,1\n");
    let all = found(&job(bytes));
    assert_eq!([counts(&all, "ragged-row"), counts(&all, "bom")], [[1], [1]]);
}

#[test]
fn activity_faults_are_found() {
    let leads = csv(&HEADER, &clean());
    let mut events = String::from("event_id,lead_id,event_type,occurred_at,campaign\n");
    events += "1,L100001,email_open,2026-05-14T18:40:00Z,Spring\n";
    events += "2,L100001,email_open,2026-05-14T18:40:00Z,Spring\n";
    events += "3,L999999,email_open,2026-05-14T18:40:00Z,Spring\n";
    events += "4,L100002,email_open,2031-05-14T18:40:00Z,Spring\n";
    for i in 0..12 {
        events +=
            &format!("{},L100003,email_click,2026-05-14T18:40:{:02}Z,Link {i}\n", 10 + i, i * 2);
    }
    let mut job = job(leads);
    job.activities = vec![source("events.csv", events.into_bytes())];
    let all = found(&job);
    for (check, count) in [
        ("orphan-activity", 1),
        ("duplicate-activity", 1),
        ("activity-burst", 12),
        ("future-date", 1),
    ] {
        assert_eq!(counts(&all, check), [count], "{check}");
    }
}

#[test]
fn matching_and_scores_are_checked() {
    let mut rows = clean();
    for at in AT {
        let mut twin = rows[at].clone();
        twin[0] = format!("L2{at:05}");
        twin[3] = String::new();
        rows.push(twin);
    }
    let mut header = HEADER.to_vec();
    header.push("Lead Score");
    for (i, row) in rows.iter_mut().enumerate() {
        row.push(if i == 5 { String::new() } else { "900".into() });
    }
    let mut job = job(csv(&header, &rows));
    let text = "format = 1\nname = \"m\"\n[[component]]\nid = \"fit\"\nkind = \"points\"\n\
                range = { min = 0, max = 100 }\n[[rule]]\nid = \"us\"\ncomponent = \"fit\"\n\
                if = { field = \"country\", is = \"US\" }\nadd = 10\n";
    match model::parse(text, "m.toml") {
        Ok(model) => job.models = vec![model],
        Err(mistakes) => {
            panic!("{:?}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>())
        }
    }
    let outcome = pipeline::run(&job, &|_| ()).unwrap();
    let all = examine(outcome.material(), &Selection::default(), 10);
    assert_eq!(counts(&all, "duplicate-rate"), [3]);
    assert_eq!(counts(&all, "score-missing"), [1]);
    assert_eq!(counts(&all, "score-out-of-range"), [ROWS as u64 + 2]);
    assert_eq!(counts(&all, "score-drift").len(), 1);
    // Three of 1,203 are within the limit of 2 %.
    let checked = settle(&outcome.material(), &all, Reveal::Masked, FailOn::Error);
    let rate = checked.findings.iter().find(|f| f.check == "duplicate-rate").unwrap();
    assert_eq!(rate.severity, Severity::Info);
}

/// Findings without lines, which follow the order of rows.
fn told(rows: &Rows, threads: usize) -> String {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let survey = survey::run(&job(csv(&HEADER, rows)), Depth::Checks, &|_| ()).unwrap();
        let material = survey.material();
        let found = examine(material, &Selection::default(), 5);
        let mut checked = settle(&material, &found, Reveal::Masked, FailOn::Error);
        checked.findings.iter_mut().flat_map(|f| &mut f.samples).for_each(|s| s.line = 0);
        serde_json::to_string_pretty(&checked).unwrap()
    })
}

#[test]
fn neither_threads_nor_the_order_of_rows_have_a_say() {
    let mut rows = clean();
    for (i, fault) in FAULTS.iter().enumerate().filter(|(_, f)| f.check != "duplicate-id") {
        (fault.plant)(&mut rows, 20 + i * 19);
    }
    let one = told(&rows, 1);
    assert!(one.matches("\"check\"").count() > 30, "{one}");
    assert_eq!(one, told(&rows, 4));
    let mut shuffled = rows.clone();
    shuffled
        .sort_by_key(|row| spread(row[0].len() + row[3].len(), 7) ^ crate::record::fnv(&row[0]));
    assert_eq!(one, told(&shuffled, 2));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    #[test]
    fn no_cell_makes_a_check_panic(
        cells in proptest::collection::vec("\\PC{0,12}|[-+=@0-9a-z<&. ]{0,16}", 12..80),
        headers in proptest::sample::subsequence(HEADER.to_vec(), 4),
    ) {
        let rows: Rows = cells.chunks_exact(4).map(<[String]>::to_vec).collect();
        // What cannot be read is an error, and none of the checks'.
        if let Ok(survey) = survey::run(&job(csv(&headers, &rows)), Depth::Checks, &|_| ()) {
            let material = survey.material();
            let found = examine(material, &Selection::default(), 3);
            let checked = settle(&material, &found, Reveal::Masked, FailOn::Warning);
            proptest::prop_assert!(checked.findings.iter().all(|f| f.of == 0 || f.count <= f.of));
        }
    }
}
