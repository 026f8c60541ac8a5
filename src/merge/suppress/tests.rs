use super::*;

fn key() -> Key {
    Key::new(b"0123456789abcdef\n").unwrap()
}

fn list(text: &str, key: Option<Key>) -> Result<Suppression> {
    let mut list = Suppression::new(key);
    list.add(text, "suppress.txt").map(|()| list)
}

#[test]
fn no_spelling_escapes() {
    let list = list("\u{feff}# ours\nAna.Ruiz+x@Gmail.com\n\n+49 30 1234567\n", None).unwrap();
    for address in ["anaruiz@gmail.com", "a.n.a.ruiz@googlemail.com", "ANARUIZ+y@gmail.com"] {
        assert!(list.has_email(address), "{address}");
    }
    assert!(!list.has_email("ana@ruiz.example"));
    let number = |raw: &str| phone::parse(raw, None).value.unwrap().key();
    assert!(list.has_phone(number("+49301234567")));
    assert!(list.has_phone(number("030 1234567")), "without its country it may be the one");
    assert!(!list.has_phone(number("+49 30 1234568")));
    assert!(!list.has_phone(0));
}

#[test]
fn a_keyed_list_holds_the_same_people_and_none_of_their_addresses() {
    let plain = list("ana@x.example\n+49301234567\n", Some(key())).unwrap();
    let text = plain.to_keyed_text().unwrap();
    assert!(!text.contains("ana") && !text.contains("1234567"), "{text}");
    let keyed = list(&text, Some(key())).unwrap();
    assert!(keyed.has_email("Ana@X.example") && !keyed.has_email("bo@x.example"));
    assert!(keyed.has_phone(phone::parse("+49 30 1234567", None).value.unwrap().key()));
    assert_eq!(keyed.to_keyed_text().unwrap(), text, "keying twice changes nothing");
    assert!(plain.key.is_some() && list("", None).unwrap().to_keyed_text().is_none());
}

#[test]
fn bad_lines_are_told_together_and_without_their_content() {
    let text = "ana@x.example\nsecret person\n030 1234567\nhmac:12\nbo@@x\n";
    let said = list(text, None).unwrap_err().to_string();
    for part in ["line 2", "line 3", "line 4", "line 5", "need their key"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("line 1:") && !said.contains("secret") && !said.contains("1234567"));
}

#[test]
fn a_list_of_another_key_is_refused() {
    let text = list("ana@x.example\n", Some(key())).unwrap().to_keyed_text().unwrap();
    let other = Key::new(b"fedcba9876543210").unwrap();
    assert!(list(&text, Some(other)).unwrap_err().to_string().contains("another key"));
    assert!(list(&text, None).unwrap_err().to_string().contains("need their key"));
    assert!(Key::new(b"short").is_none());
    assert_eq!(format!("{:?}", key()), "Key(..)", "a key is never shown");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}|[a-z@.+0-9:#\n]{0,60}") {
        let _ = list(&text, Some(key()));
    }
}
