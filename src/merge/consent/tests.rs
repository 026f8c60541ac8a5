use super::*;
use crate::record::DictionaryBuilder;
use State::*;
use proptest::prelude::*;

const A: u32 = 1;
const B: u32 = 2;
const PHONE: u32 = 9;

/// A fact on record 0, by e-mail, of the general purpose, by the person.
fn fact(state: State, address: u32, at: Option<i64>) -> ConsentFact {
    ConsentFact {
        record: RecordId(0),
        address,
        channel: Channel::Email,
        purpose: 0,
        state,
        at,
        explicit: true,
        source: FactSource::Activity,
    }
}

fn contact(record: u32, address: u32, channel: Channel) -> Contact {
    Contact { record: RecordId(record), address, channel }
}

/// A person of two records: e-mails A (primary) and B, and a phone.
fn decide_one(facts: &[ConsentFact], policy: ConsentPolicy) -> Consent {
    decide(facts, &pair_of_contacts(), &[], &[], &Clusters::from_labels(&[0, 0]), policy)
}

fn pair_of_contacts() -> [Contact; 3] {
    [
        contact(0, A, Channel::Email),
        contact(1, B, Channel::Email),
        contact(1, PHONE, Channel::Phone),
    ]
}

/// Every address of every person with its state, by person.
fn addresses(
    facts: &[ConsentFact],
    contacts: &[Contact],
    clusters: &Clusters,
) -> Vec<(u32, State)> {
    let stated = Stated::new(facts, contacts, clusters);
    let mut person = Person::default();
    let mut all = Vec::new();
    for p in 0..clusters.len() as u32 {
        stated.gather(p, &mut person);
        all.extend(person.addresses());
    }
    all
}

fn may(facts: &[ConsentFact]) -> bool {
    decide_one(facts, ConsentPolicy::default()).email[0].may
}

/// Every ordered pair of states: the first on the primary address at time 10, the second earlier,
/// later or without a time. Columns and rows: in, unknown, bounced, out, complained, objected.
fn check_pairs(second_address: u32, at: Option<i64>, table: [&str; 6]) {
    for (first, row) in STATES.into_iter().zip(table) {
        for (second, expected) in STATES.into_iter().zip(row.split(' ')) {
            let mut facts = [fact(first, A, Some(10)), fact(second, second_address, at)];
            for _ in 0..2 {
                let consent = decide_one(&facts, ConsentPolicy::default());
                let got = if consent.email[0].may { "yes" } else { "no" };
                assert_eq!(got, expected, "{first:?}, then {second:?} at {at:?}");
                let named = consent.email[0].fact.map(|f| facts[f as usize].state);
                assert_eq!(named, Some(consent.email[0].state), "{first:?}, {second:?}");
                facts.reverse();
            }
        }
    }
}

const STATES: [State; 6] = [OptedIn, Unknown, Bounced, OptedOut, Complained, Objected];

#[test]
fn pairs_on_the_same_address_second_earlier() {
    check_pairs(
        A,
        Some(5),
        [
            "yes yes yes yes yes yes", // in at 10 lifts what came before
            "yes yes no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
        ],
    );
}

#[test]
fn pairs_on_the_same_address_second_later() {
    check_pairs(
        A,
        Some(15),
        [
            "yes yes no no no no",
            "yes yes no no no no",
            "yes no no no no no", // a later opt-in lifts
            "yes no no no no no",
            "yes no no no no no",
            "yes no no no no no",
        ],
    );
}

#[test]
fn pairs_on_the_same_address_second_at_the_same_time() {
    check_pairs(A, Some(10), SECOND_WITHOUT_TIME);
}

#[test]
fn pairs_on_the_same_address_second_without_time() {
    check_pairs(A, None, SECOND_WITHOUT_TIME);
}

/// Nothing is strictly later: the more restrictive decides.
const SECOND_WITHOUT_TIME: [&str; 6] = [
    "yes yes no no no no",
    "yes yes no no no no",
    "no no no no no no",
    "no no no no no no",
    "no no no no no no",
    "no no no no no no",
];

#[test]
fn pairs_on_another_address_second_earlier() {
    check_other(
        Some(5),
        [
            "yes yes yes yes no no", // an opt-out is outgrown, a complaint and an objection are not
            "yes yes yes no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
        ],
    );
}

#[test]
fn pairs_on_another_address_second_later() {
    check_other(
        Some(15),
        [
            "yes yes yes no no no",
            "yes yes yes no no no", // a bounce elsewhere concerns that address only
            "no no no no no no",
            "no no no no no no", // the primary address stays refused
            "no no no no no no",
            "no no no no no no",
        ],
    );
}

