//! The form of a limit, and of their list.

/// One bound, for people.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub what: &'static str,
    /// The value in words.
    pub value: &'static str,
    pub reason: &'static str,
    /// What happens beyond it.
    pub beyond: &'static str,
}

/// Constants, and the list of them: `NAME: type = value, "value in words"; what; reason; beyond`.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr, $words:literal;
        $what:literal; $reason:literal; $beyond:literal;)*) => {
        $($(#[$doc])* pub const $name: $type = $value;)*

        /// All limits, in the order of an answer's way.
        pub const ALL: &[Limit] = &[
            $(Limit { what: $what, value: $words, reason: $reason, beyond: $beyond },)*
        ];
    };
}
