//! What stands behind the writes of a MongoDB server: whether it keeps a journal and its data.

use super::MongoDb;
use crate::edge::store::Standing;
use mongodb::bson::{Document, doc};

/// How a server is brought to keep what it acknowledges.
const JOURNAL: &str =
    "start mongod with its journal: without --nojournal, and storage.journal.enabled not false";
const ENGINE: &str = "start mongod with --storageEngine wiredTiger";

impl MongoDb {
    /// Our writes wait for a majority and its journal, whatever the server's own default is.
    pub(super) fn behind_writes(&self) -> Standing {
        let mut words = vec![format!(
            "writes wait for {} (w: majority, j: true), reads are of the majority",
            self.members()
        )];
        let mut weak = Vec::new();
        let (options, status) = (doc! { "getCmdLineOpts": 1 }, doc! { "serverStatus": 1 });
        match self.asked("admin", options) {
            Some(options) => weak.extend(no_journal(&options).then(|| {
                let said = "its server runs without a journal: it takes no write of ours, and \
                            loses those of others";
                (said.to_string(), JOURNAL)
            })),
            None => words.push("whether it keeps a journal may not be seen by its user".into()),
        }
        let engine = self.asked("admin", status);
        let engine = engine.as_ref().and_then(|status| status.get_document("storageEngine").ok());
        if let Some(engine) =
            engine.filter(|engine| engine.get_bool("persistent").is_ok_and(|kept| !kept))
        {
            let name = engine.get_str("name").unwrap_or("another");
            let said = format!("its server keeps data in memory only (engine {name})");
            weak.push((said, ENGINE));
        }
        Standing { words: words.join("; "), weak }
    }

    fn members(&self) -> String {
        let hello = self.asked("admin", doc! { "hello": 1 }).unwrap_or_default();
        match (hello.get_str("setName"), hello.get_array("hosts")) {
            (Ok(name), Ok(hosts)) => format!("most of {} servers of {name}", hosts.len()),
            _ => "one server and its journal".into(),
        }
    }

    /// What a server tells, if it does.
    fn asked(&self, database: &str, command: Document) -> Option<Document> {
        let database = self.database.client().database(database);
        self.act("?store.read", async { database.run_command(command).await }).ok()
    }
}

fn no_journal(options: &Document) -> bool {
    let journal = |options: &Document| {
        let storage = options.get_document("parsed").ok()?.get_document("storage").ok()?;
        storage.get_document("journal").ok()?.get_bool("enabled").ok()
    };
    journal(options) == Some(false)
}
