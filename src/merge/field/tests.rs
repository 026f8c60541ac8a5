use super::*;
use crate::merge::sample::table;
use proptest::prelude::*;

/// A person of rows (id first), their update times, and the fields of the columns after the id.
struct Case<'a> {
    headers: &'a [&'a str],
    rows: &'a [&'a [&'a str]],
    updated: &'a [i64],
    survivor: u32,
}

/// `?` as first character marks a valid value, `!` an invalid one.
fn quality_of(table: &Table) -> Vec<Vec<u8>> {
    let mark = |text: &str| match text.as_bytes().first() {
        Some(b'?') => 2,
        Some(b'!') => 0,
        _ => 1,
    };
    table.columns.iter().map(|c| c.dictionary.iter().map(mark).collect()).collect()
}

impl Case<'_> {
    fn merge(&self, classes: &[FieldClass], rules: &[FieldRule]) -> (Table, MergedFields) {
        let t = table("crm", self.headers, self.rows);
        let quality = quality_of(&t);
        let field = |c: usize| Field {
            class: classes.get(c.wrapping_sub(1)).cloned().unwrap_or_default(),
            rule: rules.get(c.wrapping_sub(1)).cloned().unwrap_or_default(),
            quality: &quality[c],
            ..Field::default()
        };
        let fields: Vec<Field> = (0..self.headers.len()).map(field).collect();
        let filled = count_filled(&t, &fields);
        let evidence = Evidence {
            table: &t,
            created: &[],
            updated: self.updated,
            filled: &filled,
            activities: &[],
            known: &[],
        };
        let clusters = Clusters::from_labels(&vec![0; self.rows.len()]);
        let merged = merge_fields(&clusters, &evidence, vec![RecordId(self.survivor)], &fields);
        (t, merged)
    }

    fn texts(&self, classes: &[FieldClass], rules: &[FieldRule]) -> Vec<String> {
        let (t, merged) = self.merge(classes, rules);
        (1..self.headers.len()).map(|c| merged.text(&t, c, 0).to_string()).collect()
    }
}

const NONE: i64 = i64::MIN;

