//! The whole grammar at once: structure, texts and numbers.

use super::{Cursor, Flaw, Token, Word};

/// Holds a whole text against the grammar: its structure, and each text and number in it.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let mut cursor = Cursor::new(bytes);
    let mut objects = Vec::new();
    let mut first = strict(&mut cursor, &mut objects, bytes)?;
    while let Some(object) = objects.last() {
        let told = |flaw: Flaw| flaw.told(bytes);
        let more = match object {
            true => match cursor.key(first).map_err(told)? {
                Some(key) => key.read().map(|_| true).map_err(|bad| bad.to_string())?,
                None => false,
            },
            false => cursor.element(first).map_err(told)?,
        };
        if !more {
            objects.pop();
        }
        first = more && strict(&mut cursor, &mut objects, bytes)?;
    }
    cursor.end().map_err(|flaw| flaw.told(bytes))
}

fn strict(cursor: &mut Cursor, objects: &mut Vec<bool>, bytes: &[u8]) -> Result<bool, String> {
    match cursor.token().map_err(|flaw| flaw.told(bytes))? {
        Token::Object => objects.push(true),
        Token::List => objects.push(false),
        Token::Text(text) => {
            text.read().map_err(|bad| bad.to_string())?;
            return Ok(false);
        }
        Token::Word(Word::Odd(word)) => {
            return Err(format!("{} is no JSON value", String::from_utf8_lossy(word)));
        }
        Token::Word(_) => return Ok(false),
    }
    Ok(true)
}