#[test]
fn pairs_on_another_address_second_without_time() {
    check_other(
        None,
        [
            "yes yes yes no no no",
            "yes yes yes no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
            "no no no no no no",
        ],
    );
}

fn check_other(at: Option<i64>, table: [&str; 6]) {
    for (first, row) in STATES.into_iter().zip(table) {
        for (second, expected) in STATES.into_iter().zip(row.split(' ')) {
            let facts = [fact(first, A, Some(10)), fact(second, B, at)];
            let got = decide_one(&facts, ConsentPolicy::default()).email[0];
            let got = if got.may { "yes" } else { "no" };
            assert_eq!(got, expected, "{first:?} at A, {second:?} at B {at:?}");
        }
    }
}

#[test]
fn an_opt_in_at_the_primary_address_outgrows_an_opt_out_elsewhere() {
    let facts = [fact(OptedOut, B, Some(5)), fact(OptedIn, A, Some(10))];
    let consent = decide_one(&facts, ConsentPolicy::default());
    let email = consent.email[0];
    assert!(email.may && email.other_refused && !email.primary_refused);
    assert_eq!((email.fact, email.flag()), (Some(1), "other-address-unsubscribed"));
    assert_eq!(email.column_state, OptedOut, "the columns free no address");
    let states = addresses(&facts, &pair_of_contacts(), &Clusters::from_labels(&[0, 0]));
    let states: Vec<State> = states.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [OptedIn, OptedOut, Unknown]);
}

#[test]
fn a_refused_primary_is_flagged_and_another_address_named() {
    let facts = [fact(OptedOut, A, Some(5)), fact(OptedIn, B, Some(10))];
    let email = decide_one(&facts, ConsentPolicy::default()).email[0];
    assert!(!email.may);
    assert_eq!((email.flag(), email.usable), ("primary-was-unsubscribed", B));
    let facts = [fact(Bounced, A, None)];
    let email = decide_one(&facts, ConsentPolicy::default()).email[0];
    assert_eq!((email.may, email.reason(), email.usable), (false, "bounced", B));
    assert_eq!(email.flag(), "");
    let facts = [fact(OptedOut, A, None)];
    let email = decide_one(&facts, ConsentPolicy::default()).email[0];
    assert_eq!(email.usable, 0, "no other address escapes an opt-out");
}

#[test]
fn a_do_not_contact_profile_merged_into_a_contactable_one_stays_suppressed() {
    let facts = [
        ConsentFact { record: RecordId(1), explicit: false, ..fact(OptedOut, B, None) },
        fact(OptedIn, A, Some(10)),
    ];
    assert!(!may(&facts));
}

#[test]
fn what_lifts_and_what_does_not() {
    let out = fact(OptedOut, A, Some(5));
    let yes = fact(OptedIn, A, Some(10));
    let any = Channel::Any;
    let cases = [
        ("the plain case", out, yes, true),
        ("an import flag", out, ConsentFact { explicit: false, ..yes }, false),
        ("another purpose", out, ConsentFact { purpose: 3, ..yes }, false),
        ("a general yes, a specific no", out, ConsentFact { channel: any, ..yes }, false),
        ("a specific yes, a general no", ConsentFact { channel: any, ..out }, yes, true),
        ("a yes to calls", out, ConsentFact { channel: Channel::Phone, ..yes }, false),
        ("a no without a time", ConsentFact { at: None, ..out }, yes, false),
        ("a no that names no address", ConsentFact { address: 0, ..out }, yes, true),
        (
            "an objection that names no address",
            ConsentFact { address: 0, state: Objected, ..out },
            yes,
            false,
        ),
        ("a refusal of one purpose", ConsentFact { purpose: 3, ..out }, yes, false),
    ];
    for (why, no, yes, expected) in cases {
        assert_eq!(may(&[no, yes]), expected, "{why}");
    }
}

#[test]
fn channels_are_separate_but_an_objection_covers_all() {
    let phone = |facts: &[ConsentFact]| decide_one(facts, ConsentPolicy::default()).phone[0].may;
    assert!(phone(&[fact(OptedOut, A, None)]));
    assert!(!phone(&[fact(Objected, A, None)]));
    assert!(phone(&[fact(Complained, A, None)]));
    let sms = ConsentFact { channel: Channel::Sms, ..fact(OptedOut, PHONE, None) };
    assert!(phone(&[sms]), "a no to text messages is none to calls");
    let any = ConsentFact { channel: Channel::Any, ..fact(OptedOut, 0, None) };
    assert!(!phone(&[any]) && !may(&[any]));
    let withdrawn = [fact(Objected, A, Some(5)), fact(OptedIn, A, Some(10))];
    let consent = decide_one(&withdrawn, ConsentPolicy::default());
    assert!(consent.email[0].may && !consent.objected[0]);
    assert!(decide_one(&[fact(Objected, B, None)], ConsentPolicy::default()).objected[0]);
}

