//! JSON as a document, built whole.

use super::tree::Tree;
use super::wrapped::wrapping;
use super::written::Written;
use crate::domain::budget::Budget;
use crate::domain::json::{Cursor, Flaw, Result, Text, Token, Word};
use crate::domain::shown::begun;
use std::borrow::Cow;

/// The document that the bytes are.
pub fn document(
    bytes: &[u8],
    _: &Written,
    budget: &Budget,
    read: &mut dyn FnMut(&Tree),
) -> std::result::Result<(), String> {
    let tree = Tree::json(bytes, budget).map_err(|flaw| not_json(bytes, &flaw))?;
    read(&tree);
    Ok(())
}

impl<'b> Tree<'b> {
    pub fn json(bytes: &'b [u8], budget: &Budget) -> Result<Tree<'b>> {
        let mut cursor = Cursor::new(bytes);
        let tree = built(&mut cursor, budget)?;
        cursor.end()?;
        Ok(tree)
    }
}

/// Longest first word that is shown.
const SHOWN: usize = 40;

/// Why bytes are not JSON, and what they look like instead.
pub fn not_json(bytes: &[u8], flaw: &Flaw) -> String {
    if let Some((what, hint)) = wrapping(bytes) {
        return format!("it is not JSON but {what}\nhint: {hint}");
    }
    if bytes.trim_ascii_start().starts_with(b"<") {
        return "it is not JSON but looks like HTML or XML".into();
    }
    match Cursor::new(bytes).token() {
        Ok(Token::Word(Word::Odd(word))) => {
            let word = begun(&String::from_utf8_lossy(word), SHOWN);
            format!("it is not JSON: it begins with {word:?}")
        }
        _ => flaw.told(bytes),
    }
}

/// The depth of the recursion is bounded by the cursor.
fn built<'b>(cursor: &mut Cursor<'b>, budget: &Budget) -> Result<Tree<'b>> {
    budget.nodes(1).map_err(|over| Flaw::refused(over.0))?;
    Ok(match cursor.token()? {
        Token::Word(Word::Null) => Tree::Null,
        Token::Word(Word::Bool(flag)) => Tree::Bool(flag),
        Token::Word(Word::Number(text)) => Tree::Number(text),
        Token::Word(Word::Odd(bytes)) => Tree::Odd(String::from_utf8_lossy(bytes)),
        Token::Text(text) => match text.read() {
            Ok(text) => Tree::Text(text),
            Err(bad) => Tree::Bad(Cow::Borrowed(bad.words())),
        },
        Token::List => {
            let mut list = Vec::new();
            while cursor.element(list.is_empty())? {
                list.push(built(cursor, budget)?);
            }
            Tree::List(list)
        }
        Token::Object => {
            let (mut pairs, mut first) = (Vec::new(), true);
            while let Some(key) = cursor.key(first)? {
                first = false;
                pairs.push((spelled(&key), built(cursor, budget)?));
            }
            Tree::Map(pairs)
        }
    })
}

/// A key that cannot be read has no name that a path could have.
fn spelled<'b>(key: &Text<'b>) -> Cow<'b, str> {
    key.read().unwrap_or(Cow::Borrowed("\0"))
}
