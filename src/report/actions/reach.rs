//! Where a person stands: in which list and by which channel, or why in none.
//!
//! The band says what to do, consent says by what means. Why an e-mail action never becomes a call:
//! the model asked for a newsletter, and nobody's patience is tried because their mail is refused;
//! downward, from a call to an offer, is always milder.

use crate::merge::consent::gather::Addresses;
use crate::merge::consent::{Decision, State};
use crate::pipeline::Outcome;
use crate::report::scores;
use crate::score::band::{Channel, permitted_band};
use crate::score::model::ScoringModel;
use std::borrow::Cow;

/// The channel a person is reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Phone,
    Email,
}

impl By {
    /// As the files have it.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Phone => "phone",
            By::Email => "email",
        }
    }
}

/// What follows from score and consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// On the list of a band: its own, or the next lower one whose action is permitted.
    Listed { band: u16, by: By },
    /// An action, and no permitted way to carry it out.
    Barred,
    /// No score under any model, so no action.
    Unscored,
    /// In no band, or in one without an action.
    Idle,
}

/// A person's place: the first model that gives a score, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub model: u16,
    pub standing: Standing,
}

/// Per model and band: by what means its action reaches a lead, and where that puts a person. Bands
/// are few and people many.
#[derive(Debug)]
pub(super) struct Ways(Vec<Vec<Way>>);

/// What a band means for the people in it.
#[derive(Debug)]
struct Way {
    /// What its action asks for.
    channel: Channel,
    /// By whether they may be phoned and may be mailed.
    standing: [[Standing; 2]; 2],
}

impl Ways {
    /// The ways of a run's models.
    pub fn new(outcome: &Outcome) -> Self {
        let ways = |model: &ScoringModel| {
            (0..model.bands.len() as u16).map(|band| Way::new(model, band)).collect()
        };
        Self(outcome.models.iter().map(ways).collect())
    }

    fn way(&self, model: u16, band: u16) -> Option<&Way> {
        self.0.get(model as usize)?.get(band as usize)
    }

    /// Finds the place of a person.
    pub fn place(&self, outcome: &Outcome, person: usize) -> Place {
        let scored = outcome.scored.models.iter().position(|s| s.score_of(person).is_some());
        let Some(model) = scored else { return Place { model: 0, standing: Standing::Unscored } };
        let own = outcome.scored.models[model].band[person];
        let [phone, email] = [By::Phone, By::Email].map(|by| usize::from(may(outcome, person, by)));
        let way = self.way(model as u16, own);
        let standing = way.map_or(Standing::Idle, |way| way.standing[phone][email]);
        Place { model: model as u16, standing }
    }

    /// Why a listed person is reached in this way.
    pub fn push_way(&self, outcome: &Outcome, person: usize, place: Place, text: &mut String) {
        let Standing::Listed { band, by } = place.standing else { return };
        let own = outcome.scored.models[place.model as usize].band[person];
        let refused = match self.way(place.model, own).map(|way| way.channel) {
            Some(Channel::Phone) if band != own || by != By::Phone => Some(By::Phone),
            Some(Channel::Email) if band != own || by != By::Email => Some(By::Email),
            Some(Channel::Other) if by == By::Email => Some(By::Phone),
            _ => None,
        };
        if let Some(refused) = refused {
            push_reason(outcome, person, refused, text);
            text.push_str("; ");
        }
        push_reason(outcome, person, by, text);
    }

    /// Why a person is on no list.
    pub fn push_bar(&self, outcome: &Outcome, person: usize, place: Place, text: &mut String) {
        let model = &outcome.models[place.model as usize];
        let scores = &outcome.scored.models[place.model as usize];
        if let Some((fact, _)) = scores.excluded[person] {
            text.push_str("no score: ");
            match model.exclude.as_ref().and_then(|e| e.reason.as_deref()) {
                Some(reason) => text.push_str(reason),
                None => text.push_str(&fact.text(&outcome.facts)),
            }
            return;
        }
        let asked = self.way(place.model, scores.band[person]).map(|way| way.channel);
        if asked == Some(Channel::Email) {
            push_reason(outcome, person, By::Email, text);
            if may(outcome, person, By::Phone) {
                text.push_str("; a call is not what this action asks for");
            }
            return;
        }
        push_reason(outcome, person, By::Phone, text);
        text.push_str("; ");
        push_reason(outcome, person, By::Email, text);
    }
}

