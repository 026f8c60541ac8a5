//! What a column can mean.
//!
//! Roles are the vocabulary between reading and everything after it: stages ask for roles, never
//! for headers. Each has one stable text form, used in presets, `--column ROLE=HEADER` and reports.

use std::fmt;
use std::str::FromStr;

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What a column means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Role {
            $($(#[$doc])* $name,)*
            /// A statement on whether a person may be contacted.
            Consent(ConsentRole),
        }

        /// All roles without parts, with their text form.
        const PLAIN: &[(Role, &str)] = &[$((Role::$name, $text),)*];
    };
}

roles! {
    /// The record's own id within its source.
    RecordId = "record-id",
    /// An id of the person elsewhere: social security number, CRM id, profile address.
    ExternalId = "external-id",
    /// Ids of records merged into this one.
    MergedIds = "merged-ids",
    /// E-mail address.
    Email = "email",
    /// Phone number, of whatever kind.
    Phone = "phone",
    /// Mobile phone number.
    Mobile = "mobile",
    /// Salutation or academic title before a name.
    NamePrefix = "name-prefix",
    /// Given name.
    GivenName = "given-name",
    /// Middle name.
    MiddleName = "middle-name",
    /// Family name.
    FamilyName = "family-name",
    /// `Jr.`, `III`, `PhD`.
    NameSuffix = "name-suffix",
    /// The whole name of a person in one cell.
    FullName = "full-name",
    /// Nickname.
    Nickname = "nickname",
    /// Company or organization.
    Company = "company",
    /// Web site.
    Website = "website",
    /// Job title.
    Title = "title",
    /// Department.
    Department = "department",
    /// Street, with or without the house number.
    Street = "street",
    /// House number alone.
    HouseNumber = "house-number",
    /// Second address line: floor, unit, building.
    Unit = "unit",
    /// City.
    City = "city",
    /// State, province, region.
    Region = "region",
    /// Postal code.
    Postcode = "postcode",
    /// Country.
    Country = "country",
    /// A whole address in one cell.
    FormattedAddress = "formatted-address",
    /// Date of birth.
    BirthDate = "birth-date",
    /// Year of birth.
    BirthYear = "birth-year",
    /// Month of birth.
    BirthMonth = "birth-month",
    /// Day of birth.
    BirthDay = "birth-day",
    /// When the record was created.
    Created = "created",
    /// When the record was last changed.
    Updated = "updated",
    /// When the person was last active.
    LastActivity = "last-activity",
    /// Who in the own company looks after the lead.
    Owner = "owner",
    /// Where the lead came from.
    LeadSource = "lead-source",
    /// Stage or status in the sales process.
    Stage = "stage",
    /// Score.
    Score = "score",
    /// Grade or rating.
    Grade = "grade",
    /// Interests, tags, labels.
    Interests = "interests",
    /// Category or type of the record.
    Category = "category",
    /// Industry.
    Industry = "industry",
    /// Number of employees.
    Employees = "employees",
    /// Revenue.
    Revenue = "revenue",
    /// Notes and other prose.
    FreeText = "free-text",
    /// No known meaning, but values that tell records apart.
    Generic = "generic",
    /// Takes no part.
    Ignored = "ignored",
    /// Activity: its own id.
    ActivityId = "activity-id",
    /// Activity: the id (or e-mail address) of the lead it belongs to.
    LeadRef = "lead-ref",
    /// Activity: what happened.
    ActivityKind = "activity-kind",
    /// Activity: when.
    ActivityTime = "activity-time",
    /// Activity: on what (campaign, page, form, asset).
    ActivityObject = "activity-object",
    /// Activity: further attributes, as JSON or text.
    ActivityAttributes = "activity-attributes",
    /// Activity: points added or taken.
    ActivityDelta = "activity-delta",
}

/// What a consent column is about and what its filled cells say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsentRole {
    /// The way of contact.
    pub channel: Channel,
    /// What a true or filled cell means.
    pub polarity: Polarity,
}

/// A way to reach a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Every way.
    Any,
    /// E-mail.
    Email,
    /// Phone calls.
    Phone,
    /// Text messages.
    Sms,
    /// Letters.
    Post,
    /// Fax.
    Fax,
}

