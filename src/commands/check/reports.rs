//! Where the report goes: one to standard output, any number to files, and into a CI's own places.

use crate::cli::{CheckArgs, ReportFormat};
use crate::commands::failure::Mistakes;
use crate::commands::settings::name_of;
use crate::commands::{say, score};
use anyhow::Result;
use clap::ValueEnum;
use leadmend::error::Error;
use leadmend::merge::suppress::Key;
use leadmend::pipeline::Job;
use leadmend::quality::finding::{Checked, Severity, Verdict};
use leadmend::quality::output::{Context, Format, NO_KEY, markdown};
use leadmend::quality::settle::FailOn;
use leadmend::report::html::Page;
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

const TEXT: ReportFormat = ReportFormat::Findings(Format::Text);

/// The reports that were asked for.
pub(super) struct Reports {
    printed: ReportFormat,
    quiet: bool,
    files: Vec<(ReportFormat, PathBuf)>,
    paths: Vec<(String, String)>,
    /// Annotations are added to the log.
    annotate: bool,
    /// Where a step's summary is collected.
    summary: Option<PathBuf>,
}

impl Reports {
    pub(super) fn of(args: &CheckArgs, job: &Job, mistakes: &mut Mistakes) -> Self {
        let mut files = Vec::new();
        for given in &args.out {
            files.extend(file(given, job, &files, mistakes));
        }
        if args.read.json && args.report != ReportFormat::default() {
            mistakes.usage("--json and --report name two formats", "give one of them");
        }
        let printed =
            if args.read.json { ReportFormat::Findings(Format::Json) } else { args.report };
        let on_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        Self {
            printed,
            quiet: args.read.quiet,
            files,
            paths: paths(job),
            // Beside a format for programs they would be in its way.
            annotate: on_github && printed == TEXT,
            summary: summary.filter(|_| on_github).map(PathBuf::from),
        }
    }

    /// Whether the printed report is read by a program: no progress is shown then.
    pub(super) fn is_for_programs(&self) -> bool {
        self.printed != TEXT
    }

    /// Whether the page is among them: it shows more of the data than checks look at.
    pub(super) fn want_page(&self) -> bool {
        let formats = self.files.iter().map(|(format, _)| *format);
        formats.chain([self.printed]).any(|format| format == ReportFormat::Page)
    }

    /// Writes all of them; the printed one last, so that a reader that goes away costs no file.
    pub(super) fn write(
        &self,
        checked: &Checked,
        fail_on: FailOn,
        ran: &[String],
        key: Option<&Key>,
        page: Option<&Page>,
    ) -> Result<()> {
        let context = Context {
            key: key.cloned(),
            fail_on: match fail_on {
                FailOn::Error => Some(Severity::Error),
                FailOn::Warning => Some(Severity::Warning),
                FailOn::Never => None,
            },
            ran: ran.to_vec(),
            paths: self.paths.clone(),
        };
        for (format, path) in &self.files {
            let report = render(*format, checked, &context, page)?;
            score::write(path, |out| out.write_all(report.as_bytes()))?;
        }
        if let Some(path) = &self.summary {
            append(path, &markdown::write(checked, markdown::SUMMARY_BYTES))?;
        }
        let mut shown = String::new();
        if !(self.quiet && self.printed == TEXT && checked.verdict == Verdict::Pass) {
            shown = render(self.printed, checked, &context, page)?;
            if self.printed == TEXT && self.lacks_key(checked, &context) {
                shown.push_str(NO_KEY);
                shown.push('\n');
            }
        }
        if self.annotate {
            shown.push_str(&Format::Github.write(checked, &context));
        }
        Ok(say(&shown)?)
    }

    fn lacks_key(&self, checked: &Checked, context: &Context) -> bool {
        let uses = |(format, _): &(ReportFormat, PathBuf)| match format {
            ReportFormat::Findings(format) => format.uses_key(),
            ReportFormat::Page => false,
        };
        context.key.is_none() && !checked.findings.is_empty() && self.files.iter().any(uses)
    }
}

/// `FORMAT=FILE`.
fn file(
    given: &str,
    job: &Job,
    earlier: &[(ReportFormat, PathBuf)],
    mistakes: &mut Mistakes,
) -> Option<(ReportFormat, PathBuf)> {
    let names = "write for example --out sarif=dq.sarif; formats are text, json, jsonl, sarif, \
                 junit, github, gitlab, markdown, html";
    let parts = given.split_once('=').filter(|(_, file)| !file.is_empty());
    let Some((format, path)) = parts else {
        mistakes.usage(format!("--out {given} is not FORMAT=FILE"), names);
        return None;
    };
    let Ok(format) = ReportFormat::from_str(format, true) else {
        let known = ReportFormat::value_variants().iter().filter_map(|f| f.to_possible_value());
        let known: Vec<String> = known.map(|value| value.get_name().to_string()).collect();
        let near = leadmend::config::nearest(format, known.iter().map(String::as_str));
        mistakes.usage(format!("--out: no format {format:?}{near}"), names);
        return None;
    };
    let path = PathBuf::from(path);
    let same = |other: &Path| {
        other == path
            || matches!((other.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b)
    };
    if job.inputs.iter().chain(&job.activities).any(|source| same(&source.path)) {
        let what = format!("--out {} is an input", name_of(&path));
        mistakes.usage(what, "inputs are never changed; choose another name");
    }
    if earlier.iter().any(|(_, other)| same(other)) {
        mistakes.usage(format!("--out names {} twice", name_of(&path)), "give each its own");
    }
    Some((format, path))
}

/// File names and the paths as given, where those say nothing about the machine.
fn paths(job: &Job) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let mut paths = Vec::new();
    for source in job.inputs.iter().chain(&job.activities) {
        let name = source.file_name();
        let path = source.path.to_string_lossy().replace('\\', "/");
        let path = path.strip_prefix("./").unwrap_or(&path).to_string();
        // Two files of one name cannot be told apart in a finding: their name stays.
        if !seen.insert(name.clone()) {
            paths.retain(|(other, _)| *other != name);
        } else if source.path.is_relative() && name != path && path != "-" {
            paths.push((name, path));
        }
    }
    paths
}

fn render(
    format: ReportFormat,
    checked: &Checked,
    context: &Context,
    page: Option<&Page>,
) -> Result<String> {
    Ok(match (format, page) {
        (ReportFormat::Findings(format), _) => format.write(checked, context),
        (ReportFormat::Page, Some(page)) => page.clone().with_verdict(checked).to_html()?,
        (ReportFormat::Page, None) => String::new(),
    })
}

/// Adds to what other steps said.
fn append(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |cause| Error::Write { file: name_of(path), cause };
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
