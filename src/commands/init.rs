//! `leadmend init INPUT`: a commented `leadmend.toml` with everything that was detected.

use super::failure::Mistakes;
use super::settings;
use crate::cli::InitArgs;
use anyhow::Result;
use leadmend::config::Config;
use leadmend::error::Error;
use leadmend::merge::policy::{Policy, SurvivorRule, Take};
use leadmend::schema::{self, ColumnSchema, Kind, Schema};
use leadmend::source::{self, RawTable};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &InitArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    let config = settings::config(&args.read, &mut mistakes);
    let input = std::slice::from_ref(&args.input);
    let sources = settings::sources(input, &args.read, &config, &mut mistakes);
    settings::check_files(sources.iter(), &mut mistakes);
    settings::check_named(&args.read, &sources.iter().collect::<Vec<_>>(), &mut mistakes);
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from("leadmend.toml"));
    let to_stdout = output.as_os_str() == "-";
    if !to_stdout && !args.force && output.exists() {
        mistakes.usage(
            format!("{} is there already", settings::name_of(&output)),
            "give --force to replace it, or another name with -o",
        );
    }
    settings::use_threads(&args.read, &mut mistakes);
    mistakes.check()?;
    let raw = source::read(&sources[0])?;
    config.columns.check(&[&raw])?;
    let schema = schema::detect(&raw, &config.columns);
    let text = to_toml(&raw, &schema, &config);
    if to_stdout {
        return Ok(super::say(&text)?);
    }
    write(&output, args.force, &text)?;
    if !args.read.quiet {
        let file = output.display();
        super::say(&format!("{file}: look it over, then run with --config {file}\n"))?;
    }
    Ok(())
}

