use super::*;

const COMPONENT: &str = "[[component]]\nid = \"score\"\nkind = \"points\"\n";

fn mistakes(text: &str) -> Vec<String> {
    match parse(text, "m.toml") {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn all_mistakes_come_at_once_with_place_and_nearest_name() {
    let text = format!(
        "nmae = \"x\"\n{COMPONENT}[[rule]]\nid = \"a\"\ncomponent = \"scor\"\nif = {{ field = \"country\", iss = \"MX\" }}\nadd = \"ten\"\n"
    );
    let found = mistakes(&text);
    let expected = [
        "m.toml line 1 column 1: unknown key in a model \"nmae\"; did you mean \"name\"?",
        "m.toml line 7 column 13: unknown component \"scor\"; did you mean \"score\"?",
        "m.toml line 8 column 6: condition on \"country\" without a test",
        "m.toml line 8 column 27: unknown key in a condition \"iss\"; did you mean \"is\"?",
        "m.toml line 9 column 7: add must be a decimal number, not string",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} is not {expected}");
    }
}

#[test]
fn each_trap_is_named() {
    let rule = |body: &str| format!("{COMPONENT}[[rule]]\nid = \"a\"\n{body}");
    let capped = format!("{COMPONENT}[[component.group]]\nid = \"g\"\nmax = 5\n");
    let mx = "if = { field = \"country\", is = \"MX\" }";
    for (text, wanted) in [
        (String::new(), "empty file"),
        (
            format!("[exclude]\nif = {{ inactive = \"9d\" }}\n{}", rule(&format!("{mx}\nadd = 1"))),
            "[exclude] is about who",
        ),
        ("[[component".into(), "not TOML"),
        (rule(&format!("{mx}\nscale = -30")), "over 100 percent"),
        (rule(&format!("{mx}\nadd = 1.2345")), "too many decimals"),
        (rule(&format!("{mx}\nadd = 1\nset = 2")), "add and set at once"),
        (rule(mx), "does nothing"),
        (rule("add = 5"), "without if (a property) and on (an event)"),
        (rule(&format!("{mx}\nadd = 5\nwithin = \"9d\"")), "within needs on"),
        (rule(&format!("{mx}\nstep = 1")), "it has no steps"),
        (rule("on = { event = \"email.opne\" }\nadd = 1"), "did you mean \"email.open\"?"),
        (
            rule(
                "on = \"email.open\"\nadd = 1\nwithin = \"9d\"\ndecay = { kind = \"half-life\", half_life = \"9d\" }",
            ),
            "within with decay",
        ),
        (
            rule(
                "on = \"email.open\"\nadd = 1\ndecay = { kind = \"linear\", percent = 150, every = \"9d\" }",
            ),
            "at most 100",
        ),
        (rule("on = \"email.open\"\nadd = 1\nwithin = \"soon\""), "not a span of time"),
        (
            rule("if = { component = \"score\", gte = 1 }\nadd = 1"),
            "only be asked for in [[stage]]",
        ),
        (rule("if = { all = [] }\nadd = 1"), "all is empty"),
        (rule("if = { field = \"x\", matches = \"(\" }\nadd = 1"), "not a regular expression"),
        (
            rule(&format!("{mx}\nadd = 1\n[[rule]]\nid = \"a\"\n{mx}\nadd = 1")),
            "second rule with the id",
        ),
        (format!("{capped}[[rule]]\nid = \"a\"\n{mx}\nscale = 0.1"), "ambiguous in component"),
        (
            format!("{capped}[[rule]]\nid = \"a\"\ngroup = \"h\"\n{mx}\nadd = 1"),
            "did you mean \"g\"?",
        ),
        (
            rule(&format!(
                "{mx}\nadd = 1\n[[band]]\nid = \"hi\"\nmin = 60\n[[band]]\nid = \"lo\"\nmax = 60"
            )),
            "overlap at 60",
        ),
        (
            rule(&format!("{mx}\nadd = 1\n[[band]]\nid = \"no\"\nmin = 60\nbelow = 60")),
            "no score can reach",
        ),
    ] {
        let found = mistakes(&text).join("\n");
        assert!(found.contains(wanted), "{text}\ngave {found}, not {wanted}");
    }
}

#[test]
fn numbers_and_synonyms_are_read_exactly() {
    let text = format!(
        "{COMPONENT}[[rule]]\nid = \"a\"\non = \"Form Success\"\nadd = 0.1\n[[rule]]\nid = \"b\"\nif = {{ field = \"email\", role = true }}\nscale = -0.30\n"
    );
    let model = parse(&text, "folder/my-model.toml").unwrap();
    assert_eq!(model.name, "my-model");
    assert_eq!(model.needed_kinds(), ["form.submit"]);
    assert_eq!(model.needed_fields(), ["consent.marketing", "email.role"]);
    assert_eq!(model.rules[0].effect, crate::score::model::Effect::Add(100));
    let wrong = model.check_fields(&["email.rule"], "m.toml");
    assert_eq!(wrong[0].nearest.as_deref(), Some("email.rule"));
}

#[test]
fn the_built_in_model_is_complete() {
    let model = crate::score::model::builtin();
    assert!(model.rules.iter().all(|r| r.name.is_some() && r.description.is_some()));
    assert!(model.bands.iter().all(|b| b.action.is_some()));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = parse(&text, "x");
    }

    #[test]
    fn no_damage_to_a_model_makes_it_panic(cut in 0_usize..4000, length in 0_usize..60, insert in "[\\[\\]{}=\"0-9a-z.,\n -]{0,12}") {
        let text = include_str!("../../../data/models/default.toml");
        let clean = |at: usize| (at.min(text.len())..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap();
        let (start, end) = (clean(cut), clean(cut + length));
        let _ = parse(&(text[..start].to_string() + &insert + &text[end..]), "x");
    }
}
