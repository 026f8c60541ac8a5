//! Merge rules, policies, consent that is read back, suppression, merge plans.

use super::workdir::Workdir;
use std::collections::BTreeMap;

type Rows = Vec<BTreeMap<String, String>>;

fn rows(work: &Workdir, file: &str) -> Rows {
    let mut reader = csv::Reader::from_path(work.path(file)).unwrap();
    reader.deserialize().map(|r| r.unwrap()).collect()
}

fn lead<'a>(rows: &'a Rows, email: &str) -> &'a BTreeMap<String, String> {
    let is = |r: &&BTreeMap<String, String>| r.values().any(|v| v == email);
    rows.iter().find(is).unwrap()
}

fn clean(work: &Workdir, inputs: &str, rest: &str) -> String {
    work.succeeds(&format!("clean {inputs} --as-of 2026-06-30 -o out --force {rest}"))
}

/// Two HubSpot profiles of one person: the newer knows another city and nothing of the title.
const HUBSPOT: &str = "Record ID,First Name,Last Name,Email,Phone Number,City,Job Title,Create Date,Last Modified Date,Lifecycle Stage,Unsubscribed from all email\n\
    11,Ana,Ruiz,ana.ruiz@firm.example,+52 33 1234 5678,Leon,Head of Sales,2024-01-01,2024-02-01,Customer,false\n\
    12,Ana,Ruiz,ana.ruiz@firm.example,+52 33 1234 5678,Guadalajara,,2026-01-01,2026-02-01,Lead,true\n\
    13,Bob,Berg,bob@other.example,,Berlin,,2026-01-01,2026-02-01,Lead,false\n";

#[test]
fn a_product_is_asked_what_it_would_have_made() {
    let work = Workdir::with("hs.csv", HUBSPOT);
    clean(&work, "hs.csv", "");
    let ours = rows(&work, "out/leads.csv");
    assert_eq!(lead(&ours, "ana.ruiz@firm.example")["City"], "Guadalajara", "the newest");
    let said = clean(&work, "hs.csv", "--policy hubspot");
    assert!(said.contains("merged by HubSpot's rules; consent stays as strict as ours"), "{said}");
    let theirs = rows(&work, "out/leads.csv");
    let ana = lead(&theirs, "ana.ruiz@firm.example");
    assert_eq!((ana["City"].as_str(), ana["Lifecycle Stage"].as_str()), ("Leon", "Customer"));
    assert_eq!(ana["leadmend_may_email"], "false", "never looser than ours");
    assert_eq!(ana["Unsubscribed from all email"], "true");
    let said = work.fails(2, "clean hs.csv -o bad --policy hubspt");
    assert!(said.contains("did you mean \"hubspot\""), "{said}");
}