fn write(path: &Path, force: bool, text: &str) -> Result<(), Error> {
    let failed = |cause| Error::Write { file: settings::name_of(path), cause };
    let mut options = OpenOptions::new();
    // Created anew even when it came into being since the check.
    let options =
        if force { options.create(true).truncate(true) } else { options.create_new(true) };
    let mut file = options.write(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// The file's text.
fn to_toml(raw: &RawTable, schema: &Schema, config: &Config) -> String {
    let mut text = String::new();
    push_head(raw, schema, config, &mut text);
    push_columns(schema, &mut text);
    push_input(schema, config, &mut text);
    push_rest(config, &mut text);
    text
}

fn push_head(raw: &RawTable, schema: &Schema, config: &Config, text: &mut String) {
    let info = &raw.info;
    let read_as = schema.read_as.as_deref().unwrap_or(match schema.kind {
        Kind::People => "one person a row",
        Kind::Organizations => "one organization a row",
        Kind::Activities => "one activity a row; give it to `clean` as --activities",
    });
    push(text, "# What leadmend found out about the input, and every setting with its default.");
    push(text, "# Use it with: leadmend clean INPUT --config leadmend.toml");
    let rows = info.records;
    push(text, &comment(&format!("{}: {rows} rows, {}, {read_as}", info.file, info.encoding)));
    for note in &info.notes {
        push(text, &comment(note));
    }
    push(text, "\n# Version of this file's format.\nformat = 1\n");
    push(text, "# The date the run is made for; without it, now.\n# as_of = 2026-06-30");
    push(text, "# Stop when more rows than this are rejected.");
    push(text, &format!("# max_reject_rate = {:?}", config.max_reject_rate));
}

/// What each column means, with the reason.
fn push_columns(schema: &Schema, text: &mut String) {
    push(text, "\n# What the columns mean: role = \"header\". Correct what is wrong.\n[columns]");
    let mut seen: Vec<&str> = Vec::new();
    let mut roles: BTreeMap<String, (usize, Vec<&ColumnSchema>)> = BTreeMap::new();
    for (at, column) in schema.columns.iter().enumerate() {
        if !seen.contains(&column.header.as_str()) {
            seen.push(&column.header);
            let role = column.role.to_string();
            roles.entry(role).or_insert_with(|| (at, Vec::new())).1.push(column);
        }
    }
    let mut roles: Vec<_> = roles.into_iter().collect();
    roles.sort_by_key(|(_, (at, _))| *at);
    for (role, (_, columns)) in roles {
        let key = if role.contains(':') { quote(&role) } else { role };
        match columns.as_slice() {
            [one] => {
                push(text, &comment(&one.why));
                push(text, &format!("{key} = {}", quote(&one.header)));
            }
            several => {
                push(text, &format!("{key} = ["));
                for column in several {
                    push(text, &format!("    {}", comment(&column.why)));
                    push(text, &format!("    {},", quote(&column.header)));
                }
                push(text, "]");
            }
        }
    }
}

fn push_input(schema: &Schema, config: &Config, text: &mut String) {
    push(text, "\n[input]");
    push(text, "# The product whose export this is, or \"none\".");
    match &schema.preset {
        Some(preset) => push(text, &format!("preset = {}", quote(preset))),
        None => push(text, "# preset = \"none\""),
    }
    push(text, "# The column with the record id; without one, the row number.");
    let id = schema.columns.iter().find(|c| c.role == schema::Role::RecordId);
    let id = id.map_or("id", |c| c.header.as_str());
    push(text, &format!("# id_column = {}", quote(id)));
    push(text, "# Columns that are written but take no part in matching.");
    let ignored: Vec<String> = config.columns.ignore.iter().map(|h| quote(h)).collect();
    let hash = if ignored.is_empty() { "# " } else { "" };
    push(text, &format!("{hash}ignore_columns = [{}]", ignored.join(", ")));
}

fn push_rest(config: &Config, text: &mut String) {
    push(text, "\n[matching]");
    push(text, "# Probability from which two records merge.");
    push(text, &format!("# merge_at = {:?}", config.merge_at));
    push(text, "# Probability from which two records are put up for review.");
    push(text, &format!("# review_at = {:?}", config.review_at));
    push(text, "\n[scoring]\n# Scoring model, beside this file; without one, a built-in model.");
    match &config.model {
        Some(model) => push(text, &format!("model = {}", quote(model))),
        None => push(text, "# model = \"scoring.toml\""),
    }
    push_merge(text);
    push(text, "\n[consent]");
    push(text, "# Whether somebody whose consent is not known may be contacted.");
    push(text, &format!("# contact_unknown = {}", config.contact_unknown));
    push(
        text,
        "# Whose refusals count: those of all addresses of a \"person\", or, as HubSpot has it,",
    );
    push(text, "# of the primary \"address\" alone.");
    push(text, "# scope = \"person\"");
    push(text, "\n[suppression]");
    push(
        text,
        "# Lists of addresses that nobody may use: e-mails, phones, hmac: lines; beside this file.",
    );
    push(text, "# files = []");
    push(text, "# The file with the key of hmac: lines; without one, the variable LEADMEND_KEY.");
    push(text, "# key_file = \"leadmend.key\"");
}

/// How fields are merged.
fn push_merge(text: &mut String) {
    let words = |all: Vec<&str>| all.join(", ");
    let survivors = words(SurvivorRule::WORDS.iter().map(|(word, _)| *word).collect());
    let takes = words(Take::WORDS.iter().map(|(word, _)| *word).collect());
    let policies = words(Policy::WORDS.iter().map(|(word, _)| *word).collect());
    push(text, "\n[merge]");
    push(
        text,
        "# Start from the rules of a product instead of ours; consent stays as strict as ours.",
    );
    push(text, &comment(&format!("One of {policies}")));
    push(text, "# policy = \"hubspot\"");
    push(text, "# Which record survives and gives the lead its id.");
    push(text, &comment(&format!("One of {survivors}")));
    push(text, "# survivor = \"most-complete\"");
    push(text, "# Sources or products, best first, for the survivor rule listed-order.");
    push(text, "# source_order = []");
    push(
        text,
        "# Whether blanks are filled from other records: true, false, or \"first\" for the first",
    );
    push(text, "# other record even where that is blank.");
    push(text, "# blank_fill = true");
    push(text, "# Whether a blank in the newest record means that the value was cleared.");
    push(text, "# cleared_counts = false");
    push(text, "# The rule of fields whose meaning is known, and of all others.");
    push(text, "# known = \"newest\"\n# unknown = \"survivor\"");
    push(text, "\n# Rules of single fields, by header or role; for stages in order write");
    push(text, "# a table with take, order, blank_fill and cleared_counts.");
    push(text, &comment(&format!("One of {takes}")));
    push(text, "[merge.fields]\n# company = \"newest\"");
    push(text, "# stage = { take = \"furthest\", order = [\"lead\", \"customer\"] }");
}

fn push(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

/// A comment: one line, whatever the sentence holds.
fn comment(sentence: &str) -> String {
    let line: String = sentence.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("# {line}")
}

/// Text as a TOML string.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use leadmend::config;
    use leadmend::merge::policy::MergeConfig;
    use leadmend::schema::SchemaOverrides;
    use leadmend::source::{Source, read_bytes};

    fn written(csv: &str, config: &Config) -> String {
        let raw = read_bytes(&Source::new("leads.csv"), csv.as_bytes().to_vec()).unwrap();
        let schema = schema::detect(&raw, &SchemaOverrides::default());
        to_toml(&raw, &schema, config)
    }

    #[test]
    fn what_is_written_is_read_back_as_what_was_detected() {
        let csv = "id,First Name,Surname,E-mail,Second e-mail,Opted out of email,Shoe size\n\
                   1,Ana,Ruiz,a@x.example,,no,38\n2,Bo,Berg,b@y.example,c@z.example,yes,44\n";
        let text = written(csv, &Config::default());
        let read = config::parse(&text, "leadmend.toml").unwrap();
        let raw = read_bytes(&Source::new("leads.csv"), csv.as_bytes().to_vec()).unwrap();
        read.columns.check(&[&raw]).unwrap();
        let roles = |o: &SchemaOverrides| -> Vec<_> {
            schema::detect(&raw, o).columns.into_iter().map(|c| (c.header, c.role)).collect()
        };
        assert_eq!(roles(&read.columns), roles(&SchemaOverrides::default()), "{text}");
    }

    #[test]
    fn the_commented_defaults_are_the_defaults() {
        let text = written("id,email\n1,a@x.example\n", &Config::default());
        // With the comment signs before settings taken off, every setting is still valid.
        let all: Vec<&str> = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") && !rest.contains(':') => rest,
                _ => line,
            })
            .collect();
        let all = config::parse(&all.join("\n"), "leadmend.toml").unwrap();
        let default = Config::default();
        assert_eq!(all.merge_at, default.merge_at);
        assert_eq!(all.review_at, default.review_at);
        assert_eq!(all.max_reject_rate, default.max_reject_rate);
        assert_eq!(all.contact_unknown, default.contact_unknown);
        assert_eq!(all.model.as_deref(), Some("scoring.toml"));
        assert_eq!(all.consent_scope, default.consent_scope);
        assert_eq!(all.key_file.as_deref(), Some("leadmend.key"));
        assert_eq!(all.merge.policy, Some(Policy::Hubspot));
        assert_eq!(all.merge.fields.len(), 2, "the examples are valid rules");
        let ours = MergeConfig { policy: None, fields: Default::default(), ..all.merge };
        let (ours, default) = (ours.rules(), default.merge.rules());
        assert_eq!(ours.survivor, default.survivor);
        for role in [None, Some("city")] {
            assert_eq!(ours.of_column("x", role), default.of_column("x", role));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_quoted_so_that_it_reads_back(header in "\\PC{0,12}|[\\x00-\\x7f\"\\\\]{0,8}") {
            let text = format!("[columns]\n{}\nemail = {}\n", comment(&header), quote(&header));
            let read = config::parse(&text, "leadmend.toml").unwrap();
            proptest::prop_assert_eq!(&read.columns.roles[0].1, &header);
        }
    }
}
