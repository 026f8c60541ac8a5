//! Horizontal bars: a label, a bar, a number.

use super::{Anchor, WIDTH, fit, frame, label, rect};
use crate::report::summary::group;

const ROW: f64 = 24.0;
const LABEL: f64 = 148.0;
const NUMBER: f64 = 60.0;

/// Bars of these labels and numbers.
pub(in crate::report::html) fn bars(
    id: &str,
    title: &str,
    about: &str,
    rows: &[(String, usize)],
) -> String {
    let most = rows.iter().map(|r| r.1).max().unwrap_or(0).max(1) as f64;
    let space = WIDTH - LABEL - NUMBER;
    let mut body = String::new();
    for (i, (name, number)) in rows.iter().enumerate() {
        let y = i as f64 * ROW + 4.0;
        // The smallest number is seen too.
        let width = match number {
            0 => 0.0,
            n => (*n as f64 / most * space).max(1.5),
        };
        label(&mut body, LABEL - 6.0, y + 12.0, Anchor::End, "t", &fit(name, LABEL - 8.0));
        rect(&mut body, "b", LABEL, y, width, 16.0);
        label(&mut body, LABEL + width + 5.0, y + 12.0, Anchor::Start, "n", &group(*number));
    }
    frame(id, title, about, rows.len() as f64 * ROW + 6.0, &body)
}