impl Way {
    fn new(model: &ScoringModel, band: u16) -> Self {
        let idle = scores::action(model, band).is_empty();
        let standing = |phone: bool, email: bool| match idle {
            true => Standing::Idle,
            false => listed(&model.bands, band, phone, email),
        };
        Self {
            channel: model.bands[band as usize].channel(),
            standing: [false, true].map(|phone| [false, true].map(|email| standing(phone, email))),
        }
    }
}

fn listed(
    bands: &[crate::score::model::Band],
    own: u16,
    may_phone: bool,
    may_email: bool,
) -> Standing {
    let (permitted, _) = permitted_band(bands, own as usize, may_phone, may_email);
    let Some(band) = permitted else { return Standing::Barred };
    let by = match bands[band].channel() {
        Channel::Phone => By::Phone,
        Channel::Email => By::Email,
        Channel::Other if may_phone => By::Phone,
        Channel::Other if may_email => By::Email,
        Channel::Other => return Standing::Barred,
    };
    Standing::Listed { band: band as u16, by }
}

/// What was decided about a channel.
pub(super) fn decision(outcome: &Outcome, person: usize, by: By) -> Option<&Decision> {
    match by {
        By::Phone => outcome.consent.phone.get(person),
        By::Email => outcome.consent.email.get(person),
    }
}

/// Whether a person may be contacted by a channel: by consent, at an address, without objection.
pub(super) fn may(outcome: &Outcome, person: usize, by: By) -> bool {
    let objected = outcome.consent.objected.get(person).is_some_and(|o| *o);
    !objected && decision(outcome, person, by).is_some_and(|d| d.may && d.address != 0)
}

/// The address of a channel, when it may be used; empty otherwise.
pub(super) fn address(outcome: &Outcome, person: usize, by: By) -> Cow<'_, str> {
    match decision(outcome, person, by) {
        Some(decision) if may(outcome, person, by) => {
            Addresses::of(&outcome.records).text(&outcome.records, decision.address)
        }
        _ => Cow::Borrowed(""),
    }
}

/// Appends why a channel may be used or not: `may not be phoned: opted out`.
pub(super) fn push_reason(outcome: &Outcome, person: usize, by: By, text: &mut String) {
    let may = may(outcome, person, by);
    text.push_str(match (by, may) {
        (By::Phone, true) => "may be phoned: ",
        (By::Phone, false) => "may not be phoned: ",
        (By::Email, true) => "may be mailed: ",
        (By::Email, false) => "may not be mailed: ",
    });
    let Some(decision) = decision(outcome, person, by) else {
        text.push_str("consent is not known");
        return;
    };
    let objected = outcome.consent.objected.get(person).is_some_and(|o| *o);
    text.push_str(match (decision.state, by) {
        _ if objected => "objected to marketing",
        (State::Objected, _) => "objected to marketing",
        (State::Complained, _) => "reported a message as spam",
        (State::OptedOut, _) => "opted out",
        _ if decision.no_address || decision.address == 0 => match by {
            By::Phone => "no number",
            By::Email => "no address",
        },
        (State::Bounced, By::Email) => "mail to the address came back",
        (State::Bounced, By::Phone) => "the number does not work",
        (State::OptedIn, _) => "opted in",
        (State::Unknown, _) if may => "no refusal known",
        (State::Unknown, _) => "consent is not known",
    });
    if !may && decision.usable != 0 {
        text.push_str(" (another address is free)");
    }
}
