//! The linter: what a model file gets wrong, and what it says without meaning to.
//!
//! Errors are the parser's mistakes and broken promises (`scale = "1-100"`); warnings are the traps
//! that scoring texts fall into themselves: gaps, percentages in an unclear order, dead rules,
//! abbreviations with two meanings.

use super::condition::{Condition, Literal, Test};
use super::kind;
use super::model::{ComponentKind, ScoringModel};
use super::parse::parse_lenient;
use super::quantity::{POINT, WHOLE, format_points, multiply_ratio};
use super::reach::reach;
use super::rule::{Effect, Rule, ScaleOf, Times};
use super::words;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The model cannot be used, or breaks what it promises.
    Error,
    /// It can be used, but probably does not say what is meant.
    Warning,
    /// Worth a look.
    Hint,
}

impl Severity {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Line, from 1; 0 for the model as a whole.
    pub line: u32,
    /// How bad it is.
    pub severity: Severity,
    /// A stable code: `gap`, `order-sensitive`, ...
    pub code: &'static str,
    /// What was found, and what to do.
    pub message: String,
}

/// Abbreviations of titles that mean several things.
const AMBIGUOUS: &[(&str, &str)] = &[
    ("cso", "chief security, sales, strategy or sustainability officer"),
    ("cmo", "chief marketing or medical officer"),
    ("cio", "chief information, innovation or investment officer"),
    ("cpo", "chief product, people, procurement or privacy officer"),
    ("cco", "chief commercial, customer, compliance or communications officer"),
    ("cdo", "chief data, digital or design officer"),
    ("cro", "chief revenue, risk or research officer"),
    ("cto", "chief technology or transformation officer"),
    ("cao", "chief administrative, accounting or analytics officer"),
    ("md", "managing director or doctor of medicine"),
    ("gm", "general manager or group manager"),
    ("pm", "product, project or program manager"),
    ("pa", "personal assistant or public affairs"),
    ("ae", "account executive or application engineer"),
];

/// Lints a model file: all mistakes and all traps, in the order of the file.
pub fn lint(text: &str, file_name: &str) -> Vec<Finding> {
    let (model, mistakes) = parse_lenient(text, file_name);
    let mut findings: Vec<Finding> = mistakes
        .into_iter()
        .map(|mistake| {
            let near =
                mistake.nearest.map_or(String::new(), |n| format!("; did you mean \"{n}\"?"));
            let message = format!("column {}: {}{near}", mistake.column, mistake.what);
            Finding { line: mistake.line, severity: Severity::Error, code: "mistake", message }
        })
        .collect();
    if let Some(model) = model {
        findings.extend(lint_model(&model));
    }
    findings.sort();
    findings
}

/// Lints a model that was read without mistakes.
pub fn lint_model(model: &ScoringModel) -> Vec<Finding> {
    let mut linter = Linter { model, findings: Vec::new() };
    linter.gaps();
    linter.unreachable_bands();
    linter.components();
    for (index, rule) in model.rules.iter().enumerate() {
        linter.order_sensitive(index, rule);
        linter.dead(index, rule);
        linter.importance(rule);
        linter.wording(rule);
    }
    linter.weights();
    linter.findings.sort();
    linter.findings
}

struct Linter<'m> {
    model: &'m ScoringModel,
    findings: Vec<Finding>,
}

