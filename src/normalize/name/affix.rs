//! What stands before and behind a name: titles, generations, degrees, notes.
//!
//! Called by `name::parse`. Why a small closed list: a word taken for a title is a name lost, so
//! only words that are no names count, and doubtful ones only where they stand as titles do.

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// Generation in a family; father and son are two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Generation {
    /// The elder.
    Senior,
    /// The younger.
    Junior,
    /// II.
    Second,
    /// III, also the Portuguese Neto.
    Third,
    /// IV.
    Fourth,
    /// V.
    Fifth,
}

impl Generation {
    /// The usual spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Senior => "Sr.",
            Self::Junior => "Jr.",
            Self::Second => "II",
            Self::Third => "III",
            Self::Fourth => "IV",
            Self::Fifth => "V",
        }
    }
}

/// Titles, folded, without dots.
const PREFIXES: &[&str] = &[
    "abg",
    "adm",
    "arch",
    "arq",
    "avv",
    "bi",
    "brig",
    "capt",
    "cav",
    "cdr",
    "cmdr",
    "col",
    "coronel",
    "cpl",
    "cpt",
    "dame",
    "dhr",
    "dipl-ing",
    "dipling",
    "doctor",
    "doctora",
    "dott",
    "dottor",
    "dottoressa",
    "dottssa",
    "doutor",
    "doutora",
    "dr",
    "dra",
    "drs",
    "eng",
    "engr",
    "esc",
    "fraulein",
    "frau",
    "frl",
    "fru",
    "gen",
    "geom",
    "gov",
    "hdm",
    "herr",
    "herrn",
    "hon",
    "hr",
    "ing",
    "ir",
    "lady",
    "lcda",
    "lcdo",
    "lic",
    "licda",
    "licdo",
    "lord",
    "lt",
    "ltcol",
    "lte",
    "madame",
    "mademoiselle",
    "maj",
    "maestro",
    "mag",
    "me",
    "messrs",
    "mevr",
    "mevrouw",
    "mgr",
    "miss",
    "mister",
    "mlle",
    "mme",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "msgr",
    "mx",
    "pan",
    "pani",
    "pastor",
    "pd",
    "pfc",
    "pres",
    "priv-doz",
    "prof",
    "profa",
    "professor",
    "professora",
    "psic",
    "pvt",
    "qfb",
    "rabbi",
    "rag",
    "rep",
    "rev",
    "reverend",
    "sargento",
    "sen",
    "senhor",
    "senhora",
    "senor",
    "senora",
    "senorita",
    "sgt",
    "shri",
    "sig",
    "signor",
    "signora",
    "sigra",
    "sir",
    "smt",
    "sr",
    "sra",
    "sres",
    "srta",
    "univ-prof",
    "univprof",
];

/// Titles that are also names or initials: they count only with a dot or in a title cell.
const DOTTED_ONLY: &[&str] = &[
    "adm", "arch", "bi", "brig", "cav", "col", "dame", "esc", "gen", "gov", "hon", "lady", "lord",
    "mag", "maestro", "maj", "me", "pan", "pastor", "pd", "pres", "rag", "rep", "sen", "sir",
    "mgr", "hr", "eng", "ing", "ir", "geom", "drs",
];

/// True for a folded, dotless word that is a title where it stands first.
pub(super) fn is_prefix(bare: &str, dotted: bool) -> bool {
    static KNOWN: LazyLock<FxHashSet<&'static str>> =
        LazyLock::new(|| PREFIXES.iter().copied().collect());
    KNOWN.contains(bare) && (dotted || !DOTTED_ONLY.contains(&bare))
}

/// The generation a word behind a name tells; `certain` when it stands behind a comma or in a
/// suffix cell, where a single `V` is a number too.
pub(super) fn generation(bare: &str, certain: bool) -> Option<Generation> {
    Some(match bare {
        "jr" | "jnr" | "junior" | "jun" | "filho" | "fils" | "hijo" => {
            if matches!(bare, "jun" | "fils" | "hijo") && !certain {
                return None;
            }
            Generation::Junior
        }
        "sr" | "snr" | "senior" => Generation::Senior,
        "ii" | "2nd" => Generation::Second,
        "iii" | "3rd" | "neto" => Generation::Third,
        "iv" | "4th" => Generation::Fourth,
        "v" | "5th" if certain => Generation::Fifth,
        _ => return None,
    })
}

