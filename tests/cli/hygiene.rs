//! Repairs as `clean` writes them, `--normalize-only` and `profile`.

use super::workdir::Workdir;

const LEADS: &str = "id;Name;Email;Phone;Country;Created;Opted out of email;Note\r\n\
    2; Ana  López;Ana@ACME.example;(212) 736-5000;US;14/05/2026;no;a  b\r\n\
    1;Bo Berg;bo@acme.example;(415) 555-2671;US;03/02/2025;YES ;c\r\n\
    3;Eva Novak;eva@@acme.example ;+1 312 726 1234;United States;2026-01-31;no;\"d;e\"\r\n\
    4;Jan Kok;jan@x.example;(646) 555-0199;US;28/02/2025;no;\r\n";

#[test]
fn normalize_only_keeps_rows_order_and_columns() {
    let work = Workdir::with("leads.csv", LEADS);
    let said = work.succeeds("clean leads.csv --normalize-only");
    assert!(said.contains("nothing merged") && said.contains("cells repaired"), "{said}");
    let wanted = "id;Name;Email;Phone;Country;Created;Opted out of email;Note\n\
        2;Ana López;ana@acme.example;(212) 736-5000;US;14/05/2026;no;a b\n\
        1;Bo Berg;bo@acme.example;(415) 555-2671;US;03/02/2025;YES ;c\n\
        3;Eva Novak;eva@@acme.example ;(312) 726-1234;US;31/01/2026;no;\"d;e\"\n\
        4;Jan Kok;jan@x.example;(646) 555-0199;US;28/02/2025;no;\n";
    assert_eq!(work.read("leads-leadmend/normalized.csv"), wanted);
    assert!(work.path("leads-leadmend/rejects.csv").exists());
    let report: serde_json::Value =
        serde_json::from_str(&work.read("leads-leadmend/report.json")).unwrap();
    assert_eq!(report["repairs"]["kinds"]["phone-form"], 1);
    assert!(!work.path("leads-leadmend/leads.csv").exists());
    work.succeeds("clean leads.csv --normalize-only --force --quiet");
}

#[test]
fn several_inputs_have_a_file_each() {
    let work = Workdir::with("a.csv", "id,email\n1,A@x.example\n");
    work.write("b.csv", "mail,id\nB@x.example,7\n");
    work.succeeds("clean a.csv b.csv --normalize-only --quiet -o out");
    assert_eq!(work.read("out/normalized-a.csv"), "id,email\n1,a@x.example\n");
    assert_eq!(work.read("out/normalized-b.csv"), "mail,id\nb@x.example,7\n");
}

#[test]
fn merged_leads_are_repaired_as_asked() {
    let work = Workdir::with("leads.csv", LEADS);
    let said = work.succeeds("clean leads.csv --phone-format e164 --date-format iso -o out");
    assert!(said.contains("cells repaired"), "{said}");
    let leads = work.read("out/leads.csv");
    assert!(leads.contains("Ana López;ana@acme.example;+12127365000;US;2026-05-14;"), "{leads}");
    work.succeeds("clean leads.csv --repair none --quiet -o raw");
    assert!(work.read("raw/leads.csv").contains(" Ana  López;Ana@ACME.example;(212) 736-5000;"));
}

#[test]
fn forms_that_make_no_sense_are_refused() {
    let work = Workdir::with("leads.csv", LEADS);
    let said = work.fails(2, "clean leads.csv --date-format %d/%m");
    assert!(said.contains("--date-format"), "{said}");
    let said = work.fails(2, "clean leads.csv --repair none --phone-format e164");
    assert!(said.contains("contradict"), "{said}");
}

#[test]
fn a_profile_masks_people_and_scores_columns() {
    let work = Workdir::with("leads.csv", LEADS);
    let said = work.succeeds("profile leads.csv");
    assert!(said.contains("hygiene") && said.contains("(999) 999-9999"), "{said}");
    assert!(!said.contains("López") && !said.contains("736"), "{said}");
    let json: serde_json::Value =
        serde_json::from_str(&work.succeeds("profile leads.csv --json --reveal full")).unwrap();
    assert_eq!(json["columns"][2]["role"], "email");
    assert_eq!(json["columns"][2]["validity"]["invalid"], 1);
    assert!(json.to_string().contains("bo@acme.example"));
}

#[test]
fn own_reference_lists_extend_the_shipped_ones() {
    let work = Workdir::with("leads.csv", "id,country\n1,Méjico Lindo\n2,MX\n3,MX\n");
    std::fs::create_dir(work.path("own")).unwrap();
    work.write("own/countries.txt", "# ours\nMX;MEX;52;Mexico|Méjico Lindo\n");
    let run = "clean leads.csv --normalize-only --quiet --column country=country -o";
    work.succeeds(&format!("{run} plain"));
    assert!(work.read("plain/normalized.csv").contains("1,Méjico Lindo"));
    work.succeeds(&format!("{run} extended --data own"));
    assert!(work.read("extended/normalized.csv").contains("1,MX\n"));
    work.write("own/countries.txt", "Mexico\n");
    work.write("own/nickname.txt", "");
    let said = work.fails(2, &format!("{run} wrong --data own"));
    assert!(said.contains("countries.txt line 1") && said.contains("nicknames.txt"), "{said}");
}
