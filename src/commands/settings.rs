//! From flags to what they mean: a [`Config`] and the [`Source`]s, shared by the commands that read.
//!
//! The command line wins over the configuration file, which wins over the defaults. All mistakes
//! are collected and reported together.

use super::failure::Mistakes;
use crate::cli::{CountryFormat, Level, PhoneFormat, PostcodeFormat, ReadArgs, RepairArgs};
use leadmend::config::{self, Config};
use leadmend::error::{Error, Result};
use leadmend::lists;
use leadmend::memory::{self, Work};
use leadmend::normalize::repair::{
    CountryForm, DateForm, PhoneForm, PostcodeForm, RepairLevel, RepairPolicy,
};
use leadmend::quality::selection::Selection;
use leadmend::schema::preset;
use leadmend::source::{Purpose, Source};
use std::path::{Path, PathBuf};

/// Most worker threads that make sense to ask for.
const MOST_THREADS: usize = 1024;

/// Reads the configuration file, when one is given, and puts the reading flags on top.
pub fn config(args: &ReadArgs, mistakes: &mut Mistakes) -> Config {
    // First of all: the lists are read on first use, and by then they must be whole.
    if let Some(folder) = &args.data {
        mistakes.take(lists::extend(folder));
    }
    let file = args.config.as_deref().map(read_config);
    let mut config = file.and_then(|read| mistakes.take(read)).unwrap_or_default();
    // What is given on the command line comes first: the first naming of a header counts.
    let mut roles = Vec::new();
    for column in &args.columns {
        let parsed = config::parse_columns(std::slice::from_ref(column));
        roles.extend(mistakes.take(parsed).into_iter().flatten());
    }
    roles.append(&mut config.columns.roles);
    config.columns.roles = roles;
    if !args.ignore_columns.is_empty() {
        config.columns.ignore.clone_from(&args.ignore_columns);
    }
    if args.id_column.is_some() {
        config.columns.id_column.clone_from(&args.id_column);
    }
    let (for_all, _) = split_named(&args.preset);
    if let Some(preset) = for_all.last() {
        config.columns.preset = Some(preset.to_string());
    }
    mistakes.take(preset::choose(config.columns.preset.as_deref(), &[]).map(|_| ()));
    match args.as_of.as_deref().map(|text| (text, config::parse_as_of(text))) {
        Some((_, Some(as_of))) => {
            config.as_of = as_of;
            config.as_of_given = true;
        }
        Some((text, None)) => mistakes.usage(
            format!("--as-of {text} is not a date"),
            "write 2026-06-30 or 2026-06-30T12:00:00Z",
        ),
        None if !config.as_of_given => config.as_of = now(),
        None => {}
    }
    let rate = args.max_reject_rate.as_deref();
    if let Some(rate) = share("--max-reject-rate", rate, "5%", mistakes) {
        config.max_reject_rate = rate;
    }
    config
}

fn read_config(path: &Path) -> Result<Config> {
    let text = std::fs::read_to_string(path).map_err(|cause| unreadable(path, &cause))?;
    let mut config = config::parse(&text, &name_of(path))?;
    // A file is looked for beside the file that names it, wherever the command is run.
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = |file: String| folder.join(file).display().to_string();
    config.model = config.model.map(beside);
    config.key_file = config.key_file.map(beside);
    config.suppress = config.suppress.into_iter().map(beside).collect();
    Ok(config)
}

/// A configuration or model file that cannot be read is the user's mistake, not an input's.
pub fn unreadable(path: &Path, cause: &std::io::Error) -> Error {
    let what = match cause.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_string(),
        std::io::ErrorKind::InvalidData => "is not UTF-8 text".to_string(),
        _ => format!("could not be read ({cause})"),
    };
    let remedy = "check the path; it is a TOML file".into();
    Error::Config { file: name_of(path), mistakes: vec![what], remedy }
}

/// A share given on the command line.
pub fn share(
    flag: &str,
    given: Option<&str>,
    example: &str,
    mistakes: &mut Mistakes,
) -> Option<f64> {
    let given = given?;
    let share = config::parse_share(given);
    if share.is_none() {
        let remedy = format!("give a number from 0 to 1 or a percentage, such as {example}");
        mistakes.usage(format!("{flag} {given} is not a share"), remedy);
    }
    share
}

/// The checks that run; words that name none are mistakes.
pub fn selection(only: &[String], skip: &[String], mistakes: &mut Mistakes) -> Selection {
    let selection = Selection { only: only.to_vec(), skip: skip.to_vec() };
    if let Some((word, near)) = selection.unknown() {
        let remedy = format!("the nearest is {near}; leadmend check --list-checks names all");
        mistakes.usage(format!("{word} is no check"), remedy);
    }
    selection
}

