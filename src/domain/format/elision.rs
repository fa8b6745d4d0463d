//! French words before which a little word loses its vowel.

/// How French words begin of which the h counts as a consonant, as in "la hauteur", as far as
/// things are measured by them.
const ASPIRATED: [&str; 14] = [
    "hac", "hai", "halt", "ham", "hand", "hang", "har", "has", "hau", "hiér", "hors", "hou", "hub",
    "huit",
];

/// Whether the little word before a French one loses its vowel.
pub fn elides(word: &str) -> bool {
    let word = word.to_lowercase();
    let mut letters = word.chars();
    match letters.next() {
        Some('h') => !ASPIRATED.iter().any(|start| word.starts_with(start)),
        Some('o') => !word.starts_with("onz") && !word.starts_with("oui"),
        Some('y') => letters.next().is_some_and(|next| !"aeiou".contains(next)),
        Some(first) => "aeiuàâäæéèêëîïôöùûüœ".contains(first),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_their_vowel_where_they_should() {
        for word in ["altitude", "énergie", "humidité", "heure", "œil", "Ozone", "hygrométrie"]
        {
            assert!(elides(word), "{word}");
        }
        for word in ["magnitude", "hauteur", "houle", "hausse", "yen", "onze ans", ""] {
            assert!(!elides(word), "{word}");
        }
    }
}
