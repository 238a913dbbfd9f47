//! Names of choices, and the error for an unknown one.

use core::fmt;

/// Gives an enum of choices its `ALL`, `name`, `Display` and `FromStr`. A choice may have further names that are read, and
/// those that cannot be read stand last.
macro_rules! named {
    (
        $(#[$all:meta])*
        $field:literal, $type:ident: $($choice:ident = $name:literal $(| $alias:literal)*),+
        $(; $($(#[$unread:meta])* $other:pat => $unread_name:literal),+)?
    ) => {
        impl $type {
            $(#[$all])*
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$choice),+];

            /// Its name in settings, tables and addresses.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$choice => $name,)+
                    $($($(#[$unread])* $other => $unread_name,)+)?
                }
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl core::str::FromStr for $type {
            type Err = crate::name::NameError;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name $(| $alias)* => Ok(Self::$choice),)+
                    _ => Err(crate::name::NameError::new($field, name, [$($name),+])),
                }
            }
        }
    };
}
pub(crate) use named;

/// An unknown name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    field: &'static str,
    asked: String,
    known: String,
}

impl NameError {
    /// The setting at fault.
    pub fn field(&self) -> &'static str {
        self.field
    }

    pub(crate) fn new<'a>(field: &'static str, asked: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { field, asked: asked.to_owned(), known: known.into_iter().collect::<Vec<_>>().join(", ") }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is \"{}\": choose {}", self.field, self.asked, self.known)
    }
}

impl core::error::Error for NameError {}
