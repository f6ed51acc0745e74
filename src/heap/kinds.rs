//! What V8 calls the types of nodes and edges. A snapshot numbers them as its `meta` says; these are the engine's own.

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum NodeKind {
    /// V8's own, not reachable from JavaScript.
    Hidden,
    /// Storage of V8's: elements, properties, tables.
    Array,
    /// A string.
    String,
    /// An object.
    Object,
    /// Code, and what belongs to it.
    Code,
    /// A function.
    Closure,
    /// A regular expression.
    RegExp,
    /// A number in the heap.
    Number,
    /// Memory outside V8's heap, or an object of the embedder's.
    Native,
    /// Made up for the snapshot: roots and groups.
    Synthetic,
    /// Two strings joined lazily.
    ConcatenatedString,
    /// A part of another string.
    SlicedString,
    /// A symbol.
    Symbol,
    /// A big integer.
    BigInt,
    /// A hidden class.
    ObjectShape,
    /// An object of WebAssembly's.
    WasmObject,
    /// One that a newer V8 has.
    Unknown,
}

impl NodeKind {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 17] = [
        Self::Hidden,
        Self::Array,
        Self::String,
        Self::Object,
        Self::Code,
        Self::Closure,
        Self::RegExp,
        Self::Number,
        Self::Native,
        Self::Synthetic,
        Self::ConcatenatedString,
        Self::SlicedString,
        Self::Symbol,
        Self::BigInt,
        Self::ObjectShape,
        Self::WasmObject,
        Self::Unknown,
    ];

    /// V8's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Array => "array",
            Self::String => "string",
            Self::Object => "object",
            Self::Code => "code",
            Self::Closure => "closure",
            Self::RegExp => "regexp",
            Self::Number => "number",
            Self::Native => "native",
            Self::Synthetic => "synthetic",
            Self::ConcatenatedString => "concatenated string",
            Self::SlicedString => "sliced string",
            Self::Symbol => "symbol",
            Self::BigInt => "bigint",
            Self::ObjectShape => "object shape",
            Self::WasmObject => "wasm object",
            Self::Unknown => "unknown",
        }
    }

    /// The kind with V8's name, [`NodeKind::Unknown`] for a name not known here.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).unwrap_or(Self::Unknown)
    }

    pub(super) const fn numbered(number: u8) -> Self {
        // Only numbers of kinds are ever stored.
        Self::ALL[number as usize % Self::ALL.len()]
    }

    /// Whether it is a string of JavaScript's.
    #[must_use]
    pub const fn is_string(self) -> bool {
        matches!(self, Self::String | Self::ConcatenatedString | Self::SlicedString)
    }
}

/// What an edge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum EdgeKind {
    /// A variable of a function's context.
    Context,
    /// An element, named by its number.
    Element,
    /// A property.
    Property,
    /// V8's own, with a name.
    Internal,
    /// V8's own, with a number.
    Hidden,
    /// From the root to what JavaScript sees as global; elsewhere a path that leaves something out.
    Shortcut,
    /// Does not keep what it points to.
    Weak,
    /// From a weak map's table to a value, which the key keeps, too: it is the key's.
    Ephemeron,
}

impl EdgeKind {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Context,
        Self::Element,
        Self::Property,
        Self::Internal,
        Self::Hidden,
        Self::Shortcut,
        Self::Weak,
        Self::Ephemeron,
    ];

    /// V8's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Element => "element",
            Self::Property => "property",
            Self::Internal | Self::Ephemeron => "internal",
            Self::Hidden => "hidden",
            Self::Shortcut => "shortcut",
            Self::Weak => "weak",
        }
    }

    /// The kind with V8's name. One not known here is taken for an internal one, which keeps what it points to.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).unwrap_or(Self::Internal)
    }

    pub(super) const fn numbered(number: u8) -> Self {
        Self::ALL[(number & 7) as usize]
    }

    /// Whether it is named by a number rather than by a string.
    #[must_use]
    pub const fn is_numbered(self) -> bool {
        matches!(self, Self::Element | Self::Hidden)
    }
}
