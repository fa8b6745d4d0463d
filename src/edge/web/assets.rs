//! What pages are dressed in: style, script, faces. All of it is part of this program, and served
//! by it: nothing is asked of anybody else.

use crate::domain::hash::Digest;
use std::sync::OnceLock;

/// A file that pages ask for.
pub struct Asset {
    pub name: &'static str,
    pub kind: &'static str,
    pub bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal: $kind:literal,)*) => {
        &[$(Asset {
            name: $name,
            kind: $kind,
            bytes: include_bytes!(concat!("../../../assets/web/", $name)),
        },)*]
    };
}

pub const ALL: &[Asset] = assets! {
    "daybook.css": "text/css; charset=utf-8",
    "daybook.js": "text/javascript; charset=utf-8",
    "chart.js": "text/javascript; charset=utf-8",
    "zone.js": "text/javascript; charset=utf-8",
    "parts.js": "text/javascript; charset=utf-8",
    "theme.js": "text/javascript; charset=utf-8",
    "uplot-1.6.32.min.js": "text/javascript; charset=utf-8",
    "uplot-1.6.32.LICENSE.txt": "text/plain; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "fonts/DaybookSans-Light.woff2": "font/woff2",
    "fonts/DaybookSans-Regular.woff2": "font/woff2",
    "fonts/DaybookSans-Semibold.woff2": "font/woff2",
    "fonts/DaybookSerif-Display.woff2": "font/woff2",
    "fonts/DaybookSerif-Regular.woff2": "font/woff2",
};

/// Faces that the first paint needs.
pub const FACES: [&str; 4] =
    ["DaybookSans-Regular", "DaybookSans-Semibold", "DaybookSerif-Regular", "DaybookSerif-Display"];

pub fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.name == name)
}

/// Digits of all of them: addresses with these digits never change what they mean.
pub fn digits() -> &'static str {
    static DIGITS: OnceLock<String> = OnceLock::new();
    DIGITS.get_or_init(|| {
        let all: Vec<u8> =
            ALL.iter().flat_map(|asset| Digest::of(asset.bytes).hex().into_bytes()).collect();
        Digest::of(&all).short(12)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_made_is_what_they_published() {
        // The file `dist/uPlot.iife.min.js` of the package uplot 1.6.32 of the npm registry.
        let plot = find("uplot-1.6.32.min.js").unwrap();
        assert_eq!(
            Digest::of(plot.bytes).hex(),
            "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"
        );
    }
}