impl Linter<'_> {
    fn find(&mut self, line: u32, severity: Severity, code: &'static str, message: String) {
        self.findings.push(Finding { line, severity, code, message });
    }

    /// Scores between, below or above the bands of a component.
    fn gaps(&mut self) {
        let model = self.model;
        for (index, component) in model.components.iter().enumerate() {
            let mut bands: Vec<_> = model.bands.iter().filter(|b| b.of == index).collect();
            bands.sort_by_key(|band| band.min);
            let (Some(first), Some(last)) = (bands.first(), bands.last()) else { continue };
            let (low, high) = reach(model, index);
            let line = first.line;
            // Nobody draws a band for negative scores of a model without a lower bound, so a gap is
            // told from 0 there.
            let low = if low == i64::MIN { 0 } else { low };
            let mut gaps = Vec::new();
            if first.min > low {
                gaps.push((low, first.min - 1));
            }
            let pairs = bands.windows(2).filter(|w| w[1].min > w[0].max.saturating_add(1));
            gaps.extend(pairs.map(|w| (w[0].max + 1, w[1].min - 1)));
            if last.max < high {
                gaps.push((last.max + 1, high));
            }
            // On a ladder and with rounding only whole steps can be in a gap.
            let whole = component.is_ladder() || component.round.is_some();
            gaps.retain(|gap| !whole || gap.1.div_euclid(POINT) * POINT >= gap.0);
            for (from, to) in gaps {
                let band = super::band::Band { min: from, max: to, ..(*first).clone() };
                let message = format!("{} {} has no band", component.id, words::band(model, &band));
                self.find(line, Severity::Warning, "gap", message);
            }
        }
    }

    fn unreachable_bands(&mut self) {
        let model = self.model;
        for band in &model.bands {
            let (low, high) = reach(model, band.of);
            if band.min > high || band.max < low {
                let reached = |v: i64| super::band::show_value(&model.components[band.of], v);
                let message = format!(
                    "band \"{}\" can never be reached: {} goes from {} to {}",
                    band.id,
                    model.components[band.of].id,
                    reached(low),
                    reached(high)
                );
                self.find(band.line, Severity::Warning, "unreachable-band", message);
            }
            if band.action.is_none() {
                let message = format!("band \"{}\" without an action", band.id);
                self.find(band.line, Severity::Hint, "no-action", message);
            }
        }
    }

    fn components(&mut self) {
        let model = self.model;
        for (index, component) in model.components.iter().enumerate() {
            let rules = || model.rules.iter().filter(|rule| rule.component == index);
            let needs_rules = matches!(
                component.kind,
                ComponentKind::Points | ComponentKind::Ladder { .. } | ComponentKind::Weighted
            );
            if needs_rules && rules().next().is_none() {
                let message = format!("no rule changes component \"{}\"", component.id);
                self.find(component.line, Severity::Warning, "empty-component", message);
            }
            for (at, group) in component.groups.iter().enumerate() {
                if rules().all(|rule| rule.group != Some(at)) {
                    let message = format!("no rule is in group \"{}\"", group.id);
                    self.find(component.line, Severity::Warning, "empty-group", message);
                }
            }
            if matches!(component.kind, ComponentKind::Field { .. }) {
                let message = format!(
                    "component \"{}\" is not recomputable: merged leads take one of their numbers",
                    component.id
                );
                self.find(component.line, Severity::Hint, "not-recomputable", message);
            }
        }
    }

    /// A percentage with rules on both sides of it: whether it means what stands so far or the total
    /// changes the number.
    fn order_sensitive(&mut self, index: usize, rule: &Rule) {
        let Effect::Scale(share, ScaleOf::Before) = rule.effect else { return };
        let adds = |rules: &[Rule]| -> i64 {
            let same = rules.iter().filter(|other| other.component == rule.component);
            same.map(|r| if let Effect::Add(points) = r.effect { points } else { 0 }).sum()
        };
        let (above, below) =
            (adds(&self.model.rules[..index]), adds(&self.model.rules[index + 1..]));
        if below == 0 {
            return;
        }
        let scaled = |sum: i64| {
            sum.saturating_add(multiply_ratio(sum, i128::from(share), i128::from(WHOLE)))
        };
        let message = format!(
            "rule \"{}\" takes its percentage of what stands above it: with every rule firing once the score is {}; of = \"total\" would give {}",
            rule.id,
            format_points(scaled(above) + below),
            format_points(scaled(above + below))
        );
        self.find(rule.place.line, Severity::Warning, "order-sensitive", message);
    }

    /// Rules that never change anything.
    fn dead(&mut self, index: usize, rule: &Rule) {
        let model = self.model;
        let line = rule.place.line;
        let idle = match rule.effect {
            Effect::Add(0) | Effect::Step(0, None | Some(0)) => true,
            Effect::Scale(0, _) => true,
            Effect::Scale(_, ScaleOf::Before) => {
                let computed =
                    !matches!(model.components[rule.component].kind, ComponentKind::Points);
                let gives =
                    |r: &Rule| r.component == rule.component && matches!(r.effect, Effect::Add(_));
                !computed && !model.rules[..index].iter().any(gives)
            }
            Effect::Cap(value) => {
                let unbounded =
                    ScoringModel { components: model.components.clone(), ..model.clone() };
                reach(&unbounded, rule.component).1 <= value
            }
            _ => false,
        };
        if idle {
            let message = format!("rule \"{}\" never changes a score", rule.id);
            self.find(line, Severity::Warning, "dead-rule", message);
        }
        if let Some(condition) = &rule.condition
            && is_never(condition)
        {
            let message = format!(
                "rule \"{}\" can never apply: {}",
                rule.id,
                words::condition(model, condition)
            );
            self.find(line, Severity::Warning, "dead-rule", message);
        }
        let same = |other: &&Rule| {
            other.component == rule.component
                && other.condition == rule.condition
                && other.on == rule.on
                && other.over == rule.over
                && other.times == rule.times
                && other.within == rule.within
                && other.effect == rule.effect
        };
        if let Some(twin) = model.rules[..index].iter().find(same) {
            let message = format!(
                "rule \"{}\" says the same as \"{}\": the points are given twice",
                rule.id, twin.id
            );
            self.find(line, Severity::Warning, "duplicate-rule", message);
        }
    }

    fn importance(&mut self, rule: &Rule) {
        let Effect::Add(points) = rule.effect else { return };
        let importance = if rule.subtracts { -points } else { points };
        if self.model.scale_1_100 && !(POINT..=100 * POINT).contains(&importance) {
            let message = format!(
                "importance of rule \"{}\" is {}; under scale = \"1-100\" it must be from 1 to 100 (subtract takes points away)",
                rule.id,
                format_points(importance)
            );
            self.find(rule.place.line, Severity::Error, "importance", message);
        }
    }

    fn wording(&mut self, rule: &Rule) {
        let line = rule.place.line;
        let what = match (&rule.name, &rule.description) {
            (None, None) => "name and description",
            (None, Some(_)) => "name",
            (Some(_), None) => "description",
            (Some(_), Some(_)) => "",
        };
        if !what.is_empty() {
            let message =
                format!("rule \"{}\" without {what}: people will see it in the ledger", rule.id);
            self.find(line, Severity::Warning, "no-description", message);
        }
        if let Some(on) = &rule.on
            && rule.times == Times::PerObject
            && let Some(kind) = on.kinds.iter().find(|kind| kind::carries_no_object(kind))
        {
            let message = format!(
                "rule \"{}\" counts per object, but {kind} carries none: it counts once",
                rule.id
            );
            self.find(line, Severity::Hint, "per-object", message);
        }
        let Some(condition) = &rule.condition else { return };
        let mut found = Vec::new();
        condition.visit(&mut |node| found.extend(ambiguous(node)));
        for (word, meanings) in found {
            let message = format!(
                "rule \"{}\": \"{word}\" may be {meanings}; write the title out where it matters",
                rule.id
            );
            self.find(line, Severity::Warning, "ambiguous", message);
        }
    }

    /// Weights of a weighted component should make a whole.
    fn weights(&mut self) {
        let model = self.model;
        for component in
            model.components.iter().filter(|c| matches!(c.kind, ComponentKind::Weighted))
        {
            let sum: i64 = component.groups.iter().filter_map(|group| group.weight).sum();
            if sum != 100 * POINT {
                let message = format!(
                    "weights of component \"{}\" add up to {} percent",
                    component.id,
                    format_points(sum)
                );
                self.find(component.line, Severity::Warning, "weights", message);
            }
        }
    }
}

