//! What a declaration says of its connections.

use std::path::{Path, PathBuf};

/// Files of PEM, by paths from the folder of the declarations, or as they are [`Tls::in_folder`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tls {
    /// Authorities, in place of those whom the machine trusts.
    pub ca: Option<PathBuf>,
    pub client: Option<Client>,
}

/// As whom a source is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    pub certificate: PathBuf,
    /// It may be the same file.
    pub key: PathBuf,
}

impl Tls {
    /// With the paths of files of declarations in this folder.
    pub fn in_folder(self, folder: &Path) -> Tls {
        let client = self.client.map(|Client { certificate, key }| Client {
            certificate: folder.join(certificate),
            key: folder.join(key),
        });
        Tls { ca: self.ca.map(|ca| folder.join(ca)), client }
    }
}
