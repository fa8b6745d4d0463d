//! Checks of robots.txt: the cases of the standard, and of the reader that sites are written for.

use super::*;

/// Who may fetch what under which file; `+` before a path that may be fetched, `-` else.
fn check(file: &str, agent: &str, paths: &[&str]) {
    let robots = Robots::parse(file.as_bytes());
    for told in paths {
        let (sign, path) = told.split_at(1);
        assert_eq!(robots.allows(agent, path), sign == "+", "{agent} {path} in\n{file}");
    }
}

/// The cases of Google's reader, google/robotstxt, robots_test.cc (Apache 2.0), under its names of
/// them, without those that are Google's own ways.
mod google {
    use super::check;

    #[test]
    fn line_syntax_line() {
        let paths = ["-/x/y"];
        check("user-agent: FooBot\ndisallow: /\n", "FooBot", &paths);
        check("foo: FooBot\nbar: /\n", "FooBot", &["+/x/y"]);
        check("user-agent FooBot\ndisallow /\n", "FooBot", &paths);
        check("", "FooBot", &["+", "+/"]);
        check("user-agent: FooBot\ndisallow: /\n", "", &["+/"]);
        check("user-agent: FooBot\ndisallow: /\n", "FooBot", &["-"]);
    }

    #[test]
    fn line_syntax_groups() {
        let file = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\n\
                    user-agent: BarBot\ndisallow: /\nallow: /y/\n\n\nallow: /w/\n\
                    user-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n";
        check(file, "FooBot", &["+/x/b", "+/z/d", "-/y/c", "-/foo/bar/"]);
        check(file, "BarBot", &["+/y/c", "+/w/a", "-/z/d", "-/foo/bar/"]);
        check(file, "BazBot", &["+/z/d", "-/foo/bar/"]);
    }

    #[test]
    fn names_and_agents_are_case_insensitive() {
        for file in [
            "USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n",
            "user-agent: FooBot\nallow: /x/\ndisallow: /\n",
            "uSeR-aGeNt: FooBot\nAlLoW: /x/\ndIsAlLoW: /\n",
        ] {
            check(file, "FooBot", &["+/x/y", "-/a/b"]);
        }
        for name in ["FOO BAR", "foo bar", "FoO bAr"] {
            let file = format!("User-Agent: {name}\nAllow: /x/\nDisallow: /\n");
            check(&file, "Foo", &["+/x/y", "-/a/b"]);
            check(&file, "foo", &["+/x/y", "-/a/b"]);
        }
        let file = "User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\nDisallow: /\n";
        check(file, "Foo", &["+/x/y"]);
        check(file, "Foo Bar", &["-/x/y"]);
    }

    #[test]
    fn global_groups_secondary() {
        let file = "user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n";
        check(file, "FooBot", &["-/x/y"]);
        check(file, "BarBot", &["+/x/y"]);
        let file = "user-agent: FooBot\nallow: /\nuser-agent: BarBot\ndisallow: /\n\
                    user-agent: BazBot\ndisallow: /\n";
        check(file, "QuxBot", &["+/x/y"]);
    }

    #[test]
    fn allow_disallow_value_case_sensitive() {
        check("user-agent: FooBot\ndisallow: /x/\n", "FooBot", &["-/x/y"]);
        check("user-agent: FooBot\ndisallow: /X/\n", "FooBot", &["+/x/y"]);
    }

    #[test]
    fn longest_match() {
        for (rules, paths) in [
            ("disallow: /x/page.html\nallow: /x/", &["-/x/page.html"][..]),
            ("allow: /x/page.html\ndisallow: /x/", &["+/x/page.html", "-/x/"]),
            ("disallow: \nallow: ", &["+/x/page.html"]),
            ("disallow: /\nallow: /", &["+/x/page.html"]),
            ("disallow: /x\nallow: /x/", &["-/x", "+/x/"]),
            ("disallow: /x/page.html\nallow: /x/page.html", &["+/x/page.html"]),
            ("allow: /page\ndisallow: /*.html", &["-/page.html", "+/page"]),
            ("allow: /x/page.\ndisallow: /*.html", &["+/x/page.html", "-/x/y.html"]),
        ] {
            check(&format!("user-agent: FooBot\n{rules}\n"), "FooBot", paths);
        }
        let file = "User-agent: *\nDisallow: /x/\nUser-agent: FooBot\nDisallow: /y/\n";
        check(file, "FooBot", &["+/x/page", "-/y/page"]);
    }