#[test]
fn one_field_by_every_rule() {
    use Take::*;
    let cleared = FieldRule { cleared_counts: true, ..Newest.into() };
    let order = ["lead", "MQL", "customer"].map(String::from).to_vec();
    let furthest = FieldRule { take: Furthest, order, ..FieldRule::default() };
    let no_fill = FieldRule { take: Survivor, blank_fill: BlankFill::No, ..FieldRule::default() };
    let first = FieldRule { take: Survivor, blank_fill: BlankFill::First, ..FieldRule::default() };
    type Cells<'a> = &'a [&'a str];
    let cases: &[(FieldRule, Cells, &[i64], &str, Chosen)] = &[
        (Newest.into(), &["a", "b", "c"], &[1, 3, 2], "b", Chosen::Newest),
        (Newest.into(), &["a", "b", ""], &[1, 2, 3], "b", Chosen::Newest),
        (Newest.into(), &["a", "", ""], &[1, 2, 3], "a", Chosen::Undisputed),
        (Newest.into(), &["", "", ""], &[1, 2, 3], "", Chosen::Blank),
        (Newest.into(), &["?a", "b", "!c"], &[1, 2, 3], "?a", Chosen::Validity),
        (Newest.into(), &["!a", "!b", ""], &[1, 2, 3], "!b", Chosen::Newest),
        (Newest.into(), &["a", "b", ""], &[NONE, 2, 3], "b", Chosen::Newest),
        (Newest.into(), &["a", "b", ""], &[], "a", Chosen::Completeness),
        (cleared, &["a", "b", ""], &[1, 2, 3], "", Chosen::Cleared),
        (Oldest.into(), &["a", "b", "c"], &[3, NONE, 2], "c", Chosen::Oldest),
        (MostFrequent.into(), &["a", "b", "a"], &[1, 3, 2], "a", Chosen::MostFrequent),
        (MostFrequent.into(), &["a", "b", "c"], &[1, 3, 2], "b", Chosen::MostFrequent),
        (Longest.into(), &["aé", "bbb", "cc"], &[1, 2, 3], "bbb", Chosen::Longest),
        (Longest.into(), &["!longer", "?b", ""], &[1, 2, 3], "?b", Chosen::Validity),
        (Max.into(), &["9", "10", "x"], &[1, 2, 3], "10", Chosen::Max),
        (Min.into(), &["9.5", "10", "-0.25"], &[1, 2, 3], "-0.25", Chosen::Min),
        (Max.into(), &["x", "y", ""], &[1, 2, 3], "y", Chosen::Max),
        (Sum.into(), &["10", "10", "0.5"], &[1, 2, 3], "20.5", Chosen::Sum),
        (Sum.into(), &["10", "10", "10"], &[1, 2, 3], "30", Chosen::Sum),
        (Sum.into(), &["10", "n", ""], &[1, 2, 3], "10", Chosen::Sum),
        (Union.into(), &["a;b", "B; c", ""], &[1, 2, 3], "a; b; c", Chosen::Union),
        (Union.into(), &["!n/a", "b", "a"], &[1, 2, 3], "b;a", Chosen::Union),
        (Union.into(), &["a", "b;a", ""], &[1, 2, 3], "b;a", Chosen::Union),
        (FirstNonEmpty.into(), &["", "b", "c"], &[1, 2, 3], "b", Chosen::FirstNonEmpty),
        (furthest.clone(), &["Customer", "lead", "mql"], &[1, 2, 3], "Customer", Chosen::Furthest),
        (furthest, &["lead", "odd", ""], &[1, 2, 3], "lead", Chosen::Furthest),
        (Survivor.into(), &["a", "b", "c"], &[1, 2, 3], "a", Chosen::Survivor),
        (Survivor.into(), &["", "b", "c"], &[1, 3, 2], "b", Chosen::BlankFill),
        (Survivor.into(), &["!n/a", "b", ""], &[1, 3, 2], "b", Chosen::BlankFill),
        (no_fill, &["", "b", "c"], &[1, 2, 3], "", Chosen::Survivor),
        (first.clone(), &["", "b", "c"], &[1, 2, 3], "b", Chosen::BlankFill),
        (first, &["", "", "c"], &[1, 2, 3], "", Chosen::BlankFill),
        (Review.into(), &["a", "b", "c"], &[1, 2, 3], "a", Chosen::Review),
        (Review.into(), &["a", "a", ""], &[1, 2, 3], "a", Chosen::Undisputed),
    ];
    for (rule, values, updated, expected, chosen) in cases {
        let rows: Vec<Vec<&str>> = values.iter().map(|v| vec!["1", v]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|r| r.as_slice()).collect();
        let case = Case { headers: &["id", "x"], rows: &rows, updated, survivor: 0 };
        let (t, merged) = case.merge(&[], std::slice::from_ref(rule));
        let got = (merged.text(&t, 1, 0), merged.chosen(1, 0));
        assert_eq!(got, (*expected, *chosen), "{:?} of {values:?}", rule.take);
        assert_eq!(merged.review.len(), usize::from(*chosen == Chosen::Review));
    }
}

#[test]
fn classes_with_a_rule_of_their_own() {
    use FieldClass::*;
    let case = Case {
        headers: &["id", "created", "last", "tags", "plain", "came from"],
        rows: &[&["1", "20", "7", "b,a", "x", "fair"], &["2", "10", "5", "c", "", "web"]],
        updated: &[1, 2],
        survivor: 1,
    };
    let classes = [Created, LastActivity, List(",".into()), Plain, FirstTouch];
    assert_eq!(case.texts(&classes, &[]), ["10", "7", "c,b,a", "x", "fair"]);
}

#[test]
fn consent_takes_what_permits_least() {
    let t = table("crm", &["id", "out"], &[&["1", "no"], &["2", "yes"], &["3", ""]]);
    let fields = [
        Field::default(),
        Field { class: FieldClass::Consent, measure: &[0, 1, 9], ..Field::default() },
    ];
    let evidence = Evidence {
        table: &t,
        created: &[],
        updated: &[3, 1, 2],
        filled: &[],
        activities: &[],
        known: &[],
    };
    let clusters = Clusters::from_labels(&[0, 0, 0]);
    let merged = merge_fields(&clusters, &evidence, vec![RecordId(0)], &fields);
    assert_eq!(merged.text(&t, 1, 0), "yes");
}

#[test]
fn addresses_move_as_a_block() {
    let block = [FieldClass::Block(0), FieldClass::Block(0), FieldClass::Block(0)];
    let gdl = ["1", "Calle 1", "Guadalajara", "MX"];
    let cmx = ["2", "", "CDMX", "MX"];
    type Rows<'a> = &'a [&'a [&'a str]];
    type Case3<'a> = (&'a str, Rows<'a>, &'a [i64], u32, Take, [&'a str; 3]);
    let cases: &[Case3] = &[
        (
            "a newer block that contradicts wins, whole",
            &[&gdl, &cmx],
            &[1, 2],
            0,
            Take::Newest,
            ["", "CDMX", "MX"],
        ),
        (
            "an older one does not",
            &[&gdl, &cmx],
            &[2, 1],
            1,
            Take::Newest,
            ["Calle 1", "Guadalajara", "MX"],
        ),
        (
            "a newer compatible part never beats the fuller one",
            &[&gdl, &["2", "", "", "MX"]],
            &[1, 2],
            1,
            Take::Newest,
            ["Calle 1", "Guadalajara", "MX"],
        ),
        (
            "a part confirms its block against a third",
            &[&gdl, &["2", "", "Austin", "US"], &["3", "", "", "MX"]],
            &[1, 2, 3],
            1,
            Take::Newest,
            ["Calle 1", "Guadalajara", "MX"],
        ),
        (
            "a part of two blocks decides nothing between them",
            &[&gdl, &cmx, &["3", "", "", "MX"]],
            &[1, 2, 3],
            0,
            Take::Newest,
            ["", "CDMX", "MX"],
        ),
        (
            "overlapping blocks that agree: the fuller",
            &[&gdl, &["2", "", "Guadalajara", ""], &["3", "Calle 1", "", ""]],
            &[1, 2, 3],
            1,
            Take::Newest,
            ["Calle 1", "Guadalajara", "MX"],
        ),
        (
            "an invalid cell is no part of a block",
            &[&gdl, &["2", "!-", "", "!n/a"]],
            &[1, 2],
            1,
            Take::Newest,
            ["Calle 1", "Guadalajara", "MX"],
        ),
        ("oldest", &[&gdl, &cmx], &[2, 1], 0, Take::Oldest, ["", "CDMX", "MX"]),
        (
            "the survivor's block, never filled from another",
            &[&gdl, &cmx],
            &[2, 1],
            1,
            Take::Survivor,
            ["", "CDMX", "MX"],
        ),
        (
            "a survivor without any takes a whole block",
            &[&gdl, &cmx, &["3", "", "", ""]],
            &[2, 1, 3],
            2,
            Take::Survivor,
            ["Calle 1", "Guadalajara", "MX"],
        ),
        (
            "no block at all",
            &[&["1", "", "", ""], &["2", "", "", ""]],
            &[1, 2],
            0,
            Take::Newest,
            ["", "", ""],
        ),
    ];
    for (why, rows, updated, survivor, take, expected) in cases {
        let headers = &["id", "street", "city", "country"];
        let case = Case { headers, rows, updated, survivor: *survivor };
        let rules = vec![FieldRule::from(*take); 3];
        assert_eq!(case.texts(&block, &rules), *expected, "{why}");
        let (_, merged) = case.merge(&block, &rules);
        let from: Vec<RecordId> = (1..4).map(|c| merged.choice(c, 0)).collect();
        assert!(from.iter().all(|&r| r == from[0]), "{why}: one record");
    }
}

#[test]
fn names_move_together_but_blanks_are_filled() {
    type Rows<'a> = &'a [&'a [&'a str]];
    let cases: &[(&str, Rows, [&str; 3])] = &[
        (
            "never the given name of one spelling beside the family name of another",
            &[&["1", "Ana", "", "Lopez"], &["2", "Lopes", "", "Anna"]],
            ["Lopes", "", "Anna"],
        ),
        (
            "a newer part does not drop the middle name",
            &[&["1", "Ana", "Sofia", "Lopez"], &["2", "Ana", "", "Lopez"]],
            ["Ana", "Sofia", "Lopez"],
        ),
        (
            "a newer nickname keeps the family name",
            &[&["1", "Ana", "", "Lopez"], &["2", "Anita", "", ""]],
            ["Anita", "", "Lopez"],
        ),
        ("no name at all", &[&["1", "", "", ""], &["2", "", "", ""]], ["", "", ""]),
    ];
    for (why, rows, expected) in cases {
        let headers = &["id", "first", "middle", "last"];
        let case = Case { headers, rows, updated: &[1, 2], survivor: 0 };
        assert_eq!(case.texts(&[const { FieldClass::Name }; 3], &[]), *expected, "{why}");
    }
}

