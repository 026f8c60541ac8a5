//! Pictures as inline SVG: pure functions from numbers to text.
//!
//! Drawn on a narrow canvas so that one picture is readable on a phone and beside another on a
//! desk. Colors are classes of the page's style sheet: one picture for light, dark and paper.

mod bar;
mod flow;
mod histogram;

pub(super) use bar::bars;
pub(super) use flow::{Flow, flow};
pub(super) use histogram::{Bins, Mark, Scale, Series, histogram};

use std::fmt::Write;

/// Width of the canvas.
pub(super) const WIDTH: f64 = 360.0;
/// Width of a letter of a wide font, on average.
const LETTER: f64 = 7.2;

/// A picture with its title and description, named by `id` on the page.
fn frame(id: &str, title: &str, about: &str, height: f64, body: &str) -> String {
    let (title, about) = (escape(title), escape(about));
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
         <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{about}</desc>{body}</svg>",
        height = coordinate(height)
    )
}

/// A text as XML content or attribute.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A coordinate: one decimal, so that rounding is the same everywhere and the text short.
fn coordinate(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    let mut text = format!("{tenths:.1}");
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    if text == "-0" { "0".into() } else { text }
}

/// As much of a text as fits a width.
fn fit(text: &str, width: f64) -> String {
    let letters = (width / LETTER).max(1.0) as usize;
    if text.chars().count() <= letters {
        return text.to_string();
    }
    let kept: String = text.chars().take(letters.saturating_sub(1).max(1)).collect();
    kept.trim_end().to_string() + "…"
}

/// Where a label stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// Appends a label.
fn label(out: &mut String, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
    let anchor = match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let (x, y, text) = (coordinate(x), coordinate(y), escape(text));
    // Writing to a String cannot fail.
    let _ = write!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>");
}

/// Appends a rectangle.
fn rect(out: &mut String, class: &str, x: f64, y: f64, width: f64, height: f64) {
    let [x, y, width, height] = [x, y, width, height].map(coordinate);
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
    );
}

/// Appends a line.
fn line(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(coordinate);
    let _ =
        write!(out, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
}

#[cfg(test)]
mod tests;
