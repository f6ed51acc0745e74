//! Looks at small made-up heaps.
