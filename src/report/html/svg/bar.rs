//! Horizontal bars: a label, a bar, a number.

use super::{Anchor, WIDTH, fit, frame, label, rect};
use crate::report::summary::group;

/// Height of a row, and of one whose label stands above its bar.
const ROW: f64 = 24.0;
const TALL: f64 = 38.0;
const LABEL: f64 = 120.0;
const NUMBER: f64 = 62.0;

/// Bars of these labels and numbers. Where a label is too long to stand beside its bar, all of them
/// stand above: cut labels look alike.
pub(in crate::report::html) fn bars(
    id: &str,
    title: &str,
    about: &str,
    rows: &[(String, usize)],
) -> String {
    let beside = rows.iter().all(|(name, _)| fit(name, LABEL - 6.0) == *name);
    let (row, left) = if beside { (ROW, LABEL) } else { (TALL, 0.0) };
    let most = rows.iter().map(|r| r.1).max().unwrap_or(0).max(1) as f64;
    let space = WIDTH - left - NUMBER;
    let mut body = String::new();
    for (i, (name, number)) in rows.iter().enumerate() {
        let top = i as f64 * row;
        let y = if beside { top + 4.0 } else { top + 18.0 };
        if beside {
            label(&mut body, LABEL - 6.0, y + 12.0, Anchor::End, "t", name);
        } else {
            label(&mut body, 0.0, top + 13.0, Anchor::Start, "t", &fit(name, WIDTH));
        }
        // The smallest number is seen too.
        let width = match number {
            0 => 0.0,
            n => (*n as f64 / most * space).max(1.5),
        };
        rect(&mut body, "b", left, y, width, 16.0);
        label(&mut body, left + width + 5.0, y + 12.0, Anchor::Start, "n", &group(*number));
    }
    frame(id, title, about, rows.len() as f64 * row + 6.0, &body)
}
