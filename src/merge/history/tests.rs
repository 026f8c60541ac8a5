use super::*;
use proptest::prelude::*;

/// (record, source, event id, kind, object, seconds or a special, digest)
#[derive(Debug, Clone, Copy)]
struct Row(u32, u16, u32, u16, u32, When);

#[derive(Debug, Clone, Copy)]
enum When {
    Micros(i64),
    Date,
    Never,
}
use When::{Date, Micros, Never};

/// 12 seconds past a whole minute, plus `ms`.
fn ms(ms: i64) -> When {
    Micros(1_600_000_000_000_000 - 1_600_000_000_000_000 % 60_000_000 + 12_000_000 + ms * 1000)
}

fn activities(rows: &[Row]) -> Activities {
    let mut a = Activities::default();
    for (i, &Row(record, source, id, kind, object, when)) in rows.iter().enumerate() {
        a.source.push(source);
        a.row.push(i as u32 + 1);
        a.event_id.push(ValueId(id));
        a.kind.push(kind);
        a.object.push(object);
        let (at, date_only) = match when {
            Micros(at) => (at, false),
            Date => (1_600_041_600_000_000, true),
            Never => (NO_TIME, false),
        };
        a.at.push(at);
        a.date_only.push(date_only);
        a.record.push(record);
        // Content only, never the position.
        let content = [record as u64, source as u64, id as u64, kind as u64, object as u64];
        a.digest.push(
            content.iter().fold(at as u64, |h, v| {
                (h ^ v).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
            }),
        );
    }
    a
}

/// One person of `n` records.
fn one_person(n: usize) -> Clusters {
    Clusters::from_labels(&vec![0; n])
}

fn kept(rows: &[Row], clusters: &Clusters) -> usize {
    unite(&activities(rows), clusters, EventIdentity::default()).count(Status::Kept)
}