    /// Two differ from Google's reader, which leaves the address as it is given: RFC 9309 has
    /// both sides encoded, and letters of ASCII decoded.
    #[test]
    fn encoding() {
        for (rule, paths) in [
            (
                "/foo/bar?qux=taz&baz=http://foo.bar?tar&par",
                &["+/foo/bar?qux=taz&baz=http://foo.bar?tar&par"][..],
            ),
            ("/foo/bar/ツ", &["+/foo/bar/%E3%83%84", "+/foo/bar/ツ"]),
            ("/foo/bar/%E3%83%84", &["+/foo/bar/%E3%83%84", "+/foo/bar/%e3%83%84"]),
            ("/foo/bar/%62%61%7A", &["+/foo/bar/baz", "+/foo/bar/%62%61%7A"]),
        ] {
            let file = format!("User-agent: FooBot\nDisallow: /\nAllow: {rule}\n");
            check(&file, "FooBot", paths);
        }
    }

    #[test]
    fn special_characters() {
        for (rules, paths) in [
            (
                "Disallow: /foo/bar/quz\nAllow: /foo/*/qux",
                &["-/foo/bar/quz", "+/foo/quz", "+/foo//quz", "+/foo/bax/quz"][..],
            ),
            (
                "Disallow: /foo/bar$\nAllow: /foo/bar/qux",
                &["-/foo/bar", "+/foo/bar/qux", "+/foo/bar/", "+/foo/bar/baz"],
            ),
            ("# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /", &["+/foo/bar", "-/foo/quz"]),
        ] {
            check(&format!("User-agent: FooBot\n{rules}\n"), "FooBot", paths);
        }
    }

    #[test]
    fn documentation_checks() {
        let fish = [
            "-/bar",
            "+/fish",
            "+/fish.html",
            "+/fish/salmon.html",
            "+/fishheads",
            "+/fishheads/yummy.html",
            "+/fish.html?id=anything",
            "-/Fish.asp",
            "-/catfish",
            "-/?id=fish",
        ];
        let php = [
            "-/bar",
            "+/filename.php",
            "+/folder/filename.php",
            "+/folder/filename.php?parameters",
            "+//folder/any.php.file.html",
            "+/filename.php/",
            "+/index?f=filename.php/",
            "-/php/",
            "-/index?php",
            "-/windows.PHP",
        ];
        for (allowed, paths) in [
            ("/fish", &fish[..]),
            ("/fish*", &fish),
            (
                "/fish/",
                &[
                    "-/bar",
                    "+/fish/",
                    "+/fish/salmon",
                    "+/fish/?salmon",
                    "+/fish/?id=anything",
                    "-/fish",
                    "-/fish.html",
                    "-/Fish/Salmon.html",
                ],
            ),
            ("/*.php", &php),
            (
                "/*.php$",
                &[
                    "-/bar",
                    "+/filename.php",
                    "+/folder/filename.php",
                    "-/filename.php?parameters",
                    "-/filename.php/",
                    "-/filename.php5",
                    "-/php/",
                    "-/filename?php",
                    "-/aaaphpaaa",
                    "-//windows.PHP",
                ],
            ),
            (
                "/fish*.php",
                &["-/bar", "+/fish.php", "+/fishheads/catfish.php?parameters", "-/Fish.PHP"],
            ),
            ("/p", &["+/page"]),
            ("/$", &["+/", "-/page.html"]),
        ] {
            let file = format!("user-agent: FooBot\ndisallow: /\nallow: {allowed}\n");
            check(&file, "FooBot", paths);
        }
        let file = "user-agent: FooBot\nallow: /folder\ndisallow: /folder\n";
        check(file, "FooBot", &["+/folder/page"]);
        check("user-agent: FooBot\nallow: /page\ndisallow: /*.htm\n", "FooBot", &["-/page.htm"]);
    }

    #[test]
    fn line_ends_of_any_kind() {
        let lines =
            ["User-Agent: foo", "Allow: /some/path", "User-Agent: bar", "", "", "Disallow: /"];
        for end in ["\n", "\r\n", "\r"] {
            for last in [end, ""] {
                let file = lines.join(end) + last;
                check(&file, "bar", &["-/some/path"]);
                check(&file, "foo", &["+/"]);
                let robots = super::Robots::parse(file.as_bytes());
                assert_eq!(robots.verdict("bar", "/"), super::Verdict::Disallowed(6), "{file:?}");
            }
        }
    }

    #[test]
    fn utf8_byte_order_mark_is_skipped() {
        check("\u{feff}User-Agent: foo\nDisallow: /AnyValue\n", "foo", &["-/AnyValue"]);
        check("User-Agent: foo\n\u{feff}Disallow: /AnyValue\n", "foo", &["+/AnyValue"]);
    }

