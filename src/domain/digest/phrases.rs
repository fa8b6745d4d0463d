//! The words of a period: what a day, a week or a month is called in sentences and at the heads of
//! columns.

use super::period::{Period, Span};
use super::show::Show;
use crate::domain::format::capital;
use crate::domain::time::Instant;

impl Show {
    /// What a report says that is made before its period is over.
    pub fn unfinished(&self) -> &'static str {
        match self.span {
            Span::Day => self.lang.pick("The day is not over.", "La journée n’est pas finie."),
            Span::Week => self.lang.pick("The week is not over.", "La semaine n’est pas finie."),
            Span::Month => self.lang.pick("The month is not over.", "Le mois n’est pas fini."),
            Span::Range => self.lang.pick("The period is not over.", "La période n’est pas finie."),
        }
    }

    /// That the period has no data at all.
    pub fn nothing(&self) -> &'static str {
        match self.span {
            Span::Day => self.lang.pick("No data for this day", "Aucune donnée pour ce jour"),
            Span::Week => {
                self.lang.pick("No data for this week", "Aucune donnée pour cette semaine")
            }
            Span::Month => self.lang.pick("No data for this month", "Aucune donnée pour ce mois"),
            Span::Range => {
                self.lang.pick("No data for this period", "Aucune donnée pour cette période")
            }
        }
    }

    /// The head of a column that draws the period.
    pub fn course(&self) -> &'static str {
        match self.span {
            Span::Day => self.lang.pick("The day", "La journée"),
            Span::Week => self.lang.pick("The week", "La semaine"),
            Span::Month => self.lang.pick("The month", "Le mois"),
            Span::Range => self.lang.pick("The period", "La période"),
        }
    }

    /// "in the day", and so on.
    pub fn inside(&self) -> &'static str {
        match self.span {
            Span::Day => self.lang.pick("in the day", "dans la journée"),
            Span::Week => self.lang.pick("in the week", "dans la semaine"),
            Span::Month => self.lang.pick("in the month", "dans le mois"),
            Span::Range => self.lang.pick("in the period", "dans la période"),
        }
    }

    /// "as of 13:50", and so on: nothing later is known.
    pub fn as_of(&self, at: Instant) -> String {
        let clock = self.clock(at);
        let of = if matches!(self.span, Span::Month | Span::Range) { "du" } else { "de" };
        self.lang.pick(format!("as of {clock}"), format!("état {of} {clock}"))
    }

    /// "all day", and so on.
    pub fn throughout(&self) -> &'static str {
        match self.span {
            Span::Day => self.lang.pick("all day", "toute la journée"),
            Span::Week => self.lang.pick("all week", "toute la semaine"),
            Span::Month => self.lang.pick("all month", "tout le mois"),
            Span::Range => self.lang.pick("all the time", "tout le temps"),
        }
    }

    /// "mean of the day", and so on.
    pub fn mean_of(&self) -> &'static str {
        match self.span {
            Span::Day => self.lang.pick("mean of the day", "moyenne du jour"),
            Span::Week => self.lang.pick("mean of the week", "moyenne de la semaine"),
            Span::Month => self.lang.pick("mean of the month", "moyenne du mois"),
            Span::Range => self.lang.pick("mean of the period", "moyenne de la période"),
        }
    }

    /// "on the day before", and so on: what a change is measured against.
    pub fn against(&self) -> &'static str {
        match self.span {
            Span::Day => self.lang.pick("on the day before", "sur la veille"),
            Span::Week => self.lang.pick("on the week before", "sur la semaine d’avant"),
            Span::Month => self.lang.pick("on the month before", "sur le mois d’avant"),
            Span::Range => self.lang.pick("on the days before", "sur les jours d’avant"),
        }
    }

    /// What a line of this period is called beside its end, and that of the one before.
    pub fn line_names(&self, period: &Period, before: Option<&Period>) -> (String, String) {
        let name = |period: &Period| match period.span {
            Span::Day => capital(self.lang.weekday(period.day)),
            Span::Week => self.lang.pick("This week", "Cette semaine").to_string(),
            Span::Month => capital(&self.lang.month(period.day)),
            Span::Range => self.lang.pick("These days", "Ces jours").to_string(),
        };
        let earlier = match self.span {
            Span::Week | Span::Range => self.lang.pick("Before", "Avant").to_string(),
            _ => before.map(name).unwrap_or_default(),
        };
        (name(period), earlier)
    }
}
