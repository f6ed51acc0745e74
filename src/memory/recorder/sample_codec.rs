//! Samples as bytes: only what changed since the sample before, as whole numbers of a fixed step.
//!
//! A sample has 39 numbers, 312 bytes. In a busy service about twenty change from second to second, by little: 40 to 70
//! bytes, so that 4 MiB hold some twenty hours. The first sample of a block is the difference from all zeros.

use super::bytes::{Cursor, put_signed, put_varint};
use crate::memory::sample::Sample;

/// One number of a sample: how to read and write it, and how many steps make one.
struct Field {
    get: fn(&Sample) -> f64,
    set: fn(&mut Sample, f64),
    steps: f64,
}

macro_rules! fields {
    ($($($name:ident).+ * $steps:literal),+ $(,)?) => {
        [$(Field { get: |sample| sample.$($name).+, set: |sample, value| sample.$($name).+ = value, steps: $steps }),+]
    };
}

/// The numbers in the order of their bits. New ones are appended: a reader takes what lacks for zero and ignores what it
/// does not know. Steps: whole milliseconds, bytes and counts; microseconds of collecting and delay; 1/10,000 of a share.
const FIELDS: [Field; 40] = fields![
    at * 1.0,
    isolate.turn * 1.0,
    isolate.heap_used * 1.0,
    isolate.loop_delay * 1000.0,
    isolate.loop_utilization * 10_000.0,
    process.cpu * 1000.0,
    process.rss * 1.0,
    process.anonymous * 1.0,
    all_isolates * 1.0,
    isolate.external * 1.0,
    isolate.minor * 1.0,
    isolate.minor_ms * 1000.0,
    isolate.requests * 1.0,
    isolate.handles * 1.0,
    process.minor_faults * 1.0,
    process.malloc_used * 1.0,
    isolate.array_buffers * 1.0,
    isolate.heap_committed * 1.0,
    isolate.cache_bytes * 1.0,
    isolate.cache_entries * 1.0,
    process.cgroup_used * 1.0,
    process.descriptors * 1.0,
    isolate.floor * 1.0,
    isolate.floor_low * 1.0,
    isolate.floor_external * 1.0,
    isolate.major * 1.0,
    isolate.major_ms * 1000.0,
    isolate.timers * 1.0,
    isolate.cache_filling * 1.0,
    process.virtual_bytes * 1.0,
    process.malloc_held * 1.0,
    process.major_faults * 1.0,
    process.cgroup_max_events * 1.0,
    process.cgroup_oom_kills * 1.0,
    process.cgroup_limit * 1.0,
    process.address_limit * 1.0,
    isolate.heap_limit * 1.0,
    process.shared_allocated * 1.0,
    process.shared_mapped * 1.0,
    isolate.heap_young * 1.0,
];

const _: () = assert!(FIELDS.len() <= 64, "one bit of a u64 per field");

/// The numbers of a sample in steps; zeros before the first of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Steps([i64; FIELDS.len()]);

impl Default for Steps {
    fn default() -> Self {
        Self([0; FIELDS.len()])
    }
}

impl Steps {
    /// A sample in steps. What is not a number becomes 0, what is too large the largest.
    #[must_use]
    pub(super) fn of(sample: &Sample) -> Self {
        Self(std::array::from_fn(|index| {
            let field = &FIELDS[index];
            #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates, and makes NaN 0")]
            let steps = ((field.get)(sample) * field.steps).round() as i64;
            steps
        }))
    }

    /// The sample again, to within half a step.
    #[must_use]
    pub(super) fn sample(&self) -> Sample {
        let mut sample = Sample::default();
        for (field, steps) in FIELDS.iter().zip(self.0) {
            (field.set)(&mut sample, steps as f64 / field.steps);
        }
        sample
    }

    /// Appends what differs from `before`.
    pub(super) fn encode(&self, before: &Self, out: &mut Vec<u8>) {
        let pairs = || self.0.iter().zip(before.0);
        let changed = pairs()
            .enumerate()
            .filter(|(_, (now, before))| *now != before)
            .fold(0, |bits, (index, _)| bits | 1 << index);
        put_varint(out, changed);
        for (now, before) in pairs().filter(|(now, before)| *now != before) {
            put_signed(out, now.wrapping_sub(before));
        }
    }

    /// The steps that [`Steps::encode`] made `bytes` of; `None` when they are no such thing.
    #[must_use]
    pub(super) fn decode(before: &Self, bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let changed = cursor.varint()?;
        let mut steps = *before;
        for index in (0..64).filter(|index| changed >> index & 1 == 1) {
            let difference = cursor.signed()?;
            if let Some(value) = steps.0.get_mut(index) {
                *value = value.wrapping_add(difference);
            }
        }
        cursor.is_empty().then_some(steps)
    }
}
