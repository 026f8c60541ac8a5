//! The page as a whole: that it is sound, closed, masked and the same for the same data.

use super::*;
use crate::quality::finding::{Finding, Sample, Severity, Verdict};
use crate::report::tests::run_all;
use std::collections::BTreeMap;

const HEAD: &str = "Id,First Name,Last Name,Email,Phone,Company,City,Country,Email Opt Out\n";

/// Three people in five records, one of them hidden, one refusing.
fn leads() -> String {
    let rows = [
        "1,Xochitl,Quetzal,xochitl@zephyr.example,+52 33 1234 5678,Zephyr Works,Guadalajara,Mexico,false",
        "2,Xochitl,Quetzal,xochitl@zephyr.example,,Zephyr Works,,,true",
        "3,Barnaby,Wimple,wimple@quarry.example,,Quarry Ltd,Leeds,United Kingdom,false",
        "4,Barnaby,Wimple,wimple@quarry.example,,Quarry Ltd,Leeds,United Kingdom,false",
        "5,Odalys,Fjord,odalys@fjord.example,not a phone,Fjord,Oslo,Norway,true",
    ];
    format!("{HEAD}{}\n", rows.join("\n"))
}

const OPENED: &str = "Activity Id,Lead Id,Type,Date\n\
    a1,2,Opened Email,2026-05-01T10:00:00Z\n\
    a1,2,Opened Email,2026-05-01T10:00:01Z\n\
    a3,9,Opened Email,2026-05-02T10:00:00Z\n";

fn page(leads: &str) -> String {
    let (_, mut files) = run_all(&[("leads.csv", leads)], &[("opens.csv", OPENED)]);
    files.remove(FILE).unwrap()
}

/// The tags of a page, each with its text up to the closing bracket.
fn tags(page: &str) -> Vec<&str> {
    let starts = page.match_indices('<').map(|(at, _)| &page[at + 1..]);
    starts.map(|rest| rest.split('>').next().unwrap_or_default()).collect()
}

/// Every tag is closed by its own, in order.
fn assert_nested(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags(page) {
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        let void = ["!doctype", "meta", "rect", "line"].contains(&name) || name.starts_with("!--");
        match tag.starts_with('/') {
            _ if void => {}
            true => assert_eq!(open.pop(), Some(name), "</{name}>"),
            false if tag.ends_with('/') => {}
            false => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_page_is_sound_and_closed() {
    let page = page(&leads());
    assert_nested(&page);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{}", &page[..200]);
    // Headings go down one level at a time, and there is one first.
    let levels: Vec<u8> = tags(&page)
        .iter()
        .filter_map(|t| match t.as_bytes() {
            [b'h', level @ b'1'..=b'6', rest @ ..] if rest.first() != Some(&b'e') => Some(*level),
            _ => None,
        })
        .collect();
    assert_eq!(levels.iter().filter(|l| **l == b'1').count(), 1);
    assert!(levels.windows(2).all(|w| w[1] <= w[0] + 1), "{levels:?}");
    // Nothing is fetched and nothing runs.
    for forbidden in ["http://", "https://", "<script", "<link", "<img", "src=", "url(", "@import"]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let handler = |t: &str| t.split(' ').any(|w| w.starts_with("on") && w.contains('='));
    assert!(!tags(&page).iter().copied().any(handler), "no handlers");
    // Anchors exist, and once.
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for id in page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        *ids.entry(id).or_default() += 1;
    }
    assert!(ids.values().all(|n| *n == 1), "{ids:?}");
    for to in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains_key(to), "{to}");
    }
}

#[test]
fn every_picture_has_words_and_numbers() {
    let page = page(&leads());
    let figures: Vec<&str> = page.split("<figure>").skip(1).collect();
    assert!(figures.len() >= 6, "{}", figures.len());
    for figure in figures {
        let figure = figure.split("</figure>").next().unwrap();
        for part in ["<svg", "role=\"img\"", "<title id=", "<desc id=", "<details>", "<caption>"] {
            assert!(figure.contains(part), "{part} in {figure}");
        }
        assert!(figure.matches("<tr>").count() > 1, "numbers: {figure}");
    }
    assert_eq!(page.matches("<svg").count(), page.matches("<figure>").count());
    for table in page.split("<table>").skip(1) {
        assert!(table.trim_start().starts_with("<caption"), "every table has a caption");
    }
}

