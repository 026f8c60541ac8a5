//! The words of a merge policy, and the bundles that reproduce what products do.
//!
//! Read from the configuration, used by [`super::survivor`] and [`super::field`]. Why bundles: a user
//! can ask what the own CRM would have made of the same records and compare.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which record of a person survives, that is, gives the merged lead its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SurvivorRule {
    /// The record of the first source, in the order the sources were given.
    Primary,
    /// The record created first.
    Oldest,
    /// The record updated last.
    Newest,
    /// The record with the most filled, usable cells.
    #[default]
    MostComplete,
    /// The record with the most activities.
    MostActive,
    /// The record whose source (or product) comes first in `source_order`.
    ListedOrder,
}

/// Which member's value a field takes. Everything but `survivor` asks for validity first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Take {
    /// The surviving record's.
    Survivor,
    /// That of the record updated last; then the most complete record's.
    #[default]
    Newest,
    /// That of the record created first.
    Oldest,
    /// The one most records agree on.
    MostFrequent,
    /// The longest text.
    Longest,
    /// That of the most complete record.
    MostComplete,
    /// The largest number or latest time.
    Max,
    /// The smallest number or earliest time.
    Min,
    /// The sum of the numbers.
    Sum,
    /// All items of all lists, once each.
    Union,
    /// The first filled one in canonical order of the records.
    FirstNonEmpty,
    /// The one furthest along `order`.
    Furthest,
    /// The one that permits least.
    MostRestrictive,
    /// The surviving record's, and the field is listed for review where the members differ.
    Review,
}

/// What fills a surviving record's blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlankFill {
    /// Nothing: blank stays blank.
    No,
    /// The best value of the others.
    #[default]
    Yes,
    /// The first other record's value, even when that is blank too.
    First,
}

/// How one field is merged. In a configuration: the word alone (`title = "longest"`) or a table
/// (`stage = { take = "furthest", order = ["lead", "customer"], blank_fill = false }`), read by
/// `config::merge`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FieldRule {
    /// Which value.
    pub take: Take,
    /// For `furthest`: the values from the first to the last stage.
    pub order: Vec<String>,
    /// Whether blanks are filled.
    pub blank_fill: BlankFill,
    /// For `newest`: a blank in the newest record means that the value was cleared.
    pub cleared_counts: bool,
}

impl From<Take> for FieldRule {
    fn from(take: Take) -> Self {
        Self { take, ..Self::default() }
    }
}

/// A product whose merge is reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The master's values only (API and Apex).
    Salesforce,
    /// The primary wins, blanks are filled, the lifecycle stage goes furthest. (That the primary's
    /// address decides on consent is not taken over: `[consent] scope = "address"` asks for it.)
    Hubspot,
    /// The winner's values; a blank takes the first losing record's, even if blank.
    Marketo,
    /// The chosen master; a person who picks field by field takes the filled value.
    Pardot,
    /// The newest survives, the newest value wins field by field, points are summed, tags united.
    Mautic,
    /// The target's values only.
    Dynamics,
}

/// Words of a configuration with what they mean, in the order in which they are explained.
pub type Words<T> = &'static [(&'static str, T)];

impl SurvivorRule {
    /// The words for `survivor`.
    pub const WORDS: Words<Self> = &[
        ("primary", Self::Primary),
        ("oldest", Self::Oldest),
        ("newest", Self::Newest),
        ("most-complete", Self::MostComplete),
        ("most-active", Self::MostActive),
        ("listed-order", Self::ListedOrder),
    ];
}

impl Take {
    /// The words for `take`.
    pub const WORDS: Words<Self> = &[
        ("survivor", Self::Survivor),
        ("newest", Self::Newest),
        ("oldest", Self::Oldest),
        ("most-frequent", Self::MostFrequent),
        ("longest", Self::Longest),
        ("most-complete", Self::MostComplete),
        ("max", Self::Max),
        ("min", Self::Min),
        ("sum", Self::Sum),
        ("union", Self::Union),
        ("first-non-empty", Self::FirstNonEmpty),
        ("furthest", Self::Furthest),
        ("most-restrictive", Self::MostRestrictive),
        ("review", Self::Review),
    ];

