//! Checks of pages: what is found in them, and what they may cost.

use super::*;
use crate::domain::css::Css;
use crate::domain::form::Encoding;
use crate::domain::limits::STEPS;
use crate::domain::path::Path;

/// What paths find from the top of a page.
fn find(bytes: &[u8], paths: &[&str]) -> Vec<String> {
    let (budget, mut found) = (Budget::default(), Vec::new());
    let read = document(bytes, &Written::default(), &budget, &mut |tree| {
        let find = |path: &&str| {
            let path = Path::in_page(path).unwrap();
            format!("{:?}", tree.find(path.steps(), 0, &budget))
        };
        found = paths.iter().map(find).collect();
    });
    read.unwrap();
    found
}

fn check(html: &str, expected: &[(&str, &str)]) {
    let paths: Vec<&str> = expected.iter().map(|(path, _)| *path).collect();
    let found = find(html.as_bytes(), &paths);
    for ((path, expected), found) in expected.iter().zip(&found) {
        assert_eq!(found, expected, "{path} in {html}");
    }
}

#[test]
fn text_is_what_a_person_sees() {
    check(
        "<title> A \n title </title><body>\
         <p id=a>one<b>two</b> <i>three</i>\n four</p>\
         <p id=b>one<br>two</p>\
         <div id=c><p>one</p><p>two</p>three</div>\
         <div id=d>one<script>x</script><style>y</style><!-- z --><template>w</template>two</div>\
         <div id=e>&nbsp;</div><div id=f> </div><div id=g></div>\
         <div id=h>1&nbsp;234&#44;5 &euro;&amp;</div>\
         <table id=i><tr><td>1</td><td>2</td></tr><tr><td>3</table>\
         <ul id=j><li>a<li>b</ul>\
         <script id=k> let x = 1; </script>\
         <div id=l>a<div>b</div>c</div><noscript>n</noscript>\
         <pre id=m> x\n  y </pre>\
         <b id=n>1<span hidden>2</span>3<i style='color:red; Display : none !important'>4</i>\
         <u style='visibility:hidden'>5</u><em style='display:inline'>6</em></b>\
         <b id=r>31200<sup>1</sup></b><b id=t><s>1 200</s> 900</b><b id=u>12<img>345</b>\
         <b id=v>m<sup>2</sup></b><div id=w>12<svg><title>3</title></svg></div>\
         <div id=x><i style='display:block'>12</i><i style='display:block'>345</i></div>\
         <pre id=y>12\n345</pre><b id=z>1<i style='display:none;display:inline'>2</i></b>\
         <b id=aa><del>999</del>&nbsp;899</b><b id=ab><math><mn>10</mn><mn>3</mn></math></b>\
         <b id=o>12<br>345</b><b id=p>26.11.2026<br>14:05</b><b id=q>12 345<br>m</b>",
        &[
            ("head > title", "Text(\"A title\")"),
            ("#a", "Text(\"onetwo three four\")"),
            ("#b", "Text(\"one two\")"),
            ("#c", "Text(\"one two three\")"),
            ("#d", "Text(\"onetwo\")"),
            ("#e", "Null"),
            ("#f", "Null"),
            ("#g", "Null"),
            ("#h", "Text(\"1\\u{a0}234,5 €&\")"),
            ("#i", "Text(\"1\\u{2029}2\\u{2029}3\")"),
            ("#j", "Text(\"a b\")"),
            ("#k", "Text(\"let x = 1;\")"),
            ("#l", "Text(\"a b c\")"),
            ("#m", "Text(\"x y\")"),
            ("#n", "Text(\"13\\u{2029}6\")"),
            ("#r", "Text(\"31200\\u{2029}1\")"),
            ("#t", "Text(\"1 200\\u{2029}900\")"),
            ("#u", "Text(\"12\\u{2029}345\")"),
            ("#v", "Text(\"m2\")"),
            ("#w", "Text(\"12\")"),
            ("#x", "Text(\"12\\u{2029}345\")"),
            ("#y", "Text(\"12\\u{2029}345\")"),
            ("#z", "Text(\"12\")"),
            ("#aa", "Text(\"999\\u{2029}\\u{a0}899\")"),
            ("#ab", "Text(\"10\\u{2029}3\")"),
            ("#o", "Text(\"12\\u{2029}345\")"),
            ("#p", "Text(\"26.11.2026\\u{2029}14:05\")"),
            ("#q", "Text(\"12 345 m\")"),
            ("#nothing", "Absent"),
        ],
    );
}

