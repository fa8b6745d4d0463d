//! A reader of TOML that gathers every fault with its file, line, key, what was found and what
//! is allowed. Keys that nobody asked for are faults too, with the nearest known name.

use super::fault::{Fault, Faults};
use super::found;
use super::key::Group;
use std::cell::{Cell, RefCell};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file being read.
pub struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    faults: RefCell<Vec<Fault>>,
    /// The keys that may stand there; without, they are those that are asked for.
    keys: Option<&'static Group>,
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Reader<'a> {
        Reader { file, text, faults: RefCell::default(), keys: None }
    }

    /// With the keys that may stand there.
    pub fn of(self, keys: &'static Group) -> Reader<'a> {
        Reader { keys: Some(keys), ..self }
    }

    /// Parses the text and lets `read` take what it needs; the value, or all faults.
    pub fn finish<T>(self, read: impl FnOnce(&Table) -> Option<T>) -> Result<T, Faults> {
        let parsed = match DeTable::parse(self.text) {
            Ok(parsed) => parsed,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                // Not the line itself: it may hold a secret.
                let words = error.message().replace('\n', ", ");
                let found = format!("at column {}: {words}", self.column(at));
                self.fault(at, found, "allowed: TOML 1.0".into());
                return Err(self.into_faults());
            }
        };
        let top = Table::new(&self, parsed.get_ref(), String::new(), 0, self.keys);
        let value = read(&top);
        top.unknown();
        match value {
            Some(value) if self.faults.borrow().is_empty() => Ok(value),
            _ => Err(self.into_faults()),
        }
    }

    /// From 1, in letters.
    fn column(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        1 + before.chars().rev().take_while(|letter| *letter != '\n').count()
    }

    fn into_faults(self) -> Faults {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| fault.line);
        faults.dedup();
        Faults(faults)
    }

    fn fault(&self, at: usize, found: String, allowed: String) {
        let line = 1 + self.text.as_bytes()[..at.min(self.text.len())]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        let file = self.file.into();
        self.faults.borrow_mut().push(Fault { file, line, found, allowed });
    }
}

/// A table being read: it remembers the keys that were asked for.
pub struct Table<'a> {
    reader: &'a Reader<'a>,
    table: &'a DeTable<'a>,
    path: String,
    at: usize,
    asked: RefCell<Vec<&'static str>>,
    /// Its names are free.
    free: Cell<bool>,
    keys: Option<&'static Group>,
}

/// A value with its place.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    inner: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    pub fn text(self) -> Option<&'a str> {
        self.inner.get_ref().as_str()
    }

    pub fn flag(self) -> Option<bool> {
        self.inner.get_ref().as_bool()
    }

    pub fn number(self) -> Option<f64> {
        self.number_text()?.parse().ok().filter(|x: &f64| x.is_finite())
    }

    /// A number as it stands, without the signs that TOML allows between digits.
    pub fn number_text(self) -> Option<String> {
        let value = self.inner.get_ref();
        let text = value
            .as_float()
            .map(|float| float.as_str())
            .or(value.as_integer().filter(|int| int.radix() == 10).map(|int| int.as_str()));
        text.map(|text| text.replace('_', ""))
    }

    pub fn list(self) -> Option<Vec<Value<'a>>> {
        let list = self.inner.get_ref().as_array()?;
        Some(list.iter().map(|inner| Value { inner }).collect())
    }

    /// What stands there, as far as it cannot be a secret.
    fn show(self, allowed: &str) -> String {
        match self.inner.get_ref() {
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Integer(_) | DeValue::Float(_) => found::number(self.number_text()),
            DeValue::Datetime(_) => "a date".into(),
            DeValue::Array(_) => "a list".into(),
            DeValue::Table(_) => "a table".into(),
            DeValue::String(text) => found::text(text, allowed),
        }
    }
}