#[test]
fn no_phone_or_email_is_lost() {
    type Rows<'a> = &'a [&'a [&'a str]];
    let cases: &[(&str, Rows, [&str; 2], usize)] = &[
        (
            "a second phone fills the blank column",
            &[&["1", "?11", ""], &["2", "?22", ""]],
            ["?22", "?11"],
            0,
        ),
        (
            "both columns used: listed",
            &[&["1", "?11", "?33"], &["2", "?22", ""]],
            ["?22", "?33"],
            1,
        ),
        (
            "the column stays with its kind, even when the other shows more",
            &[&["1", "", "?33"], &["2", "", ""]],
            ["", "?33"],
            0,
        ),
        (
            "the same number twice leaves room",
            &[&["1", "?11", "?11"], &["2", "?22", ""]],
            ["?22", "?11"],
            0,
        ),
        (
            "an invalid number gives way",
            &[&["1", "?11", "!0"], &["2", "?22", ""]],
            ["?22", "?11"],
            0,
        ),
        ("an invalid number is not spread", &[&["1", "!0", ""], &["2", "?22", ""]], ["?22", ""], 0),
        ("only an invalid one: kept as it is", &[&["1", "!0", ""], &["2", "", ""]], ["!0", ""], 0),
        ("swapped columns", &[&["1", "?11", "?22"], &["2", "?22", "?11"]], ["?22", "?11"], 0),
    ];
    for class in [FieldClass::Phone, FieldClass::Email] {
        for (why, rows, expected, extra) in cases {
            let headers = &["id", "phone", "mobile"];
            let case = Case { headers, rows, updated: &[1, 2], survivor: 0 };
            let classes = [class.clone(), class.clone()];
            assert_eq!(case.texts(&classes, &[]), *expected, "{why}");
            assert_eq!(case.merge(&classes, &[]).1.extra.len(), *extra, "{why}");
        }
    }
}