#[test]
fn unknown_is_contactable_unless_the_policy_says_otherwise() {
    let strict = ConsentPolicy { contact_unknown: false, ..ConsentPolicy::default() };
    let flag = |state| [ConsentFact { explicit: false, ..fact(state, A, None) }];
    let cases: &[(&[ConsentFact], bool, &str)] = &[
        (&[], false, "nothing said"),
        (&flag(OptedIn), true, "an imported yes"),
        (&[flag(OptedIn)[0], fact(Unknown, A, None)], false, "the more restrictive"),
        (&[fact(OptedIn, A, None), fact(Unknown, A, Some(3))], true, "an act beats a blank"),
    ];
    for (facts, expected, why) in cases {
        assert_eq!(decide_one(facts, strict).email[0].may, *expected, "{why}");
        assert!(may(facts), "{why}");
    }
}

#[test]
fn no_address_no_contact() {
    let clusters = Clusters::from_labels(&[0]);
    let facts = [fact(OptedIn, 0, None)];
    let consent = decide(&facts, &[], &[], &[], &clusters, ConsentPolicy::default());
    assert_eq!((consent.email[0].may, consent.email[0].reason()), (false, "no-address"));
    assert_eq!((consent.phone[0].may, consent.phone[0].reason()), (false, "no-address"));
}

#[test]
fn the_scope_of_the_address_reproduces_hubspot() {
    let scope = ConsentPolicy { scope: Scope::Address, ..ConsentPolicy::default() };
    assert!(decide_one(&[fact(OptedOut, B, None)], scope).email[0].may);
    assert!(!decide_one(&[fact(OptedOut, A, None)], scope).email[0].may);
    assert!(!decide_one(&[fact(Objected, B, None)], scope).email[0].may);
}

#[test]
fn a_refused_shared_mailbox_is_refused_for_all_who_hold_it() {
    let contacts = [
        contact(0, A, Channel::Email),
        contact(1, A, Channel::Email),
        contact(1, PHONE, Channel::Phone),
    ];
    let clusters = Clusters::from_labels(&[0, 1]);
    let decide = |state| {
        let facts = [fact(state, A, None)];
        decide(&facts, &contacts, &[], &[], &clusters, ConsentPolicy::default())
    };
    let consent = decide(OptedOut);
    assert!(!consent.email[0].may && !consent.email[1].may);
    let consent = decide(Objected);
    assert_eq!(consent.objected, [true, false], "who objected is one of them");
    assert!(consent.phone[1].may && !consent.email[1].may);
}

#[test]
fn a_refused_shared_mailbox_leaves_a_colleague_with_an_own_one_free() {
    let contacts = [
        contact(0, A, Channel::Email),
        contact(1, B, Channel::Email),
        contact(1, A, Channel::Email),
    ];
    let clusters = Clusters::from_labels(&[0, 1]);
    let facts = [fact(OptedOut, A, None)];
    let decide = |primary: &[u32]| {
        decide(&facts, &contacts, primary, &[], &clusters, ConsentPolicy::default())
    };
    let colleague = decide(&[]).email[1];
    assert!(colleague.may && colleague.other_refused);
    assert!(!colleague.column_state.is_refusal(), "the refusal is another person's");
    let colleague = decide(&[A, A]).email[1];
    assert_eq!((colleague.may, colleague.usable), (false, B));
    assert_eq!(colleague.column_state, OptedOut);
}