/// Holds the work against `--memory-limit`, before anything is read.
pub fn fits(
    args: &ReadArgs,
    work: Work,
    leads: &[Source],
    activities: &[Source],
    mistakes: &mut Mistakes,
) {
    let Some(given) = &args.memory_limit else { return };
    match memory::parse(given) {
        Some(limit) => {
            mistakes.take(memory::check(limit, work, leads, activities));
        }
        None => mistakes.usage(
            format!("--memory-limit {given} is not a size"),
            "write for example 2GB or 512MiB",
        ),
    }
}

/// The files to read: those given by position, named by `--source` where it names them, and those
/// that `--source` alone gives.
pub fn sources(
    inputs: &[PathBuf],
    args: &ReadArgs,
    config: &Config,
    mistakes: &mut Mistakes,
) -> Vec<Source> {
    let (encodings, _) = split_named(&args.encoding);
    let (delimiters, _) = split_named(&args.delimiter);
    let plain = Source {
        preset: config.columns.preset.clone(),
        encoding: encodings.last().map(|e| e.to_string()),
        delimiter: delimiters.last().and_then(|given| delimiter(given, mistakes)),
        flexible: args.flexible,
        ..Source::default()
    };
    let mut at = |path: &Path| -> Option<Source> {
        let Source { path, table, server, .. } =
            mistakes.take(Source::parse(path, Purpose::Leads))?;
        Some(Source { path, table, server, ..plain.clone() })
    };
    let mut sources: Vec<Source> = inputs.iter().filter_map(|path| at(path)).collect();
    for given in &args.sources {
        let Some((name, file)) = given.split_once('=').filter(|(name, file)| {
            // Ids are written source:id and source:id#2.
            !name.is_empty() && !file.is_empty() && !name.contains([':', '#'])
        }) else {
            let what = format!("--source {given} is not NAME=FILE");
            let remedy = "write for example --source crm=export.csv; a name has no `:` and no `#`";
            mistakes.usage(what, remedy);
            continue;
        };
        let Some(named) = mistakes.take(Source::parse(Path::new(file), Purpose::Leads)) else {
            continue;
        };
        let Source { path, table, server, .. } = named;
        let name = Some(name.to_string());
        let same = |source: &&mut Source| {
            (&source.path, &source.table, &source.server) == (&path, &table, &server)
        };
        match sources.iter_mut().find(same) {
            Some(source) if source.name.is_some() => {
                mistakes.usage(format!("--source names {file} twice"), "give one name to a file");
            }
            Some(source) => source.name = name,
            None => sources.push(Source { path, table, server, name, ..plain.clone() }),
        }
    }
    set_named(&mut sources, args, mistakes);
    sources
}

/// The known records that are no state: leads and, where a database names them, activities.
pub fn known_sources(
    given: &Path,
    args: &ReadArgs,
    config: &Config,
    mistakes: &mut Mistakes,
) -> (Vec<Source>, Vec<Source>) {
    let alone = ReadArgs { sources: Vec::new(), ..args.clone() };
    let leads = sources(&[given.to_path_buf()], &alone, config, mistakes);
    // A mistake in the URL was told already.
    let activities = Source::parse(given, Purpose::Activities).ok();
    (leads, activities.filter(|source| source.table.is_some()).into_iter().collect())
}

/// The activity files. What is said of all lead files does not hold for them, since they come from
/// other programs as a rule; `--encoding FILE=E` and its like do.
pub fn activities(paths: &[PathBuf], args: &ReadArgs, mistakes: &mut Mistakes) -> Vec<Source> {
    let parse = |path: &PathBuf| mistakes.take(Source::parse(path, Purpose::Activities));
    let mut sources: Vec<Source> = paths.iter().filter_map(parse).collect();
    sources.iter_mut().for_each(|source| source.flexible = args.flexible);
    set_named(&mut sources, args, mistakes);
    sources
}

/// Values of a flag for all lead files, and those for one input: `NAME=VALUE`.
fn split_named(values: &[String]) -> (Vec<&str>, Vec<(&str, &str)>) {
    let (mut all, mut named) = (Vec::new(), Vec::new());
    for value in values {
        match value.rsplit_once('=').filter(|(name, _)| !name.is_empty()) {
            // A file name may hold the sign, and the sign itself may be the delimiter.
            Some((name, "")) if name.ends_with('=') => named.push((&name[..name.len() - 1], "=")),
            Some((name, value)) if !value.is_empty() => named.push((name, value)),
            _ => all.push(value.as_str()),
        }
    }
    (all, named)
}

/// Whether a flag means this input by `name`: its source name, its file name or its path.
fn is_called(source: &Source, name: &str) -> bool {
    source.name.as_deref() == Some(name)
        || source.file_name() == name
        || source.path.as_os_str() == name
}

