//! Month and weekday names in English, Spanish, German, French, Portuguese and Italian.

/// Folded names and the usual abbreviations; index + 1 is the month.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "january", "januar", "janner", "jaenner", "ene", "enero", "janv", "janvier",
        "janeiro", "gen", "gennaio",
    ],
    &[
        "feb",
        "february",
        "februar",
        "feber",
        "febrero",
        "fev",
        "fevr",
        "fevrier",
        "fevereiro",
        "febbraio",
    ],
    &["mar", "march", "marz", "maerz", "mrz", "marzo", "mars", "marco"],
    &["apr", "april", "abr", "abril", "avr", "avril", "aprile"],
    &["may", "mai", "mayo", "maio", "mag", "maggio"],
    &["jun", "june", "juni", "junio", "juin", "junho", "giu", "giugno"],
    &["jul", "july", "juli", "julio", "juil", "juillet", "julho", "lug", "luglio"],
    &["aug", "august", "ago", "agosto", "aou", "aout"],
    &[
        "sep",
        "sept",
        "september",
        "septiembre",
        "setiembre",
        "septembre",
        "set",
        "setembro",
        "settembre",
    ],
    &["oct", "october", "okt", "oktober", "octubre", "octobre", "out", "outubro", "ott", "ottobre"],
    &["nov", "november", "noviembre", "novembre", "novembro"],
    &["dec", "december", "dez", "dezember", "dic", "diciembre", "decembre", "dezembro", "dicembre"],
];

const WEEKDAYS: [&str; 62] = [
    "mon",
    "monday",
    "tue",
    "tues",
    "tuesday",
    "wed",
    "wednesday",
    "thu",
    "thur",
    "thurs",
    "thursday",
    "fri",
    "friday",
    "sat",
    "saturday",
    "sun",
    "sunday",
    "lun",
    "lunes",
    "martes",
    "mie",
    "miercoles",
    "jue",
    "jueves",
    "vie",
    "viernes",
    "sab",
    "sabado",
    "dom",
    "domingo",
    "mo",
    "montag",
    "di",
    "dienstag",
    "mi",
    "mittwoch",
    "do",
    "donnerstag",
    "fr",
    "freitag",
    "sa",
    "samstag",
    "so",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "segunda",
    "terca",
    "quarta",
    "quinta",
    "sexta",
    "feira",
    "lunedi",
    "martedi",
    "mercoledi",
    "giovedi",
    "venerdi",
];

/// The month of a folded word.
pub(super) fn month(word: &str) -> Option<u8> {
    let index = MONTHS.iter().position(|names| names.contains(&word))?;
    u8::try_from(index + 1).ok()
}

/// Words that may stand in a date and carry nothing.
pub(super) fn is_filler(word: &str) -> bool {
    matches!(word, "de" | "del" | "of" | "the" | "den" | "le" | "el" | "em" | "di" | "at" | "um")
        || WEEKDAYS.contains(&word)
}

/// Endings of day numbers: `1st`, `1er`, `2nd`, `3º`.
pub(super) fn is_ordinal_ending(word: &str) -> bool {
    matches!(word, "st" | "nd" | "rd" | "th" | "er" | "re" | "e" | "o" | "a" | "deg")
}
