//! The values table of a model, in text, Markdown and HTML: what marketing and sales agree on.

use super::model::ScoringModel;
use super::words;

/// A table with a heading: the one form both printers print.
struct Sheet {
    title: String,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// The model as Markdown.
pub fn markdown(model: &ScoringModel) -> String {
    // A pipe or line break in a name would break the table; HTML in it would be HTML on a page.
    let cell = |text: &String| escape(text).replace('|', "\\|").replace(['\n', '\r'], " ");
    let mut out = format!("# {}\n", cell(&model.name));
    if let Some(description) = &model.description {
        out += &format!("\n{}\n", cell(description));
    }
    for sheet in sheets(model) {
        out += &format!("\n## {}\n\n| {} |\n", cell(&sheet.title), sheet.header.join(" | "));
        out += &format!("|{}\n", " --- |".repeat(sheet.header.len()));
        for row in &sheet.rows {
            out += &format!("| {} |\n", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
        }
    }
    out
}

/// The model as a fragment of HTML: headings and tables, every text escaped.
pub fn html(model: &ScoringModel) -> String {
    let mut out = format!("<h1>{}</h1>\n", escape(&model.name));
    if let Some(description) = &model.description {
        out += &format!("<p>{}</p>\n", escape(description));
    }
    for sheet in sheets(model) {
        out += &format!("<h2>{}</h2>\n<table>\n<thead><tr>", escape(&sheet.title));
        out.extend(sheet.header.iter().map(|name| format!("<th>{name}</th>")));
        out += "</tr></thead>\n<tbody>\n";
        for row in &sheet.rows {
            let cells: String =
                row.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
            out += &format!("<tr>{cells}</tr>\n");
        }
        out += "</tbody>\n</table>\n";
    }
    out
}

/// The model as columns for a terminal.
pub fn text(model: &ScoringModel) -> String {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let mut out = format!("{}\n", plain(&model.name));
    if let Some(description) = &model.description {
        out += &format!("{}\n", plain(description));
    }
    for sheet in sheets(model) {
        out += &format!("\n{}\n", plain(&sheet.title));
        let mut rows: Vec<Vec<String>> =
            vec![sheet.header.iter().map(|name| name.to_string()).collect()];
        rows.extend(sheet.rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect()));
        let size = |row: &Vec<String>, column: usize| row[column].chars().count();
        let wide = |column: usize| {
            let most = rows[1..].iter().map(|row| size(row, column)).max().unwrap_or(0);
            if most == 0 { 0 } else { most.max(size(&rows[0], column)) }
        };
        let widths: Vec<usize> = (0..sheet.header.len()).map(wide).collect();
        for row in &rows {
            let mut line = String::from(" ");
            for (cell, width) in row.iter().zip(&widths) {
                // Columns that are empty all the way down are left out.
                if *width > 0 {
                    line += &format!(" {cell:<width$} ");
                }
            }
            out += line.trim_end();
            out.push('\n');
        }
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

fn sheets(model: &ScoringModel) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (index, component) in model.components.iter().enumerate() {
        let rows = model.rules.iter().filter(|rule| rule.component == index);
        let rows = rows
            .map(|rule| {
                vec![
                    rule.title().to_string(),
                    words::when(model, rule),
                    words::effect(model, rule),
                    words::how_often(rule),
                    rule.description.clone().unwrap_or_default(),
                ]
            })
            .collect();
        let title = format!("{} ({})", component.title(), words::component(model, component));
        let header = vec!["action", "when", "points", "how often", "description"];
        sheets.push(Sheet { title, header, rows });
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let bands = model.bands.iter().map(|band| {
        let temperature = band.temperature.map_or(String::new(), |t| t.as_str().to_string());
        let of = model.components[band.of].title().to_string();
        vec![
            band.id.clone(),
            of,
            words::band(model, band),
            text(&band.action),
            temperature,
            text(&band.description),
        ]
    });
    let personas = model.personas.iter().flat_map(|persona| {
        persona.traits.iter().map(|one| {
            let name = persona.name.as_ref().unwrap_or(&persona.id).clone();
            let weight = super::quantity::format_points(one.weight);
            vec![name, words::condition(model, &one.condition), weight]
        })
    });
    let stages =
        model.stages.iter().map(|s| vec![s.id.clone(), words::condition(model, &s.condition)]);
    let excluded = model.exclude.iter().map(|e| vec![words::condition(model, &e.condition)]);
    for (title, header, rows) in [
        (
            "Bands",
            vec!["band", "of", "scores", "action", "temperature", "description"],
            bands.collect(),
        ),
        ("Personas", vec!["persona", "trait", "weight"], personas.collect()),
        ("Stages", vec!["stage", "when"], stages.collect()),
        ("Without a score", vec!["when"], excluded.collect::<Vec<_>>()),
    ] {
        if !rows.is_empty() {
            sheets.push(Sheet { title: title.into(), header, rows });
        }
    }
    sheets
}

#[cfg(test)]
mod tests {
    use super::super::model::parse;

    #[test]
    fn the_table_shows_all_rules_and_bands_and_escapes_names() {
        let text =
            include_str!("../../fixtures/ana/scoring.toml").replace("In Mexico", "<b>|Mexico");
        let model = parse(&text, "scoring.toml").unwrap();
        let markdown = super::markdown(&model);
        for wanted in [
            "| &lt;b&gt;\\|Mexico | country is MX | +90 |  | The lead is in the country we expand to. |",
            "| Region of the headquarters | region is MX-CMX | -30 % of what stands above |",
            "| Opened the campaign | email.open | +10 | once |",
            "| phone | Mexico score | above 90 | phone call | hot |",
            "| newsletter | Mexico score | from 10 below 60 |",
        ] {
            assert!(markdown.contains(wanted), "{wanted}\n{markdown}");
        }
        let html = super::html(&model);
        assert!(html.contains("<td>&lt;b&gt;|Mexico</td>") && !html.contains("<b>"));
    }
}
