//! What a new home begins with: the shipped declarations, their lists, and example settings.

/// A shipped file: its path below `sources/`, and its text.
pub type Shipped = (&'static str, &'static str);

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../sources/", $path)))),*]
    };
}

/// The shipped declarations.
pub const SOURCES: &[Shipped] = shipped![
    "air-open-meteo.toml",
    "attention-wikipedia.toml",
    "bikes-baywheels-stations.toml",
    "bikes-baywheels.toml",
    "bikes-oslo-stations.toml",
    "bikes-oslo.toml",
    "bikes-velib-stations.toml",
    "bikes-velib.toml",
    "carbon-uk.toml",
    "crypto-bitstamp.toml",
    "earthquakes-emsc.toml",
    "earthquakes-usgs.toml",
    "electricity-eco2mix.toml",
    "france-travail.toml",
    "fuel-carburants.toml",
    "jobs-adzuna.toml",
    "jobs-arbeitnow.toml",
    "jobs-jobicy.toml",
    "jobs-remoteok.toml",
    "jobs-remotive.toml",
    "parking-malaga.toml",
    "rates-ecb.toml",
    "rivers-hubeau.toml",
    "solar-wind.toml",
    "solar-xrays.toml",
    "space-kp.toml",
    "tide-seattle.toml",
    "weather-metno.toml",
    "weather-open-meteo.toml",
    "weather-openweathermap.toml",
    "weather-synop.toml",
];

/// Those that a new home has only when they are asked for by name: the publisher of the one has
/// moved it before, and a first morning is none for a feed that may not answer; job offers are for
/// who wants them, and has read the terms.
pub const BY_NAME_ONLY: &[&str] = &[
    "jobs-arbeitnow.toml",
    "jobs-jobicy.toml",
    "jobs-remoteok.toml",
    "jobs-remotive.toml",
    "weather-synop.toml",
];

/// The lists that they name.
pub const LISTS: &[Shipped] = shipped![
    "lists/french-cities.csv",
    "lists/malaga-car-parks.csv",
    "lists/norwegian-towns.csv",
    "lists/openweathermap-cities.csv",
    "lists/river-gauges.csv",
    "lists/river-requests.csv",
    "lists/synop-stations.csv",
];

/// A file beside the settings of a home that is being made, and not whole yet.
pub const UNFINISHED: &str = "daybook.toml.unfinished";

/// The same beside those of a home that is being restored; it says from which backup.
pub const RESTORING: &str = "daybook.toml.restoring";

const SETTINGS: &str = include_str!("../../../daybook.toml");

/// Commented settings for a new home: SQLite, and a contact.
pub fn settings(contact: &str) -> String {
    let line = |line: &str| match line {
        l if l.starts_with("store = ") => format!("# {l}"),
        l if l.starts_with("# contact = ") => format!("contact = {contact:?}"),
        l => l.to_string(),
    };
    SETTINGS.lines().map(|l| line(l) + "\n").collect()
}