#[test]
fn digits_are_one_number_only_where_they_surely_stand_side_by_side() {
    let text = |inner: &str| {
        let page = format!("<!doctype html><b id=x>12{inner}</b>");
        find(page.as_bytes(), &["#x"]).remove(0)
    };
    for joined in [
        "<i>345</i>",
        "<span class=a style='color:red;padding:0;margin-left:.25em'>345</span>",
        "<a href=/><u>34</u></a><ins>5</ins>",
        "<script>7</script><i hidden>7</i><i popover>7</i><!--9-->345",
        "<i style='display:none!important;display:inline'>7</i><wbr>345",
        "<i style='display:none;display:bogus'>7</i><i style='font-size:0'>7</i>345",
        "<i hidden style='display:initial'>345</i>",
        "<input type=hidden value=9><o:p>345</o:p>",
        "<svg hidden><text>7</text></svg><math style='display:none'><mn>7</mn></math>345",
    ] {
        assert_eq!(text(joined), "Text(\"12345\")", "{joined}");
    }
    for apart in [
        "<s>345</s>",
        "&nbsp;<s>345</s>",
        "<s>,345</s>",
        "<span style='float:right'>-</span>345",
        " <span style='text-decoration:line-through'>345</span>",
        " <span style='vertical-align:super'>345</span>",
        "<span style='float:left'>345</span>",
        "<span style='position:absolute'>345</span>",
        "<span style='white-space:pre'>\n345</span>",
        "<span style='visibility:hidden'>7</span>345",
        " <iframe></iframe> 345",
        "<embed> 345",
        "<audio controls>7</audio>345",
        "<meter>7</meter>345",
        "<progress>7</progress>345",
        "<textarea>345</textarea>",
        "<ruby>34<rt>5</rt></ruby>",
        "<svg><style>7</style><defs>7</defs><text>345</text></svg>",
        "<math><mn>345</mn><annotation>7</annotation></math>",
        "<div style='display:flex'><i>34</i><i>5</i></div>",
        "<p style='display:inline-grid'><i>34</i><i>5</i></p>",
    ] {
        let found = text(apart);
        assert!(found.contains("\\u{2029}") && !found.contains('7'), "{apart}: {found}");
    }
    for doubtful in
        ["<x-y>345</x-y>", "<small>34</small>5", "<i style='margin-left:3em'>345</i>", "<q>345</q>"]
    {
        let found = text(doubtful);
        assert!(found.contains("\\u{2028}"), "{doubtful}: {found}");
    }
    assert_eq!(text(".<sup>99</sup>"), "Text(\"12.99\")");
    assert_eq!(text("<s>a</s>b\u{2028}c"), "Text(\"12ab c\")");
}

#[test]
fn what_is_written_on_lines_and_in_columns_is_not_one_number() {
    let text =
        |inner: &str| find(format!("<pre id=x>12{inner}</pre>").as_bytes(), &["#x"]).remove(0);
    let wraps = "<b style='white-space:pre-wrap;white-space:-moz-pre-wrap'>\n345</b>";
    for apart in ["\n345", "   345", "\t345", wraps] {
        assert_eq!(text(apart), "Text(\"12\\u{2029}345\")", "{apart}");
    }
    assert_eq!(text(" 345"), "Text(\"12 345\")");
    assert_eq!(text("<b style='white-space:normal'>\n345</b>"), "Text(\"12 345\")");
}