    #[test]
    fn non_standard_line_sitemap() {
        let file = "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\n\
                    Sitemap: http://foo.bar/sitemap.xml\nDisallow: /\n";
        check(file, "bar", &["-/x"]);
        check(&format!("Sitemap: /s\n{file}"), "foo", &["+/x"]);
    }
}

/// The examples of RFC 9309.
mod rfc {
    use super::{Robots, check};

    /// Section 5.1.
    #[test]
    fn simple_example() {
        let file = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\n\
                    Allow: /publications/\n\nUser-Agent: foobot\nDisallow:/\n\
                    Allow:/example/page.html\nAllow:/example/allowed.gif\n\n\
                    User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\n\
                    User-Agent: quxbot\n\nEOF\n";
        check(file, "otherbot", &["+/", "-/a.gif", "-/example/", "+/publications/x", "+/a.gif?x"]);
        check(file, "foobot", &["-/", "+/example/page.html", "+/example/allowed.gif", "-/x.gif"]);
        for agent in ["barbot", "bazbot"] {
            check(file, agent, &["+/", "-/example/page.html", "+/example/allowed.gif"]);
        }
        check(file, "quxbot", &["+/", "+/example/page.html", "+/a.gif"]);
    }

    /// Section 5.2.
    #[test]
    fn longest_match() {
        let file = "User-Agent: foobot\nAllow: /example/page/\n\
                    Disallow: /example/page/disallowed.gif\n";
        check(file, "foobot", &["-/example/page/disallowed.gif", "+/example/page/"]);
    }

    /// Section 2.2.1: groups of one program are one; those for all are none of its own.
    #[test]
    fn groups_of_one_program_are_one() {
        let file = "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\n\
                    user-agent: *\ndisallow: /qux\n\nuser-agent: ExampleBot\ndisallow: /baz\n";
        check(file, "ExampleBot", &["-/foo", "-/bar", "-/baz", "+/qux"]);
        check(file, "examplebot", &["-/foo"]);
        check(file, "ExampleBot-News", &["+/foo", "-/qux"]);
    }

    /// Section 2.2.2.
    #[test]
    fn addresses_are_compared_encoded() {
        for (pattern, path) in [
            ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
            ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar"),
            ("/foo/bar/ツ", "/foo/bar/ツ"),
            ("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84"),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
            ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html"),
            ("/path/foo-%24", "/path/foo-$"),
        ] {
            let file = format!("user-agent: a\ndisallow: {pattern}\n");
            check(&file, "a", &[&format!("-{path}"), "+/path/file-with-a-x.html", "+/foo"]);
        }
    }

    /// Section 2.2.2: robots.txt itself is always allowed.
    #[test]
    fn robots_txt_itself_is_allowed() {
        check("user-agent: *\ndisallow: /\n", "a", &["+/robots.txt", "-/robots.txt.gz", "-/"]);
    }

    /// Section 2.5.
    #[test]
    fn of_a_large_file_500_kib_are_read() {
        let padded = |bytes: usize| {
            let rule = "user-agent: *\ndisallow: /a\n";
            let last = "disallow: /b/long\n";
            let pad = bytes - rule.len() - last.len();
            format!("{rule}#{}\n{last}disallow: /c\n", "x".repeat(pad - 2))
        };
        check(&padded(500 << 10), "a", &["-/a", "-/b/long", "+/c"]);
        // Half of a rule is none.
        check(&padded((500 << 10) + 3), "a", &["-/a", "+/b", "+/c"]);
        let one = vec![b'x'; 600 << 10];
        assert!(Robots::parse(&one).allows("a", "/"));
    }
}

#[test]
fn a_delay_is_told() {
    let file = "user-agent: a\ncrawl-delay: 2.5\ndisallow: /x\nuser-agent: *\nCrawl-Delay: 10\n\
                user-agent: b\ncrawl-delay: soon\ncrawl-delay: -1\ncrawl-delay: 1e300\nallow: /\n";
    let robots = Robots::parse(file.as_bytes());
    let delay = |agent: &str| robots.crawl_delay(agent).map(|delay| delay.as_millis());
    assert_eq!(delay("a"), Some(2_500));
    assert_eq!(delay("c"), Some(10_000));
    assert_eq!(delay("b"), Some(10_000));
}

#[test]
fn what_is_no_robots_txt_says_nothing() {
    let page = b"<!DOCTYPE html><html>\n<title>404: not found</title>\nDisallow: /\n";
    let noise: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    for bytes in [&page[..], &noise, b"\xff\xfe", b":", b" : \n::\n", b"user-agent:\ndisallow: /"] {
        assert!(Robots::parse(bytes).allows("daybook", "/"));
    }
}
