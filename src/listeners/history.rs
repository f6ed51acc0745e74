//! What one call site had live, window by window, in a ring of fixed size.

/// Windows kept.
pub(super) const WINDOWS: usize = KEPT as usize;
const KEPT: u8 = 8;

/// One stretch of time: the least and the most that were live in it, and how many had been added by its end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    pub(super) floor: f32,
    pub(super) peak: f32,
    pub(super) added: f32,
}

/// The last [`WINDOWS`] windows that are over, and the one that is not.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    closed: [Window; WINDOWS],
    /// How many of them there are.
    length: u8,
    /// Where the next one goes.
    next: u8,
    open: Window,
    looks: u16,
}

impl History {
    /// One look in the open window.
    pub(super) fn look(&mut self, live: f32, added: f32) {
        let Window { floor, peak, .. } = self.open;
        self.open = if self.looks == 0 {
            Window { floor: live, peak: live, added }
        } else {
            Window { floor: floor.min(live), peak: peak.max(live), added }
        };
        self.looks = self.looks.saturating_add(1);
    }

    /// Ends the open window, `times` times: those without a look are like the one before.
    pub(super) fn close(&mut self, times: usize) {
        for _ in 0..times.min(WINDOWS) {
            if self.looks == 0 {
                let Some(last) = self.windows().last() else { return };
                self.open = last;
            }
            self.closed[usize::from(self.next)] = self.open;
            self.next = (self.next + 1) % KEPT;
            self.length = (self.length + 1).min(KEPT);
            self.looks = 0;
        }
    }

    /// The windows that are over, oldest first.
    pub(super) fn windows(&self) -> impl DoubleEndedIterator<Item = Window> + use<> {
        let Self { closed, length, next, .. } = *self;
        (0..length).map(move |i| closed[(usize::from(next) + WINDOWS - usize::from(length - i)) % WINDOWS])
    }
}

impl Copy for History {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_the_least_and_the_most_of_its_looks() {
        let mut history = History::default();
        for live in [5.0, 2.0, 9.0] {
            history.look(live, 9.0);
        }
        history.close(1);
        let window = history.windows().next().expect("one window is over");
        assert_eq!((window.floor, window.peak, window.added), (2.0, 9.0, 9.0));
    }

    #[test]
    fn windows_in_which_nobody_looked_are_like_the_one_before() {
        let mut history = History::default();
        history.close(3);
        assert_eq!(history.windows().count(), 0);
        history.look(4.0, 4.0);
        history.close(3);
        assert_eq!(history.windows().map(|window| window.floor).collect::<Vec<_>>(), [4.0; 3]);
    }

    #[test]
    fn the_oldest_window_leaves_first() {
        let mut history = History::default();
        for live in 0_u8..11 {
            history.look(live.into(), 0.0);
            history.close(1);
        }
        let floors: Vec<f32> = history.windows().map(|window| window.floor).collect();
        assert_eq!(floors, [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
    }
}