#[test]
fn identity_rules() {
    const A: u32 = 0;
    const B: u32 = 1;
    const C: u32 = 2;
    let cases: &[(&str, &[Row], usize)] = &[
        ("same id, two profiles", &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 0, 1, 0, 5, ms(0))], 1),
        ("same id, one profile", &[Row(A, 0, 1, 0, 5, ms(0)), Row(A, 0, 1, 0, 5, ms(0))], 1),
        ("same id, other time", &[Row(A, 0, 1, 0, 5, ms(0)), Row(A, 0, 1, 0, 5, ms(9000))], 1),
        ("same id, dates only", &[Row(A, 0, 1, 0, 5, Date), Row(B, 0, 1, 0, 5, Date)], 1),
        ("same id, no date", &[Row(A, 0, 1, 0, 5, Never), Row(B, 0, 1, 0, 5, Never)], 1),
        (
            "same id text in two sources says nothing",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 1, 1, 0, 5, ms(90_000))],
            2,
        ),
        (
            "one id on two kinds (a message id) is two events",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(A, 0, 1, 1, 5, ms(0))],
            2,
        ),
        (
            "other ids, all agree within the window",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 0, 2, 0, 5, ms(1900))],
            1,
        ),
        ("exactly the window", &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 0, 2, 0, 5, ms(2000))], 1),
        ("past the window", &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 0, 2, 0, 5, ms(2001))], 2),
        ("other kind", &[Row(A, 0, 0, 0, 5, ms(0)), Row(B, 0, 0, 1, 5, ms(0))], 2),
        ("other object", &[Row(A, 0, 0, 0, 5, ms(0)), Row(B, 0, 0, 0, 6, ms(0))], 2),
        ("missing object, no ids", &[Row(A, 0, 0, 0, 5, ms(0)), Row(B, 0, 0, 0, 0, ms(0))], 1),
        ("missing object, one id", &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 0, 0, 0, 0, ms(0))], 1),
        (
            "missing object, other ids of one source do not agree",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 0, 2, 0, 0, ms(0))],
            2,
        ),
        (
            "missing object, other ids of two sources",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 1, 2, 0, 0, ms(0))],
            1,
        ),
        ("dates only, no ids", &[Row(A, 0, 0, 0, 5, Date), Row(B, 0, 0, 0, 5, Date)], 2),
        ("no dates, no ids", &[Row(A, 0, 0, 0, 5, Never), Row(B, 0, 0, 0, 5, Never)], 2),
        (
            "a date is no instant",
            &[Row(A, 0, 0, 0, 5, Date), Row(B, 0, 0, 0, 5, Micros(1_600_041_600_000_000))],
            2,
        ),
        (
            "logged twice on one profile in the same instant",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(A, 0, 2, 0, 5, ms(0))],
            1,
        ),
        (
            "two genuine visits of one profile, a second apart",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(A, 0, 2, 0, 5, ms(1000))],
            2,
        ),
        (
            "two genuine visits without ids",
            &[Row(A, 0, 0, 0, 5, ms(0)), Row(A, 0, 0, 0, 5, ms(1000))],
            2,
        ),
        (
            "one profile, two sources that both log it",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(A, 1, 7, 0, 5, ms(700))],
            1,
        ),
        (
            "a log of whole minutes without objects cannot tell",
            &[Row(A, 0, 0, 0, 0, Micros(0)), Row(A, 0, 0, 0, 0, Micros(0))],
            2,
        ),
        (
            "two visits seen by both profiles stay two",
            &[
                Row(A, 0, 0, 0, 5, ms(0)),
                Row(A, 0, 0, 0, 5, ms(1000)),
                Row(B, 0, 0, 0, 5, ms(10)),
                Row(B, 0, 0, 0, 5, ms(1010)),
            ],
            2,
        ),
        (
            "nearest first: the middle one goes to its neighbor, the others stay",
            &[
                Row(A, 0, 0, 0, 5, ms(0)),
                Row(B, 0, 0, 0, 5, ms(1200)),
                Row(A, 0, 0, 0, 5, ms(2000)),
            ],
            2,
        ),
        (
            "a chain of neighbors longer than the window",
            &[
                Row(A, 0, 0, 0, 5, ms(0)),
                Row(B, 0, 0, 0, 5, ms(1500)),
                Row(C, 0, 0, 0, 5, ms(3000)),
            ],
            2,
        ),
        (
            "three profiles saw one event",
            &[Row(A, 0, 0, 0, 5, ms(0)), Row(B, 0, 0, 0, 5, ms(900)), Row(C, 0, 0, 0, 5, ms(1800))],
            1,
        ),
        (
            "an unnamed object does not join two named ones",
            &[Row(A, 0, 0, 0, 5, ms(0)), Row(B, 0, 0, 0, 0, ms(0)), Row(C, 0, 0, 0, 6, ms(0))],
            2,
        ),
        (
            "an id group already holds an event of the profile",
            &[Row(A, 0, 1, 0, 5, ms(0)), Row(B, 0, 1, 0, 5, ms(0)), Row(A, 0, 2, 0, 5, ms(1000))],
            2,
        ),
        ("an orphan is not kept", &[Row(ORPHAN, 0, 1, 0, 5, ms(0))], 0),
        ("a record out of range is an orphan", &[Row(77, 0, 1, 0, 5, ms(0))], 0),
    ];
    for (why, rows, expected) in cases {
        assert_eq!(kept(rows, &one_person(3)), *expected, "{why}");
        let mut reversed = rows.to_vec();
        reversed.reverse();
        assert_eq!(kept(&reversed, &one_person(3)), *expected, "{why}, reversed");
    }
}

#[test]
fn other_persons_never_share_an_event() {
    let rows = [Row(0, 0, 1, 0, 5, ms(0)), Row(1, 0, 1, 0, 5, ms(0))];
    assert_eq!(kept(&rows, &Clusters::from_labels(&[0, 1])), 2);
}

