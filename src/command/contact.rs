//! Who answers for the requests of a run.

use crate::edge::config::is_contact;
use anyhow::{Result, bail};

/// Names the program and who answers for it: no run without.
pub(super) fn user_agent(contact: Option<&str>) -> Result<String> {
    let contact = contact.unwrap_or_default();
    if !contact.is_empty() && !is_contact(contact) {
        bail!("the contact {contact:?} is no mail address and no https:// page that reaches you");
    }
    if contact.is_empty() {
        bail!(
            "no contact is set, and nobody is asked without one\n\
             hint: write contact = \"you@example.org\" into daybook.toml, or use --contact"
        );
    }
    Ok(format!("daybook/{} (contact: {contact})", env!("CARGO_PKG_VERSION")))
}