    /// Whether columns that belong together, such as an address, can be chosen by it as a whole.
    pub fn fits_block(self) -> bool {
        matches!(
            self,
            Take::Survivor | Take::Newest | Take::Oldest | Take::MostComplete | Take::Review
        )
    }
}

impl Policy {
    /// The words for `policy`.
    pub const WORDS: Words<Self> = &[
        ("salesforce", Self::Salesforce),
        ("hubspot", Self::Hubspot),
        ("marketo", Self::Marketo),
        ("pardot", Self::Pardot),
        ("mautic", Self::Mautic),
        ("dynamics", Self::Dynamics),
    ];

    /// What the product is called.
    pub fn title(self) -> &'static str {
        match self {
            Policy::Salesforce => "Salesforce",
            Policy::Hubspot => "HubSpot",
            Policy::Marketo => "Marketo",
            Policy::Pardot => "Pardot",
            Policy::Mautic => "Mautic",
            Policy::Dynamics => "Dynamics 365",
        }
    }
}

/// The merge section of a configuration; everything left out has its default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MergeConfig {
    /// Start from a product's rules instead of ours.
    pub policy: Option<Policy>,
    /// Which record survives.
    pub survivor: Option<SurvivorRule>,
    /// Sources or products from the first to the last, for `survivor = "listed-order"`.
    pub source_order: Vec<String>,
    /// For fields whose meaning is known and that `fields` does not name.
    pub known: Option<FieldRule>,
    /// For columns whose meaning is not known.
    pub unknown: Option<FieldRule>,
    /// For every rule of `known`, `unknown` and the policy: whether blanks are filled.
    pub blank_fill: Option<BlankFill>,
    /// For every `newest` rule: a blank in the newest record means that the value was cleared.
    pub cleared_counts: Option<bool>,
    /// By header or by role.
    pub fields: BTreeMap<String, FieldRule>,
}

/// The rules of a run: configuration over policy over defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeRules {
    /// Which record survives.
    pub survivor: SurvivorRule,
    /// For [`SurvivorRule::ListedOrder`].
    pub source_order: Vec<String>,
    known: FieldRule,
    unknown: FieldRule,
    /// By lower-case header or role.
    fields: BTreeMap<String, FieldRule>,
    /// What the configuration itself named, policies apart.
    named: Vec<String>,
    /// The product whose rules these are.
    pub policy: Option<Policy>,
}

impl MergeConfig {
    /// The rules this configuration means.
    pub fn rules(&self) -> MergeRules {
        let mut rules = bundle(self.policy);
        rules.survivor = self.survivor.unwrap_or(rules.survivor);
        rules.source_order.clone_from(&self.source_order);
        if let Some(rule) = &self.known {
            rules.known = rule.clone();
        }
        if let Some(rule) = &self.unknown {
            rules.unknown = rule.clone();
        }
        let general = [&mut rules.known, &mut rules.unknown];
        for rule in general.into_iter().chain(rules.fields.values_mut()) {
            rule.blank_fill = self.blank_fill.unwrap_or(rule.blank_fill);
            rule.cleared_counts = self.cleared_counts.unwrap_or(rule.cleared_counts);
        }
        for (name, rule) in &self.fields {
            rules.named.push(name.trim().to_lowercase());
            rules.fields.insert(name.trim().to_lowercase(), rule.clone());
        }
        rules
    }

