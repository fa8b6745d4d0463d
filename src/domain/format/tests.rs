//! What a reader sees, for values plain and odd.

use super::*;
use Lang::{En, Fr};

fn check(found: String, expected: &str) {
    assert_eq!(found.replace(NBSP, "_").replace(THIN, "."), expected);
}

#[test]
fn sizes_have_decimal_units() {
    let sizes = |lang: Lang| [0, 999, 1000, 35_400_000, 120_000_000_000].map(|n| lang.bytes(n));
    let plain = |text: String| text.replace('\u{a0}', " ");
    assert_eq!(sizes(En).map(plain), ["0 B", "999 B", "1.0 kB", "35.4 MB", "120 GB"]);
    assert_eq!(sizes(Fr).map(plain)[3], "35,4 Mo");
}

#[test]
fn numbers() {
    check(En.number(12486.0, 0), "12,486");
    check(Fr.number(12486.25, 1), "12.486,2");
    check(En.number(-0.04, 1), "0.0");
    check(En.number(-2.36, 1), "−2.4");
    check(En.number(f64::NAN, 1), "–");
    check(En.number(1e12, 0), "1,000,000,000,000");
    check(Fr.number(-1.25e21, 0), "−1,25_×_10²¹");
    check(En.number(1e-3, 99), "0.001000000000");
    check(En.integer(i64::MIN), "−9,223,372,036,854,775,808");
    check(En.power(1.5e-9), "1.5_×_10⁻⁹");
    check(En.signed(0.0, 1), "0.0");
    check(En.signed(0.01, 1), "0.0");
    check(Fr.signed(2.14, 1), "+2,1");
}

#[test]
fn shares() {
    check(En.percent(0.982, 1), "98.2%");
    check(Fr.percent(1.0, 1), "100.%");
    check(En.percent(0.99999, 1), "99.9%");
    check(Fr.percent(0.0, 0), "0.%");
}

#[test]
fn units_and_short_forms() {
    check(En.quantity(11.84, 1, "°C"), "11.8_°C");
    check(En.quantity(11.84, 1, ""), "11.8");
    check(Fr.with_unit("12", "%"), "12.%");
    check(En.compact(1.5e6, 0), "1.5M");
    check(Fr.compact(3e9, 0), "3_Md");
    check(En.compact(1e12, 0), "1tn");
    check(En.compact(-2500.0, 0), "−2,500");
    assert_eq!([1.0, 0.5, 0.05, 20.0, 2e-9].map(decimals_for), [0, 1, 2, 0, 9]);
}

#[test]
fn days_and_times() {
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    check(En.date(day), "Sunday 1_November 2026");
    check(Fr.edition(day), "Dimanche 1er_novembre 2026");
    check(Fr.date(day), "dimanche 1er_novembre 2026");
    let at = day.and_hms_opt(4, 7, 0).unwrap();
    check(En.clock(at), "04:07");
    check(Fr.clock(at), "4_h_07");
    check(Fr.hour(24), "24_h");
}

#[test]
fn lengths_of_time() {
    check(En.duration(40), "40_s");
    check(En.duration(90), "1_min_30_s");
    check(En.duration(7500), "2_h_05_min");
    check(Fr.duration(274_000), "3_j_4_h");
    check(En.every(300), "every 5_min");
    check(Fr.every(60), "chaque minute");
}

#[test]
fn words() {
    check(En.count(1214, "earthquake", "earthquakes"), "1,214_earthquakes");
    check(Fr.count(1, "séisme", "séismes"), "1_séisme");
    check(Fr.count(0, "séisme", "séismes"), "0_séisme");
    check(En.count(0, "earthquake", "earthquakes"), "0_earthquakes");
    check(En.list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
}

#[test]
fn days_in_a_row_share_what_they_can() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let said = |lang: Lang, from, to| lang.days(day(from), day(to)).replace(NBSP, " ");
    assert_eq!(said(En, "2026-11-23", "2026-11-25"), "23 to 25 November 2026");
    assert_eq!(said(Fr, "2026-11-01", "2026-11-25"), "1er au 25 novembre 2026");
    assert_eq!(said(Fr, "2026-10-30", "2026-11-02"), "30 octobre au 2 novembre 2026");
    assert_eq!(said(En, "2025-12-30", "2026-01-02"), "30 December 2025 to 2 January 2026");
}

#[test]
fn numbers_are_plain_again() {
    for number in [0.0, -1234.5, 1_234_567.0, 0.25, -0.001, 999.0, 12_345.678] {
        for lang in [En, Fr] {
            let text = lang.number(number, 3);
            assert_eq!(lang.plain(&text).unwrap().parse(), Ok(number), "{text}");
        }
    }
    for text in ["", "—", "12 °C", "1,5", "18:30", "\u{2212}", "1.", ".5", "1.2.3", "12,34"] {
        assert_eq!(En.plain(text), None, "{text}");
    }
}
