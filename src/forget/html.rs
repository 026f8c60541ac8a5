//! `report.html`: what tells of the person goes as a whole, by the ids that stand before it.
//!
//! The page shows values masked, so that looking for values would find nothing: a masked name beside
//! a score is still a trace. In what is left, values are looked for between the tags only; a company
//! called Auto must not take the style sheet with it.

use super::json::ERASED;
use super::values::Values;
use crate::report::html::{END_OF, OF};

/// The page without the person, and how many pieces went.
pub(super) fn erase(bytes: &[u8], person: &str, values: &Values) -> (Vec<u8>, usize) {
    let page = String::from_utf8_lossy(bytes);
    let mut kept = String::with_capacity(page.len());
    let mut dropped = 0;
    let mut rest: &str = &page;
    while let Some(at) = rest.find(OF) {
        let (before, piece) = rest.split_at(at);
        kept.push_str(before);
        let end = piece.find(END_OF).map_or(piece.len(), |end| end + END_OF.len());
        let (piece, after) = piece.split_at(end);
        let ids = piece[OF.len()..].split("-->").next().unwrap_or_default();
        if ids.split(' ').any(|id| id == person) {
            dropped += 1;
        } else {
            kept.push_str(piece);
        }
        rest = after;
    }
    kept.push_str(rest);
    (erase_texts(&kept, values), dropped)
}

/// Erases values between the tags of the body.
fn erase_texts(page: &str, values: &Values) -> Vec<u8> {
    let body = page.find("<body").unwrap_or(0);
    let mut out = page.as_bytes()[..body].to_vec();
    let mut rest = &page[body..];
    while let Some(open) = rest.find('<') {
        let (text, tag) = rest.split_at(open);
        out.extend(values.erase_bytes(text.as_bytes(), ERASED));
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        out.extend_from_slice(&tag.as_bytes()[..end]);
        rest = &tag[end..];
    }
    out.extend(values.erase_bytes(rest.as_bytes(), ERASED));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_the_person_go_and_all_others_stay() {
        let erase = |page: &str| {
            let (bytes, dropped) = erase(page.as_bytes(), "p_b", &Values::default());
            (String::from_utf8(bytes).unwrap(), dropped)
        };
        let cases = [
            ("<p>x</p>", "<p>x</p>", 0),
            ("a<!--of p_a-->A<!--/of-->b", "a<!--of p_a-->A<!--/of-->b", 0),
            ("a<!--of p_b-->A<!--/of-->b", "ab", 1),
            (
                "<!--of p_a p_b-->1<!--/of-->-<!--of p_bb-->2<!--/of-->",
                "-<!--of p_bb-->2<!--/of-->",
                1,
            ),
            ("a<!--of p_b-->cut off", "a", 1),
            ("a < b <", "a < b <", 0),
        ];
        for (page, expected, dropped) in cases {
            assert_eq!(erase(page), (expected.to_string(), dropped), "{page}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_edited(page in "(<!--of |p_b|-->|<!--/of-->|<|>|é){0,30}") {
            erase(page.as_bytes(), "p_b", &Values::default());
        }
    }
}