#[test]
fn a_survivor_only_policy_moves_nothing() {
    let rule = FieldRule { take: Take::Survivor, blank_fill: BlankFill::No, ..Default::default() };
    let case = Case {
        headers: &["id", "phone", "mobile"],
        rows: &[&["1", "?11", "?11"], &["2", "?22", "?33"]],
        updated: &[1, 2],
        survivor: 0,
    };
    let classes = [FieldClass::Phone, FieldClass::Phone];
    assert_eq!(case.texts(&classes, &[rule.clone(), rule]), ["?11", "?11"]);
}

#[test]
fn keys_say_what_means_the_same() {
    let t = table("crm", &["id", "country"], &[&["1", "Mexico"], &["2", "MX"]]);
    let fields = [
        Field::default(),
        Field { key: &[0, 7, 7], rule: Take::Review.into(), ..Field::default() },
    ];
    let evidence = Evidence {
        table: &t,
        created: &[],
        updated: &[],
        filled: &[],
        activities: &[],
        known: &[],
    };
    let clusters = Clusters::from_labels(&[0, 0]);
    let merged = merge_fields(&clusters, &evidence, vec![RecordId(0)], &fields);
    assert!(merged.review.is_empty());
}

#[test]
fn numbers_are_read_exactly() {
    use super::pick::parse_millionths;
    let cases = [
        ("1", Some(1_000_000)),
        (" -0.5 ", Some(-500_000)),
        ("+3.000001", Some(3_000_001)),
        ("", None),
        (".5", None),
        ("1,000", None),
        ("1e3", None),
        ("1.2.3", None),
        ("--1", None),
        ("9999999999999", None),
        ("1.0000001", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_millionths(text), expected, "{text:?}");
    }
}