#[test]
fn a_path_leads_to_one_element_or_says_that_there_are_several() {
    check(
        "<!DOCTYPE html><div id=x class='A b'><a href=/1 title>one</a><a href=/2>two</a>\
         <b>three</b></div>\
         <div id=x></div>",
        &[
            ("a", "Several"),
            ("a@href", "Several"),
            ("a[0]", "Text(\"one\")"),
            ("a[1]@href", "Text(\"/2\")"),
            ("a[2]", "Absent"),
            ("a[*]@title", "Text(\"\")"),
            ("a[*]@href", "Several"),
            ("a[*]@none", "Absent"),
            ("b[*]", "Text(\"three\")"),
            ("b@href", "Absent"),
            ("a[title]@href", "Text(\"/1\")"),
            ("#x", "Several"),
            ("#x b", "Text(\"three\")"),
            (".A > a:first-child", "Text(\"one\")"),
            (".a", "Absent"),
            ("DIV.b > B", "Text(\"three\")"),
            ("a:last-of-type", "Text(\"two\")"),
            ("a + a", "Text(\"two\")"),
            ("div:has(> b)@class", "Text(\"A b\")"),
            ("a:not([title])", "Text(\"two\")"),
            ("a:nth-child(2)", "Text(\"two\")"),
            ("div:empty@id", "Text(\"x\")"),
            (":root > body > div:first-child@id", "Text(\"x\")"),
        ],
    );
}

#[test]
fn selectors_begin_at_the_item_or_ask_about_what_is_around_it() {
    let page = "<ul class=a><li>x<ul><li>y</ul></ul>";
    let (budget, written) = (Budget::default(), Written::default());
    document(page.as_bytes(), &written, &budget, &mut |tree| {
        let Tree::Page(top, _) = tree else { panic!("no page") };
        let item = top.select(&Css::parse(".a > li").unwrap(), &budget).next().unwrap();
        let count = |css: &str| item.select(&Css::parse(css).unwrap(), &budget).count();
        let found =
            ["li", "> li", "> ul > li", ":scope li", ".a li", "ul", ".a", "html"].map(count);
        assert_eq!(found, [1, 0, 1, 1, 1, 1, 0, 0]);
        let around = item.around().map(|node| format!("{node:?}"));
        assert_eq!(around.collect::<Vec<_>>(), ["<ul> 4", "<body> 3", "<html> 1", "<> 0"]);
        assert_eq!(top.outline(2), "2 li, 1 html, ...");
    })
    .unwrap();
}

#[test]
fn markup_is_mended_as_a_browser_does() {
    check(
        "<p>one<p>two<div><span>three</div>four<table><tr>out<td>in</table></b></p><a x=1 x=2 X=3>",
        &[
            ("p:nth-of-type(1)", "Text(\"one\")"),
            ("p:nth-of-type(2)", "Text(\"two\")"),
            ("div > span", "Text(\"three\")"),
            ("td", "Text(\"in\")"),
            ("body > span, body > a", "Null"),
            ("tr", "Text(\"in\")"),
            ("a@x", "Text(\"1\")"),
        ],
    );
    check("<b>1<p>2</b>3</p>", &[("p > b", "Text(\"2\")"), ("p", "Text(\"23\")")]);
    check("a\0b<i>\0c", &[("i", "Text(\"c\")"), ("body", "Text(\"abc\")")]);
    check("<!DOCTYPE html><p>cut <a href='x", &[("p", "Text(\"cut\")")]);
    check("plain", &[("body", "Text(\"plain\")")]);
    check("", &[("body", "Null")]);
}

