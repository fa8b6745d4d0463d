//! Looks at a finished PDF as a reader would: `pdftotext -bbox` tells where each word stands.
//! No word leaves the page, no words lie on one another, no text is too small to read.

use std::path::Path;
use std::process::Command;

/// The height of a word's box is about this many times the size of its type.
const BOX_BY_SIZE: f32 = 1.25;
const SIZE_MIN: f32 = 6.0;

#[derive(Clone, Debug)]
pub struct Word {
    pub page: usize,
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
    pub text: String,
}

#[derive(Debug, Default)]
pub struct Found {
    pub words: Vec<Word>,
    /// Widths and heights.
    pub pages: Vec<(f32, f32)>,
}

/// The words of a file; none where the tool is not installed, which is said aloud.
pub fn words(pdf: &Path) -> Option<Found> {
    let run = Command::new("pdftotext").args(["-bbox"]).arg(pdf).arg("-").output();
    let Ok(run) = run else {
        eprintln!("pdftotext is not installed: the PDF is not checked");
        return None;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(parse(&String::from_utf8_lossy(&run.stdout)))
}

fn parse(html: &str) -> Found {
    let mut found = Found::default();
    for line in html.lines().map(str::trim) {
        let number = |key: &str| attribute(line, key).unwrap_or(f32::NAN);
        if line.starts_with("<page ") {
            found.pages.push((number("width"), number("height")));
        } else if line.starts_with("<word ") {
            let text = line.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</word>"));
            found.words.push(Word {
                page: found.pages.len() - 1,
                left: number("xMin"),
                top: number("yMin"),
                right: number("xMax"),
                bottom: number("yMax"),
                text: text.map(|t| t.0.to_string()).unwrap_or_default(),
            });
        }
    }
    found
}

fn attribute(line: &str, key: &str) -> Option<f32> {
    let (_, rest) = line.split_once(&format!("{key}=\""))?;
    rest.split_once('"')?.0.parse().ok()
}

/// All that is wrong, one line each.
pub fn faults(found: &Found) -> Vec<String> {
    let mut faults = vec![];
    for (page, size) in found.pages.iter().enumerate() {
        let words: Vec<&Word> = found.words.iter().filter(|w| w.page == page).collect();
        for (place, word) in words.iter().enumerate() {
            if word.left < 0.0 || word.top < 0.0 || word.right > size.0 || word.bottom > size.1 {
                faults.push(format!("page {}: {:?} leaves the page", page + 1, word.text));
            }
            if (word.bottom - word.top) / BOX_BY_SIZE < SIZE_MIN {
                faults.push(format!("page {}: {:?} is too small", page + 1, word.text));
            }
            for other in words[place + 1..].iter().filter(|o| overlap(word, o)) {
                let pair = format!("{:?} lies on {:?}", word.text, other.text);
                faults.push(format!("page {}: {pair}", page + 1));
            }
        }
    }
    faults
}

/// Whether the ink may touch: boxes reach from ascender to descender and a bit beyond.
fn overlap(a: &Word, b: &Word) -> bool {
    let inner = |w: &Word| {
        let height = w.bottom - w.top;
        (w.top + 0.22 * height, w.bottom - 0.24 * height)
    };
    let (a_y, b_y) = (inner(a), inner(b));
    let across = a.right.min(b.right) - a.left.max(b.left);
    let down = a_y.1.min(b_y.1) - a_y.0.max(b_y.0);
    across > 0.3 && down > 0.3
}

/// Fails with all faults of a file.
pub fn assert_sound(pdf: &Path) {
    let Some(found) = words(pdf) else { return };
    let faults = faults(&found);
    assert!(faults.is_empty(), "{}:\n{}", pdf.display(), faults.join("\n"));
}
