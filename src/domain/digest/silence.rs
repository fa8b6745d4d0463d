//! What the answers of a source do not say, or say in two ways: a sentence for each.

use super::facts::SourceFacts;
use super::show::Show;
use crate::domain::extract::Remark;
use crate::domain::silence::Told;

/// The sentences about one source, and one on its answers without any item.
pub fn notes(source: &SourceFacts, show: &Show) -> Vec<String> {
    let name = &source.source.name;
    let line = |told: &Told| {
        let (answers, of) = (show.lang.integer(told.answers), told.of);
        let (en, fr) = match of {
            1 => ("the one answer".to_string(), "l’unique réponse".to_string()),
            _ => {
                let of = show.lang.integer(of);
                (format!("{answers} of {of} answers"), format!("{answers} réponses sur {of}"))
            }
        };
        let what = words(&told.remark, show);
        let kind = match told.is_fault() {
            true => show.pick("Fault", "Défaut"),
            false => show.pick("Note", "Remarque"),
        };
        show.lang.pick(
            format!("{kind}. {name}: in {en} {what}."),
            format!("{kind}. {name}\u{a0}: dans {fr}, {what}."),
        )
    };
    source.remarks.iter().map(line).collect()
}

fn words(remark: &Remark, show: &Show) -> String {
    match remark {
        Remark::Absent { field, place } => show.lang.pick(
            format!("no item has {field} (at {place})"),
            format!("aucun élément n’a {field} (à {place})"),
        ),
        Remark::NoneLeft => show
            .pick(
                "there are elements, and none of them is taken",
                "il y a des éléments, et aucun n’est retenu",
            )
            .into(),
        Remark::OffGrid { field, value } => show.lang.pick(
            format!("{field} has values off its declared resolution, such as {value}"),
            format!("{field} a des valeurs hors de sa résolution déclarée, telles que {value}"),
        ),
        Remark::Twins { id } => show.lang.pick(
            format!("several records fall on one id and differ, such as {id}"),
            format!("plusieurs fiches tombent sur un même identifiant et diffèrent, telles {id}"),
        ),
        Remark::Repeats { series } => show.lang.pick(
            format!("equal items are of one series, such as {series}, and each counts"),
            format!("des éléments égaux sont d’une même série, telle {series}, et comptent tous"),
        ),
        Remark::SkipsData { .. } => show
            .pick(
                "a line that is skipped reads like data",
                "une ligne omise se lit comme une donnée",
            )
            .into(),
    }
}