impl<'a> Table<'a> {
    fn new(
        reader: &'a Reader<'a>,
        table: &'a DeTable<'a>,
        path: String,
        at: usize,
        keys: Option<&'static Group>,
    ) -> Table<'a> {
        let (asked, free) = (RefCell::default(), Cell::new(false));
        Table { reader, table, path, at, asked, free, keys }
    }

    /// The value under a key, which becomes a known one.
    pub fn get(&self, key: &'static str) -> Option<Value<'a>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key).map(|inner| Value { inner })
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A value that must be there and that `read` must accept.
    pub fn need<T>(
        &self,
        key: &'static str,
        allowed: &str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        match self.get(key) {
            Some(value) => self.accept(key, value, allowed, read),
            None => {
                self.missing(key, allowed);
                None
            }
        }
    }

    /// A value that may be absent; the default stands in for it, also after a fault.
    pub fn may<T>(
        &self,
        key: &'static str,
        allowed: &str,
        default: T,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> T {
        match self.get(key) {
            Some(value) => self.accept(key, value, allowed, read).unwrap_or(default),
            None => default,
        }
    }

    fn accept<T>(
        &self,
        key: &str,
        value: Value<'a>,
        allowed: &str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        let read = read(value);
        if read.is_none() {
            self.wrong(key, value, allowed);
        }
        read
    }

    /// Notes that the value under a key is not allowed.
    pub fn wrong(&self, key: &str, value: Value, allowed: &str) {
        let found = format!("{} is {}", self.full(key), value.show(allowed));
        self.reader.fault(value.inner.span().start, found, format!("allowed: {allowed}"));
    }

    /// Notes that a value holds a secret, without showing it.
    pub fn secret(&self, key: &str, value: Value) {
        let found = format!("{} holds a secret in plain sight", self.full(key));
        let allowed = "write it into secrets.toml, and its name here: {secret:NAME}";
        self.reader.fault(value.inner.span().start, found, allowed.into());
    }

    /// Notes that a key does not go with what else stands there.
    pub fn clash(&self, key: &'static str, allowed: &str) {
        let at = self.get(key).map_or(self.at, |value| value.inner.span().start);
        let found = format!("{} does not go with the rest", self.full(key));
        self.reader.fault(at, found, format!("allowed: {allowed}"));
    }

    pub fn missing(&self, key: &str, allowed: &str) {
        let found = format!("{} is missing", self.full(key));
        self.reader.fault(self.at, found, format!("needed: {allowed}"));
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) }
    }

    /// A table under a key; `None` when there is none, or something else stands there.
    pub fn table(&self, key: &'static str) -> Option<Table<'a>> {
        let value = self.get(key)?;
        let table = self.accept(key, value, "a table", |v| v.inner.get_ref().as_table())?;
        Some(self.below(key, table, value))
    }

    /// A table that must be there.
    pub fn need_table(&self, key: &'static str, allowed: &str) -> Option<Table<'a>> {
        if !self.has(key) {
            self.get(key);
            self.missing(key, allowed);
        }
        self.table(key)
    }

    /// The tables of a list of tables; a missing key gives none.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let list = self.accept(key, value, "a list of tables", Value::list).unwrap_or_default();
        let table = |v: Value<'a>| {
            let table = self.accept(key, v, "a table", |v| v.inner.get_ref().as_table())?;
            Some(self.below(key, table, v))
        };
        list.into_iter().filter_map(table).collect()
    }

    /// A value of a list that may be a table.
    pub fn as_table(&self, key: &'static str, value: Value<'a>) -> Option<Table<'a>> {
        Some(self.below(key, value.inner.get_ref().as_table()?, value))
    }

    fn below(&self, key: &str, table: &'a DeTable<'a>, value: Value<'a>) -> Table<'a> {
        let keys = self.keys.and_then(|keys| keys.below(key));
        Table::new(self.reader, table, self.full(key), value.inner.span().start, keys)
    }

    /// The named tables inside this one, in the order of the file.
    pub fn entries(&self) -> Vec<(&'a str, Table<'a>)> {
        let mut found: Vec<_> = self
            .table
            .iter()
            .filter_map(|(key, inner)| {
                let (name, value): (&str, _) = (key.get_ref(), Value { inner });
                let table = self.accept(name, value, "a table", |v| v.inner.get_ref().as_table());
                let table = Table { keys: self.keys, ..self.below(name, table?, value) };
                Some((key.span().start, name, table))
            })
            .collect();
        found.sort_by_key(|(at, _, _)| *at);
        found.into_iter().map(|(_, name, table)| (name, table)).collect()
    }

    /// The values of this table by name, in the order of the file, for a table of free names.
    pub fn scalars(&self) -> Vec<(&'a str, Value<'a>)> {
        self.free.set(true);
        let asked = self.asked.borrow();
        let pairs = self.table.iter().map(|(key, inner)| {
            let name: &str = key.get_ref();
            (key.span().start, name, Value { inner })
        });
        let mut found: Vec<_> = pairs.filter(|(_, name, _)| !asked.contains(name)).collect();
        found.sort_by_key(|(at, _, _)| *at);
        found.into_iter().map(|(_, name, value)| (name, value)).collect()
    }

    /// Notes a fault about the table as a whole.
    pub fn told(&self, found: &str, allowed: &str) {
        self.reader.fault(self.at, found.into(), allowed.into());
    }

    /// Notes that a value is not allowed where the key may be a secret too.
    pub fn nameless(&self, value: Value, found: &str, allowed: &str) {
        self.reader.fault(value.inner.span().start, found.into(), allowed.into());
    }

    /// Notes a fault about a key's name.
    pub fn bad_name(&self, name: &str, allowed: &str) {
        self.reader.fault(self.at, format!("{name:?} is no name"), format!("allowed: {allowed}"));
    }

    /// Notes each key that is none of those that may stand there.
    pub fn unknown(&self) {
        if self.free.get() {
            return;
        }
        let known: Vec<&str> = match self.keys {
            Some(keys) => keys.all().map(|key| key.name).collect(),
            None => {
                let mut seen = std::collections::BTreeSet::new();
                self.asked.borrow().iter().copied().filter(|key| seen.insert(*key)).collect()
            }
        };
        for (key, value) in self.table.iter() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let near = known.iter().min_by_key(|known| strsim::levenshtein(known, name));
            let close = near.filter(|known| strsim::levenshtein(known, name) <= 3);
            let allowed = match close {
                Some(near) => format!("did you mean {near}?"),
                None => format!("allowed: {}", known.join(", ")),
            };
            let at = if key.span().is_empty() { value.span().start } else { key.span().start };
            self.reader.fault(at, format!("unknown key {}", self.full(name)), allowed);
        }
    }
}