#[test]
fn the_story_is_told_without_names() {
    let page = page(&leads());
    assert!(page.contains("5 records are 3 people"));
    assert!(page.contains("Two profiles, one buyer: X****** Q******."), "{page}");
    assert!(page.contains("One profile was worth 90 (send an offer), the other 10 (newsletter)."));
    assert!(page.contains("As one person: 100, phone call"));
    assert!(page.contains("had said no on one of their records only"));
    let canaries = [
        "xochitl",
        "quetzal",
        "zephyr",
        "barnaby",
        "wimple",
        "quarry",
        "odalys",
        "fjord",
        "guadalajara",
        "leeds",
        "12345",
        "1234 5678",
    ];
    let lower = page.to_lowercase();
    for canary in canaries {
        assert!(!lower.contains(canary), "{canary}");
    }
    for id in ["xochitl@zephyr.example", "Xochitl Quetzal"] {
        let by_address = leads().replace("\n1,", &format!("\n{id},"));
        assert!(
            !self::page(&by_address).to_lowercase().contains("xochitl"),
            "ids that name somebody"
        );
    }
}

#[test]
fn hostile_cells_do_no_harm() {
    let long = "W".repeat(100_000);
    let cells = [
        "<script>alert(1)</script>",
        "</bdi></td><img src=x onerror=alert(1)>",
        "--><script>",
        "{{ 7 * 7 }}{% for x in y %}",
        "\u{202e}gnp.exe\u{2066}",
        "&lt;b&gt; \" ' `",
        "=cmd|' /C calc'!A0",
        &long,
    ];
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut rows = HEAD.replace("City", &quoted(cells[0])).replace("Company", &quoted(cells[3]));
    for (i, cell) in cells.iter().enumerate() {
        let cell = quoted(cell);
        for twin in 0..2 {
            let id = quoted(&format!("{}{i}{twin}", cells[i % 5]));
            rows +=
                &format!("{id},{cell},{cell},h{i}@x.example,{cell},{cell},{cell},{cell},{cell}\n");
        }
    }
    let page = page(&rows);
    assert_nested(&page);
    let lower = page.to_lowercase();
    for forbidden in ["<script", "<img", "\u{202e}", "\u{2066}", "49{%"] {
        assert!(!lower.contains(forbidden), "{forbidden:?}");
    }
    assert!(!page.contains(&"W".repeat(500)) && !page.contains(&"*".repeat(500)));
    assert!(page.len() < 150_000, "{}", page.len());
}

#[test]
fn findings_stand_on_top() {
    let (outcome, _) = run_all(&[("leads.csv", &leads())], &[("opens.csv", OPENED)]);
    let finding = Finding {
        check: "email-invalid".into(),
        severity: Severity::Error,
        column: Some("<b>Email".into()),
        file: "leads.csv".into(),
        count: 2,
        of: 5,
        rate: 0.4,
        message: "correct the cells".into(),
        samples: vec![Sample { record: "leads:1".into(), line: 2, value: "xochitl@".into() }],
    };
    let checked = Checked {
        verdict: Verdict::Fail,
        records: 5,
        findings: vec![finding],
        notes: vec!["no key".into()],
    };
    let mut material = Material {
        table: &outcome.table,
        schema: &outcome.schema,
        records: &outcome.records,
        rejects: &outcome.rejects,
        outcome: None,
        activities: Some((&outcome.activities, &outcome.history)),
        suppression: None,
        ignored: &[],
        as_of: outcome.as_of,
    };
    let fast = Page::of_material(&material).with_findings(&checked).to_html().unwrap();
    material.outcome = Some(&outcome);
    let whole = Page::of_material(&material).with_findings(&checked).to_html().unwrap();
    for page in [&fast, &whole] {
        assert_nested(page);
        assert!(page.contains("the data does not pass."));
        assert!(page.contains("&lt;b&gt;Email") && page.contains("40.0 %"), "{page}");
        assert!(!page.to_lowercase().contains("xochitl"), "masked even when it was revealed");
        let first = page.find("id=\"findings\"").unwrap();
        assert!(first < page.find("id=\"columns\"").unwrap());
    }
    assert!(fast.contains("The quality of 5 records") && !fast.contains("id=\"worth\""));
    assert!(whole.contains("id=\"worth\""));
}

/// Relative luminance and contrast as WCAG 2 defines them.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |color: &str| {
        let part = |i: usize| {
            let c = f64::from(u8::from_str_radix(&color[i..i + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn colors_are_told_apart_in_light_and_dark() {
    for scheme in STYLE.split(":root {").skip(1) {
        let colors: BTreeMap<&str, &str> = scheme
            .split('}')
            .next()
            .unwrap()
            .split(';')
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "))
            .collect();
        for text in ["text", "weak", "link", "after", "review"] {
            for ground in ["page", "card"] {
                let ratio = contrast(colors[text], colors[ground]);
                assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
            }
        }
        for part in ["before", "after", "review", "quiet", "up", "down", "mark"] {
            let ratio = contrast(colors[part], colors["page"]);
            assert!(ratio >= 3.0, "{part}: {ratio:.2}");
        }
    }
}