fn any_class() -> impl Strategy<Value = FieldClass> {
    prop_oneof![
        Just(FieldClass::Plain),
        Just(FieldClass::Block(0)),
        Just(FieldClass::Block(1)),
        Just(FieldClass::Name),
        Just(FieldClass::FirstTouch),
        Just(FieldClass::Email),
        Just(FieldClass::Phone),
        Just(FieldClass::Company),
        Just(FieldClass::Title),
        Just(FieldClass::Created),
        Just(FieldClass::LastActivity),
        Just(FieldClass::List(";".into())),
        Just(FieldClass::Consent),
    ]
}

fn any_rule() -> impl Strategy<Value = FieldRule> {
    use Take::*;
    let takes = vec![
        Survivor,
        Newest,
        Oldest,
        MostFrequent,
        Longest,
        MostComplete,
        Max,
        Min,
        Sum,
        Union,
        FirstNonEmpty,
        Furthest,
        MostRestrictive,
        Review,
    ];
    let fills = vec![BlankFill::No, BlankFill::Yes, BlankFill::First];
    (prop::sample::select(takes), prop::sample::select(fills), any::<bool>()).prop_map(
        |(take, blank_fill, cleared_counts)| FieldRule {
            take,
            order: vec!["?a".into(), "?b".into()],
            blank_fill,
            cleared_counts,
        },
    )
}

const HEADERS: [&str; 6] = ["id", "a", "b", "c", "d", "e"];