/// What a true or filled consent cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Polarity {
    /// True: the person agreed.
    OptIn,
    /// True: the person withdrew.
    OptOut,
    /// True: we decided not to contact (not the person).
    DoNotContact,
    /// The cell names the state: `Subscribed`, `Unsubscribed`, `Bounced`, `Do Not Allow`.
    Status,
    /// True or filled: the address bounced.
    Bounced,
    /// True: the person complained of spam.
    Complained,
    /// True: the address was confirmed (double opt-in).
    Confirmed,
    /// Filled: the legal basis, or the reason of a state.
    Basis,
    /// When the person agreed.
    OptInTime,
    /// When the person withdrew.
    OptOutTime,
    /// When the address bounced.
    BouncedTime,
    /// When the address was confirmed.
    ConfirmedTime,
}

const CHANNELS: [(Channel, &str); 6] = [
    (Channel::Any, "any"),
    (Channel::Email, "email"),
    (Channel::Phone, "phone"),
    (Channel::Sms, "sms"),
    (Channel::Post, "post"),
    (Channel::Fax, "fax"),
];

const POLARITIES: [(Polarity, &str); 12] = [
    (Polarity::OptIn, "opt-in"),
    (Polarity::OptOut, "opt-out"),
    (Polarity::DoNotContact, "do-not-contact"),
    (Polarity::Status, "status"),
    (Polarity::Bounced, "bounced"),
    (Polarity::Complained, "complained"),
    (Polarity::Confirmed, "confirmed"),
    (Polarity::Basis, "basis"),
    (Polarity::OptInTime, "opt-in-time"),
    (Polarity::OptOutTime, "opt-out-time"),
    (Polarity::BouncedTime, "bounced-time"),
    (Polarity::ConfirmedTime, "confirmed-time"),
];

fn text_of<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    table.iter().find(|(entry, _)| entry == value).map_or("", |(_, text)| text)
}

fn value_of<T: Copy>(table: &[(T, &str)], text: &str) -> Option<T> {
    table.iter().find(|(_, entry)| *entry == text).map(|(value, _)| *value)
}

impl Role {
    /// All roles without parts, in order of declaration.
    pub fn plain() -> impl Iterator<Item = Role> {
        PLAIN.iter().map(|(role, _)| *role)
    }

    /// Whether several columns may carry the role and form one set.
    pub fn is_multiple(self) -> bool {
        use Role::{Company, ExternalId, Generic, Interests, Phone, Unit};
        use Role::{Email, FreeText, MergedIds, Mobile, Street, Website};
        matches!(
            self,
            Email | Phone | Mobile | ExternalId | MergedIds | Website | Street | Unit | Company
        ) || matches!(self, Interests | FreeText | Generic | Role::Ignored | Role::Consent(_))
    }

    /// Whether the role belongs to activity files.
    pub fn is_activity(self) -> bool {
        self >= Role::ActivityId && self <= Role::ActivityDelta
    }

    /// Whether the role holds a point in time.
    pub fn is_time(self) -> bool {
        use Polarity::{BouncedTime, ConfirmedTime, OptInTime, OptOutTime};
        match self {
            Role::Created | Role::Updated | Role::LastActivity | Role::ActivityTime => true,
            Role::Consent(consent) => {
                matches!(consent.polarity, OptInTime | OptOutTime | BouncedTime | ConfirmedTime)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Consent(consent) => consent.fmt(f),
            plain => f.write_str(text_of(PLAIN, plain)),
        }
    }
}

impl fmt::Display for ConsentRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let polarity = text_of(&POLARITIES, &self.polarity);
        write!(f, "consent:{}:{polarity}", text_of(&CHANNELS, &self.channel))
    }
}

/// The text is not the name of a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role «{0}»")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    /// Case and `_` for `-` do not matter.
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let name = text.trim().to_ascii_lowercase().replace(['_', ' '], "-");
        let consent = || {
            let (channel, polarity) = name.strip_prefix("consent:")?.split_once(':')?;
            Some(Role::Consent(ConsentRole {
                channel: value_of(&CHANNELS, channel)?,
                polarity: value_of(&POLARITIES, polarity)?,
            }))
        };
        value_of(PLAIN, &name).or_else(consent).ok_or_else(|| UnknownRole(text.into()))
    }
}

impl serde::Serialize for Role {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Role {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for ConsentRole {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ConsentRole {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Role::deserialize(deserializer)? {
            Role::Consent(consent) => Ok(consent),
            other => Err(serde::de::Error::custom(format!("{other} is not a consent role"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_survives_its_text_form() {
        let consents = CHANNELS.iter().flat_map(|&(channel, _)| {
            POLARITIES
                .iter()
                .map(move |&(polarity, _)| Role::Consent(ConsentRole { channel, polarity }))
        });
        for role in Role::plain().chain(consents) {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert_eq!("Given_Name".parse(), Ok(Role::GivenName));
        assert!("consent:email".parse::<Role>().is_err());
    }
}
