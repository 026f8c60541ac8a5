//! Upright bars over a scale of numbers, with marks where something changes.

use super::{Anchor, WIDTH, coordinate, escape, fit, frame, label, line, rect};
use crate::report::summary::group;
use std::fmt::Write;

const HEIGHT: f64 = 218.0;
const LEFT: f64 = 46.0;
/// Half of the last number below stands right of the last bar.
const RIGHT: f64 = 14.0;
const TOP: f64 = 42.0;
const BOTTOM: f64 = 184.0;
/// Ticks of the horizontal axis.
const TICKS: usize = 6;

/// Bins of one width.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Bins {
    /// Where the first one begins.
    pub from: f64,
    /// How wide each is.
    pub step: f64,
    /// Their counts, a series each.
    pub series: Vec<Series>,
}

/// Counts per bin.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Series {
    /// What is counted.
    pub name: &'static str,
    /// Class of its bars; a bar for which `classes` has one takes that.
    pub class: &'static str,
    /// Per bin.
    pub counts: Vec<usize>,
    /// Per bin: the class of its bar; empty for the series' own.
    pub classes: Vec<&'static str>,
}

/// How tall a bar of a count is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) enum Scale {
    /// As tall as the count.
    Linear,
    /// As tall as its logarithm, where few must be seen beside many.
    Log,
}

/// A line at a place of the horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) struct Mark {
    pub at: f64,
    pub name: String,
}

impl Scale {
    fn height(self, count: usize, most: usize) -> f64 {
        let share = match self {
            Scale::Linear => count as f64 / most as f64,
            // One more, so that a count of one has a height.
            Scale::Log => (count as f64 + 1.0).ln() / (most as f64 + 1.0).ln(),
        };
        match count {
            0 => 0.0,
            _ => (share * (BOTTOM - TOP)).max(1.5),
        }
    }

    fn ticks(self, most: usize) -> Vec<usize> {
        match self {
            Scale::Linear => [0, most.div_ceil(2), most].into_iter().collect(),
            Scale::Log => std::iter::successors(Some(1usize), |n| n.checked_mul(10))
                .take_while(|&n| n <= most)
                .collect(),
        }
    }
}

/// The bins as bars side by side.
pub(in crate::report::html) fn histogram(
    id: &str,
    (title, about): (&str, &str),
    bins: &Bins,
    marks: &[Mark],
    scale: Scale,
    axis: &str,
) -> String {
    let count = bins.series.first().map_or(0, |s| s.counts.len()).max(1);
    let most = bins.series.iter().flat_map(|s| &s.counts).copied().max().unwrap_or(0).max(1);
    let width = (WIDTH - LEFT - RIGHT) / count as f64;
    let mut body = String::new();
    for tick in scale.ticks(most) {
        let y = BOTTOM - scale.height(tick, most);
        line(&mut body, "g", (LEFT, y), (WIDTH - RIGHT, y));
        label(&mut body, LEFT - 5.0, y + 4.0, Anchor::End, "s", &group(tick));
    }
    let each = (width * 0.86 / bins.series.len().max(1) as f64).max(0.5);
    for (s, series) in bins.series.iter().enumerate() {
        for (i, &n) in series.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let x = LEFT + width * (i as f64 + 0.07) + each * s as f64;
            let height = scale.height(n, most);
            let class = series.classes.get(i).copied().unwrap_or(series.class);
            rect(&mut body, class, x, BOTTOM - height, each, height);
        }
    }
    line(&mut body, "a", (LEFT, BOTTOM), (WIDTH - RIGHT, BOTTOM));
    let every = count.div_ceil(TICKS);
    for i in (0..=count).step_by(every) {
        let x = LEFT + width * i as f64;
        let value = coordinate(bins.from + bins.step * i as f64);
        label(&mut body, x, BOTTOM + 14.0, Anchor::Middle, "s", &value);
    }
    label(&mut body, (LEFT + WIDTH) / 2.0, HEIGHT - 4.0, Anchor::Middle, "s", axis);
    draw_marks(&mut body, bins, marks, width);
    legend(&mut body, &bins.series);
    frame(id, title, about, HEIGHT, &body)
}

/// Marks, their names to the right of them; to the left where the next mark is close. A name that
/// finds no room is left out.
fn draw_marks(body: &mut String, bins: &Bins, marks: &[Mark], width: f64) {
    let (mut free, end) = (LEFT - 30.0, WIDTH - 6.0);
    let place = |mark: &Mark| LEFT + (mark.at - bins.from) / bins.step * width;
    let mut placed: Vec<(f64, String)> =
        marks.iter().map(|m| (place(m), fit(&m.name, 90.0))).collect();
    placed.retain(|(x, _)| (LEFT..=end).contains(x));
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (i, (x, name)) in placed.iter().enumerate() {
        line(body, "m", (*x, TOP - 18.0), (*x, BOTTOM));
        let long = name.chars().count() as f64 * super::LETTER + 4.0;
        let next = placed.get(i + 1).map_or(end, |next| next.0);
        let y = TOP - 10.0;
        if x + long <= next && *x >= free {
            label(body, x + 3.0, y, Anchor::Start, "s", name);
            free = x + long;
        } else if x - long >= free {
            label(body, x - 3.0, y, Anchor::End, "s", name);
            free = *x;
        }
    }
}

/// The series by color, where there are several.
fn legend(body: &mut String, series: &[Series]) {
    if series.len() < 2 {
        return;
    }
    let mut x = LEFT;
    for one in series {
        rect(body, one.class, x, 1.0, 9.0, 9.0);
        // Writing to a String cannot fail.
        let _ = write!(
            body,
            "<text class=\"s\" x=\"{}\" y=\"9.5\">{}</text>",
            coordinate(x + 13.0),
            escape(one.name)
        );
        x += 13.0 + one.name.chars().count() as f64 * super::LETTER + 12.0;
    }
}