#[test]
fn keeps_the_earliest_and_prefers_an_instant_to_a_date() {
    let rows = [
        Row(0, 0, 1, 0, 5, Date),
        Row(1, 0, 1, 0, 5, ms(100)),
        Row(2, 0, 1, 0, 5, ms(50)),
        Row(2, 0, 1, 0, 5, Never),
    ];
    let h = unite(&activities(&rows), &one_person(3), EventIdentity::default());
    assert_eq!(h.kept, [2, 2, 2, 2]);
    assert_eq!(h.status[2], Status::Kept);
    assert_eq!(h.reason[0], Reason::SameEventId);
    assert_eq!(h.in_part, [true, true, true, false], "one event for each record alone");
}

#[test]
fn reasons_and_order() {
    let rows = [
        Row(0, 0, 1, 0, 5, ms(5000)),
        Row(0, 0, 2, 0, 5, ms(5000)),
        Row(1, 0, 3, 0, 5, ms(5001)),
        Row(1, 0, 4, 0, 5, Never),
        Row(ORPHAN, 0, 4, 0, 5, ms(0)),
        Row(1, 0, 5, 0, 5, ms(0)),
    ];
    let h = unite(&activities(&rows), &one_person(2), EventIdentity::default());
    assert_eq!(h.order, [3, 5, 0, 1, 2].map(|i| if h.kept[0] == 1 && i < 2 { 1 - i } else { i }));
    let first = h.kept[0];
    assert_eq!(h.reason[1 - first as usize], Reason::LoggedTwice);
    assert_eq!((h.kept[2], h.reason[2]), (first, Reason::OtherProfile));
    assert_eq!((h.kept[4], h.reason[4]), (ORPHAN, Reason::UnknownLead));
    assert_eq!(h.of_person(0).len(), 5);
}

#[test]
fn nothing_in_nothing_out() {
    let h = unite(&Activities::default(), &Clusters::default(), EventIdentity::default());
    assert!(h.order.is_empty() && h.status.is_empty());
}

#[test]
fn thousands_of_events_in_one_second_end() {
    let rows: Vec<Row> =
        (0..20_000).map(|i| Row(i % 3, 0, 0, 0, i / 7, ms(i64::from(i % 11) * 90))).collect();
    let h = unite(&activities(&rows), &one_person(3), EventIdentity::default());
    assert_eq!(h.count(Status::Kept) + h.count(Status::Duplicate), rows.len());
}

#[test]
fn threads_do_not_matter() {
    let rows: Vec<Row> = (0..80_000u32)
        .map(|i| {
            Row(
                i.wrapping_mul(2_654_435_761) % 9_000,
                0,
                i % 40_000,
                0,
                i % 3,
                ms(i64::from(i % 5) * 800),
            )
        })
        .collect();
    let a = activities(&rows);
    let clusters = Clusters::from_labels(&(0..9_000).map(|r| r / 3).collect::<Vec<_>>());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let h = pool.install(|| unite(&a, &clusters, EventIdentity::default()));
        (h.status, h.kept, h.reason, h.in_part, h.order, h.start)
    };
    let one = run(1);
    assert!(one.0.contains(&Status::Duplicate));
    assert!(one == run(3));
}

fn any_row() -> impl Strategy<Value = Row> {
    let when = prop_oneof![
        6 => (0i64..8).prop_map(|t| ms(t * 700)),
        1 => Just(Micros(0)),
        1 => Just(Micros(i64::MAX)),
        1 => Just(Micros(i64::MIN + 1)),
        1 => Just(Date),
        1 => Just(Never),
    ];
    let record = prop_oneof![8 => 0u32..6, 1 => Just(ORPHAN)];
    (record, 0u16..2, 0u32..6, 0u16..2, 0u32..3, when)
        .prop_map(|(r, s, id, k, o, w)| Row(r, s, id, k, o, w))
}

