//! The columns an earlier run added to its `leads.csv`.
//!
//! When that file comes back as an input they are no data of the lead: they take no part in
//! matching and are written anew. Only a `no` in [`MAY_EMAIL`] and [`MAY_PHONE`] is a fact, because
//! reading a result back may never make anyone contactable who was not.

/// The columns we add to `leads.csv`, in order.
pub const ADDED: [&str; 8] = [
    "leadmend_person_id",
    "leadmend_score",
    "leadmend_band",
    "leadmend_action",
    MAY_EMAIL,
    MAY_PHONE,
    CONSENT_REASON,
    "leadmend_sources",
];

/// Whether the person may be mailed.
pub const MAY_EMAIL: &str = "leadmend_may_email";
/// Whether the person may be phoned.
pub const MAY_PHONE: &str = "leadmend_may_phone";
/// Why.
pub const CONSENT_REASON: &str = "leadmend_consent_reason";

/// Whether a header is one of ours; spreadsheets may have changed its letter case.
pub fn is_earlier(header: &str) -> bool {
    ADDED.iter().any(|ours| is(header, ours))
}

/// Whether a header is this one of ours.
pub fn is(header: &str, ours: &str) -> bool {
    header.trim().eq_ignore_ascii_case(ours)
}