/// Gives single inputs what `NAME=VALUE` says of them.
fn set_named(sources: &mut [Source], args: &ReadArgs, mistakes: &mut Mistakes) {
    for (name, encoding) in split_named(&args.encoding).1 {
        for source in sources.iter_mut().filter(|s| is_called(s, name)) {
            source.encoding = Some(encoding.to_string());
        }
    }
    for (name, given) in split_named(&args.delimiter).1 {
        let called: Vec<&mut Source> = sources.iter_mut().filter(|s| is_called(s, name)).collect();
        if called.is_empty() {
            continue;
        }
        let found = delimiter(given, mistakes);
        called.into_iter().for_each(|source| source.delimiter = found);
    }
    for (name, preset) in split_named(&args.preset).1 {
        for source in sources.iter_mut().filter(|s| is_called(s, name)) {
            mistakes.take(preset::choose(Some(preset), &[]).map(|_| ()));
            source.preset = Some(preset.to_string());
        }
    }
}

/// Every `NAME=VALUE` must name an input.
pub fn check_named(args: &ReadArgs, sources: &[&Source], mistakes: &mut Mistakes) {
    let flags = [
        ("--encoding", &args.encoding),
        ("--delimiter", &args.delimiter),
        ("--preset", &args.preset),
    ];
    for (flag, values) in flags {
        for (name, _) in split_named(values).1 {
            if !sources.iter().any(|source| is_called(source, name)) {
                let what = format!("{flag} {name}=... names no input");
                mistakes.usage(what, "give a file name, or the name of a --source");
            }
        }
    }
}

/// Fails early when a file is not there, or is given twice: read twice, each of its records would
/// be a duplicate.
pub fn check_files<'a>(files: impl Iterator<Item = &'a Source>, mistakes: &mut Mistakes) {
    let mut seen = Vec::new();
    for source in files {
        mistakes.take(exists(source));
        let path = source.path.canonicalize().unwrap_or_else(|_| source.path.clone());
        // Two tables of one file are two inputs.
        let place = (path, source.table.as_deref(), source.server.as_ref());
        if seen.contains(&place) {
            mistakes.usage(format!("{} is given twice", source.file_name()), "give it once");
        } else {
            seen.push(place);
        }
    }
}

fn exists(source: &Source) -> Result<()> {
    if source.path.as_os_str() == "-" || source.server.is_some() {
        return Ok(());
    }
    let failed = |cause| Error::Read { file: source.file_name(), cause };
    let about = std::fs::metadata(&source.path).map_err(failed)?;
    if about.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    Ok(())
}

/// What is repaired, and in which forms.
pub fn repair(args: &RepairArgs, mistakes: &mut Mistakes) -> RepairPolicy {
    let level = match args.repair {
        Some(Level::None) => RepairLevel::None,
        None | Some(Level::Safe) => RepairLevel::Safe,
        Some(Level::Full) => RepairLevel::Full,
    };
    let phone = args.phone_format.map(|form| match form {
        PhoneFormat::E164 => PhoneForm::E164,
        PhoneFormat::International => PhoneForm::International,
        PhoneFormat::National => PhoneForm::National,
    });
    let postcode = args.postcode_format.map(|form| match form {
        PostcodeFormat::Short => PostcodeForm::Short,
        PostcodeFormat::Extended => PostcodeForm::Extended,
    });
    let country = args.country_format.map(|form| match form {
        CountryFormat::Name => CountryForm::Name,
        CountryFormat::Alpha2 => CountryForm::Alpha2,
        CountryFormat::Alpha3 => CountryForm::Alpha3,
    });
    let date = args.date_format.as_deref().and_then(|form| {
        let parsed = form.parse::<DateForm>();
        if let Err(why) = &parsed {
            let remedy = "give iso, or a pattern with year, month and day such as %d/%m/%Y";
            mistakes.usage(format!("--date-format {form} {why}"), remedy);
        }
        parsed.ok()
    });
    let formed = phone.is_some() || postcode.is_some() || country.is_some() || date.is_some();
    if level == RepairLevel::None && formed {
        let remedy = "leave --repair none out, or the form";
        mistakes.usage("--repair none and a form contradict each other", remedy);
    }
    RepairPolicy { level, phone, date, postcode, country }
}

/// A delimiter by word or as the character itself.
fn delimiter(given: &str, mistakes: &mut Mistakes) -> Option<u8> {
    let found = match given.to_ascii_lowercase().as_str() {
        "comma" => Some(b','),
        "semicolon" => Some(b';'),
        "tab" | "\\t" => Some(b'\t'),
        "pipe" => Some(b'|'),
        one if one.len() == 1 => one.bytes().next().filter(|b| is_delimiter(*b)),
        _ => None,
    };
    if found.is_none() {
        let what = format!("--delimiter {given} is not a delimiter");
        mistakes.usage(what, "give comma, semicolon, tab, pipe or the character itself");
    }
    found
}

