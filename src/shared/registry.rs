//! The stores of the process by name: opening a name that is open in any thread gives the same store. A store ends
//! with its last handle.

use std::sync::{Arc, LazyLock, Weak};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use super::{PolicyKind, Store, StoreOptions};

/// What a store was opened with, for those who open it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Bounds and policy.
    pub options: StoreOptions,
    /// How values become bytes: a name, compared only.
    pub codec: String,
    /// The time to live of an entry that is given none, in milliseconds; infinite for never.
    pub ttl: f64,
    /// Bytes from which values are compressed; `usize::MAX` for never.
    pub compress_from: usize,
}

/// What somebody who opens a store asks for; `None`: whatever it is, or the default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// Bytes of everything.
    pub max_bytes: Option<usize>,
    /// Entries.
    pub max_entries: Option<usize>,
    /// Bytes of key and value.
    pub max_entry_bytes: Option<usize>,
    /// Who leaves.
    pub policy: Option<PolicyKind>,
    /// How values become bytes.
    pub codec: Option<String>,
    /// Time to live in milliseconds.
    pub ttl: Option<f64>,
    /// Bytes from which values are compressed.
    pub compress_from: Option<usize>,
}

/// A store that is open, with what it was opened with.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Arc<Store>,
    /// What it was opened with.
    pub settings: Settings,
    name: String,
}

/// Why a store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// It is open with another value of this option.
    Conflict {
        /// The option's name, as JavaScript has it.
        option: &'static str,
        /// What it is open with.
        open: String,
        /// What was asked for.
        wanted: String,
    },
    /// It is not open, and `maxBytes` was not given.
    NotOpen,
}

static STORES: LazyLock<DashMap<String, Weak<Opened>>> = LazyLock::new(DashMap::new);

impl Opened {
    /// The store of this name, made if there is none.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(name: &str, wanted: &Wanted) -> Result<Arc<Self>, OpenError> {
        match STORES.entry(name.to_owned()) {
            Entry::Occupied(mut entry) => {
                if let Some(opened) = entry.get().upgrade() {
                    opened.check(wanted)?;
                    return Ok(opened);
                }
                let opened = Arc::new(Self::make(name, wanted)?);
                entry.insert(Arc::downgrade(&opened));
                Ok(opened)
            }
            Entry::Vacant(entry) => {
                let opened = Arc::new(Self::make(name, wanted)?);
                entry.insert(Arc::downgrade(&opened));
                Ok(opened)
            }
        }
    }

    /// Names that are open.
    #[must_use]
    pub fn names() -> Vec<String> {
        let open = STORES.iter().filter(|entry| entry.value().strong_count() > 0);
        open.map(|entry| entry.key().clone()).collect()
    }

    /// Bytes that all open stores hold.
    #[must_use]
    pub fn bytes_held() -> usize {
        Self::all().iter().map(|opened| opened.store.bytes()).sum()
    }

    /// All stores that are open.
    #[must_use]
    pub fn all() -> Vec<Arc<Self>> {
        STORES.iter().filter_map(|entry| entry.value().upgrade()).collect()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn make(name: &str, wanted: &Wanted) -> Result<Self, OpenError> {
        /// The largest entry is this share of the store unless something else is asked for, as 1 / SHARE.
        const SHARE: usize = 16;
        let max_bytes = wanted.max_bytes.ok_or(OpenError::NotOpen)?;
        let bounds = super::Bounds {
            max_bytes,
            max_entries: wanted.max_entries.unwrap_or(usize::MAX),
            max_entry_bytes: wanted.max_entry_bytes.unwrap_or(max_bytes / SHARE),
        };
        let options = StoreOptions { bounds, policy: wanted.policy.unwrap_or(PolicyKind::Lru) };
        let settings = Settings {
            options,
            codec: wanted.codec.clone().unwrap_or_else(|| "utf8".to_owned()),
            ttl: wanted.ttl.unwrap_or(f64::INFINITY),
            compress_from: wanted.compress_from.unwrap_or(usize::MAX),
        };
        Ok(Self { store: Arc::new(Store::new(options)), settings, name: name.to_owned() })
    }

    fn check(&self, wanted: &Wanted) -> Result<(), OpenError> {
        fn same<T: PartialEq>(
            option: &'static str,
            open: &T,
            wanted: Option<&T>,
            show: impl Fn(&T) -> String,
        ) -> Result<(), OpenError> {
            match wanted {
                Some(value) if value != open => {
                    Err(OpenError::Conflict { option, open: show(open), wanted: show(value) })
                }
                _ => Ok(()),
            }
        }
        let number = |number: &usize| {
            if *number == usize::MAX { "Infinity".to_owned() } else { number.to_string() }
        };
        let time = |ms: &f64| if ms.is_finite() { ms.to_string() } else { "Infinity".to_owned() };
        let policy = |kind: &PolicyKind| format!("'{}'", kind.as_str());
        let settings = &self.settings;
        // Bounds may have been changed since by `resize`: whoever opens it again asks for what it was opened with.
        let bounds = settings.options.bounds;
        same("codec", &settings.codec, wanted.codec.as_ref(), |codec| format!("'{codec}'"))?;
        same("maxBytes", &bounds.max_bytes, wanted.max_bytes.as_ref(), number)?;
        same("maxEntries", &bounds.max_entries, wanted.max_entries.as_ref(), number)?;
        same("maxEntryBytes", &bounds.max_entry_bytes, wanted.max_entry_bytes.as_ref(), number)?;
        same("policy", &settings.options.policy, wanted.policy.as_ref(), policy)?;
        same("ttl", &settings.ttl, wanted.ttl.as_ref(), time)?;
        same("compress", &settings.compress_from, wanted.compress_from.as_ref(), number)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // Unless somebody has opened the name again meanwhile.
        STORES.remove_if(&self.name, |_, store| store.strong_count() == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(max_bytes: usize) -> Wanted {
        Wanted { max_bytes: Some(max_bytes), ..Wanted::default() }
    }

    #[test]
    fn a_name_is_one_store_until_its_last_handle_goes() {
        assert_eq!(Opened::open("registry-a", &Wanted::default()).err(), Some(OpenError::NotOpen));
        let first = Opened::open("registry-a", &wanted(1 << 20)).expect("opens");
        let second = Opened::open("registry-a", &Wanted::default()).expect("is open");
        assert!(Arc::ptr_eq(&first, &second));
        assert!(Opened::names().contains(&"registry-a".to_owned()));
        drop(first);
        assert!(Opened::open("registry-a", &wanted(1 << 20)).is_ok());
        drop(second);
        assert!(!Opened::names().contains(&"registry-a".to_owned()));
        assert!(Opened::open("registry-a", &wanted(1 << 21)).is_ok());
    }

    #[test]
    fn another_value_of_an_option_is_a_conflict() {
        let _open = Opened::open("registry-b", &wanted(1 << 20)).expect("opens");
        let conflict = Opened::open("registry-b", &wanted(1 << 21)).expect_err("conflicts");
        let expected =
            OpenError::Conflict { option: "maxBytes", open: "1048576".into(), wanted: "2097152".into() };
        assert_eq!(conflict, expected);
        let codec = Wanted { codec: Some("json".into()), ..Wanted::default() };
        let conflict = Opened::open("registry-b", &codec).expect_err("conflicts");
        assert!(matches!(conflict, OpenError::Conflict { option: "codec", .. }));
    }
}