    /// Everything that is well-formed but cannot be meant; `names` are the headers and roles there
    /// are. Empty: nothing to complain of.
    pub fn mistakes<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let names: Vec<String> = names.into_iter().map(|n| n.trim().to_lowercase()).collect();
        let listed = self.survivor == Some(SurvivorRule::ListedOrder);
        let mut mistakes = Vec::new();
        if listed && self.source_order.is_empty() {
            mistakes.push("survivor = \"listed-order\" needs source_order = [...]".to_string());
        }
        if !listed && !self.source_order.is_empty() {
            mistakes.push("source_order needs survivor = \"listed-order\"".to_string());
        }
        for field in self.fields.keys() {
            let folded = field.trim().to_lowercase();
            if names.contains(&folded) {
                continue;
            }
            let near = names
                .iter()
                .map(|n| (strsim::osa_distance(n, &folded), n))
                .min()
                .filter(|(distance, _)| *distance <= 2 + folded.chars().count() / 4);
            let hint = near.map_or(String::new(), |(_, n)| format!("; did you mean `{n}`?"));
            mistakes.push(format!("fields: no column and no role is called `{field}`{hint}"));
        }
        mistakes
    }
}

impl MergeRules {
    /// The rule of a column: by its header, else by its role, else by whether its meaning is known.
    pub fn of_column(&self, header: &str, role: Option<&str>) -> &FieldRule {
        let named = |name: &str| self.fields.get(&name.trim().to_lowercase());
        let general = if role.is_some() { &self.known } else { &self.unknown };
        named(header).or_else(|| named(role?)).unwrap_or(general)
    }

    /// Whether a column has a rule of its own rather than a general one.
    pub fn has_own(&self, header: &str, role: Option<&str>) -> bool {
        let named = |name: &str| self.fields.contains_key(&name.trim().to_lowercase());
        named(header) || role.is_some_and(named)
    }

    /// Whether the configuration itself names a column, by header or role.
    pub fn is_named(&self, header: &str, role: Option<&str>) -> bool {
        let named = |name: &str| self.named.contains(&name.trim().to_lowercase());
        named(header) || role.is_some_and(named)
    }
}

/// HubSpot's lifecycle stages from the first to the last.
const LIFECYCLE: [&str; 8] = [
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
];

