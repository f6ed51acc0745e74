//! Compression of values: LZ4 blocks (`lz4_flex`, in safe Rust), the length ahead. A value that does not get shorter
//! by an eighth is stored as it is.

/// The value compressed, where that pays.
#[must_use]
pub(super) fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let packed = lz4_flex::compress_prepend_size(bytes);
    (packed.len() <= bytes.len() - bytes.len() / 8).then_some(packed)
}

/// The bytes that were compressed; `None` where they are not what [`pack`] made.
#[must_use]
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    /// Times as long as the block that a byte of it can stand for at most: a length beyond that is a lie.
    const RATIO: usize = 256;
    let length = u32::from_le_bytes(*packed.first_chunk()?) as usize;
    if length > packed.len().saturating_mul(RATIO) {
        return None;
    }
    lz4_flex::decompress_size_prepended(packed).ok()
}

#[cfg(test)]
mod tests {
    use super::super::rounds;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(rounds(256)))]

        #[test]
        fn what_is_packed_is_unpacked(unit in prop::collection::vec(any::<u8>(), 1..20), times in 1_usize..200) {
            let bytes = unit.repeat(times);
            if let Some(packed) = pack(&bytes) {
                prop_assert!(packed.len() < bytes.len());
                prop_assert_eq!(unpack(&packed), Some(bytes));
            }
        }

        #[test]
        fn nonsense_is_refused_or_unpacked_but_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }
}