/// What a permuted run must repeat: of each row's content, how it fared.
fn outcome(rows: &[Row], h: &History, a: &Activities) -> Vec<(u64, Status, Reason, bool, u64)> {
    let mut all: Vec<_> = (0..rows.len())
        .map(|i| {
            let kept = a.digest.get(h.kept[i] as usize).copied().unwrap_or(0);
            (a.digest[i], h.status[i], h.reason[i], h.in_part[i], kept)
        })
        .collect();
    all.sort_by_key(|o| (o.0, o.1 as u8, o.2 as u8, o.3, o.4));
    all
}

proptest! {
    #[test]
    fn activities_are_conserved(
        rows in prop::collection::vec(any_row(), 0..60),
        labels in prop::collection::vec(0u32..6, 6),
    ) {
        let clusters = Clusters::from_labels(&labels);
        let a = activities(&rows);
        let h = unite(&a, &clusters, EventIdentity::default());
        let counts = [Status::Kept, Status::Duplicate, Status::Orphan].map(|s| h.count(s));
        prop_assert_eq!(counts.iter().sum::<usize>(), rows.len());
        let mut bound = h.order.clone();
        bound.sort_unstable();
        bound.dedup();
        prop_assert_eq!(bound.len(), rows.len() - counts[2]);
        for i in 0..rows.len() {
            if h.status[i] == Status::Orphan {
                prop_assert_eq!(a.record[i], ORPHAN);
                continue;
            }
            let k = h.kept[i] as usize;
            prop_assert_eq!(h.status[k], Status::Kept);
            prop_assert_eq!(
                clusters.person_of[a.record[i] as usize],
                clusters.person_of[a.record[k] as usize]
            );
            prop_assert_eq!(a.kind[i], a.kind[k]);
        }
    }

    #[test]
    fn a_group_without_ids_holds_one_event_of_each_profile_and_stays_in_the_window(
        mut rows in prop::collection::vec(any_row(), 0..40),
    ) {
        for row in &mut rows {
            row.2 = 0;
        }
        let a = activities(&rows);
        let h = unite(&a, &one_person(6), EventIdentity::default());
        for i in 0..rows.len() {
            for j in 0..i {
                if h.status[i] == Status::Orphan || h.kept[i] != h.kept[j] {
                    continue;
                }
                prop_assert!((a.at[i] - a.at[j]).abs() <= 2_000_000);
                prop_assert!(a.object[i] == a.object[j] || a.object[i] * a.object[j] == 0);
                if (a.record[i], a.source[i]) == (a.record[j], a.source[j]) {
                    prop_assert_eq!(a.at[i], a.at[j]);
                }
            }
        }
    }

    #[test]
    fn input_order_does_not_matter(
        (rows, shuffled) in prop::collection::vec(any_row(), 0..40)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let clusters = Clusters::from_labels(&[0, 0, 0, 3, 3, 5]);
        let (a, b) = (activities(&rows), activities(&shuffled));
        let ha = unite(&a, &clusters, EventIdentity::default());
        let hb = unite(&b, &clusters, EventIdentity::default());
        prop_assert_eq!(outcome(&rows, &ha, &a), outcome(&shuffled, &hb, &b));
    }

    /// Where an event id stands for one kind, object and time, as in any sane log.
    #[test]
    fn a_record_alone_has_the_events_of_its_own_history(
        mut rows in prop::collection::vec(any_row(), 0..40),
        events in prop::collection::vec(any_row(), 6),
    ) {
        for row in &mut rows {
            row.1 = 0;
            if row.2 != 0 {
                let event = events[row.2 as usize];
                (row.3, row.4, row.5) = (event.3, event.4, event.5);
            }
        }
        let alone = Clusters::from_labels(&[0, 1, 2, 3, 4, 5]);
        let a = activities(&rows);
        let together = unite(&a, &one_person(6), EventIdentity::default());
        let alone = unite(&a, &alone, EventIdentity::default());
        let part = together.in_part.iter().filter(|&&p| p).count();
        prop_assert_eq!(part, alone.count(Status::Kept));
    }
}
