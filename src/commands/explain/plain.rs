//! A lead's score in at most six lines, for someone who has the lead on the phone.
//!
//! Last step of `explain LEAD --plain`. Names of rules instead of ids, one line per question a
//! salesperson asks: how many points, why, from which records, may I call.

use super::score::{
    Cause, Explained, Member, Scored, called, count, signed, what_to_do, yes_or_no,
};

/// Rules that are named.
const TOLD: usize = 3;

/// The lines.
pub(super) fn text(e: &Explained) -> String {
    let mut lines = Vec::new();
    match e.scores.first() {
        None => lines.push(format!("{}: no score in this run.", called(e))),
        Some(s) if s.score.is_empty() => {
            lines.push(format!("{}: no score, because {}.", called(e), plain_refusal(&s.reason)));
        }
        Some(s) => push_plain_score(e, s, &mut lines),
    }
    let linked: Vec<&Member> = e.records.iter().filter(|r| !r.reason.is_empty()).collect();
    if let (true, Some(link)) = (e.records.len() > 1, linked.first()) {
        let records: Vec<&str> = e.records.iter().map(|r| r.record.as_str()).take(4).collect();
        let more = if e.records.len() > records.len() { ", ..." } else { "" };
        lines.push(format!("One person: {}{more} ({}).", records.join(", "), link.reason));
    }
    if !e.may_email.is_empty() || !e.may_phone.is_empty() {
        let (email, phone) = (yes_or_no(&e.may_email), yes_or_no(&e.may_phone));
        lines.push(format!("You may e-mail: {email}; you may phone: {phone}."));
    }
    lines.truncate(6);
    lines.join("\n") + "\n"
}

fn push_plain_score(e: &Explained, s: &Scored, lines: &mut Vec<String>) {
    lines.push(format!("{}: {}, {}.", called(e), in_points(&s.score), plain_action(e, s)));
    let given = points_by_rule(s);
    let why: Vec<String> = given
        .iter()
        .take(TOLD)
        .map(|(title, points, fact)| {
            let points = signed(&short(*points));
            format!("{title} {points}{}", in_brackets(&plain_fact(fact)))
        })
        .collect();
    lines.push(match why.is_empty() {
        true => "Nothing that is known of them gives points.".into(),
        false => {
            let more = match given.len().saturating_sub(TOLD) {
                0 => String::new(),
                n => format!("; {n} more"),
            };
            format!("Why: {}{more}.", why.join("; "))
        }
    });
    if e.records.len() > 1 {
        lines.push(format!(
            "Known from {}: the best alone has {}, all added up {}; everything counted once it is {}.",
            count(e.records.len()),
            in_points(&s.best_part),
            s.sum_of_parts,
            s.score
        ));
    }
    let loss = |d: &&Cause| d.in_score && d.points.starts_with('-');
    if let Some(d) = s.drops.iter().find(loss) {
        let (title, cause, fact) = (&d.title, &d.cause, in_brackets(&plain_fact(&d.fact)));
        lines.push(format!("Less than its best record: {title} {cause}{fact}, {}.", d.points));
    }
}

/// What to do, and what forbids it.
fn plain_action(e: &Explained, s: &Scored) -> String {
    let own = what_to_do(s);
    if !e.action.is_empty() && !s.action.is_empty() && e.action != own {
        // The run's own answer where a refusal forbids what the band asks for.
        return format!("{} (not {own}: refused)", e.action);
    }
    match (s.channel.as_str(), e.may_email.as_str(), e.may_phone.as_str()) {
        ("email", "false", _) => format!("{own}, but may not be e-mailed"),
        ("phone", _, "false") => format!("{own}, but may not be phoned"),
        _ => own,
    }
}

/// Title, points and fact of every rule that gave or took points, the largest first. Lines of one rule
/// from several records are one.
fn points_by_rule(s: &Scored) -> Vec<(&str, f64, &str)> {
    let mut all: Vec<(&str, f64, &str)> = Vec::new();
    for line in s.ledger.iter().filter(|l| l.in_score) {
        let points: f64 = line.points.parse().unwrap_or(0.0);
        match all.iter_mut().find(|(title, ..)| *title == line.title) {
            Some(known) => {
                known.1 += points;
                // One of several facts would be taken for all of them.
                known.2 = "";
            }
            None => all.push((&line.title, points, &line.fact)),
        }
    }
    all.retain(|(_, points, _)| points.abs() >= 0.05);
    all.sort_by(|x, y| y.1.abs().total_cmp(&x.1.abs()));
    all
}

/// Points with at most one decimal.
fn short(points: f64) -> String {
    let text = format!("{points:.1}");
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

fn in_points(points: &str) -> String {
    if points == "1" { "1 point".into() } else { format!("{points} points") }
}

fn in_brackets(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

/// A fact of the ledger without the names that only models use: `country MX`, `3 times, last
/// 2026-05-14`.
fn plain_fact(fact: &str) -> String {
    if let Some((field, value)) = fact.split_once(" = ") {
        // `title.normalized`, `email.domain`: the column is enough.
        let column = field.split('.').next().unwrap_or(field);
        return match value {
            // The name of the rule says it better.
            "true" | "false" => String::new(),
            _ => format!("{column} {value}"),
        };
    }
    if let Some(named) = fact.strip_prefix("other:") {
        return named.to_string();
    }
    let end = fact.find([' ', ',']).unwrap_or(fact.len());
    let (kind, rest) = fact.split_at(end);
    match kind.contains('.') {
        true => rest.trim_start_matches([',', ' ']).to_string(),
        false => fact.to_string(),
    }
}

/// Why someone has no score.
fn plain_refusal(reason: &str) -> String {
    let reason = reason.strip_prefix("excluded: ").unwrap_or(reason);
    match reason {
        "consent.marketing = objected" => "they objected to marketing".into(),
        "consent.marketing = complained" => "they complained about our mail".into(),
        _ => plain_fact(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_lose_the_names_of_models() {
        for (fact, plain) in [
            ("country = MX", "country MX"),
            ("title.seniority = c-level", "title c-level"),
            ("email.free_mail = false", ""),
            ("email.open Expansion Mexico, 2026-05-14", "Expansion Mexico, 2026-05-14"),
            ("page.view, 12 times, last 2026-06-01", "12 times, last 2026-06-01"),
            ("other:visita guiada, 2026-06-01", "visita guiada, 2026-06-01"),
            ("last activity 2026-06-01", "last activity 2026-06-01"),
            ("", ""),
        ] {
            assert_eq!(plain_fact(fact), plain, "{fact}");
        }
    }

    #[test]
    fn points_have_one_decimal_at_most() {
        for (points, text) in [(13.333, "13.3"), (90.0, "90"), (-27.0, "-27"), (0.96, "1")] {
            assert_eq!(short(points), text);
        }
        assert_eq!((in_points("1").as_str(), in_points("0").as_str()), ("1 point", "0 points"));
    }

    #[test]
    fn refusals_are_told_as_people_say_them() {
        for (reason, plain) in [
            ("excluded: consent.marketing = objected", "they objected to marketing"),
            ("excluded: country = US", "country US"),
            ("excluded: an employee of ours", "an employee of ours"),
        ] {
            assert_eq!(plain_refusal(reason), plain, "{reason}");
        }
    }
}
