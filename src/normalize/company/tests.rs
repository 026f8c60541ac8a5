//! What must hold for any company cell.
use super::*;
use proptest::prelude::*;

#[test]
fn spellings_of_one_firm_share_the_core() {
    for spellings in [
        vec![
            "Seguridad Águila, S.A. de C.V.",
            "SEGURIDAD AGUILA",
            "Seguridad Aguila SA de CV",
            "Seguridad Águila S. A. de C. V.",
        ],
        vec!["Digital Capital GmbH & Co. KG", "Digital Capital GmbH&Co.KG", "digital capital"],
        vec![
            "Medline UG (haftungsbeschränkt)",
            "Medline (DE) UG (haftungsbeschränkt)",
            "Medline UG",
        ],
        vec!["Allied Foods (HQ) Co.,Ltd.", "Allied Foods Company Limited"],
        vec!["The Bell & Doyne Group", "Bell and Doyne", "Bell & Doyne Grp"],
        vec![
            "Naile Transport P Ltd",
            "Naile Transport Private Limited",
            "Naile Transport Pvt. Ltd.",
        ],
        vec!["株式会社山田", "山田株式会社", "山田（株）"],
        vec!["Ohata & Saito K.K.", "Ohata Saito KK", "Ohata & Saito k. k."],
        vec!["J.P. Morgan", "J P Morgan", "JP Morgan"],
    ] {
        let core = |name: &str| parse(name).value.unwrap().core;
        for other in &spellings[1..] {
            assert_eq!(core(spellings[0]), core(other), "{} | {other}", spellings[0]);
        }
    }
}

proptest! {
    #[test]
    fn reading_is_total_and_stable(text in "\\PC{0,30}|([A-Za-z&.,()/-]{1,6} ){0,5}(S\\.A\\. de C\\.V\\.|GmbH|Inc|c/o x|t/a y)?") {
        if let Some(company) = parse(&text).value {
            prop_assert!(!company.core.is_empty());
            let words: Vec<&str> = company.core.split(' ').collect();
            prop_assert_eq!(&company.tokens, &words);
            let again = parse(&company.display);
            prop_assert_eq!(again.value, Some(company));
        }
    }
}