#[test]
fn letters_are_coded_as_a_browser_takes_them() {
    let e = |head: &str, letter: &[u8]| {
        let page = [head.as_bytes(), b"<p>caf", letter, b"</p>"].concat();
        find(&page, &["p"]).remove(0)
    };
    let cafe = "Text(\"café\")";
    assert_eq!(e("", "é".as_bytes()), cafe);
    assert_eq!(e("", b"\xe9"), cafe);
    assert_eq!(e("<meta charset=iso-8859-1>", b"\xe9"), cafe);
    assert_eq!(e("<meta charset='windows-1251'>", b"\xe9"), "Text(\"cafй\")");
    assert_eq!(
        e("<meta http-equiv=Content-Type content='text/html; charset=iso-8859-15'>", b"\xa4"),
        "Text(\"caf€\")"
    );
    // What a page says of itself is believed, even where it is wrong; the first counts.
    assert_eq!(e("<meta charset=iso-8859-1>", "é".as_bytes()), "Text(\"cafÃ©\")");
    assert_eq!(e("<meta charset=utf-8><meta charset=windows-1251>", "é".as_bytes()), cafe);
    assert_eq!(e("<meta charset=klingon>", b"\xe9"), cafe);
    assert_eq!(e("<meta charset=klingon><meta charset=windows-1251>", b"\xe9"), "Text(\"cafй\")");
    // One foreign byte, or a text that was cut, makes no other coding.
    let bad = e("<p id=é>日本</p>", b"\xe9");
    assert!(bad.starts_with("Several"), "{bad}");
    let xml = |name: &str| format!("<?xml version='1.0' encoding=\"{name}\"?><!DOCTYPE html>");
    assert_eq!(e(&xml("windows-1251"), b"\xe9"), "Text(\"cafй\")");
    assert_eq!(e(&xml("utf-16"), "é".as_bytes()), cafe);
    assert_eq!(e(&xml("klingon"), b"\xe9"), cafe);
    assert_eq!(e(&(xml("windows-1251") + "<meta charset=iso-8859-1>"), b"\xe9"), cafe);
    assert_eq!(e("<meta charset=x-user-defined>", b"\xe9"), cafe);
    // Letters of two bytes could not say so in letters of one.
    assert_eq!(e("<meta charset=utf-16>", "é".as_bytes()), cafe);
    assert_eq!(e("\u{feff}<meta charset=iso-8859-1>", "é".as_bytes()), cafe);
    let bad = e("<meta charset=utf-8>", b"\xe9");
    assert!(bad.starts_with("Bad(\"a text with bytes that mean nothing"), "{bad}");
    let late = format!("<!--{}--><meta charset=windows-1251>", " ".repeat(5_000));
    assert_eq!(e(&late, b"\xe9"), "Text(\"cafй\")");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(find(&wide("\u{feff}<p>café"), &["p"]), [cafe]);
    let kanji = b"<meta charset=shift_jis><p>\x83\x5c\x83\x4a</p>";
    assert_eq!(find(kanji, &["p"]), ["Text(\"ソカ\")"]);
}

#[test]
fn a_head_that_names_other_letters_is_told() {
    let told = |page: &[u8], label: &str| {
        let other = named_otherwise(page, &format!("text/html; CharSet=\"{label}\""));
        assert_eq!(named_otherwise(page, &format!("text/html;x=y;charset={label} ")), other);
        other
    };
    let page = "<ul><li>日本é</ul>".as_bytes();
    let sjis = b"<p>\x83\x5c\x83\x4a</p>";
    let meta = |name: &str| [b"<meta charset=", name.as_bytes(), b">", &sjis[..]].concat();
    assert_eq!(named_otherwise(page, "text/html"), None);
    assert_eq!(told(page, "utf-8"), None);
    assert_eq!(told(page, "klingon"), None);
    assert_eq!(told(b"<p>plain", "windows-1251"), None);
    assert_eq!(told(b"\xef\xbb\xbf<p>\xc3\xa9", "windows-1251"), None);
    assert_eq!(told(sjis, "Shift_JIS"), Some(("Shift_JIS", "windows-1252")));
    assert_eq!(told(&meta("shift_jis"), "sjis"), None);
    let two = Some(("windows-1251", "Shift_JIS"));
    assert_eq!(told(&meta("shift_jis"), "windows-1251"), two);
    assert_eq!(told(b"<p>caf\xe9", "iso-8859-1"), None);
    assert_eq!(told(b"<p>caf\xe9", "iso-8859-15"), None, "the same letters");
    let of = |types: &str| named_otherwise(sjis, types).map(|(head, _)| head);
    assert_eq!(of("text/html; charset=utf-8, text/html; charset=Shift_JIS"), Some("Shift_JIS"));
    assert_eq!(of("text/html; charset=Shift_JIS, text/html"), Some("Shift_JIS"));
    assert_eq!(of("text/html; charset=Shift_JIS, text/plain"), None);
    assert_eq!(of("text/html; x=\"a,b\"; charset=Shift_JIS, , no type"), Some("Shift_JIS"));
}

