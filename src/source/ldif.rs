//! LDIF (RFC 2849): what directories and Thunderbird export, one entry a record.
//!
//! Attributes get the names other exports use. Groups and organizational units, of which every
//! directory has some, are no people and are left out; so are passwords, certificates and pictures.

use super::columns::ColumnsBuilder;
use super::directory::{self, Card, from_base64};
use super::limit::{Limits, MAX_RAW};
use super::{Reject, Rows};

/// Attributes and the columns they become; of several with one column the first filled one leads.
const ATTRIBUTES: [(&str, &str); 50] = [
    ("uid", "UID"),
    ("givenname", "First Name"),
    ("gn", "First Name"),
    ("initials", "Middle Name"),
    ("sn", "Last Name"),
    ("surname", "Last Name"),
    ("cn", "Full Name"),
    ("commonname", "Full Name"),
    ("displayname", "Full Name"),
    ("generationqualifier", "Suffix"),
    ("personaltitle", "Prefix"),
    ("mozillanickname", "Nickname"),
    ("xmozillanickname", "Nickname"),
    ("mail", "Email"),
    ("rfc822mailbox", "Email"),
    ("mozillasecondemail", "Email"),
    ("mailalternateaddress", "Email"),
    ("telephonenumber", "Business Phone"),
    ("homephone", "Home Phone"),
    ("mobile", "Mobile Phone"),
    ("cellphone", "Mobile Phone"),
    ("facsimiletelephonenumber", "Fax"),
    ("fax", "Fax"),
    ("pager", "Pager"),
    ("pagerphone", "Pager"),
    ("o", "Company"),
    ("organizationname", "Company"),
    ("company", "Company"),
    ("ou", "Department"),
    ("department", "Department"),
    ("title", "Job Title"),
    ("employeetype", "Role"),
    ("street", "Business Street"),
    ("streetaddress", "Business Street"),
    ("l", "Business City"),
    ("locality", "Business City"),
    ("st", "Business State"),
    ("postalcode", "Business Postal Code"),
    ("c", "Business Country"),
    ("co", "Business Country"),
    ("countryname", "Business Country"),
    ("mozillahomestreet", "Home Street"),
    ("mozillahomelocalityname", "Home City"),
    ("mozillahomestate", "Home State"),
    ("mozillahomepostalcode", "Home Postal Code"),
    ("mozillahomecountryname", "Home Country"),
    ("mozillaworkurl", "Website"),
    ("labeleduri", "Website"),
    ("modifytimestamp", "Last Modified"),
    ("description", "Notes"),
];
/// Attributes that are left out: what the directory needs for itself, and what is no text.
const LEFT_OUT: [&str; 8] = [
    "objectclass",
    "userpassword",
    "jpegphoto",
    "usercertificate",
    "thumbnailphoto",
    "changetype",
    "mozillausehtmlmail",
    "entrycsn",
];

/// Whether a text is LDIF: its first line with content is a version or a name.
pub(crate) fn is_ldif(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or("");
    let names = |line: &str| {
        let head = line.get(..3);
        head.is_some_and(|head| head.eq_ignore_ascii_case("dn:")) && line.contains('=')
            || line.starts_with("dn::")
    };
    names(first) || (first.starts_with("version:") && lines.next().is_some_and(names))
}

/// Reads all entries. `None` when a dictionary is full.
pub(crate) fn parse(text: &str, limits: &Limits) -> Option<Rows> {
    let mut table = ColumnsBuilder::default();
    let mut parsed = Rows::default();
    let (mut no_people, mut cut, mut damaged) = (0u64, 0u64, 0u64);
    let properties = directory::unfold(text, false, limits.line);
    for entry in properties.split(|p| p.text.trim().is_empty()) {
        let entry: Vec<_> = entry.iter().filter(|p| !p.text.starts_with('#')).collect();
        let begins = entry.iter().find(|p| !p.text.starts_with("version:"));
        let Some(line) = begins.map(|p| p.line) else { continue };
        cut += entry.iter().filter(|p| p.cut).count() as u64;
        let read: Vec<_> = entry.iter().filter_map(|p| attribute(&p.text)).collect();
        damaged += (entry.len() - read.len()) as u64;
        let value_of = |name: &str| read.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        if value_of("dn").is_none() {
            let raw: Vec<&str> = entry.iter().map(|p| p.text.as_str()).collect();
            let mut raw = raw.join("\n");
            raw.truncate(raw.floor_char_boundary(MAX_RAW));
            parsed.rejects.push(Reject { line, reason: "an entry without dn".into(), raw });
            continue;
        }
        let changes = value_of("changetype").is_some_and(|t| !t.eq_ignore_ascii_case("add"));
        let classes: Vec<String> = read
            .iter()
            .filter(|(n, _)| n == "objectclass")
            .map(|(_, v)| v.to_lowercase())
            .collect();
        let person = classes.is_empty() || classes.iter().any(|c| c.contains("person"));
        if changes || !person {
            no_people += 1;
            continue;
        }
        to_card(&read).put(&mut table, line)?;
    }
    let counts = [
        (no_people, "entries that are no people (groups, units, changes) left out"),
        (cut, "values longer than a line may be cut off"),
        (damaged, "lines of entries without a value left out"),
    ];
    let notes = counts.iter().filter(|(count, _)| *count > 0);
    parsed.notes = notes.map(|(count, what)| format!("{count} {what}")).collect();
    (parsed.columns, parsed.lines) = table.finish();
    directory::put_in_order(&mut parsed.columns);
    Some(parsed)
}

