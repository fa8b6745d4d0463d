//! Names in any script: with the fonts of the machine, and without any. What is copied from a page
//! is the name itself, in the order in which it is read.
//! With DAYBOOK_PAGES set to a folder, the files stay there to be looked at.

use crate::pdf::check;
use daybook::domain::format::Lang;
use daybook::domain::report::table::{Cell, Table, TableColumn};
use daybook::domain::report::{Block, Caption, Report, Section};
use daybook::domain::shown::{self, apart};
use daybook::edge::fonts::Folders;
use daybook::tier::paper::printed;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian's packages fonts-noto-core and fonts-noto-cjk put their files.
const NOTO: &str = "/usr/share/fonts/truetype/noto:/usr/share/fonts/opentype/noto";

const NAMES: [&str; 36] = [
    "北京南站",
    "東京駅前・自転車置場",
    "東京スカイツリー",
    "서울역 3번 출구",
    "台北車站ㄊㄞ",
    "Station 東京 (Tokyo)",
    "محطة القطار الشمالية 12",
    "شارع 12 / Rue 12",
    "می\u{200c}خواهم",
    "السَّلامُ عَلَيْكُم",
    "اردو بس اڈہ",
    "תחנת הרכבת 7",
    "(שלום) [12] 3.5%",
    "בְּרֵאשִׁית",
    "हिन्दी स्टेशन",
    "क्षेत्र कार्यालय",
    "தமிழ் நாடு கோயம்புத்தூர்",
    "বাংলাদেশ স্টেশন",
    "తెలుగు క్షేత్రం",
    "ಕನ್ನಡ ನಿಲ್ದಾಣ",
    "മലയാളം സ്റ്റേഷൻ",
    "ਪੰਜਾਬੀ ਸਟੇਸ਼ਨ",
    "සිංහල ස්ථානය",
    "ไทย สถานี น้ำ",
    "ລາວ ສະຖານີ",
    "ខ្មែរ ស្ថានីយ៍",
    "မြန်မာ ဘူတာ",
    "བོད་ཡིག",
    "ქართული სადგური",
    "Հայերեն կայարան",
    "አማርኛ ጣቢያ",
    "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
    "ܣܘܪܝܝܐ",
    "ދިވެހި",
    "e\u{301}te\u{301} nai\u{308}ve",
    "α\u{302} Θεσσαλονίκη",
];

fn report(names: &[&str]) -> Report {
    let row = |name: &&str| {
        vec![Cell::text(*name), Cell::text("12.5"), Cell::text(format!("in {}, 7", apart(name)))]
    };
    let columns =
        vec![TableColumn::left("Name"), TableColumn::right("Value"), TableColumn::left("In words")];
    let caption = Caption::new("Names", "as they were sent");
    let table = Table { caption, columns, rows: names.iter().map(row).collect() };
    let data = Section {
        name: "Data".into(),
        blocks: vec![Block::Note("All answers that landed are counted.".into())],
        ..Section::default()
    };
    Report {
        lang: Lang::En,
        publication: "Daybook".into(),
        headline: format!("Most bikes at {}", names[0]),
        front: vec![Block::Table(table)],
        sections: vec![data],
        ..Report::default()
    }
}

fn folders(list: &'static str) -> Folders {
    Folders::new(|_| Some(list.into()))
}

fn written(name: &str, report: &Report, fonts: &'static str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("DAYBOOK_PAGES").map(PathBuf::from);
    let path = kept.unwrap_or(folder.path().into()).join(format!("{name}.pdf"));
    std::fs::write(&path, printed(report, &folders(fonts)).unwrap()).unwrap();
    (folder, path)
}

/// The text of a file, as it is copied: marks that only order it are no part of a name.
fn text(path: &Path) -> String {
    let output = Command::new("pdftotext").arg("-layout").arg(path).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.chars()
        .filter(|c| !matches!(c, '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

/// All names stand there. Of one that is read from the right, `pdftotext` moves the numbers and
/// turns the brackets of their line: its words are looked for.
fn assert_copied(text: &str) {
    let parts = |name: &&'static str| match is_from_right(name) {
        true => name.split(|c: char| !is_letter(c)).filter(|w| w.len() > 3).collect::<Vec<_>>(),
        false => name.split(' ').collect(),
    };
    let parts: Vec<&str> = NAMES.iter().flat_map(parts).collect();
    let lost: Vec<&&str> = parts.iter().filter(|name| !text.contains(**name)).collect();
    assert!(lost.is_empty(), "{lost:#?} not in\n{text}");
}

fn is_from_right(name: &str) -> bool {
    name.contains(shown::is_from_right)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || shown::is_from_right(c) || c == '\u{200c}'
}

#[test]
fn names_of_all_scripts_are_shown_and_copied_as_they_are() {
    let (_folder, path) = written("scripts", &report(&NAMES), NOTO);
    let text = text(&path);
    assert_copied(&text);
    assert!(!text.contains("U+"), "{text}");
    assert_eq!(check::boxes(&check::read(&path)), [""; 0]);
}

#[test]
fn without_fonts_names_stand_as_code_points_and_are_copied_as_they_are() {
    let (_folder, path) = written("scripts-none", &report(&NAMES), "");
    let text = text(&path);
    assert!(text.contains("Most bikes at"), "{text}");
    assert_copied(&text);
    assert_eq!(check::boxes(&check::read(&path)), [""; 0]);
}
