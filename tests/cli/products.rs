//! Activity tables of products as warehouse connectors store them: kind, instant and lead.

use super::workdir::Workdir;

const LEADS: &str = "id,property_email,property_firstname,property_lastname,property_company\n\
    501,ana@x.example,Ana,Ruiz,Aguila\n777,bo@y.example,Bo,Berg,Norte\n";

/// Status and person of every activity, as `activity_map.csv` says, after a clean run.
fn statuses(leads: &str, file: &str, rows: &str) -> Vec<String> {
    let work = Workdir::with("leads.csv", leads);
    work.write(file, rows);
    work.succeeds(&format!("clean leads.csv --activities {file} --as-of 2026-06-30 -o out"));
    let map = work.read("out/activity_map.csv");
    map.lines().skip(1).map(|line| line.split(',').nth(3).unwrap().to_string()).collect()
}

#[test]
fn activities_of_one_product_find_their_leads() {
    let members = "id,list_id,email_address,status,merge_fname,merge_lname,timestamp_opt\n\
        m1,l1,ana@x.example,subscribed,Ana,Ruiz,2026-01-01 10:00:00\n\
        m2,l1,bo@y.example,subscribed,Bo,Berg,2026-01-01 10:00:00\n";
    let cases = [
        (
            LEADS,
            "timestamp,form_id,contact_id,conversion_id,title\n\
            2026-02-01 10:20:00,12,501,c1,Newsletter\n2026-02-02 10:20:00,12,9,c2,Newsletter\n",
            1,
        ),
        (
            LEADS,
            "engagement_id,contact_id,type,property_hs_timestamp\n\
            9,501,CALL,2026-02-01 10:20:00\n10,777,NOTE,2026-02-02 10:20:00\n",
            2,
        ),
        (
            LEADS,
            "id,recipient,type,created,email_campaign_id,app_id\n\
            e1,ana@x.example,OPEN,2026-02-01 10:20:00,7,1\ne2,bo@y.example,CLICK,2026-02-01 10:21:00,7,1\n",
            2,
        ),
        (
            LEADS,
            "canonical_vid,contact_id,vid_to_merge,timestamp,user_id\n\
            501,501,400,2026-02-01 10:20:00,\n",
            1,
        ),
        (
            members,
            "action,campaign_id,member_id,timestamp,bounce_type,url\n\
            open,c1,m1,2026-02-01 10:20:00,,\nclick,c1,m2,2026-02-01 10:21:00,,https://x.example\n",
            2,
        ),
        (
            members,
            "campaign_id,member_id,list_id,reason,timestamp\nc1,m2,l1,,2026-02-01 10:20:00\n",
            1,
        ),
    ];
    for (leads, rows, kept) in cases {
        let found = statuses(leads, "events.csv", rows);
        assert_eq!(found.iter().filter(|s| *s == "kept").count(), kept, "{rows}{found:?}");
    }
}

#[test]
fn an_unsubscribe_of_a_log_is_a_refusal() {
    let work = Workdir::with(
        "leads.csv",
        "id,list_id,email_address,status,merge_fname,timestamp_opt\n\
         m1,l1,ana@x.example,subscribed,Ana,2026-01-01 10:00:00\n",
    );
    let rows = "campaign_id,member_id,list_id,reason,timestamp\nc1,m1,l1,,2026-02-01 10:20:00\n";
    work.write("unsubscribe.csv", rows);
    work.succeeds(
        "clean leads.csv --activities unsubscribe.csv --as-of 2026-06-30 --format jsonl -o out",
    );
    let lead = work.read("out/leads.jsonl");
    assert!(lead.contains("\"leadmend_may_email\":false"), "{lead}");
}

#[test]
fn activities_of_a_merged_lead_follow_the_log_of_merges() {
    let work = Workdir::with("leads.csv", LEADS);
    work.write("merges.csv", "canonical_vid,vid_to_merge,timestamp\n501,400,2026-02-01 10:20:00\n");
    let rows =
        "timestamp,form_id,contact_id,conversion_id,title\n2026-01-01 10:20:00,12,400,c1,Guide\n";
    work.write("forms.csv", rows);
    work.succeeds("clean leads.csv --activities merges.csv forms.csv --as-of 2026-06-30 -o out");
    let map = work.read("out/activity_map.csv");
    assert!(!map.contains("orphan"), "{map}");
}
