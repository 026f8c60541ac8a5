//! `leadmend model show | lint | diff | init | schema`, and reading model files for all commands.

use super::failure::{Mistakes, Verdict};
use super::progress::Progress;
use super::score;
use super::settings::{self, name_of};
use crate::cli::{
    ModelArgs, ModelCommand, ModelDiffArgs, ModelInitArgs, ModelLintArgs, ModelShowArgs, ShowFormat,
};
use anyhow::Result;
use leadmend::error::Error;
use leadmend::pipeline::alone;
use leadmend::report::moves::{self, Moves};
use leadmend::score::diff::{Change, diff};
use leadmend::score::lint::{Finding, Severity, lint};
use leadmend::score::model::{self, ModelMistake, ScoringModel};
use leadmend::score::{schema, show, template, templates};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Most moves that are listed on a terminal.
const LISTED: usize = 20;

/// Runs the command.
pub fn run(args: &ModelArgs) -> Result<()> {
    match &args.command {
        ModelCommand::Show(args) => show_model(args),
        ModelCommand::Lint(args) => lint_model(args),
        ModelCommand::Diff(args) => diff_models(args),
        ModelCommand::Init(args) => init(args),
        ModelCommand::Schema => {
            Ok(super::say(&(serde_json::to_string_pretty(&schema::json_schema())? + "\n"))?)
        }
    }
}

/// Reads the models, all mistakes together. Output tells models apart by name, so that no two may
/// have the same.
pub fn read_all(paths: &[PathBuf], mistakes: &mut Mistakes) -> Vec<ScoringModel> {
    let mut models: Vec<ScoringModel> = Vec::new();
    for path in paths {
        let Some(model) = mistakes.take(read(path)) else { continue };
        if models.iter().any(|other| other.name == model.name) {
            let what = format!("two models are called {}", printable(&model.name));
            mistakes.usage(what, "give one of them another name");
        }
        models.push(model);
    }
    models
}

/// Reads one model.
pub fn read(path: &Path) -> Result<ScoringModel, Error> {
    let text = read_text(path)?;
    let file = name_of(path);
    model::parse(&text, &file).map_err(|mistakes| Error::Config {
        mistakes: mistakes.iter().map(ModelMistake::without_file).collect(),
        remedy: "correct these lines of the model; `leadmend model lint` checks it".into(),
        file,
    })
}

/// The text of a model file.
pub fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|cause| settings::unreadable(path, &cause))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|&&b| b == b'\n').count() + 1;
        let start = good.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&good[start..]).chars().count() + 1;
        Error::Config {
            file: name_of(path),
            mistakes: vec![format!("line {line} column {column}: is not UTF-8 text")],
            remedy: "save the file as UTF-8".into(),
        }
    })
}

fn show_model(args: &ModelShowArgs) -> Result<()> {
    let model = read(&args.model)?;
    let text = match args.format {
        ShowFormat::Text => show::text(&model),
        ShowFormat::Markdown => show::markdown(&model),
        ShowFormat::Html => show::html(&model),
    };
    Ok(super::say(&text)?)
}

fn lint_model(args: &ModelLintArgs) -> Result<()> {
    let text = read_text(&args.model)?;
    let file = name_of(&args.model);
    // A model that cannot be used is no finding but a failure, told as everywhere.
    read(&args.model)?;
    let found = lint(&text, &file);
    if args.json {
        let list: Vec<_> = found
            .iter()
            .map(|f| {
                json!({
                    "file": file, "line": f.line, "severity": f.severity.as_str(),
                    "code": f.code, "message": f.message,
                })
            })
            .collect();
        super::say(&(serde_json::to_string_pretty(&list)? + "\n"))?;
    } else {
        super::say(&lint_text(&file, &found))?;
    }
    let serious = found.iter().filter(|f| f.severity != Severity::Hint).count();
    if args.strict && serious > 0 {
        let what = if serious == 1 { "finding" } else { "findings" };
        return Err(Verdict(vec![format!("{file}: {serious} {what}")]).into());
    }
    Ok(())
}

fn lint_text(file: &str, found: &[Finding]) -> String {
    if found.is_empty() {
        return format!("{file}: nothing found\n");
    }
    let line = |f: &Finding| {
        let severity = f.severity.as_str();
        format!("{file} line {}: {severity} [{}] {}\n", f.line, f.code, printable(&f.message))
    };
    found.iter().map(line).collect()
}

