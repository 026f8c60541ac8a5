//! What changed between two models, rule by rule, in words.

use super::model::ScoringModel;
use super::words;
use std::collections::BTreeMap;

/// One difference between two models.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What it is about: `rule`, `component`, `band`, ...
    pub what: &'static str,
    /// Its id; empty for settings of the model.
    pub id: String,
    /// Which part of it, e.g. `points`; empty when all of it came or went.
    pub part: &'static str,
    /// Before; `None` when it is new.
    pub before: Option<String>,
    /// After; `None` when it is gone.
    pub after: Option<String>,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = format!("{} {}", self.what, self.id);
        match (&self.before, &self.after) {
            (None, Some(after)) => write!(f, "+ {}: {after}", name.trim()),
            (Some(before), None) => write!(f, "- {}: {before}", name.trim()),
            (before, after) => {
                let show = |side: &Option<String>| side.clone().unwrap_or_default();
                write!(f, "~ {}: {} {} -> {}", name.trim(), self.part, show(before), show(after))
            }
        }
    }
}

/// Parts of a thing with their values in words.
type Parts = Vec<(&'static str, String)>;

/// All differences from `before` to `after`, sorted; none when the two score alike.
pub fn diff(before: &ScoringModel, after: &ScoringModel) -> Vec<Change> {
    let (old, new) = (describe(before), describe(after));
    let mut changes = Vec::new();
    for (key, parts) in &old {
        match new.get(key) {
            None => changes.push(whole(key, Some(parts), None)),
            Some(other) => {
                for (&(part, ref was), (_, is)) in parts.iter().zip(other) {
                    if was != is {
                        let (before, after) = (Some(was.clone()), Some(is.clone()));
                        changes.push(Change {
                            what: key.0,
                            id: key.1.clone(),
                            part,
                            before,
                            after,
                        });
                    }
                }
            }
        }
    }
    for (key, parts) in new.iter().filter(|(key, _)| !old.contains_key(key)) {
        changes.push(whole(key, None, Some(parts)));
    }
    changes.sort();
    changes
}

fn whole(key: &(&'static str, String), before: Option<&Parts>, after: Option<&Parts>) -> Change {
    let text = |parts: &Parts| {
        let filled = parts.iter().filter(|(name, text)| !text.is_empty() && *name != "order");
        filled.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(", ")
    };
    Change {
        what: key.0,
        id: key.1.clone(),
        part: "",
        before: before.map(text),
        after: after.map(text),
    }
}

fn describe(model: &ScoringModel) -> BTreeMap<(&'static str, String), Parts> {
    let mut all = BTreeMap::new();
    let settings = vec![
        ("primary", model.components[model.primary].id.clone()),
        ("timezone", model.timezone.clone()),
        ("as_of", model.as_of.map_or("now".into(), super::quantity::format_date)),
        ("on_merge", format!("{:?}", model.merge.on_merge).to_lowercase()),
        ("never_weaker", format!("{:?}", model.merge.never_weaker).to_lowercase()),
        ("event_window", super::quantity::format_span(model.merge.event_window)),
        (
            "excluded",
            model.exclude.as_ref().map_or(String::new(), |e| words::condition(model, &e.condition)),
        ),
    ];
    all.insert(("model", String::new()), settings);
    for component in &model.components {
        all.insert(
            ("component", component.id.clone()),
            vec![("definition", words::component(model, component))],
        );
    }
    for (index, rule) in model.rules.iter().enumerate() {
        let component = &model.components[rule.component];
        // Percentages make the order of rules part of what they mean; a rule that only moved past
        // rules of other components has not changed.
        let above = model.rules[..index].iter().filter(|r| r.component == rule.component).count();
        let matters = matches!(
            rule.effect,
            super::model::Effect::Scale(..)
                | super::model::Effect::Set(_)
                | super::model::Effect::Cap(_)
        );
        let parts = vec![
            ("component", component.id.clone()),
            ("group", rule.group.map_or(String::new(), |g| component.groups[g].id.clone())),
            ("when", words::when(model, rule)),
            ("points", words::effect(model, rule)),
            ("how often", words::how_often(rule)),
            ("order", if matters { format!("after {above} rules") } else { String::new() }),
        ];
        all.insert(("rule", rule.id.clone()), parts);
    }
    for band in &model.bands {
        let id = format!("{}.{}", model.components[band.of].id, band.id);
        let parts = vec![
            ("scores", words::band(model, band)),
            ("action", band.action.clone().unwrap_or_default()),
            ("temperature", band.temperature.map_or(String::new(), |t| t.as_str().into())),
        ];
        all.insert(("band", id), parts);
    }
    for matrix in &model.matrices {
        let steps = |steps: &[(String, i64)]| {
            let one = |(name, least): &(String, i64)| {
                format!("{name} from {}", super::quantity::format_points(*least))
            };
            steps.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let parts = vec![("letters", steps(&matrix.letters)), ("numbers", steps(&matrix.numbers))];
        all.insert(("matrix", matrix.id.clone()), parts);
    }
    for persona in &model.personas {
        let one = |t: &super::model::Trait| {
            format!(
                "{} ({})",
                words::condition(model, &t.condition),
                super::quantity::format_points(t.weight)
            )
        };
        let traits = persona.traits.iter().map(one).collect::<Vec<_>>().join(", ");
        all.insert(("persona", persona.id.clone()), vec![("traits", traits)]);
    }
    for stage in &model.stages {
        all.insert(
            ("stage", stage.id.clone()),
            vec![("when", words::condition(model, &stage.condition))],
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::model::parse;
    use super::diff;

    #[test]
    fn changes_are_told_rule_by_rule() {
        let text = include_str!("../../fixtures/ana/scoring.toml");
        let before = parse(text, "a").unwrap();
        assert!(diff(&before, &before).is_empty());
        let changed = text
            .replace("add = 10", "add = 15")
            .replace("id = \"mexico\"", "id = \"country\"")
            .replace("min = 10", "min = 5");
        let changes: Vec<String> =
            diff(&before, &parse(&changed, "b").unwrap()).iter().map(ToString::to_string).collect();
        assert_eq!(
            changes,
            [
                "~ band score.newsletter: scores from 10 below 60 -> from 5 below 60",
                "+ rule country: score, country is MX, +90",
                "- rule mexico: score, country is MX, +90",
                "~ rule opened: points +10 -> +15",
            ]
        );
    }
}
