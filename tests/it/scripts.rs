//! Names in any script: with the fonts of the machine, and without any. What is copied from a page
//! is the name itself, in the order in which it is read.
//! With DAYBOOK_PAGES set to a folder, the files stay there to be looked at.

use crate::pdf::check;
use daybook::domain::format::Lang;
use daybook::domain::report::figure::{Extent, Map, Place};
use daybook::domain::report::table::{Cell, Table, TableColumn};
use daybook::domain::report::{Block, Caption, Report, Section};
use daybook::domain::shown::{self, apart};
use daybook::edge::fonts::Folders;
use daybook::tier::paper::printed;
use std::path::{Path, PathBuf};
use std::process::Command;
use unicode_segmentation::UnicodeSegmentation;

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

#[test]
fn the_same_fonts_give_the_same_bytes() {
    let report = report(&NAMES);
    assert!(printed(&report, &folders(NOTO)).unwrap() == printed(&report, &folders(NOTO)).unwrap());
}

/// A name with overrides of direction, and one read from the right, leave what stands beside them
/// where it is.
#[test]
fn no_name_draws_its_neighbours_over() {
    let names = ["abc\u{202e}def", "\u{202b}12 Rue", "תחנה 1", "محطة (2)"];
    let (_folder, path) = written("neighbours", &report(&names), NOTO);
    let found = check::read(&path);
    let at = |word: &str| {
        found.words.iter().filter(|w| w.text == word).map(|w| w.left).collect::<Vec<_>>()
    };
    // Each line in words begins with "in" and ends with ", 7".
    assert_eq!((at("in").len(), at("7").len()), (4, 4));
    assert!(at("in").iter().zip(at("7")).all(|(begin, end)| *begin < end));
    let text = text(&path);
    assert!(text.contains("in abcdef, 7") && text.contains("in 12 Rue, 7"), "{text}");
}

/// What a page shows of a name in a narrow column, by its lines.
#[test]
fn a_cut_never_parts_a_letter() {
    let names = [("कर्मक्षेत्र", 9), ("e\u{301}", 200), ("ที่นี่", 40), ("🇫🇷", 70)];
    let names = names.map(|(name, times)| name.repeat(times));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (_folder, path) = written("cuts", &report(&names), NOTO);
    let text = text(&path);
    for piece in text.split_whitespace().filter(|w| w.contains('…')) {
        let start = piece.trim_end_matches(['…', '.', ',']);
        let ends = |name: &&&str| {
            let mut ends = name.grapheme_indices(true);
            ends.any(|(at, letter)| name[..at + letter.len()].ends_with(start))
        };
        assert!(names.iter().any(|name| ends(&name)), "{piece} is cut in a letter");
    }
    assert!(text.contains('…'), "{text}");
}

#[test]
fn a_name_of_many_unseen_letters_takes_the_room_of_few() {
    let name = "東京駅前自転車置場東京駅前自転車置場";
    let (_folder, path) = written("long", &report(&[name]), "");
    let text = text(&path);
    assert!(text.contains(name), "{text}");
    let found = check::assert_sound(&path);
    assert!(found.lines.iter().all(|line| line.page > 0 || line.right - line.left < 420.0));
}

/// A font whose lists are whole and whose glyphs are not, and files that are no fonts.
#[test]
fn a_damaged_font_stops_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read("/usr/share/fonts/truetype/noto/NotoSansThai-Regular.ttf").unwrap();
    for (name, length) in [("a.ttf", whole.len() / 2), ("b.ttf", 300), ("c.otf", 0)] {
        std::fs::write(folder.path().join(name), &whole[..length]).unwrap();
    }
    std::fs::write(folder.path().join("d.ttc"), b"ttcf\0\x01\0\0\xff\xff\xff\xff").unwrap();
    let fonts = Folders::new(|_| Some(folder.path().into()));
    let pdf = printed(&report(&["ไทย"]), &fonts).unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    assert!(text(&path).contains("ไทย"));
}

/// A label on a map has a white edge, drawn first.
#[test]
fn a_label_with_an_edge_is_copied_once() {
    let names = ["東京", "हिन्दी", "محطة", "Kyoto"];
    let place = |(k, name): (usize, &&str)| Place {
        lon: 2.0 + k as f64 * 0.1,
        lat: 48.0,
        size: 4,
        label: Some(name.to_string()),
        ..Place::default()
    };
    let points = names.iter().enumerate().map(place).collect();
    let map = Map { caption: Caption::new("Map", ""), extent: Extent::Local, points, key: vec![] };
    let report = Report { front: vec![Block::Map(map)], ..Report::default() };
    let (_folder, path) = written("labels", &report, NOTO);
    let output = Command::new("pdftotext").arg("-raw").arg(&path).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for name in names {
        assert_eq!(text.matches(name).count(), 1, "{name} in {text}");
    }
}
