//! Tokens that servers gave, `.state/tokens/<key>.json`: for this user alone, on the disk before
//! they are used.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::limits::GIVEN_BYTES;
use crate::domain::oauth::Token;
use crate::edge::disk::{Given, there};
use std::path::PathBuf;

impl Spool {
    fn tokens(&self) -> PathBuf {
        self.state().join("tokens")
    }

    /// The token under a key, if there is one.
    ///
    /// # Errors
    ///
    /// A file is there, and cannot be read as a token; or others can read it.
    pub fn token(&self, key: &str) -> std::result::Result<Option<Token>, String> {
        let path = self.tokens().join(format!("{key}.json"));
        let odd = |what: &str| {
            format!(
                "{} {what}\nhint: take it away: all begins anew from secrets.toml",
                path.display()
            )
        };
        let given = match there(Given::open(&path)) {
            Ok(None) => return Ok(None),
            Ok(Some(given)) => given,
            Err(_) => return Err(odd("cannot be read")),
        };
        if given.mode & 0o077 != 0 {
            return Err(odd(&format!("can be read by others (mode {:03o})", given.mode)));
        }
        let text = given.text(&path, GIVEN_BYTES).map_err(|_| odd("cannot be read"))?;
        let token = Doc::parse(text.as_bytes()).ok().and_then(|doc| Token::read(&doc));
        token.map(Some).ok_or_else(|| odd("is damaged"))
    }

    /// Makes a token durable.
    pub fn keep_token(&self, key: &str, token: &Token) -> Result<()> {
        self.disk.make_dir(&self.tokens())?;
        let path = self.tokens().join(format!("{key}.json"));
        Ok(self.disk.replace(&path, token.doc().json().as_bytes())?)
    }

    /// All texts of tokens that nobody may see, as far as this user can read them.
    pub fn token_secrets(&self) -> Vec<String> {
        let names = self.disk.files(&self.tokens()).unwrap_or_default();
        let tokens =
            names.iter().filter_map(|name| self.token(name.strip_suffix(".json")?).ok()?);
        tokens.flat_map(|token| token.secrets().map(str::to_string).collect::<Vec<_>>()).collect()
    }
}
