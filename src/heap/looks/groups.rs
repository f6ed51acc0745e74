//! What objects in groups retain together: those of one within another of the same group are counted once.

use super::Looks;

/// Of each group. Linear in nodes.
pub(super) fn retained(looks: &Looks<'_>, group_of: impl Fn(u32) -> Option<u32>, groups: usize) -> Vec<u64> {
    let mut sums = vec![0_u64; groups];
    let children = looks.children();
    // Depth first, with the groups on the way down.
    let mut above = vec![0_u32; groups];
    let mut open = vec![(0_u32, false)];
    while let Some((node, left)) = open.pop() {
        let group = group_of(node).map(|group| group as usize);
        if left {
            if let Some(group) = group {
                above[group] -= 1;
            }
            continue;
        }
        if let Some(group) = group
            && above[group] == 0
        {
            sums[group] += looks.heap.retained[node as usize];
        }
        let children = children.of_node(node);
        if children.is_empty() {
            continue;
        }
        if let Some(group) = group {
            above[group] += 1;
            open.push((node, true));
        }
        open.extend(children.iter().map(|&child| (child, false)));
    }
    sums
}
