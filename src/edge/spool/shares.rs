//! How much of each source its terms let others see, as declared last: `.state/share/<source>`, a
//! word. A source that is taken away is bound by it, whatever older declarations of it say.

use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::source::{Share, Source};
use std::path::PathBuf;

impl Spool {
    fn share_of(&self, source: &SourceName) -> PathBuf {
        self.state().join("share").join(source.as_str())
    }

    /// Keeps what a source declares, under all its names.
    pub fn keep_share(&self, source: &Source) -> Result<()> {
        for name in source.names() {
            let (share, path) = (source.about.share, self.share_of(&name));
            if self.share(&name).unwrap_or_default() != share {
                self.disk.make_dir(path.parent().unwrap_or(&path))?;
                self.disk.replace(&path, share.name().as_bytes())?;
            }
        }
        Ok(())
    }

    /// What was kept of a name.
    pub fn share(&self, source: &SourceName) -> Option<Share> {
        let bytes = self.disk.read_small(&self.share_of(source)).ok()??;
        Share::by_name(std::str::from_utf8(&bytes).ok()?)
    }
}
