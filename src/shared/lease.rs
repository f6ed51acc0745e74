//! Leases: who loads a key, so that of all threads that miss it one loads and the others wait.
//!
//! A lease ends when its holder finishes or goes away, when the key is written or deleted by anybody (what was loaded
//! before that must not overwrite it), or when its time is up. Whoever waits is told the key and looks again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use super::{Key, Kind};

/// A key, owned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnedKey {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Box<[u8]>,
}

impl From<Key<'_>> for OwnedKey {
    fn from(key: Key<'_>) -> Self {
        Self { kind: key.kind, bytes: key.bytes.into() }
    }
}

/// Told when a lease has ended for which somebody waited.
pub trait Waiter: std::fmt::Debug + Send + Sync {
    /// Must not block.
    fn ended(&self, key: &OwnedKey);
}

#[derive(Debug)]
struct Lease {
    token: u64,
    owner: u64,
    until: f64,
    waiters: Vec<(u64, Arc<dyn Waiter>)>,
}

/// What came of asking for a lease.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked {
    /// It is yours, under this token.
    Yours(u64),
    /// Somebody else has it, until this time at the latest; you will be told when it ends.
    Taken(f64),
}

/// The leases of a store: one per key that is being loaded.
#[derive(Debug, Default)]
pub struct Leases {
    by_key: DashMap<OwnedKey, Lease>,
    count: AtomicUsize,
    tokens: AtomicU64,
}

impl Leases {
    /// Asks for the lease of a key until a time. `owner` is who asks.
    pub fn ask(&self, key: Key<'_>, owner: u64, until: f64, now: f64, waiter: &Arc<dyn Waiter>) -> Asked {
        let token = self.tokens.fetch_add(1, Ordering::Relaxed) + 1;
        match self.by_key.entry(key.into()) {
            Entry::Occupied(mut entry) => {
                let lease = entry.get_mut();
                if lease.until > now {
                    if !lease.waiters.iter().any(|(id, _)| *id == owner) {
                        lease.waiters.push((owner, Arc::clone(waiter)));
                    }
                    return Asked::Taken(lease.until);
                }
                // Its time is up: whoever waits goes on waiting, for the new holder.
                (lease.token, lease.owner, lease.until) = (token, owner, until);
            }
            Entry::Vacant(entry) => {
                self.count.fetch_add(1, Ordering::Relaxed);
                entry.insert(Lease { token, owner, until, waiters: Vec::new() });
            }
        }
        Asked::Yours(token)
    }

    /// Ends a lease that is still under this token, after `then`; whether it was. Nobody can end it meanwhile.
    pub fn finish(&self, key: Key<'_>, token: u64, then: impl FnOnce()) -> bool {
        let key = OwnedKey::from(key);
        let mut then = Some(then);
        let ours = self.by_key.remove_if(&key, |_, lease| {
            let ours = lease.token == token;
            if ours && let Some(then) = then.take() {
                then();
            }
            ours
        });
        let Some((key, lease)) = ours else { return false };
        self.count.fetch_sub(1, Ordering::Relaxed);
        tell(&key, &lease);
        true
    }

    /// Ends the lease of a key that is about to be written or deleted: before, so that a load that finishes meanwhile
    /// is overwritten. Costs a look at a counter where there are none.
    pub fn break_off(&self, key: Key<'_>) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        if let Some((key, lease)) = self.by_key.remove(&OwnedKey::from(key)) {
            self.count.fetch_sub(1, Ordering::Relaxed);
            tell(&key, &lease);
        }
    }

    /// Ends all leases.
    pub fn break_all(&self) {
        self.end_those(|_| true);
    }

    /// Ends the leases of somebody who has gone, and forgets that they wait.
    pub fn leave(&self, owner: u64) {
        self.end_those(|lease| lease.owner == owner);
        for mut lease in self.by_key.iter_mut() {
            lease.waiters.retain(|(id, _)| *id != owner);
        }
    }

    fn end_those(&self, which: impl Fn(&Lease) -> bool) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let keys: Vec<OwnedKey> =
            self.by_key.iter().filter(|lease| which(lease)).map(|lease| lease.key().clone()).collect();
        for key in keys {
            if let Some((key, lease)) = self.by_key.remove_if(&key, |_, lease| which(lease)) {
                self.count.fetch_sub(1, Ordering::Relaxed);
                tell(&key, &lease);
            }
        }
    }

    /// Leases there are.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

fn tell(key: &OwnedKey, lease: &Lease) {
    for (_, waiter) in &lease.waiters {
        waiter.ended(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;

    #[derive(Debug, Default)]
    struct Told(Mutex<Vec<OwnedKey>>);

    impl Waiter for Told {
        fn ended(&self, key: &OwnedKey) {
            self.0.lock().push(key.clone());
        }
    }

    fn key(name: &str) -> Key<'_> {
        Key { kind: Kind::Latin1, bytes: name.as_bytes() }
    }

    fn waiter() -> (Arc<Told>, Arc<dyn Waiter>) {
        let told = Arc::new(Told::default());
        (Arc::clone(&told), told)
    }

    #[test]
    fn one_loads_and_the_others_are_told() {
        let leases = Leases::default();
        let ((_, first), (told, second)) = (waiter(), waiter());
        let Asked::Yours(token) = leases.ask(key("a"), 1, 100.0, 0.0, &first) else { panic!("is free") };
        assert_eq!(leases.ask(key("a"), 2, 150.0, 50.0, &second), Asked::Taken(100.0));
        assert_eq!(leases.ask(key("a"), 2, 150.0, 50.0, &second), Asked::Taken(100.0));
        assert!(!leases.finish(key("a"), token + 1, || panic!("is not theirs")));
        assert!(leases.finish(key("a"), token, || {}));
        assert_eq!(told.0.lock().len(), 1);
        assert!(leases.is_empty());
    }

    #[test]
    fn a_lease_whose_time_is_up_is_taken_over() {
        let leases = Leases::default();
        let (_, waiter) = waiter();
        let Asked::Yours(slow) = leases.ask(key("a"), 1, 100.0, 0.0, &waiter) else { panic!("is free") };
        let Asked::Yours(quick) = leases.ask(key("a"), 2, 300.0, 200.0, &waiter) else { panic!("is over") };
        assert!(!leases.finish(key("a"), slow, || panic!("has lost it")));
        assert!(leases.finish(key("a"), quick, || {}));
    }

    #[test]
    fn writing_the_key_and_leaving_end_a_lease() {
        let leases = Leases::default();
        let ((_, loader), (told, other)) = (waiter(), waiter());
        let Asked::Yours(token) = leases.ask(key("a"), 1, 100.0, 0.0, &loader) else { panic!("is free") };
        leases.ask(key("a"), 2, 100.0, 0.0, &other);
        leases.break_off(key("b"));
        leases.break_off(key("a"));
        assert!(!leases.finish(key("a"), token, || panic!("was broken off")));
        leases.ask(key("a"), 1, 100.0, 0.0, &loader);
        leases.ask(key("b"), 1, 100.0, 0.0, &loader);
        leases.ask(key("c"), 2, 100.0, 0.0, &other);
        leases.ask(key("b"), 2, 100.0, 0.0, &other);
        leases.leave(1);
        assert_eq!(leases.len(), 1);
        assert_eq!(told.0.lock().len(), 2);
        leases.break_all();
        assert!(leases.is_empty());
    }
}
