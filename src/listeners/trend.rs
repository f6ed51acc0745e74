//! Whether a short series rises, and not by chance: the Mann–Kendall test.
//!
//! H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945). It counts in how many pairs the later
//! value is greater, less those in which it is smaller, so that one outlier decides nothing and no shape is assumed.

/// The fewest values that are judged.
const LEAST: usize = 6;

/// For 6, 7 and 8 values: the score that a series without trend reaches in less than one case of a hundred (exact
/// distribution; M. G. Kendall, "Rank Correlation Methods", appendix table 1).
const SIGNIFICANT: [i32; 3] = [13, 17, 20];

/// Whether `values`, oldest first, rise. Fewer than [`LEAST`] never do; at most eight are looked at, the newest.
pub(super) fn rises(values: &[f32]) -> bool {
    let newest = &values[values.len().saturating_sub(LEAST + SIGNIFICANT.len() - 1)..];
    if newest.len() < LEAST {
        return false;
    }
    let mut score = 0;
    for (i, earlier) in newest.iter().enumerate() {
        for later in &newest[i + 1..] {
            score += i32::from(later > earlier) - i32::from(later < earlier);
        }
    }
    score >= SIGNIFICANT[newest.len() - LEAST]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_is_seen_though_one_value_is_out_of_line() {
        assert!(rises(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        assert!(rises(&[1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 7.0, 8.0]));
    }

    #[test]
    fn too_few_level_or_falling_values_do_not_rise() {
        assert!(!rises(&[1.0, 2.0, 3.0, 4.0, 5.0]));
        assert!(!rises(&[5.0; 8]));
        assert!(!rises(&[8.0, 7.0, 6.0, 5.0, 4.0, 3.0]));
        assert!(!rises(&[1.0, 9.0, 2.0, 8.0, 3.0, 7.0, 4.0, 6.0]));
        assert!(!rises(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 50.0]));
    }

    /// The thresholds against the distribution itself: all orders of six, seven and eight values.
    #[test]
    fn a_series_without_trend_passes_in_less_than_one_case_of_a_hundred() {
        for n in LEAST..=8 {
            let mut order: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let (mut all, mut passed) = (0_u32, 0_u32);
            permute(&mut order, 0, &mut |order| {
                all += 1;
                passed += u32::from(rises(order));
            });
            assert!(passed * 100 < all, "{passed} of {all} orders of {n}");
            assert!(passed * 400 > all, "{passed} of {all} orders of {n}: the threshold is too strict");
        }
    }

    fn permute(order: &mut [f32], from: usize, see: &mut impl FnMut(&[f32])) {
        if from == order.len() {
            see(order);
            return;
        }
        for i in from..order.len() {
            order.swap(from, i);
            permute(order, from + 1, see);
            order.swap(from, i);
        }
    }
}