proptest! {
    #[test]
    fn every_text_is_a_members_and_no_contact_is_lost(
        cells in prop::collection::vec(prop::collection::vec("(|[?!]?[ab3;]{1,3})", 5), 1..6),
        updated in prop::collection::vec(0i64..3, 6),
        labels in prop::collection::vec(0u32..3, 6),
        classes in prop::collection::vec(any_class(), 5),
        rules in prop::collection::vec(any_rule(), 5),
    ) {
        let rows: Vec<Vec<&str>> = cells
            .iter()
            .map(|r| std::iter::once("1").chain(r.iter().map(String::as_str)).collect())
            .collect();
        let rows: Vec<&[&str]> = rows.iter().map(|r| r.as_slice()).collect();
        let t = table("crm", &HEADERS, &rows);
        let quality = quality_of(&t);
        let fields: Vec<Field> = (0..6)
            .map(|c| Field {
                class: if c == 0 { FieldClass::Plain } else { classes[c - 1].clone() },
                rule: if c == 0 { FieldRule::default() } else { rules[c - 1].clone() },
                quality: &quality[c],
                ..Field::default()
            })
            .collect();
        let filled = count_filled(&t, &fields);
        let evidence = Evidence {
            table: &t, created: &[], updated: &updated, filled: &filled, activities: &[], known: &[],
        };
        let labels: Vec<u32> = labels.iter().map(|l| l % rows.len() as u32).collect();
        let clusters = Clusters::from_labels(&labels[..rows.len()]);
        let survivor: Vec<RecordId> =
            (0..clusters.len() as u32).map(|p| clusters.members(p)[0]).collect();
        let merged = merge_fields(&clusters, &evidence, survivor, &fields);
        for p in 0..clusters.len() as u32 {
            let members = clusters.members(p);
            for (c, field) in fields.iter().enumerate() {
                prop_assert!(members.contains(&merged.choice(c, p)));
                if members.len() == 1 {
                    prop_assert_eq!(merged.text(&t, c, p), t.columns[c].get(members[0]));
                }
                if let Some(Value::Cell { record, .. }) = merged.override_of(c, p) {
                    prop_assert!(members.contains(record));
                }
                if let FieldClass::Block(_) = field.class {
                    let same = (0..6).filter(|&d| fields[d].class == field.class);
                    for d in same {
                        prop_assert_eq!(merged.choice(c, p), merged.choice(d, p));
                    }
                }
                if !matches!(field.class, FieldClass::Email | FieldClass::Phone) {
                    continue;
                }
                let class: Vec<usize> =
                    (0..6).filter(|&d| fields[d].class == field.class).collect();
                for &m in members.iter().filter(|&&m| fields[c].rank(t.columns[c].ids[m.index()]) >= 2) {
                    let text = t.columns[c].get(m);
                    let shown = class.iter().any(|&d| merged.text(&t, d, p) == text);
                    let listed = merged.extra.iter().any(|e| {
                        e.person == p && t.columns[e.column as usize].get(e.record) == text
                    });
                    let added_up = class.iter().any(|&d| {
                        matches!(merged.override_of(d, p), Some(Value::Text(_)))
                    });
                    prop_assert!(shown || listed || added_up, "{text} lost");
                }
            }
        }
    }

    #[test]
    fn the_numbers_of_values_decide_nothing(
        cells in prop::collection::vec(prop::collection::vec("(|[?!]?[ab3;]{1,3})", 5), 1..6),
        updated in prop::collection::vec(0i64..3, 6),
        classes in prop::collection::vec(any_class(), 5),
        rules in prop::collection::vec(any_rule(), 5),
    ) {
        let rows: Vec<Vec<&str>> = cells
            .iter()
            .map(|r| std::iter::once("1").chain(r.iter().map(String::as_str)).collect())
            .collect();
        let rows: Vec<&[&str]> = rows.iter().map(|r| r.as_slice()).collect();
        let t = table("crm", &HEADERS, &rows);
        let texts = |t: &Table| -> Vec<String> {
            let quality = quality_of(t);
            let fields: Vec<Field> = (0..6)
                .map(|c| Field {
                    class: if c == 0 { FieldClass::Plain } else { classes[c - 1].clone() },
                    rule: if c == 0 { FieldRule::default() } else { rules[c - 1].clone() },
                    quality: &quality[c],
                    ..Field::default()
                })
                .collect();
            let filled = count_filled(t, &fields);
            let evidence = Evidence {
                table: t, created: &[], updated: &updated, filled: &filled, activities: &[], known: &[],
            };
            let clusters = Clusters::from_labels(&vec![0; t.len()]);
            let merged = merge_fields(&clusters, &evidence, vec![RecordId(0)], &fields);
            (0..6).map(|c| merged.text(t, c, 0).to_string()).collect()
        };
        prop_assert_eq!(texts(&t), texts(&renumbered(&t)));
    }
}

/// The same table as if its rows had been read from the last to the first.
fn renumbered(t: &Table) -> Table {
    let mut other = t.clone();
    for (column, from) in other.columns.iter_mut().zip(&t.columns) {
        let mut dictionary = crate::record::DictionaryBuilder::default();
        for record in t.records().collect::<Vec<_>>().into_iter().rev() {
            column.ids[record.index()] = dictionary.intern(from.get(record)).unwrap();
        }
        column.dictionary = dictionary.finish();
    }
    other
}