fn diff_models(args: &ModelDiffArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    settings::use_threads(&args.read, &mut mistakes);
    let read = |path: &PathBuf, mistakes: &mut Mistakes| mistakes.take(read(path));
    let before = read(&args.before, &mut mistakes);
    let after = read(&args.after, &mut mistakes);
    let models: Vec<ScoringModel> = before.into_iter().chain(after).collect();
    let job = (!args.on.is_empty())
        .then(|| score::job(&args.on, &args.activities, models.clone(), &args.read, &mut mistakes));
    if let Some(path) = &args.output {
        score::refuse_existing(path, args.force, &mut mistakes);
    }
    mistakes.check()?;
    let changes = diff(&models[0], &models[1]);
    let progress = Progress::start(args.read.quiet || args.read.json);
    let scored = match &job {
        Some(job) => Some(alone::run(job, &|stage| progress.stage(stage))?),
        None => None,
    };
    drop(progress);
    let moved = scored.as_ref().map(moves::moves);
    if let (Some(path), Some(scored), Some(moved)) = (&args.output, &scored, &moved) {
        score::write(path, |out| moves::write(scored, moved, out))?;
    }
    if args.read.quiet {
        return Ok(());
    }
    if args.read.json {
        let changes: Vec<_> = changes
            .iter()
            .map(|c| json!({ "what": c.what, "id": c.id, "part": c.part, "before": c.before, "after": c.after }))
            .collect();
        let moves = scored.as_ref().zip(moved.as_ref()).map(|(s, m)| moves::to_json(s, m));
        let all = json!({ "changes": changes, "moves": moves });
        return Ok(super::say(&(serde_json::to_string_pretty(&all)? + "\n"))?);
    }
    let mut text = changes_text(&changes);
    if let (Some(scored), Some(moved)) = (&scored, &moved) {
        text += &moves_text(scored, moved, args.output.as_deref());
    }
    Ok(super::say(&text)?)
}

fn changes_text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "The two models score alike\n".into();
    }
    changes.iter().map(|change| printable(&change.to_string()) + "\n").collect()
}

fn moves_text(scored: &alone::Alone, moved: &Moves, output: Option<&Path>) -> String {
    let (up, down) = (moved.up.len(), moved.down.len());
    let all = scored.table.len();
    let mut text =
        format!("\n{} of {all} leads change band: {up} up, {down} down\n", moved.count());
    for change in &moved.counts {
        text += &format!("  {:>7}  {} -> {}\n", change.leads, change.from, change.to);
    }
    if moved.gone + moved.come > 0 {
        let (gone, come) = (moved.gone, moved.come);
        text += &format!("{gone} lose their score to [exclude], {come} gain one\n");
    }
    for (title, list) in [("Up", &moved.up), ("Down", &moved.down)] {
        if list.is_empty() {
            continue;
        }
        text += &format!("{title}\n");
        for &record in list.iter().take(LISTED) {
            let line = moves::line(scored, record);
            text += &format!("  {}\n", printable(&line));
        }
        if list.len() > LISTED {
            let more = list.len() - LISTED;
            let hint = if output.is_some() { "in the file" } else { "with -o FILE" };
            text += &format!("  and {more} more {hint}\n");
        }
    }
    text
}

fn init(args: &ModelInitArgs) -> Result<()> {
    let mut mistakes = Mistakes::default();
    let text = template(&args.template);
    if text.is_none() {
        let names: Vec<&str> = templates().map(|(name, _)| name).collect();
        let near = model::nearest(&args.template, &names);
        let remedy = match near {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}", names.join(", ")),
        };
        mistakes.usage(format!("no template is called {:?}", args.template), remedy);
    }
    let output = args.output.as_deref().filter(|path| path.as_os_str() != "-");
    if let Some(path) = output {
        score::refuse_existing(path, args.force, &mut mistakes);
    }
    mistakes.check()?;
    let text = text.unwrap_or_default();
    let Some(path) = output else { return Ok(super::say(text)?) };
    score::write(path, |out| out.write_all(text.as_bytes()))?;
    let file = path.display();
    Ok(super::say(&format!("{file}: look it over, then run with --model {file}\n"))?)
}

/// Text of a model as a terminal may show it.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