fn is_delimiter(byte: u8) -> bool {
    byte == b'\t' || byte == b' ' || (byte.is_ascii_punctuation() && byte != b'"')
}

/// Gives rayon the number of threads that was asked for; 0 or nothing: all cores.
pub fn use_threads(args: &ReadArgs, mistakes: &mut Mistakes) {
    let threads = args.threads.unwrap_or(0);
    if threads > MOST_THREADS {
        let what = format!("--threads {threads} is too many");
        return mistakes.usage(what, format!("give at most {MOST_THREADS}, or 0 for all cores"));
    }
    if let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global() {
        mistakes.usage(format!("--threads {threads}: {error}"), "give fewer threads");
    }
}

/// The key of the journal's salts, where the surroundings hold one: who has it can tell whether a
/// forgotten value was somebody's; without it the key comes from the inputs.
pub fn journal_key() -> Option<Vec<u8>> {
    let key = std::env::var_os("LEADMEND_KEY").filter(|key| !key.is_empty())?;
    Some(key.into_encoded_bytes())
}

/// The clock in microseconds since 1970, whole seconds: what is printed repeats the run.
fn now() -> i64 {
    jiff::Timestamp::now().as_second() * 1_000_000
}

/// File name without folders.
pub fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_by_word_and_by_character() {
        let cases = [
            ("tab", Some(b'\t')),
            ("\\t", Some(b'\t')),
            ("Comma", Some(b',')),
            ("semicolon", Some(b';')),
            ("pipe", Some(b'|')),
            ("|", Some(b'|')),
            ("^", Some(b'^')),
            ("x", None),
            ("\"", None),
            (",,", None),
            ("", None),
        ];
        for (given, byte) in cases {
            let mut mistakes = Mistakes::default();
            assert_eq!(delimiter(given, &mut mistakes), byte, "{given}");
            assert_eq!(mistakes.check().is_err(), byte.is_none(), "{given}");
        }
    }

    #[test]
    fn values_for_all_lead_files_and_for_one_input() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for name in ["a.csv", "b.csv", "events.csv"] {
            std::fs::write(path(name), "id\n1\n").unwrap();
        }
        let text = |values: &[&str]| values.iter().map(|v| v.to_string()).collect();
        let args = ReadArgs {
            encoding: text(&["latin1", "b.csv=shift_jis", "events.csv=utf-16le"]),
            delimiter: text(&["=", "b.csv=tab", "events.csv=="]),
            preset: text(&["events.csv=marketo-activities", "c.csv=none"]),
            ..ReadArgs::default()
        };
        let mut mistakes = Mistakes::default();
        let leads = sources(
            &[path("a.csv"), path("b.csv")],
            &args,
            &config(&args, &mut mistakes),
            &mut mistakes,
        );
        let events = activities(&[path("events.csv")], &args, &mut mistakes);
        mistakes.check().unwrap();
        let said = |s: &Source| (s.encoding.clone().unwrap(), s.delimiter, s.preset.clone());
        assert_eq!(said(&leads[0]), ("latin1".into(), Some(b'='), None));
        assert_eq!(said(&leads[1]), ("shift_jis".into(), Some(b'\t'), None));
        let marketo = Some("marketo-activities".into());
        assert_eq!(said(&events[0]), ("utf-16le".into(), Some(b'='), marketo));
        let mut mistakes = Mistakes::default();
        let all: Vec<&Source> = leads.iter().chain(&events).collect();
        check_named(&args, &all, &mut mistakes);
        let error = mistakes.check().unwrap_err().to_string();
        assert!(error.contains("--preset c.csv=... names no input"), "{error}");
    }

    #[test]
    fn a_source_names_a_file_given_by_position_or_adds_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for name in ["a.csv", "b.csv"] {
            std::fs::write(path(name), "id\n1\n").unwrap();
        }
        let named = |n: &str, f: &str| format!("{n}={}", path(f).display());
        let args = ReadArgs {
            sources: vec![named("crm", "a.csv"), named("fair", "b.csv")],
            ..ReadArgs::default()
        };
        let mut mistakes = Mistakes::default();
        let config = Config::default();
        let sources = sources(&[path("a.csv")], &args, &config, &mut mistakes);
        check_files(sources.iter(), &mut mistakes);
        mistakes.check().unwrap();
        let names: Vec<_> = sources.iter().filter_map(|s| s.name.as_deref()).collect();
        assert_eq!(names, ["crm", "fair"]);
        let mut mistakes = Mistakes::default();
        check_files(sources.iter().chain(&sources[..1]), &mut mistakes);
        assert!(mistakes.check().unwrap_err().to_string().contains("a.csv is given twice"));
    }
}