/// Name in lower case without options, and value. A reference to a file is not followed.
fn attribute(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':')?;
    let name = name.split(';').next().unwrap_or(name).trim().to_ascii_lowercase();
    let value = if let Some(encoded) = value.strip_prefix(':') {
        String::from_utf8(from_base64(encoded)?).ok()?
    } else if value.starts_with('<') {
        return None;
    } else {
        value.trim().to_string()
    };
    (!name.is_empty()).then_some((name, value))
}

fn to_card(attributes: &[(String, String)]) -> Card {
    let mut card = Card::default();
    // In the order of the list, so that a mail leads a second mail whatever stands first.
    for (name, header) in ATTRIBUTES {
        for (_, value) in attributes.iter().filter(|(n, _)| n == name) {
            if header == "Full Name" && card.get(header).is_some() {
                continue;
            }
            card.add(header, value);
        }
    }
    let known = |name: &str| ATTRIBUTES.iter().any(|(n, _)| *n == name) || LEFT_OUT.contains(&name);
    for (name, value) in attributes.iter().filter(|(name, _)| !known(name) && name != "version") {
        card.add(name, value);
    }
    card
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordId;
    use proptest::prelude::*;

    const TEXT: &str = "version: 1\n\n# people\ndn: cn=Ana L,mail=a@x.example\nobjectClass: top\n\
        objectClass: inetOrgPerson\ngivenName:: QW5h\nsn;lang-es: Lo\n pez\ncn: Ana L\n\
        mozillaSecondEmail: b@x.example\nmail: a@x.example\nmobile: +34 600\nuserPassword: secret\n\
        l: Madrid\nshoeSize: 38\n\ndn: ou=Sales\nobjectclass: organizationalUnit\nou: Sales\n\n\
        mail: lost@x.example\n\ndn:: Y249Qm8=\ncn: Bo\njpegPhoto:< file:///etc/passwd\n";

    #[test]
    fn entries_become_rows_and_units_do_not() {
        assert!(is_ldif(TEXT) && is_ldif("dn: cn=x\n") && !is_ldif("dn,cn\n1,2\n"));
        let parsed = parse(TEXT, &Limits::USUAL).unwrap();
        let headers: Vec<&str> = parsed.columns.iter().map(|c| c.header.as_str()).collect();
        let expected = [
            "dn",
            "Full Name",
            "First Name",
            "Last Name",
            "Email",
            "Email 2",
            "Mobile Phone",
            "Business City",
            "shoesize",
        ];
        assert_eq!(headers, expected);
        let row = |r| parsed.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
        let ana = [
            "cn=Ana L,mail=a@x.example",
            "Ana L",
            "Ana",
            "Lopez",
            "a@x.example",
            "b@x.example",
            "+34 600",
            "Madrid",
            "38",
        ];
        assert_eq!(row(0), ana);
        assert_eq!(row(1)[..2], ["cn=Bo", "Bo"]);
        assert_eq!(parsed.lines, [4, 24]);
        assert_eq!((parsed.rejects.len(), parsed.rejects[0].line), (1, 22));
        assert_eq!(parsed.notes.len(), 2, "{:?}", parsed.notes);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(lines in prop::collection::vec(
            "(dn|cn|mail|objectclass|version)?[:<; é=A-Za-z]{0,12}\r?", 0..20)) {
            let parsed = parse(&lines.join("\n"), &Limits { line: 20, ..Limits::USUAL }).unwrap();
            prop_assert!(parsed.columns.iter().all(|c| c.ids.len() == parsed.lines.len()));
        }
    }
}
