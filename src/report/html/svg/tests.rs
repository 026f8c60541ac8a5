use super::*;
use proptest::prelude::*;

#[test]
fn coordinates_are_short_and_texts_harmless() {
    for (value, expected) in [(1.0, "1"), (0.25, "0.3"), (-0.01, "0"), (12.345, "12.3")] {
        assert_eq!(coordinate(value), expected);
    }
    assert_eq!(escape("<script>\"'&\u{7}"), "&lt;script&gt;&quot;&#39;&amp;\u{fffd}");
    assert_eq!(fit("short", 100.0), "short");
    assert_eq!(fit(&"x".repeat(1_000), 72.5), "xxxxxxxxx…");
}

#[test]
fn every_picture_has_a_title_and_a_description() {
    let series = Series { name: "n", class: "c1", counts: vec![1, 0, 20], classes: Vec::new() };
    let bins = Bins { from: -2.0, step: 1.0, series: vec![series] };
    let marks = [Mark { at: 0.0, name: "here".into() }, Mark { at: 99.0, name: "out".into() }];
    let flows = [Flow { from: 0, to: 1, count: 3 }, Flow { from: 1, to: 0, count: 1 }];
    let places = ["phone".to_string(), "mail".to_string()];
    let pictures = [
        bars("x", "T", "D", &[("one".into(), 1), ("none".into(), 0)]),
        histogram("x", ("T", "D"), &bins, &marks, Scale::Log, "axis"),
        flow("x", ("T", "D"), &places, &flows),
    ];
    for picture in &pictures {
        assert!(picture.contains("aria-labelledby=\"x-t x-d\""), "{picture}");
        assert!(picture.contains("<title id=\"x-t\">T</title><desc id=\"x-d\">D</desc>"));
    }
    assert!(pictures[1].contains("here") && !pictures[1].contains("out"), "marks in range");
    assert!(pictures[2].contains("<title>3: phone to mail</title>"));
}

proptest! {
    #[test]
    fn any_names_and_numbers_give_a_picture(
        names in proptest::collection::vec("\\PC{0,12}", 1..5),
        counts in proptest::collection::vec(0usize..2_000_000, 1..30),
        step in 0.001f64..1e9,
    ) {
        let rows: Vec<(String, usize)> = names.iter().cloned().zip(counts.iter().copied()).collect();
        let flows: Vec<Flow> = counts
            .iter()
            .enumerate()
            .map(|(i, &count)| Flow { from: i % names.len(), to: i % 3, count })
            .collect();
        let series = Series { name: "n", class: "c", counts: counts.clone(), classes: Vec::new() };
        let bins = Bins { from: -step, step, series: vec![series.clone(), series] };
        let marks: Vec<Mark> =
            names.iter().map(|n| Mark { at: step * 1.5, name: n.clone() }).collect();
        for picture in [
            bars("a", &names[0], "d", &rows),
            flow("a", (&names[0], "d"), &names, &flows),
            histogram("a", (&names[0], "d"), &bins, &marks, Scale::Linear, "x"),
            histogram("a", (&names[0], "d"), &bins, &marks, Scale::Log, "x"),
        ] {
            prop_assert!(picture.starts_with("<svg") && picture.ends_with("</svg>"));
            prop_assert!(!picture.contains("NaN") && !picture.contains("inf\""));
            prop_assert!(!picture.to_lowercase().contains("<script"));
        }
    }
}
