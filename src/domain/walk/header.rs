//! The header `Link` (RFC 8288), read as others write it.

/// The address under a relation in the values of `Link` headers, the first one; `is_own` tells
/// whether a context is that of their answer.
///
/// # Errors
///
/// One of them cannot be read.
///
/// Links of another context (`anchor`) are not of this answer (RFC 8288, 3.2).
pub fn under<'h>(
    headers: impl IntoIterator<Item = &'h str>,
    rel: &str,
    is_own: impl Fn(&str) -> bool,
) -> Result<Option<String>, String> {
    let all: Vec<Vec<Link>> = headers.into_iter().map(links).collect::<Option<_>>().ok_or(ODD)?;
    Ok(all.into_iter().flatten().find_map(|(address, params)| {
        let value = |key: &str| {
            let found = params.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            found.map(|(_, value)| value.as_str())
        };
        let is_it = |found: &str| found.eq_ignore_ascii_case(rel);
        let has = value("rel").is_some_and(|rels| rels.split_ascii_whitespace().any(is_it));
        (has && value("anchor").is_none_or(&is_own)).then_some(address)
    }))
}

const ODD: &str = "the header Link cannot be read, so the next page is unknown";

type Link = (String, Vec<(String, String)>);

/// The links of one header: addresses with their parameters; none where something else stands
/// there.
fn links(header: &str) -> Option<Vec<Link>> {
    let (mut all, mut rest) = (Vec::new(), header);
    while !rest.trim_start_matches([' ', '\t', ',']).is_empty() {
        let begun = rest.trim_start_matches([' ', '\t', ',']).strip_prefix('<')?;
        let (address, after) = begun.split_once('>')?;
        let (params, after) = params(after)?;
        all.push((address.trim().to_string(), params));
        rest = after;
    }
    Some(all)
}

/// The parameters behind an address, and what stands behind the comma that ends them; none where a
/// quote is never closed.
fn params(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let (mut found, mut rest) = (Vec::new(), text.trim_start());
    while let Some(after) = rest.strip_prefix(';') {
        let end = after.find(['=', ';', ',']).unwrap_or(after.len());
        let (name, behind) = after.split_at(end);
        let (value, behind) = match behind.strip_prefix('=') {
            Some(value) => value_of(value.trim_start())?,
            None => (String::new(), behind),
        };
        let name = name.trim();
        let is_open = |value: &str| value.contains(['\'', '"', '<', '>']);
        if name.eq_ignore_ascii_case("rel") && is_open(&value) {
            return None;
        }
        if !name.is_empty() {
            found.push((name.to_string(), value));
        }
        rest = behind.trim_start();
    }
    Some((found, rest.strip_prefix(',').unwrap_or(rest)))
}

/// A word or a text in quotes, and what stands behind it. Some write single quotes.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let ends = |behind: &str| behind.is_empty() || behind.starts_with([';', ',']);
        let single = text.strip_prefix('\'').and_then(|quoted| {
            let mut closing = quoted.match_indices('\'').map(|(at, _)| quoted.split_at(at));
            closing.find(|(_, behind)| ends(behind[1..].trim_start()))
        });
        if let Some((value, behind)) = single {
            return Some((value.to_string(), &behind[1..]));
        }
        let end = text.find([';', ',']).unwrap_or(text.len());
        return Some((text[..end].trim().to_string(), &text[end..]));
    };
    let (mut value, mut letters) = (String::new(), quoted.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter => value.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::link::is_own;
    use super::*;

    #[test]
    fn a_relation_is_found_in_any_spelling() {
        let came = "https://e.org/list?p=1&key=hush";
        let is_own = |anchor: &str| is_own(came, came, anchor, &["hush".to_string()]);
        let next = |header: &str| under([header], "next", is_own);
        let some = |text: &str| Ok(Some(text.to_string()));
        assert_eq!(next("</a?p=2>; rel=\"next\", </a?p=9>; rel=last"), some("/a?p=2"));
        assert_eq!(next("<x>; rel=prev, <y>; title=\"a, b; c\"; rel=\"start next\""), some("y"));
        assert_eq!(next("<y>;REL = NEXT"), some("y"));
        assert_eq!(next("<y>; title=\"rel=next\""), Ok(None));
        assert_eq!(next("<a,b;c>; rel=next"), some("a,b;c"));
        assert_eq!(next("<y>; rel=\"nex\\t\""), some("y"));
        assert_eq!(next("<y>; rel=\"prev\"; rel=\"next\""), Ok(None), "the first counts, RFC 8288");
        assert_eq!(under(["<x>; rel=prev", "<y>; rel=next"], "next", is_own), some("y"));
        assert_eq!(next("<y>; rel='next'; title='a'"), some("y"));
        assert_eq!(next("<y>; title='a, b; c'; rel='next' , <z>"), some("y"));
        assert_eq!(next("<y>; title=it's; rel=next"), some("y"));
        for other in ["/other", "#top", "https://f.org/list?p=1", "?p=2"] {
            let both = format!("<x>; rel=next; anchor=\"{other}\", <y>; rel=next");
            assert_eq!(next(&both), some("y"), "{other}");
        }
        for own in ["", "#", "?p=1", "/list?p=1", "http://e.org/list?p=1", came] {
            let own = format!("<y>; anchor=\"{own}\"; rel=next");
            assert_eq!(next(&own), some("y"), "{own}");
        }
        assert_eq!(next(" , <y>; rel=next ,"), some("y"));
        for none in ["", " ", "<y>; rel", "<y>"] {
            assert_eq!(next(none), Ok(None), "{none}");
        }
        let odd = ["<", "<y", "y; rel=next", "/y>; rel=next", "<y> rel=next", "<x>; rel=prev, y>"];
        let open = [
            "<x>; title=\"abc, <p2>; rel=next",
            "<y>; rel=\"next",
            "<y>; rel='next",
            "<y>; rel='next\"",
            "<y>; rel='next, <z>; title='t'",
        ];
        for odd in odd.into_iter().chain(open) {
            assert!(next(odd).is_err(), "{odd}");
        }
    }
}
