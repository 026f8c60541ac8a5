//! Roles of whole files, and uniting several.

use super::*;
use crate::record::RecordId;
use crate::source::{Source, read_bytes};

fn raw(file: &str, text: &str) -> RawTable {
    read_bytes(&Source::new(file), text.as_bytes().to_vec()).unwrap()
}

fn roles(text: &str) -> (Kind, Vec<String>) {
    let schema = detect(&raw("f.csv", text), &SchemaOverrides::default());
    (schema.kind, schema.columns.iter().map(|c| c.role.to_string()).collect())
}

#[test]
fn files_show_what_their_columns_mean() {
    let cases: [(&str, Kind, &str, &str); 12] = [
        (
            "id,given_name,surname,street_number,address_1,address_2,suburb,postcode,state,\
             date_of_birth,soc_sec_id\n\
             r1,kyle,rundle,107,greenhood place,willows trees,brighton,5074,nsw,19460902,6532949\n\
             r2,silas,dent,16,wade street,tarwyn park,salisbury,2161,qld,19860810,7528902\n\
             r3,rosa,prar,40,nicholson crescent,vill 32,evelyn,2200,nsw,19080409,8467968\n",
            Kind::People,
            "record-id given-name family-name house-number street unit city postcode region \
             birth-date external-id",
            "a registry",
        ),
        (
            "id,fname_c1,fname_c2,lname_c1,lname_c2,by,bm,bd\n1,KARIN,,MUELLER,,1947,8,29\n\
             2,MANFRED,UWE,BECKER,,1973,7,27\n3,ANNA,,WOLF,HAUG,1988,1,3\n",
            Kind::People,
            "record-id given-name middle-name family-name family-name birth-year birth-month birth-day",
            "name components and date parts",
        ),
        (
            "id,name,addr,city,phone,type,source\n\
             1,la caravelle,33 w. 55th st.,new york city,212-586-4252,french,zagats\n\
             2,chanterelle,2 harrison st.,new york city,212-966-6960,french,fodors\n\
             3,art's deli,12224 ventura blvd.,studio city,818-762-1221,delis,fodors\n",
            Kind::Organizations,
            "record-id company street city phone category lead-source",
            "restaurants: a name without a person",
        ),
        (
            "id,first_name,c7,note\n1,db320f93ead463e1a2faee198cd9a122,a@x.example,\n\
             2,22370ea245fce0b355938327d41bd1e4,b@x.example,\n\
             3,b70e7b267b0652ee4030c4043cba7cf7,c@x.example,\n",
            Kind::People,
            "record-id generic email free-text",
            "headers lie: tokens are no names, and addresses need no header",
        ),
        (
            "id,first_name,lead_number_c,email_quality_c,list_id\n1,first_001,7,good,8e423a4179\n\
             2,first_002,8,bad,8e423a4180\n3,first_003,9,good,8e423a4181\n",
            Kind::People,
            "record-id given-name generic generic generic",
            "part of a header proves nothing, and a token with an e is no phone number",
        ),
        (
            "title,name,gender\nMr.,Person1,M\nMrs.,Person2,F\nDr.,Person3,F\n",
            Kind::People,
            "name-prefix full-name generic",
            "a title that is a salutation; a name beside a gender is a person's",
        ),
        (
            "event_id,lead_id,event_type,occurred_at,campaign\n\
             E1,L1,form_submit,2021-01-03T01:14:55Z,c1\nE2,L1,page_view,2021-01-03T03:47:32Z,c2\n",
            Kind::Activities,
            "activity-id lead-ref activity-kind activity-time activity-object",
            "an activity log",
        ),
        (
            "email,event,timestamp\na@x.example,open,2024-01-01\na@x.example,click,2024-01-02\n\
             b@x.example,open,2024-01-02\na@x.example,open,2024-01-03\n",
            Kind::Activities,
            "lead-ref activity-kind activity-time",
            "events by address",
        ),
        (
            "Kundennummer;Anrede;Vorname;Nachname;Straße;PLZ;Ort;Telefon;E-Mail;Geburtsdatum\n\
             1;Herr;Jürgen;Müller;Hauptstr. 1;50667;Köln;0221 123456;j@x.example;01.02.1970\n\
             2;Frau;Eva;Groß;Am Markt 3;07743;Jena;03641 98765;e@x.example;24.12.1981\n\
             3;Frau;Ute;Wolf;Ring 9;07545;Gera;0365 112233;u@x.example;05.06.1990\n",
            Kind::People,
            "record-id name-prefix given-name family-name street postcode city phone email birth-date",
            "German",
        ),
        (
            "Prénom,Nom,Société,Téléphone portable,Code postal,Ville,Pays\n\
             Jean,Petit,Bois SARL,06 12 34 56 78,69001,Lyon,France\n\
             Marie,Blanc,Fer SA,06 98 76 54 32,75002,Paris,France\n\
             Luc,Noir,Eau SA,06 11 22 33 44,33000,Bordeaux,France\n",
            Kind::People,
            "given-name family-name company mobile postcode city country",
            "French",
        ),
        (
            "Nombre,Apellidos,Empresa,Correo electrónico,Móvil,Ciudad,País,Cargo\n\
             José,Núñez,TelMX,j@x.example,+52 55 5555 0101,Monterrey,México,Director\n\
             Ana,Ruiz,Norte,a@x.example,+52 81 8000 0000,Puebla,México,Analista\n\
             Eva,Paz,Sur,e@x.example,+52 33 1234 5678,Toluca,México,CEO\n",
            Kind::People,
            "given-name family-name company email mobile city country title",
            "Spanish",
        ),
        (
            "Nome,Sobrenome,Telefone,Cidade,CEP,Endereço\n\
             João,Silva,+55 11 91234-5678,São Paulo,01310-100,Rua Augusta 10\n\
             Inês,Costa,+55 21 99876-5432,Rio,20040-020,Rua Chile 5\n\
             Rui,Lima,+55 31 98765-4321,Betim,32600-000,Av. Brasil 7\n",
            Kind::People,
            "given-name family-name phone city postcode street",
            "Portuguese",
        ),
    ];
    for (text, kind, expected, why) in cases {
        let (found, roles) = roles(text);
        assert_eq!(
            roles.join(" "),
            expected.split_whitespace().collect::<Vec<_>>().join(" "),
            "{why}"
        );
        assert_eq!(found, kind, "{why}");
    }
}

