//! A flow picture: how many go from which place on the left to which on the right.

use super::{Anchor, WIDTH, coordinate, escape, fit, frame, label, rect};
use crate::report::summary::group;
use std::fmt::Write;

const LEFT: f64 = 116.0;
const NODE: f64 = 9.0;
/// Height of all flows together.
const TALL: f64 = 200.0;
/// Least height of a place with its label.
const SLOT: f64 = 34.0;
const TOP: f64 = 22.0;

/// So many go from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) struct Flow {
    /// Index of the place on the left.
    pub from: usize,
    /// Index of the place on the right.
    pub to: usize,
    pub count: usize,
}

/// Places on one side: where each begins, and its height.
struct Side {
    y: Vec<f64>,
    height: Vec<f64>,
    count: Vec<usize>,
}

/// The flows between the same places on either side, the best place first.
pub(in crate::report::html) fn flow(
    id: &str,
    (title, about): (&str, &str),
    places: &[String],
    flows: &[Flow],
) -> String {
    let all: usize = flows.iter().map(|f| f.count).sum();
    let thick = |n: usize| (n as f64 / all.max(1) as f64 * TALL).max(1.2);
    let side = |end: &dyn Fn(&Flow) -> usize| {
        let mut side = Side { y: Vec::new(), height: Vec::new(), count: Vec::new() };
        let mut y = TOP;
        for place in 0..places.len() {
            let here = || flows.iter().filter(|f| end(f) == place);
            let height: f64 = here().map(|f| thick(f.count)).sum();
            let slot = height.max(SLOT);
            side.y.push(y + (slot - height) / 2.0);
            side.height.push(height);
            side.count.push(here().map(|f| f.count).sum());
            y += slot + 6.0;
        }
        (side, y)
    };
    let ((left, end), (right, other)) = (side(&|f| f.from), side(&|f| f.to));
    let mut body = String::new();
    let (mut out_y, mut in_y) = (left.y.clone(), right.y.clone());
    for f in flows.iter().filter(|f| f.count > 0) {
        let (Some(from), Some(to)) = (out_y.get_mut(f.from), in_y.get_mut(f.to)) else { continue };
        let t = thick(f.count);
        ribbon(&mut body, f, places, *from, *to, t);
        *from += t;
        *to += t;
    }
    for (i, place) in places.iter().enumerate() {
        name(&mut body, &left, i, place, LEFT, Anchor::End);
        name(&mut body, &right, i, place, WIDTH - LEFT, Anchor::Start);
    }
    label(&mut body, LEFT - 6.0, 11.0, Anchor::End, "s", "best record alone");
    label(&mut body, WIDTH - LEFT + 6.0, 11.0, Anchor::Start, "s", "one person");
    frame(id, title, about, end.max(other), &body)
}

fn ribbon(body: &mut String, f: &Flow, places: &[String], from: f64, to: f64, thick: f64) {
    let (x1, x2) = (LEFT + NODE, WIDTH - LEFT - NODE);
    let middle = coordinate((x1 + x2) / 2.0);
    let [x1, x2] = [x1, x2].map(coordinate);
    let [a, b, c, d] = [from, to, to + thick, from + thick].map(coordinate);
    // Places stand best first: a smaller index is a better one.
    let class = match f.to.cmp(&f.from) {
        std::cmp::Ordering::Less => "up",
        std::cmp::Ordering::Equal => "same",
        std::cmp::Ordering::Greater => "down",
    };
    let place = |i: usize| places.get(i).map_or("", String::as_str);
    // Writing to a String cannot fail.
    let _ = write!(
        body,
        "<path class=\"{class}\" d=\"M{x1} {a}C{middle} {a} {middle} {b} {x2} {b}V{c}C{middle} {c} \
         {middle} {d} {x1} {d}Z\"><title>{}: {} to {}</title></path>",
        group(f.count),
        escape(place(f.from)),
        escape(place(f.to)),
    );
}

fn name(body: &mut String, side: &Side, i: usize, place: &str, x: f64, anchor: Anchor) {
    let (y, height) = (side.y[i], side.height[i]);
    let (node, text) = match anchor {
        Anchor::End => (x, x - 6.0),
        _ => (x - NODE, x + 6.0),
    };
    rect(body, "k", node, y, NODE, height.max(1.0));
    let center = y + height / 2.0;
    label(body, text, center - 2.0, anchor, "t", &fit(place, LEFT - 10.0));
    label(body, text, center + 12.0, anchor, "n", &group(side.count[i]));
}
