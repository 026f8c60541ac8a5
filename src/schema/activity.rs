//! Activity files: telling them from files of leads, and the roles of their columns.
//!
//! An activity row names a lead, a time and what happened, and has no name of a person. Its columns
//! have a vocabulary of their own: `type` is the kind of event here and a category elsewhere.

use super::ColumnSchema;
use super::content::Content;
use super::decide::column;
use super::header::{self, key};
use super::preset::Preset;
use super::role::Role;

/// Folded headers that name the lead an event belongs to, the more telling first.
const REFERENCES: [&str; 23] = [
    "leadid",
    "lead",
    "whoid",
    "prospectid",
    "contactid",
    "personid",
    "memberid",
    "subscriberid",
    "recipientid",
    "customerid",
    "clientid",
    "userid",
    "vid",
    "contactvid",
    "canonicalvid",
    "leademail",
    "recordid",
    "contactkey",
    "subscriberkey",
    "visitorid",
    "idcontacto",
    "idlead",
    "leadref",
];
const KINDS: [&str; 22] = [
    "eventtype",
    "activitytype",
    "activitytypeid",
    "activitykind",
    "eventkind",
    "action",
    "actionname",
    "event",
    "eventname",
    "activity",
    "activityname",
    "type",
    "typename",
    "kind",
    "engagementtype",
    "interaction",
    "interactiontype",
    "tasktype",
    "typ",
    "tipo",
    "aktion",
    "ereignis",
];
const TIMES: [&str; 24] = [
    "occurredat",
    "activitydate",
    "eventdate",
    "eventtime",
    "timestamp",
    "happenedat",
    "datetime",
    "activitytime",
    "date",
    "time",
    "ts",
    "when",
    "at",
    "occurred",
    "dateadded",
    "createdat",
    "created",
    "createddate",
    "datum",
    "fecha",
    "loggedat",
    "receivedat",
    "propertyhstimestamp",
    "eventtimestamp",
];
const OBJECTS: [&str; 26] = [
    "object",
    "campaign",
    "campaignname",
    "subject",
    "page",
    "pageurl",
    "url",
    "link",
    "asset",
    "assetname",
    "form",
    "formname",
    "formid",
    "title",
    "content",
    "email name",
    "emailid",
    "campaignid",
    "resource",
    "target",
    "primaryattributevalue",
    "what",
    "whatid",
    "item",
    "product",
    "listid",
];
const ATTRIBUTES: [&str; 10] = [
    "attributes",
    "properties",
    "metadata",
    "payload",
    "data",
    "json",
    "details",
    "extra",
    "params",
    "eventdata",
];
const DELTAS: [&str; 8] = [
    "delta",
    "pointsdelta",
    "scorechange",
    "scoredelta",
    "pointschange",
    "points",
    "change",
    "punkte",
];
const IDS: [&str; 9] = [
    "id",
    "eventid",
    "activityid",
    "marketoguid",
    "guid",
    "uuid",
    "engagementid",
    "rowid",
    "interactionid",
];

/// Whether a folded header belongs to the vocabulary of activities.
pub(super) fn is_known_header(key: &str) -> bool {
    [&REFERENCES[..], &KINDS[..], &TIMES[..], &OBJECTS[..], &ATTRIBUTES[..], &DELTAS[..], &IDS[..]]
        .iter()
        .any(|words| words.contains(&key))
}

fn rank(list: &[&str], header: &str) -> Option<usize> {
    let key = key(header);
    list.iter().position(|known| *known == key)
}

/// Whether the columns are those of an activity file.
pub(crate) fn is_activity(headers: &[String], contents: &[Content]) -> bool {
    let named = |list: &[&str]| headers.iter().any(|header| rank(list, header).is_some());
    let person = headers.iter().zip(contents).any(|(header, content)| {
        content.filled > 0
            && header::propose(header).is_some_and(|p| {
                matches!(p.role, Role::GivenName | Role::FamilyName | Role::FullName)
                    || matches!(p.role, Role::Company | Role::Phone | Role::Mobile | Role::City)
            })
    });
    let email =
        || contents.iter().any(|content| content.email >= 0.6 && content.uniqueness() < 0.9);
    let time = headers
        .iter()
        .zip(contents)
        .any(|(header, content)| rank(&TIMES, header).is_some() && content.date >= 0.3);
    !person && time && named(&KINDS) && (named(&REFERENCES) || email())
}

/// The role of one column of an activity file.
pub(crate) fn decide(header: &str, content: &Content, preset: Option<&Preset>) -> ColumnSchema {
    if let Some(preset) = preset
        && let Some((role, _)) = preset.column(header)
    {
        let why = format!("header «{header}» is known for {}", preset.product);
        return column(header, role, 0.95, why);
    }
    let lists: [(&[&str], Role); 7] = [
        (&REFERENCES, Role::LeadRef),
        (&KINDS, Role::ActivityKind),
        (&TIMES, Role::ActivityTime),
        (&ATTRIBUTES, Role::ActivityAttributes),
        (&DELTAS, Role::ActivityDelta),
        (&OBJECTS, Role::ActivityObject),
        (&IDS, Role::ActivityId),
    ];
    let listed = lists.iter().find(|(list, _)| rank(list, header).is_some());
    let why = || format!("header «{header}» is known of activity files");
    match listed {
        Some((_, Role::ActivityTime)) if content.filled > 0 && content.date < 0.3 => {}
        Some((_, Role::ActivityDelta)) if content.filled > 0 && content.integer < 0.5 => {}
        Some((_, role)) => return column(header, *role, 0.8, why()),
        None => {}
    }
    if content.email >= 0.6 {
        return column(header, Role::Email, 0.8, "values are e-mail addresses".into());
    }
    match header::propose(header) {
        Some(p) if matches!(p.role, Role::Ignored | Role::Owner | Role::Updated) => {
            column(header, p.role, 0.7, format!("header «{header}» is a known name"))
        }
        _ => column(header, Role::Generic, 0.4, "no known meaning".into()),
    }
}

/// Leaves each activity role to one column: the most telling header, then the first.
pub(crate) fn settle(columns: &mut [ColumnSchema], contents: &[Content], forced: &[bool]) {
    let lists: [(&[&str], Role); 7] = [
        (&REFERENCES, Role::LeadRef),
        (&KINDS, Role::ActivityKind),
        (&TIMES, Role::ActivityTime),
        (&ATTRIBUTES, Role::ActivityAttributes),
        (&DELTAS, Role::ActivityDelta),
        (&OBJECTS, Role::ActivityObject),
        (&IDS, Role::ActivityId),
    ];
    for (list, role) in lists {
        let holders: Vec<usize> = (0..columns.len()).filter(|&i| columns[i].role == role).collect();
        let best = holders.iter().copied().min_by_key(|&i| {
            let known = rank(list, &columns[i].header).unwrap_or(usize::MAX);
            (!forced[i], contents[i].filled == 0, known, i)
        });
        for &i in holders.iter().filter(|&&i| Some(i) != best) {
            columns[i].role =
                if role == Role::ActivityTime { Role::Created } else { Role::Generic };
            columns[i].why = format!("{}; another column is the {role}", columns[i].why);
            columns[i].confidence = 0.5;
        }
    }
    // No id of a lead: the address says whose event it is.
    if !columns.iter().any(|c| c.role == Role::LeadRef)
        && let Some(email) = columns.iter_mut().find(|c| c.role == Role::Email)
    {
        email.role = Role::LeadRef;
        email.why = format!("{}; no other column names the lead", email.why);
    }
}
