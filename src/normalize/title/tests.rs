//! Titles that are one job, and what must hold for any text.
use super::*;
use proptest::prelude::*;

#[test]
fn spellings_of_one_job_are_one_title() {
    for spellings in [
        vec![
            "Director of Engineering",
            "Dir. of Engineering",
            "Dir Engineering",
            "Engineering Director",
            "DIRECTOR OF ENGINEERING",
        ],
        vec![
            "Vice President Marketing",
            "VP Mktg",
            "VP of Marketing",
            "V.P., Marketing",
            "Marketing VP",
        ],
        vec!["Account Executive", "AE", "Acct Executive"],
        vec!["Chief Executive Officer", "CEO", "C.E.O."],
        vec!["Sales Manager", "Mgr Sales", "Sales Mgr", "Gerente de Ventas"],
        vec!["IT Manager", "I.T. Manager", "Information Technology Manager"],
        vec!["Data Analyst", "Analyst, Data"],
        vec!["Business Development Manager", "BDM", "Biz Dev Manager", "Business Dev Mgr"],
        vec!["Managing Director", "Geschäftsführer", "Directeur Général", "Director General"],
        vec!["Student", "estudiante", "Étudiant", "Studentin"],
        vec!["Senior Software Engineer", "Senior SWE", "Sr. Software Engineer", "Sr Software Eng"],
        vec!["Chief Security Officer", "Chief Security Officer (CSO)"],
        vec!["Owner", "Proprietor", "Owner/Operator"],
        vec!["Director of Operations", "Dir Ops", "Operations Director"],
        vec!["Directora de Seguridad", "Security Director"],
        vec!["President", "Pres."],
    ] {
        for other in &spellings[1..] {
            assert_eq!(canonical(spellings[0]), canonical(other), "{} | {other}", spellings[0]);
        }
    }
    for (a, b) in [
        ("CSO", "Chief Security Officer"),
        ("Sales Manager", "Sales Director"),
        ("MD", "Managing Director"),
    ] {
        assert_ne!(canonical(a), canonical(b));
    }
}

proptest! {
    #[test]
    fn reading_is_total_and_stable(text in "\\PC{0,30}|(([A-Za-z.]{1,5}|vp|mgr|director|head|of|sales|and|&|,|analyst,|ceo|senior|manager|president) ){0,6}") {
        if let Some(title) = parse(&text).value {
            prop_assert_eq!(canonical(&title.canonical), title.canonical.clone());
            prop_assert_eq!(parse(&title.display).value, Some(title));
        }
    }
}