/// Ambiguous abbreviations in a test of a title.
fn ambiguous(node: &Condition) -> Vec<(&'static str, &'static str)> {
    let Condition::Field(test) = node else { return Vec::new() };
    if !test.field.starts_with("title") {
        return Vec::new();
    }
    let words: Vec<&str> = match &test.test {
        Test::In(literals) | Test::NotIn(literals) => {
            let text = |l: &'_ Literal| matches!(l, Literal::Text { .. });
            let texts = literals.iter().filter(|l| text(l));
            texts
                .filter_map(|l| {
                    if let Literal::Text { folded, .. } = l { Some(folded.as_str()) } else { None }
                })
                .collect()
        }
        Test::Contains(parts) | Test::Starts(parts) => parts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    AMBIGUOUS.iter().filter(|(short, _)| words.contains(short)).copied().collect()
}

/// True for a condition that contradicts itself: two lists of one field without a common value.
fn is_never(condition: &Condition) -> bool {
    match condition {
        Condition::Any(parts) => parts.iter().all(is_never),
        Condition::All(parts) => {
            let lists = parts.iter().filter_map(|part| match part {
                Condition::Field(test) => match &test.test {
                    Test::In(literals) => Some((test.field.as_str(), literals)),
                    _ => None,
                },
                _ => None,
            });
            let lists: Vec<_> = lists.collect();
            let clash = lists.iter().enumerate().any(|(i, (field, literals))| {
                let later = lists[i + 1..].iter().filter(|(other, _)| other == field);
                later.into_iter().any(|(_, others)| !literals.iter().any(|l| others.contains(l)))
            });
            clash || parts.iter().any(is_never)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, Severity)> {
        lint(text, "m.toml").iter().map(|f| (f.code, f.severity)).collect()
    }

    const HEAD: &str = "[[component]]\nid = \"score\"\n";

    fn rule(id: &str, body: &str) -> String {
        format!("[[rule]]\nid = \"{id}\"\nname = \"n\"\ndescription = \"d\"\n{body}\n")
    }

    #[test]
    fn the_mexico_model_has_its_two_known_traps() {
        let found = lint(include_str!("../../fixtures/ana/scoring.toml"), "scoring.toml");
        let messages: Vec<&str> = found.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(found.len(), 2, "{messages:?}");
        assert!(messages[0].contains("is 73; of = \"total\" would give 70"), "{messages:?}");
        assert_eq!(messages[1], "score from 0 below 10 has no band");
    }

    #[test]
    fn each_trap_is_found() {
        let mx = "if = { field = \"country\", is = \"MX\" }";
        let cso = "if = { field = \"title.normalized\", in = [\"CSO\", \"ciso\"] }\nadd = 5";
        let scaled =
            |add: &str| format!("scale = \"1-100\"\n{HEAD}{}", rule("a", &format!("{mx}\n{add}")));
        let both = "if = { all = [ { field = \"country\", is = \"MX\" }, { field = \"country\", is = \"US\" } ] }\nadd = 1";
        let band = "[[band]]\nid = \"b\"\nmin = 500\naction = \"call\"\n";
        for (text, code, severity) in [
            (scaled("add = 0"), "importance", Severity::Error),
            (scaled("add = 101"), "importance", Severity::Error),
            (scaled("add = -5"), "importance", Severity::Error),
            (format!("{HEAD}{}", rule("a", cso)), "ambiguous", Severity::Warning),
            (format!("{HEAD}{}", rule("a", both)), "dead-rule", Severity::Warning),
            (
                format!("{HEAD}{}", rule("a", &format!("{mx}\nadd = 0"))),
                "dead-rule",
                Severity::Warning,
            ),
            (
                format!(
                    "{HEAD}{}{}",
                    rule("a", &format!("{mx}\nadd = 1")),
                    rule("b", &format!("{mx}\nadd = 1"))
                ),
                "duplicate-rule",
                Severity::Warning,
            ),
            (
                format!("{HEAD}{}{band}", rule("a", &format!("{mx}\nadd = 1"))),
                "unreachable-band",
                Severity::Warning,
            ),
            (
                format!("{HEAD}[[rule]]\nid = \"a\"\n{mx}\nadd = 1\n"),
                "no-description",
                Severity::Warning,
            ),
            (
                format!("{HEAD}{}", rule("a", "on = \"chat\"\nadd = 1\ntimes = \"per-object\"")),
                "per-object",
                Severity::Hint,
            ),
            (
                format!(
                    "{HEAD}{}[[band]]\nid = \"hi\"\nmin = 60\n[[band]]\nid = \"lo\"\nmax = 60\n",
                    rule("a", &format!("{mx}\nadd = 70"))
                ),
                "mistake",
                Severity::Error,
            ),
        ] {
            assert!(
                codes(&text).contains(&(code, severity)),
                "{text}\nwithout {code}: {:?}",
                lint(&text, "m")
            );
        }
        for fine in ["add = 1", "add = 100", "subtract = 50"] {
            assert!(codes(&scaled(fine)).is_empty(), "{fine}: {:?}", lint(&scaled(fine), "m"));
        }
    }
}