#[test]
fn rules_come_from_the_configuration_and_mistakes_are_told_together() {
    let work = Workdir::with("hs.csv", HUBSPOT);
    work.write(
        "leadmend.toml",
        "[merge]\nsurvivor = \"oldest\"\n[merge.fields]\ncity = \"oldest\"\n\"Job Title\" = \"review\"\n",
    );
    clean(&work, "hs.csv", "--config leadmend.toml");
    assert_eq!(lead(&rows(&work, "out/leads.csv"), "ana.ruiz@firm.example")["City"], "Leon");
    work.write(
        "leadmend.toml",
        "[merge]\nsurvivor = \"oldst\"\nblank_fill = 3\n[merge.fields]\ncity = \"newst\"\n",
    );
    let said = work.fails(2, "clean hs.csv -o bad --config leadmend.toml");
    for part in ["line 2", "\"oldest\"", "line 3", "line 5", "\"newest\""] {
        assert!(said.contains(part), "{part}: {said}");
    }
    work.write(
        "leadmend.toml",
        "[merge.fields]\nciti = \"newest\"\ncity = \"sum\"\n\"Create Date\" = \"max\"\n",
    );
    let said = work.fails(2, "clean hs.csv -o bad --config leadmend.toml");
    for part in ["did you mean `city`", "moves together", "always the earliest"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn disputed_cells_wait_in_a_file_of_their_own() {
    let work = Workdir::with("hs.csv", HUBSPOT);
    work.write("leadmend.toml", "[merge.fields]\nstage = \"review\"\n");
    let said = clean(&work, "hs.csv", "--config leadmend.toml");
    assert!(said.contains("1 cell waits for your decision in review_fields.csv"), "{said}");
    let waiting = rows(&work, "out/review_fields.csv");
    let values: Vec<&str> = waiting.iter().map(|r| r["value"].as_str()).collect();
    assert_eq!(values, ["Customer", "Lead"]);
    assert_eq!(waiting.iter().filter(|r| r["shown"] == "true").count(), 1);
}

/// Mautic deletes the do-not-contact rows of the profile that goes; here it stays suppressed.
#[test]
fn a_do_not_contact_profile_merged_into_a_contactable_one_stays_suppressed() {
    for order in [["1", "2"], ["2", "1"]] {
        let work = Workdir::with(
            "leads.csv",
            format!(
                "id,first name,last name,email,do not contact,updated\n\
                 {},Ana,Ruiz,ana.ruiz@firm.example,,2026-05-01\n\
                 {},Ana,Ruiz,ana.ruiz@firm.example,yes,2020-01-01\n",
                order[0], order[1]
            ),
        );
        for rest in ["", "--policy mautic", "--policy salesforce"] {
            clean(&work, "leads.csv", rest);
            let leads = rows(&work, "out/leads.csv");
            assert_eq!(leads.len(), 1);
            assert_eq!(leads[0]["leadmend_may_email"], "false", "{rest}");
            assert_eq!(leads[0]["do not contact"], "yes", "{rest}");
        }
    }
}

/// Marketo and Mautic add up scores, so that a one-time action on both profiles pays twice.
#[test]
fn a_one_time_action_on_both_profiles_counts_once() {
    let work = Workdir::ana();
    for rest in ["", "--policy mautic", "--policy marketo"] {
        let said = clean(
            &work,
            "leads.csv",
            &format!("--activities activities.csv --model scoring.toml {rest}"),
        );
        assert!(said.contains("100"), "{rest}: {said}");
        let best = rows(&work, "out/scores.csv");
        let ana = best.iter().find(|r| r["records"] == "2").unwrap();
        assert_eq!(ana["score"], "100", "{rest}: not 110, not 200");
    }
}

/// HubSpot lets the primary address decide; we restrict the person, and say so.
#[test]
fn the_primary_address_alone_decides_only_when_asked() {
    let work = Workdir::with(
        "leads.csv",
        "id,first name,last name,email,phone,unsubscribed,updated\n\
         1,Ana,Ruiz,ana.ruiz@firm.example,+52 33 1234 5678,no,2026-05-01\n\
         2,Ana,Ruiz,ana@home.example,+52 33 1234 5678,yes,2020-01-01\n",
    );
    work.write("decided.csv", "left_id,right_id,decision\n1,2,same\n");
    for (rest, may) in [("", "false"), ("--policy hubspot", "false")] {
        clean(&work, "leads.csv", &format!("--decisions decided.csv {rest}"));
        assert_eq!(rows(&work, "out/leads.csv")[0]["leadmend_may_email"], may, "{rest}");
    }
    work.write("leadmend.toml", "[consent]\nscope = \"address\"\n");
    clean(&work, "leads.csv", "--decisions decided.csv --policy hubspot --config leadmend.toml");
    assert_eq!(rows(&work, "out/leads.csv")[0]["leadmend_may_email"], "true");
    work.succeeds("verify out");
}

#[test]
fn a_result_that_is_read_back_frees_nobody() {
    let work = Workdir::with(
        "leads.csv",
        "id,first name,last name,email,phone\n\
         1,Ana,Ruiz,ana.ruiz@firm.example,+52 33 1234 5678\n\
         2,Bob,Berg,bob@firm.example,+49 30 9876543\n\
         3,Carla,Novak,,\n",
    );
    work.write(
        "events.csv",
        "event_id,lead_id,type,timestamp\ne1,1,unsubscribe,2026-01-02T10:00:00Z\n",
    );
    clean(&work, "leads.csv", "--activities events.csv");
    let first = work.read("out/leads.csv");
    work.write("back.csv", &first);
    // Neither the activity nor any consent column comes back: only our own columns tell.
    clean(&work, "back.csv", "");
    let again = rows(&work, "out/leads.csv");
    assert_eq!(lead(&again, "ana.ruiz@firm.example")["leadmend_may_email"], "false");
    assert_eq!(lead(&again, "ana.ruiz@firm.example")["leadmend_may_phone"], "true");
    assert_eq!(lead(&again, "bob@firm.example")["leadmend_may_email"], "true");
    assert_eq!(
        lead(&again, "Carla")["leadmend_consent_reason"],
        "email: no-address; phone: no-address"
    );
    let header = work.read("out/leads.csv").lines().next().unwrap().to_string();
    assert_eq!(header.matches("leadmend_may_email").count(), 1, "written anew, not twice");
    assert_eq!(header, first.lines().next().unwrap());
    work.succeeds("verify out");
    // Beside a fresh export of the same people, a yes there does not undo it.
    clean(&work, "leads.csv back.csv", "");
    let both = rows(&work, "out/leads.csv");
    assert_eq!(both.len(), 3, "our columns keep nobody apart");
    assert_eq!(lead(&both, "ana.ruiz@firm.example")["leadmend_may_email"], "false");
}

#[test]
fn a_suppression_list_holds_for_every_run() {
    let work = Workdir::with("hs.csv", HUBSPOT);
    work.write("plain.txt", "# ours\nBob+news@other.example\n");
    work.succeeds("suppress plain.txt -o keyed.txt --key-file k --new-key");
    let keyed = work.read("keyed.txt");
    assert!(keyed.contains("hmac:") && !keyed.contains("other.example"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(work.path("k")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the key is its owner's");
    }
    for list in ["--suppress plain.txt", "--suppress keyed.txt --key-file k"] {
        let said = clean(&work, "hs.csv", list);
        assert!(said.contains("1 person is on the suppression list"), "{said}");
        let bob = lead(&rows(&work, "out/leads.csv"), "bob@other.example").clone();
        assert_eq!(bob["leadmend_may_email"], "false");
        work.succeeds("verify out");
        assert_eq!(bob["leadmend_consent_reason"], "email: suppressed; phone: suppressed");
        assert_eq!(bob["Unsubscribed from all email"], "true");
        assert!(work.read("out/report.json").contains("\"suppressed\": 1"));
    }
    work.write("bad.txt", "secret.person@private.example\nnobody\n030 12\n");
    let said = work.fails(2, "clean hs.csv -o bad --suppress bad.txt");
    assert!(said.contains("line 2") && said.contains("line 3"), "{said}");
    let said = work.fails(2, "clean hs.csv -o bad --suppress keyed.txt");
    assert!(said.contains("--key-file"), "{said}");
    work.write("leadmend.toml", "[suppression]\nfiles = [\"keyed.txt\"]\nkey_file = \"k\"\n");
    let said = clean(&work, "hs.csv", "--config leadmend.toml");
    assert!(said.contains("suppression list"), "{said}");
    let said = work.fails(2, "suppress plain.txt -o keyed.txt --key-file k");
    assert!(said.contains("is there already"), "{said}");
    let said = work.fails(2, "suppress plain.txt -o other.txt");
    assert!(said.contains("a key is needed"), "{said}");
}

#[test]
fn a_person_is_forgotten_and_stays_suppressed() {
    let work = Workdir::with("hs.csv", HUBSPOT);
    clean(&work, "hs.csv", "");
    let said = work.fails(2, "forget nobody@x.example --run out --key-file k --new-key");
    assert!(said.contains("nobody in this run"), "{said}");
    let said = work.fails(2, "forget bob@other.example --run out");
    assert!(said.contains("a key is needed"), "{said}");
    let said = work.fails(2, "forget bob@other.example --run .");
    assert!(said.contains("no output folder"), "{said}");
    let said = work.succeeds("forget bob@other.example --run out --key-file k --new-key");
    assert!(said.contains("Forgotten: 1 lead record"), "{said}");
    for (file, content) in super::workdir::snapshot(&work.path("out")) {
        let text = String::from_utf8(content.unwrap_or_default()).unwrap();
        assert!(!text.contains("Berg") && !text.contains("other.example"), "{}", file.display());
    }
    let said = work.succeeds("verify out");
    assert!(said.contains("withdrawn with a receipt"), "{said}");
    // The list is given to every later run: an import does not bring him back.
    work.write("list.txt", work.read("out/suppress.txt"));
    let said = clean(&work, "hs.csv", "--suppress list.txt --key-file k");
    assert!(said.contains("1 person is on the suppression list"), "{said}");
}

#[test]
fn plans_are_in_the_form_of_each_product() {
    let work = Workdir::with("hs.csv", HUBSPOT);
    work.write(
        "sf.csv",
        "Id,FirstName,LastName,Company,Email,Phone,OwnerId,LeadSource,IsConverted,SystemModstamp\n\
         00Q000000000001,Ana,Ruiz,Firm,ana.ruiz@firm.example,+52 33 1234 5678,o,Web,false,2026-01-01\n\
         00Q000000000002,Ana,Ruiz,Firm,ana.ruiz@firm.example,+52 33 1234 5678,o,Web,false,2026-01-02\n\
         00Q000000000003,Ana,Ruiz,Firm,ana.ruiz@firm.example,+52 33 1234 5678,o,Web,false,2026-01-03\n\
         00Q000000000004,Ana,Ruiz,Firm,ana.ruiz@firm.example,+52 33 1234 5678,o,Web,false,2026-01-04\n",
    );
    work.write(
        "fair.csv",
        "id,name,email,phone\n7,Ana Ruiz,ana.ruiz@firm.example,+52 33 1234 5678\n",
    );
    clean(&work, "hs.csv sf.csv fair.csv", "");
    let hubspot = rows(&work, "out/merge_plan/hubspot.csv");
    assert_eq!(hubspot.len(), 1);
    assert_eq!(hubspot[0]["step"], "1");
    let salesforce = rows(&work, "out/merge_plan/salesforce.csv");
    assert_eq!(salesforce.len(), 2, "a master and two at a time: {salesforce:?}");
    assert_eq!(salesforce[0]["master_id"], salesforce[1]["master_id"], "one master to the end");
    assert!(salesforce.iter().all(|r| r["master_id"].len() == 18));
    assert_eq!(salesforce[1]["merge_id_2"], "");
    let generic = rows(&work, "out/merge_plan/merges.csv");
    assert_eq!(generic.len(), 1);
    assert_eq!(generic[0]["merged_id"], "fair:7");
}
