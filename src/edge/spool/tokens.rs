//! Tokens that servers gave, `.state/tokens/<key>.json`: for this user alone, on the disk before
//! they are used.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::oauth::Token;
use std::path::PathBuf;

impl Spool {
    fn tokens(&self) -> PathBuf {
        self.state().join("tokens")
    }

    /// The token under a key; what cannot be read is as none.
    pub fn token(&self, key: &str) -> Option<Token> {
        let bytes = self.disk.read_small(&self.tokens().join(format!("{key}.json"))).ok()??;
        Token::read(&Doc::parse(&bytes).ok()?)
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
        let tokens = names.iter().filter_map(|name| self.token(name.strip_suffix(".json")?));
        tokens.flat_map(|token| token.secrets().map(str::to_string).collect::<Vec<_>>()).collect()
    }
}