fn bundle(policy: Option<Policy>) -> MergeRules {
    let survivors =
        |blank_fill| FieldRule { take: Take::Survivor, blank_fill, ..FieldRule::default() };
    let mut fields = BTreeMap::new();
    let (survivor, known, unknown) = match policy {
        // Values are chosen field by field, so the survivor gives its id, its unknown columns and
        // the ties: the record that knows most leaves least to be carried over.
        None => (SurvivorRule::MostComplete, Take::Newest.into(), survivors(BlankFill::Yes)),
        Some(Policy::Salesforce | Policy::Dynamics) => {
            (SurvivorRule::Primary, survivors(BlankFill::No), survivors(BlankFill::No))
        }
        Some(Policy::Hubspot) => {
            // An export cannot tell a cleared value from one never set: blanks are filled.
            let order = LIFECYCLE.map(String::from).to_vec();
            let furthest = FieldRule { take: Take::Furthest, order, ..FieldRule::default() };
            fields.insert("stage".to_string(), furthest);
            (SurvivorRule::Primary, survivors(BlankFill::Yes), survivors(BlankFill::Yes))
        }
        Some(Policy::Marketo) => {
            fields.insert("score".to_string(), Take::Sum.into());
            (SurvivorRule::Newest, survivors(BlankFill::First), survivors(BlankFill::First))
        }
        Some(Policy::Pardot) => {
            (SurvivorRule::Primary, survivors(BlankFill::Yes), survivors(BlankFill::Yes))
        }
        Some(Policy::Mautic) => {
            // Its command merges older contacts into the newer one unless told otherwise.
            fields.insert("owner".to_string(), survivors(BlankFill::Yes));
            fields.insert("score".to_string(), Take::Sum.into());
            (SurvivorRule::Newest, Take::Newest.into(), Take::Newest.into())
        }
    };
    if policy.is_some() {
        // Only Mautic unites tags; first touch is a field like any other to all of them.
        let tags = if policy == Some(Policy::Mautic) { Take::Union.into() } else { known.clone() };
        fields.insert("interests".to_string(), tags);
        fields.insert("lead-source".to_string(), known.clone());
    }
    let (source_order, named) = (Vec::new(), Vec::new());
    MergeRules { survivor, source_order, known, unknown, fields, named, policy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<MergeConfig, String> {
        let text = format!("[merge]\n{}", text.replace("[fields]", "[merge.fields]"));
        crate::config::parse(&text, "leadmend.toml").map(|c| c.merge).map_err(|e| e.to_string())
    }

    #[test]
    fn rules_are_words_or_tables() {
        let config = parse(
            "survivor = \"listed-order\"\nsource_order = [\"crm\", \"fair\"]\n[fields]\n\
             Title = \"longest\"\nstage = { take = \"furthest\", order = [\"lead\", \"customer\"] }\n\
             notes = { take = \"survivor\", blank_fill = false }\n\
             fax = { take = \"survivor\", blank_fill = \"first\" }\n",
        )
        .unwrap();
        let rules = config.rules();
        assert_eq!(rules.survivor, SurvivorRule::ListedOrder);
        assert_eq!(rules.of_column("TITLE", None).take, Take::Longest);
        assert_eq!(rules.of_column("Lead Status", Some("stage")).take, Take::Furthest);
        assert_eq!(rules.of_column("notes", None).blank_fill, BlankFill::No);
        assert_eq!(rules.of_column("fax", None).blank_fill, BlankFill::First);
        assert_eq!(rules.of_column("city", Some("city")).take, Take::Newest, "known: newest");
        assert_eq!(rules.of_column("x_17", None).take, Take::Survivor, "unknown: the survivor's");
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            (
                "survivor = \"oldst\"",
                "survivor = \"oldst\" is not a rule; did you mean \"oldest\"?",
            ),
            ("[fields]\na = \"newst\"", "a = \"newst\" is not a rule; did you mean \"newest\"?"),
            (
                "[fields]\na = { take = \"newest\", blnk_fill = true }",
                "did you mean \"blank_fill\"?",
            ),
            ("[fields]\na = { blank_fill = true }", "needs take"),
            ("[fields]\na = \"furthest\"", "furthest needs the stages"),
            ("[fields]\na = { take = \"sum\", order = [\"x\"] }", "order belongs to"),
            ("[fields]\na = { take = \"newest\", blank_fill = 3 }", "true, false or \"first\""),
            ("[fields]\na = 3", "a rule such as"),
            ("polcy = \"hubspot\"", "no key \"polcy\"; did you mean \"policy\"?"),
            ("policy = \"hubspott\"", "did you mean \"hubspot\"?"),
            ("cleared_counts = \"x\"", "cleared_counts must be true or false"),
        ];
        for (text, expected) in cases {
            let message = parse(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_listed_together() {
        let config = parse("source_order = [\"crm\"]\n[fields]\ntitel = \"newest\"\nx = \"sum\"");
        let mistakes = config.unwrap().mistakes(["Title", "e-mail"]);
        assert_eq!(mistakes.len(), 3);
        assert!(mistakes[0].contains("needs survivor"));
        assert!(mistakes[1].ends_with("`titel`; did you mean `title`?"), "{}", mistakes[1]);
        assert!(mistakes[2].ends_with("called `x`"), "{}", mistakes[2]);
        let config = parse("survivor = \"listed-order\"").unwrap();
        assert_eq!(config.mistakes([]).len(), 1);
        assert!(MergeConfig::default().mistakes([]).is_empty());
    }

    #[test]
    fn a_configuration_overrides_its_policy() {
        let config =
            parse("policy = \"hubspot\"\nsurvivor = \"oldest\"\nknown = \"newest\"").unwrap();
        let rules = config.rules();
        assert_eq!(rules.survivor, SurvivorRule::Oldest);
        assert_eq!(rules.of_column("a", Some("title")).take, Take::Newest);
        assert_eq!(rules.of_column("a", Some("stage")).take, Take::Furthest);
        let general = parse("policy = \"salesforce\"\nblank_fill = true\nknown = \"oldest\"");
        let rules = general.unwrap().rules();
        assert_eq!(rules.of_column("x_17", None).blank_fill, BlankFill::Yes);
    }
}
