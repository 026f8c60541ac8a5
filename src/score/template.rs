//! Model files to start from, compiled in: complete, commented, and free of lint.

/// Name, what it is for, and text of each template.
const TEMPLATES: &[(&str, &str, &str)] = &[
    (
        "default",
        "what is used when no model is given",
        include_str!("../../data/models/default.toml"),
    ),
    (
        "three-axes",
        "affinity to the persona, interaction, purchase stage",
        include_str!("../../data/models/three-axes.toml"),
    ),
    (
        "four-dimensions",
        "purchases, closeness, journey, networks",
        include_str!("../../data/models/four-dimensions.toml"),
    ),
    (
        "one-dimensional",
        "one number from 1 to 100",
        include_str!("../../data/models/one-dimensional.toml"),
    ),
    ("pardot", "score and grade", include_str!("../../data/models/pardot.toml")),
    (
        "hubspot",
        "fit and engagement, rated A1 to C3",
        include_str!("../../data/models/hubspot.toml"),
    ),
    ("mautic", "point actions and a point group", include_str!("../../data/models/mautic.toml")),
    ("mexico", "the worked example", include_str!("../../data/models/mexico.toml")),
];

/// The text of a template.
pub fn template(name: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|template| template.0 == name).map(|template| template.2)
}

/// Names of all templates and what they are for.
pub fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEMPLATES.iter().map(|&(name, purpose, _)| (name, purpose))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::lint::{Severity, lint};
    use crate::score::model::parse;

    #[test]
    fn every_template_parses_and_only_the_example_has_traps() {
        for (name, _) in templates() {
            let text = template(name).unwrap();
            let model = parse(text, name).unwrap_or_else(|mistakes| panic!("{name} {mistakes:#?}"));
            assert_eq!(model.name.trim_end_matches("-expansion"), name);
            let found = lint(text, name);
            let traps = found.iter().filter(|f| f.severity != Severity::Hint).count();
            assert_eq!(traps, if name == "mexico" { 2 } else { 0 }, "{name} {found:#?}");
        }
        assert_eq!(template("none"), None);
    }

    #[test]
    fn the_axes_go_from_0_to_100() {
        let model = parse(template("three-axes").unwrap(), "three-axes").unwrap();
        let axes: Vec<_> =
            model.components.iter().take(3).map(|c| (c.id.as_str(), c.range)).collect();
        let full = Some((Some(0), Some(100_000)));
        assert_eq!(axes, [("affinity", full), ("interaction", full), ("stage", full)]);
    }
}
