//! The faces that are part of this crate.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Face {
    Sans,
    Semibold,
    Italic,
    Light,
    Display,
    Serif,
}

impl Face {
    pub const ALL: [Face; 6] =
        [Face::Sans, Face::Semibold, Face::Italic, Face::Light, Face::Display, Face::Serif];

    /// The font file, unmodified.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Face::Sans => include_bytes!("../../../../assets/fonts/SourceSans3-Regular.ttf"),
            Face::Semibold => include_bytes!("../../../../assets/fonts/SourceSans3-Semibold.ttf"),
            Face::Italic => include_bytes!("../../../../assets/fonts/SourceSans3-It.ttf"),
            Face::Light => include_bytes!("../../../../assets/fonts/SourceSans3-Light.ttf"),
            Face::Display => {
                include_bytes!("../../../../assets/fonts/SourceSerif4Display-Semibold.ttf")
            }
            Face::Serif => include_bytes!("../../../../assets/fonts/SourceSerif4-Regular.ttf"),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Face::Sans => "SourceSans3-Regular",
            Face::Semibold => "SourceSans3-Semibold",
            Face::Italic => "SourceSans3-It",
            Face::Light => "SourceSans3-Light",
            Face::Display => "SourceSerif4Display-Semibold",
            Face::Serif => "SourceSerif4-Regular",
        }
    }

    /// The parsed font file.
    #[expect(clippy::expect_used, reason = "the fonts are part of this crate, and tested")]
    pub fn parsed(self) -> rustybuzz::Face<'static> {
        rustybuzz::Face::from_slice(self.bytes(), 0).expect("fonts of this crate parse")
    }

    /// Whether its strokes are stout, so that letters of other fonts beside it should be.
    pub fn is_heavy(self) -> bool {
        matches!(self, Face::Semibold | Face::Display)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_has_whole_thousands_per_em() {
        // The widths a PDF holds are thousandths of an em, cut off: other fonts would drift.
        assert!(Face::ALL.iter().all(|f| f.parsed().units_per_em() == 1000));
    }
}