/// Degrees and memberships, folded, without dots; each with its spelling.
const CREDENTIALS: &[(&str, &str)] = &[
    ("aia", "AIA"),
    ("bsc", "BSc"),
    ("capm", "CAPM"),
    ("ccim", "CCIM"),
    ("ccna", "CCNA"),
    ("cfa", "CFA"),
    ("cfp", "CFP"),
    ("cia", "CIA"),
    ("cissp", "CISSP"),
    ("cisa", "CISA"),
    ("cma", "CMA"),
    ("cpa", "CPA"),
    ("cpp", "CPP"),
    ("csm", "CSM"),
    ("dba", "DBA"),
    ("dds", "DDS"),
    ("dmd", "DMD"),
    ("dphil", "DPhil"),
    ("dpt", "DPT"),
    ("dvm", "DVM"),
    ("edd", "EdD"),
    ("emba", "EMBA"),
    ("esq", "Esq."),
    ("esquire", "Esq."),
    ("facs", "FACS"),
    ("fca", "FCA"),
    ("frcs", "FRCS"),
    ("jd", "JD"),
    ("llb", "LLB"),
    ("llm", "LLM"),
    ("lmft", "LMFT"),
    ("lpc", "LPC"),
    ("mba", "MBA"),
    ("mbbs", "MBBS"),
    ("mph", "MPH"),
    ("mphil", "MPhil"),
    ("msc", "MSc"),
    ("msw", "MSW"),
    ("obe", "OBE"),
    ("pe", "PE"),
    ("pharmd", "PharmD"),
    ("phd", "PhD"),
    ("pmp", "PMP"),
    ("psyd", "PsyD"),
    ("ret", "Ret."),
    ("rn", "RN"),
    ("shrm-cp", "SHRM-CP"),
    ("sphr", "SPHR"),
];

/// Degrees that are also names: they count only behind a comma, with dots or in a suffix cell.
const COMMA_ONLY: &[(&str, &str)] = &[
    ("ba", "BA"),
    ("bs", "BS"),
    ("cbe", "CBE"),
    ("dc", "DC"),
    ("do", "DO"),
    ("ea", "EA"),
    ("ma", "MA"),
    ("mbe", "MBE"),
    ("md", "MD"),
    ("mp", "MP"),
    ("ms", "MS"),
    ("np", "NP"),
    ("od", "OD"),
    ("pa", "PA"),
    ("qc", "QC"),
    ("kc", "KC"),
    ("ra", "RA"),
];

/// The spelling of a degree; `certain` behind a comma or in a suffix cell.
pub(super) fn credential(bare: &str, certain: bool) -> Option<&'static str> {
    type Names = FxHashMap<&'static str, &'static str>;
    fn names(list: &'static [(&'static str, &'static str)]) -> Names {
        // Of two of one key the first one counts.
        list.iter().rev().copied().collect()
    }
    static KNOWN: LazyLock<[Names; 2]> = LazyLock::new(|| [names(CREDENTIALS), names(COMMA_ONLY)]);
    let [anywhere, behind_comma] = &*KNOWN;
    let found = anywhere.get(bare).or_else(|| behind_comma.get(bare).filter(|_| certain));
    found.copied()
}

/// Notes that people put behind a name, in parentheses or not.
const NOTES: &[&str] = &[
    "alt",
    "alte",
    "antiguo",
    "business",
    "casa",
    "cell",
    "deceased",
    "delete",
    "dnc",
    "do not call",
    "do not contact",
    "do not use",
    "do not email",
    "duplicate",
    "dup",
    "dupe",
    "ex",
    "former",
    "fallecido",
    "home",
    "inactive",
    "left",
    "left company",
    "lead",
    "mobile",
    "neu",
    "new",
    "no longer there",
    "nuevo",
    "old",
    "oficina",
    "office",
    "personal",
    "prefers email",
    "prefers phone",
    "prefers whatsapp",
    "privat",
    "private",
    "retired",
    "test",
    "trabajo",
    "unsubscribed",
    "vip",
    "work",
    "wrong number",
    "primary",
    "secondary",
    "spouse",
    "wife",
    "husband",
    "owner",
    "assistant",
    "no email",
    "dead",
    "divorced",
    "ancien",
    "veraltet",
    "geschaftlich",
    "dienstlich",
    "customer",
    "client",
    "partner",
    "he/him",
    "she/her",
    "they/them",
    "he/him/his",
    "she/her/hers",
];

/// Whether a word without dots stands before or behind names in whatever way.
pub(super) fn is_affix(bare: &str) -> bool {
    static AFFIXES: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
        let degrees = CREDENTIALS.iter().chain(COMMA_ONLY).map(|(key, _)| *key);
        degrees.chain(PREFIXES.iter().chain(NOTES).copied()).collect()
    });
    AFFIXES.contains(bare) || generation(bare, true).is_some()
}

/// True for a folded note that is no part of a name.
pub(super) fn is_note(folded: &str) -> bool {
    NOTES.contains(&folded)
}
