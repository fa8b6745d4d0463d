//! The URL of a MongoDB store: what of it is refused, and what is set whatever it says.

use mongodb::options::{
    Acknowledgment, ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use std::time::Duration;

/// How long a server may be looked for, and one operation may take.
const SELECT: Duration = Duration::from_secs(5);
const OPERATION: Duration = Duration::from_secs(120);

/// The strongest settings, whatever the URL left open.
pub fn strict(mut options: ClientOptions) -> ClientOptions {
    let write = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
    options.write_concern = Some(write);
    options.read_concern = Some(ReadConcern::majority());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    options.server_selection_timeout.get_or_insert(SELECT);
    options.connect_timeout.get_or_insert(SELECT);
    options.app_name.get_or_insert_with(|| "daybook".into());
    options
}

/// Options of a URL that would let an acknowledged write be lost, or a read be stale.
pub fn refuse_weak(url: &str) -> Result<(), String> {
    for (key, value) in options_of(url) {
        let strongest = match key.to_ascii_lowercase().as_str() {
            "w" => "majority",
            "journal" => "true",
            "readconcernlevel" => "majority",
            "readpreference" => "primary",
            _ => continue,
        };
        if !value.eq_ignore_ascii_case(strongest) {
            return Err(format!("its URL sets {key}, and only {strongest} is safe"));
        }
    }
    Ok(())
}

/// How long one operation may take: `socketTimeoutMS`, which the driver itself does not know.
pub fn time_limit(url: &str) -> Duration {
    let found = options_of(url).find(|(key, _)| is_time_limit(key));
    let millis = found.and_then(|(_, value)| value.parse().ok()).filter(|millis| *millis > 0);
    millis.map_or(OPERATION, Duration::from_millis)
}

/// The URL without the options that only we know.
pub fn for_driver(url: &str) -> String {
    let Some((front, options)) = url.split_once('?') else { return url.into() };
    let known = |pair: &&str| !is_time_limit(pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = options.split('&').filter(known).collect();
    format!("{front}?{}", kept.join("&"))
}

fn is_time_limit(key: &str) -> bool {
    key.eq_ignore_ascii_case("socketTimeoutMS")
}

fn options_of(url: &str) -> impl Iterator<Item = (&str, &str)> {
    let options = url.split_once('?').map_or("", |(_, options)| options);
    let pairs = options.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_urls_are_refused() {
        for weak in
            ["w=1", "w=0", "journal=false", "readConcernLevel=local", "readPreference=secondary"]
        {
            let url = format!("mongodb://h/daybook?retryWrites=true&{weak}");
            assert!(refuse_weak(&url).is_err(), "{weak}");
        }
        assert!(refuse_weak("mongodb://h/daybook?w=majority&journal=true&tls=true").is_ok());
    }

    #[test]
    fn a_time_limit_is_ours() {
        let url = "mongodb://h/d?appName=a&socketTimeoutMS=1500&w=majority";
        assert_eq!(time_limit(url), Duration::from_millis(1500));
        assert_eq!(for_driver(url), "mongodb://h/d?appName=a&w=majority");
        assert_eq!(time_limit("mongodb://h/d?socketTimeoutMS=0"), OPERATION);
        assert_eq!(for_driver("mongodb://h/d"), "mongodb://h/d");
    }
}
