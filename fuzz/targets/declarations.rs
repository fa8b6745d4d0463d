//! Declarations and settings: any text is read or has faults that can be told.
#![no_main]

use daybook::domain::extract::{Extraction, Plan};
use daybook::edge::config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let name = daybook::domain::name::SourceName::parse("case").expect("a name");
    match config::source(&name, "source.toml", text) {
        Ok(source) => {
            let mut found = Extraction::default();
            Plan::new(&source).extract(b"{\"items\":[{\"id\":\"a\",\"x\":1}]}", None, &mut found);
        }
        Err(faults) => assert!(!faults.to_string().is_empty()),
    }
    if let Err(faults) = config::settings("daybook.toml", text) {
        assert!(!faults.to_string().is_empty());
    }
});