#[test]
fn a_declared_coding_stands_above_the_page() {
    let written = Written { encoding: Encoding::of("utf-8"), ..Written::default() };
    let page = "<meta charset=iso-8859-1><p>café</p>".as_bytes();
    let budget = Budget::default();
    let mut found = String::new();
    document(page, &written, &budget, &mut |tree| {
        let path = Path::in_page("p").unwrap();
        found = format!("{:?}", tree.find(path.steps(), 0, &budget));
    })
    .unwrap();
    assert_eq!(found, "Text(\"café\")");
}

/// Elements that are found, with a little of the budget; or why the page is given up.
fn count(html: &str, css: &str) -> Result<usize, String> {
    let (budget, css) = (Budget::default(), Css::parse(css).unwrap());
    budget.work(STEPS as usize / 200 * 199);
    let mut found = 0;
    document(html.as_bytes(), &Written::default(), &budget, &mut |tree| {
        if let Tree::Page(page, nodes) = tree {
            found = page.select(&css, &budget).count();
            let _ = (page.outline(12), tree.raw(), nodes.iter().map(Tree::raw).take(9).count());
        }
    })?;
    budget.check().map_err(|over| over.to_string())?;
    Ok(found)
}

#[test]
fn hostile_pages_cost_little() {
    let many = |piece: &str, times: usize| piece.repeat(times);
    let numbered = |piece: &str, times: usize| -> String {
        (0..times).map(|n| piece.replace('#', &n.to_string())).collect()
    };
    for (name, page) in [
        ("divs!", many("<div>", 25_000)),
        ("bs!", many("<b>", 25_000)),
        ("different bs!", numbered("<b i=#>", 25_000)),
        ("spans", many("<span>", 25_000)),
        ("fonts and paragraphs", numbered("<font i=#>", 2_500) + &many("<p>x", 12_500)),
        ("links", many("<a>", 12_500)),
        ("tables", many("<table><tr><td>", 6_250)),
        ("texts before tables", many("<table>x", 6_250)),
        ("ends!", many("<div>", 5_000) + &many("</li></p></x>", 12_500)),
        ("spans and ends", many("<span>", 37_500) + &many("</li>", 37_500)),
        ("attributes!", format!("<a {}>", numbered("a# ", 125_000))),
        ("attributes that never end", format!("<a {}", numbered("a#='>' ", 125_000))),
        ("names!", numbered("<name-#></name-#>", 21_000)),
        ("ids", many("<i id=x>", 25_000)),
        ("zeros", many("\0", 250_000)),
        ("comments", many("<!--", 62_500)),
        ("comment", format!("<!--{}", many(" x", 62_500))),
        ("references", many("&notit;&#0;&", 37_500)),
        ("large attributes", format!("<b title='{}'>", many("x", 1 << 20)) + &many("<p>x", 4_999)),
        ("bodies", numbered("<body a#=1>", 12_500)),
        ("selects", many("<select><option>", 12_500)),
        ("templates", many("<template>", 12_500)),
        ("frames", many("<frameset>", 12_500)),
        ("svg", many("<svg><math>", 12_500)),
        ("adoption", many("<a><b><i><p></a></b></i>", 3_750)),
        ("buttons", many("<button><p>", 6_250)),
    ] {
        let told = count(&page, "div div > div ~ div div, :has(b > i)");
        let given_up = told.is_err_and(|told| told.contains("more than"));
        assert!(given_up || !name.ends_with("!"), "{name}");
    }
}

#[test]
fn selectors_that_seek_far_are_bounded() {
    let flat = "<p>".repeat(3_000);
    assert_eq!(count(&flat, "p ~ p ~ b"), Ok(0));
    assert_eq!(count(&"<p>".repeat(600), "p:nth-child(2n) + p"), Ok(299));
    for css in [":has(~ b)", "p:not(p ~ p ~ i)", ":has(b) :has(i)"] {
        // Given up or not, it ends.
        let _ = count(&flat, css);
    }
}

#[test]
fn what_stands_deep_stands_beside_as_in_browsers() {
    assert_eq!(count(&("<div>".repeat(600) + "<i>"), "div > i"), Ok(1));
}
