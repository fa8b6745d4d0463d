//! The measures of a page: A4, twelve columns, the heights between which blocks may stand.

pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;
pub const LEFT: f32 = 42.64;
/// Of the twelve columns together.
pub const MEASURE: f32 = 510.0;
pub const RIGHT: f32 = LEFT + MEASURE;
pub const COLUMN: f32 = 31.5;
pub const GUTTER: f32 = 12.0;
/// The rule at the head of a page.
pub const HEAD: f32 = 36.0;
/// Where blocks begin, below the running head.
pub const TOP: f32 = 66.0;
/// Where blocks end, above the foot.
pub const BOTTOM: f32 = 788.0;
/// The rule at the foot of a page.
pub const FOOT: f32 = 800.0;

/// The width of some columns with the gutters between them.
pub fn span(columns: u8) -> f32 {
    let n = f32::from(columns.clamp(1, 12));
    n * COLUMN + (n - 1.0) * GUTTER
}