#[test]
fn files_without_header_are_read_by_content() {
    let (kind, roles) =
        roles("John Doe,John,Doe,john@x.example\nJane Roe,Jane,Roe,jane@x.example\n");
    assert_eq!(kind, Kind::People);
    assert_eq!(roles, ["full-name", "given-name", "family-name", "email"]);
}

#[test]
fn presets_bring_meaning_separators_and_consent() {
    let text = "Email Address,First Name,Last Name,UNSUB_TIME,LEID,EUID,TAGS\n\
                a@x.example,Ana,Ruiz,2026-03-02 07:15:44,1,e1,\"\"\"VIP\"\",\"\"Blog\"\"\"\n";
    let schema = detect(&raw("m.csv", text), &SchemaOverrides::default());
    assert_eq!(schema.preset.as_deref(), Some("mailchimp-unsubscribed"));
    assert_eq!(
        schema.read_as.as_deref(),
        Some("Mailchimp unsubscribed contacts (7 of 7 columns known)")
    );
    let consent = ConsentRole { channel: Channel::Email, polarity: Polarity::OptOut };
    assert_eq!(schema.file_consent, Some(consent));
    assert_eq!(schema.columns[6].separator.as_deref(), Some(","));
    assert!(schema.columns[0].why.contains("100% of values are e-mail addresses"));
}

