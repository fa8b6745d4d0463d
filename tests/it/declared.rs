//! Declarations for tests: what every source must say of itself, said once.

/// What a source is, of which nothing but its answers matters.
pub const ABOUT: &str = r#"[about]
content     = "values of a test"
zone        = "here"
period      = "1m"
access      = "api"
token       = "none"
licence     = { name = "none", url = "https://example.org/licence", reuse = "free" }
attribution = "nobody"
homepage    = "https://example.org/"
"#;

/// A declaration; `rest` begins inside of its `[fetch]`.
pub fn declared(format: &str, url: &str, every: &str, rest: &str) -> String {
    format!(
        "title = \"Test\"\ntopic = \"test\"\n{ABOUT}[fetch]\nurl = \"{url}\"\n\
         every = \"{every}\"\nformat = \"{format}\"\n{rest}"
    )
}
