//! Why items of a snapshot are missing, in words, for the file beside it in quarantine.

use super::{File, part, read};
use crate::domain::extract::{Extraction, Plan};
use crate::domain::fold::{Fold, still_missing, still_missing_of_page};
use crate::domain::format::{be, english};
use crate::domain::limits::BATCH_BYTES;
use crate::domain::positions::Missing;
use crate::edge::spool::Spool;
use anyhow::Result;

/// Why a snapshot waits of which more could be read, beside others or even alone.
const BEYOND: &str = "it can be read, but with it the rows of its source and hour, counted \
at once, would be more than is held (docs/limits.md)\n\
hint: if they are meant, summarizer replay counts it beside the others\n";
const BEYOND_ALONE: &str = "it can be read, but its rows would be more than is held \
(docs/limits.md)\n\
hint: a declaration that asks for smaller answers, or takes fewer series or fields of them\n";

/// The words.
pub fn reason(spool: &Spool, plan: &Plan, file: &File) -> Result<String> {
    let mut extraction = Extraction::default();
    let hash = read(spool, plan, file, &mut Vec::new(), &mut extraction)?;
    let is_page = plan.aggregates() && file.id.page().is_some();
    let missing = missing(&extraction, &file.want, is_page);
    let left = match is_page {
        true => still_missing_of_page(&extraction, &file.want),
        false => still_missing(plan.source(), &extraction, &file.want),
    };
    let alone =
        || Fold::new(plan, file.id.window()).takes(&extraction, part(file, hash), BATCH_BYTES);
    let beyond = match left != file.want {
        true if alone() => BEYOND,
        true => BEYOND_ALONE,
        false => "",
    };
    let faults = extraction.faults().iter().map(|fault| match fault.position {
        Some(position) => format!("item {position}: {}\n", fault.reason),
        None => format!("{}\n", fault.reason),
    });
    let difference = extraction.difference().map(|words| format!("{words}\n"));
    let (faults, words) = (faults.collect::<String>(), difference.unwrap_or_default());
    Ok(format!("{}\n{missing}\n{beyond}{faults}{words}", file.id))
}

fn missing(extraction: &Extraction, want: &Missing, is_page: bool) -> String {
    let last = extraction.length;
    match want {
        Missing::All => "nothing of it is counted".to_string(),
        Missing::Nothing => "everything of it is counted".to_string(),
        Missing::Some(positions) if is_page && positions.ranges() == [(last, last)] => {
            "its items are counted; the aggregates over all pages of its set are not, for not all \
             of these can be read"
                .to_string()
        }
        Missing::Some(positions) => {
            let items = positions.len() - u64::from(positions.contains(last));
            format!(
                "{items} of {} {} not counted, nor is any aggregate over them all",
                english(last.into(), "item", "items"),
                be(items)
            )
        }
    }
}