#[test]
fn original_columns_carry_the_merged_state() {
    use ColumnMeaning::*;
    let decided = |state| Decision { column_state: state, ..Decision::default() };
    // Values of the two members, what each value says, the merged state, what is written.
    type Values<'a> = &'a [(&'a str, State)];
    let cases: &[(ColumnMeaning, Values, State, &str)] = &[
        (OptOut, &[("0", Unknown), ("1", OptedOut)], OptedOut, "1"),
        (OptOut, &[("1", OptedOut), ("0", Unknown)], Unknown, "0"),
        (OptOut, &[("", Unknown), ("0", Unknown)], OptedOut, "true"),
        (OptOut, &[("1", OptedOut), ("1", OptedOut)], OptedIn, "false"),
        (OptOut, &[("", Unknown), ("", Unknown)], Objected, "true"),
        (OptOut, &[("", Unknown), ("", Unknown)], Bounced, ""),
        (OptIn, &[("yes", OptedIn), ("no", Unknown)], OptedOut, "no"),
        (OptIn, &[("yes", OptedIn), ("yes", OptedIn)], Complained, "false"),
        (OptIn, &[("no", Unknown), ("yes", OptedIn)], OptedIn, "yes"),
        (OptIn, &[("no", Unknown), ("", Unknown)], OptedIn, "true"),
        (OptIn, &[("no", Unknown), ("yes", OptedIn)], Unknown, "no"),
        (Status, &[("subscribed", OptedIn), ("cleaned", Bounced)], OptedOut, "unsubscribed"),
        (Status, &[("subscribed", OptedIn), ("cleaned", Bounced)], Bounced, "cleaned"),
        (Status, &[("in", OptedIn), ("out", OptedOut)], OptedOut, "out"),
        (Status, &[("in", OptedIn), ("out", OptedOut)], Objected, "out"),
        (Status, &[("out", OptedOut), ("in", OptedIn)], OptedIn, "in"),
    ];
    for (meaning, values, state, expected) in cases {
        let mut dictionary = DictionaryBuilder::default();
        let ids: Vec<_> = values.iter().map(|v| dictionary.intern(v.0).unwrap()).collect();
        let mut states = vec![Unknown; dictionary.dictionary().len()];
        for (id, value) in ids.iter().zip(*values) {
            states[id.index()] = value.1;
        }
        let column = Column { header: "c".into(), dictionary: dictionary.finish(), ids };
        let members = [RecordId(0), RecordId(1)];
        let consent = ConsentColumn::new(&column, &states, *meaning);
        let text = match consent.merged(&decided(*state), &members, members[0]) {
            ColumnCell::Record(record) => column.get(record).to_string(),
            ColumnCell::Text(text) => text,
        };
        assert_eq!(text, *expected, "{meaning:?} {values:?} {state:?}");
    }
}

use crate::record::Column;

fn any_fact() -> impl Strategy<Value = ConsentFact> {
    let channel =
        prop::sample::select(vec![Channel::Email, Channel::Phone, Channel::Sms, Channel::Any]);
    let state = prop::sample::select(STATES.to_vec());
    let at = prop::option::of(0i64..4);
    (0u32..6, 0u32..5, channel, 0u16..2, state, at, any::<bool>()).prop_map(
        |(record, address, channel, purpose, state, at, explicit)| ConsentFact {
            record: RecordId(record),
            address,
            channel,
            purpose,
            state,
            at,
            explicit,
            source: FactSource::Column,
        },
    )
}

/// Records and the e-mails they hold.
const HELD: [(u32, u32); 7] = [(0, 1), (1, 2), (1, 3), (2, 1), (3, 4), (4, 2), (5, 4)];

fn contacts() -> Vec<Contact> {
    HELD.iter().map(|&(r, a)| contact(r, a, Channel::Email)).collect()
}

proptest! {
    #[test]
    fn a_column_never_says_yes_where_the_decision_says_no(
        cells in prop::collection::vec("[a-d]?", 2..6),
        meanings in prop::collection::vec(prop::sample::select(STATES.to_vec()), 5),
        meaning in prop::sample::select(vec![
            ColumnMeaning::OptOut,
            ColumnMeaning::OptIn,
            ColumnMeaning::Status,
        ]),
        state in prop::sample::select(STATES.to_vec()),
    ) {
        let mut dictionary = DictionaryBuilder::default();
        let ids: Vec<_> = cells.iter().map(|c| dictionary.intern(c).unwrap()).collect();
        let column = Column { header: "c".into(), dictionary: dictionary.finish(), ids };
        let says = |text: &str| match text {
            "" => Unknown,
            "true" if meaning == ColumnMeaning::OptIn => OptedIn,
            "true" | "unsubscribed" => OptedOut,
            "false" => Unknown,
            "subscribed" => OptedIn,
            letter => meanings[usize::from(letter.as_bytes()[0] - b'a')],
        };
        let states: Vec<State> = column.dictionary.iter().map(says).collect();
        // The last record is another person's: its spelling may be used, its cell not.
        let members: Vec<RecordId> = (0..cells.len() as u32 - 1).map(RecordId).collect();
        let decision = Decision { column_state: state, ..Decision::default() };
        let consent = ConsentColumn::new(&column, &states, meaning);
        let written = match consent.merged(&decision, &members, members[0]) {
            ColumnCell::Record(record) => {
                prop_assert!(members.contains(&record));
                says(column.get(record))
            }
            ColumnCell::Text(text) => says(&text),
        };
        if state > Bounced {
            prop_assert!(written != OptedIn);
            prop_assert!(meaning == ColumnMeaning::OptIn || written.is_refusal());
        } else if state < Bounced && meaning != ColumnMeaning::OptIn {
            prop_assert!(!written.is_refusal(), "nor no where it says yes");
        }
    }

    #[test]
    fn a_refusal_is_never_lost(
        facts in prop::collection::vec(any_fact(), 0..12),
        labels in prop::collection::vec(0u32..6, 6),
    ) {
        let clusters = Clusters::from_labels(&labels);
        let consent = decide(&facts, &contacts(), &[], &[], &clusters, ConsentPolicy::default());
        for no in facts.iter().filter(|f| f.state.is_refusal()) {
            if !matches!(no.channel, Channel::Email | Channel::Any) {
                continue;
            }
            let person = clusters.person_of[no.record.index()];
            let email = consent.email[person as usize];
            let lifted = facts.iter().any(|yes| {
                yes.state == OptedIn
                    && yes.explicit
                    && yes.purpose == no.purpose
                    && matches!(yes.channel, Channel::Email | Channel::Any)
                    && matches!((yes.at, no.at), (Some(y), Some(n)) if y > n)
            });
            if no.state.is_will() && !lifted {
                prop_assert!(!email.may);
                prop_assert!(email.no_address || email.column_state.is_will());
            }
            let held = addresses(&facts, &contacts(), &clusters);
            for (_, state) in held.into_iter().filter(|a| a.0 == no.address) {
                prop_assert!(lifted || state.is_refusal());
            }
        }
        for email in &consent.email {
            if email.may {
                let state = email.fact.map_or(Unknown, |f| facts[f as usize].state);
                prop_assert!(!state.is_refusal());
            }
        }
    }

    #[test]
    fn more_members_never_free_an_address(
        mut facts in prop::collection::vec(any_fact(), 0..12),
    ) {
        // What is said of the person and not of an address may well be lifted by what the same
        // person said later on another record.
        facts.retain(|f| f.address != 0);
        let apart = Clusters::from_labels(&[0, 1, 2, 3, 4, 5]);
        let together = Clusters::from_labels(&[0; 6]);
        let [apart, together] = [apart, together].map(|c| addresses(&facts, &contacts(), &c));
        for (address, state) in together {
            let same = apart.iter().filter(|a| a.0 == address);
            let refused_by_all = same.into_iter().all(|a| a.1.is_refusal());
            prop_assert!(!refused_by_all || state.is_refusal());
        }
    }

    #[test]
    fn states_alone_are_those_of_the_decisions(
        facts in prop::collection::vec(any_fact(), 0..8),
        labels in prop::collection::vec(0u32..6, 6),
        contact_unknown in any::<bool>(),
    ) {
        let clusters = Clusters::from_labels(&labels);
        let policy = ConsentPolicy { contact_unknown, ..ConsentPolicy::default() };
        let whole = decide(&facts, &contacts(), &[], &[], &clusters, policy);
        let alone = states(&facts, &contacts(), &clusters, policy);
        let of_whole: Vec<States> = (0..clusters.len()).map(|p| whole.states(p)).collect();
        prop_assert_eq!(of_whole, alone);
    }

    #[test]
    fn order_of_facts_does_not_matter(
        (facts, shuffled) in prop::collection::vec(any_fact(), 0..12)
            .prop_flat_map(|f| (Just(f.clone()), Just(f).prop_shuffle())),
        labels in prop::collection::vec(0u32..6, 6),
    ) {
        let clusters = Clusters::from_labels(&labels);
        let decide = |f: &[ConsentFact]| {
            let c = decide(f, &contacts(), &[], &[], &clusters, ConsentPolicy::default());
            let name = |d: &Decision| {
                let fact = d.fact.map(|i| f[i as usize]);
                (d.may, d.state, d.column_state, d.usable, d.flag(), fact)
            };
            let email: Vec<_> = c.email.iter().map(name).collect();
            let phone: Vec<_> = c.phone.iter().map(name).collect();
            (email, phone, c.objected)
        };
        prop_assert_eq!(decide(&facts), decide(&shuffled));
    }
}