#[test]
fn the_user_has_the_last_word_and_typos_are_named() {
    let raw = raw("f.csv", "id,ref,x\n1,A,p\n2,B,q\n");
    let overrides = SchemaOverrides {
        roles: vec![(Role::City, "X".into())],
        id_column: Some("ref".into()),
        ..SchemaOverrides::default()
    };
    overrides.check(&[&raw]).unwrap();
    let schema = detect(&raw, &overrides);
    let found: Vec<Role> = schema.columns.iter().map(|c| c.role).collect();
    assert_eq!(found, [Role::ExternalId, Role::RecordId, Role::City]);
    let wrong = SchemaOverrides { ignore: vec!["reff".into()], ..SchemaOverrides::default() };
    let error = wrong.check(&[&raw]).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("the nearest is «ref»"), "{error}");
}

fn united(files: &[(&str, &str)]) -> (crate::record::Table, UnitedSchema) {
    let inputs = files.iter().map(|(name, text)| {
        let raw = raw(name, text);
        let schema = detect(&raw, &SchemaOverrides::default());
        (raw, schema)
    });
    unite(inputs.collect()).unwrap()
}

#[test]
fn several_inputs_become_one_table() {
    let (table, schema) = united(&[
        (
            "crm.csv",
            "id,first_name,email,email2,note\n1,Ana,a@x.example,b@x.example,x\n2,Juan,c@x.example,,y\n",
        ),
        ("fair.csv", "Vorname;E-Mail;Stand;note\nEva;e@x.example;A7;z\nPia;p@x.example;B2;z\n"),
    ]);
    let headers: Vec<&str> = table.columns.iter().map(|c| c.header.as_str()).collect();
    // Two addresses there, one here: the slot decides. The stand is new.
    assert_eq!(headers, ["id", "first_name", "email", "email2", "note", "Stand"]);
    let row = |r: u32| table.columns.iter().map(|c| c.get(RecordId(r))).collect::<Vec<_>>();
    assert_eq!(row(0), ["1", "Ana", "a@x.example", "b@x.example", "x", ""]);
    assert_eq!(row(2), ["", "Eva", "e@x.example", "", "z", "A7"]);
    assert_eq!(table.key(RecordId(2)).to_string(), "fair:1", "no id column: the row number");
    assert_eq!(table.source, [0, 0, 1, 1]);
    assert_eq!(table.row, [1, 2, 1, 2]);
    assert_eq!(schema.placed[1], [1, 2, 5, 4]);
    assert_eq!(schema.id_column, Some(0));
}

#[test]
fn colliding_headers_of_other_meaning_are_prefixed() {
    let (table, _) = united(&[
        ("a.csv", "id,code\n1,x@x.example\n2,y@x.example\n"),
        ("b.csv", "id,code\n1,red\n2,blue\n"),
    ]);
    let headers: Vec<&str> = table.columns.iter().map(|c| c.header.as_str()).collect();
    assert_eq!(headers, ["id", "code", "b.code"]);
}

#[test]
fn digests_and_occurrences_do_not_depend_on_order() {
    let (one, _) =
        united(&[("f.csv", "id,name,city\n7,Ana,Bonn\n7,Eva,\n8,Ana,Jena\n7,Ana,Bonn\n")]);
    let (two, _) =
        united(&[("f.csv", "city,id,name\nJena,8,Ana\n,7,Eva\nBonn,7,Ana\nBonn,7,Ana\n")]);
    let facts = |table: &crate::record::Table| {
        let mut all: Vec<(String, u64, u32)> = table
            .records()
            .map(|r| (table.id.get(r).into(), table.digest[r.index()], table.occurrence[r.index()]))
            .collect();
        all.sort();
        all
    };
    assert_eq!(facts(&one), facts(&two));
    let first = record_digest([("name", "Ana"), ("id", "7"), ("city", "Bonn")]);
    assert_eq!(one.digest[0], first);
    let mut ranks: Vec<u32> = one.occurrence.clone();
    ranks.sort_unstable();
    assert_eq!(ranks, [1, 1, 2, 3]);
}
