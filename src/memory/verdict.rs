//! What a series of samples says, as a value: the verdict, the trends it rests on, and their parts.

use super::rings::Signal;

/// The verdict. The numbers are the ones JavaScript and the black box know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Kind {
    /// Too few collections or too little time to judge.
    #[default]
    NotEnoughData = 0,
    /// The process starts, or what it grows by since is still decaying.
    WarmingUp = 1,
    /// No growth that matters.
    Healthy = 2,
    /// Growth with a bound: decaying, or a known bounded cache.
    Filling = 3,
    /// The collector takes a large share of the time and the floor does not grow.
    GcPressure = 4,
    /// Steady growth that does not decay.
    Leak = 5,
}

/// Where memory, or what costs memory, grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Place {
    /// JavaScript objects.
    Heap = 0,
    /// Buffers.
    External = 1,
    /// Neither of the two: native add-ons, allocators.
    Native = 2,
    /// Open descriptors.
    Descriptors = 3,
    /// Timers, sockets and other active resources.
    Handles = 4,
}

impl Kind {
    /// All of them, by number.
    pub const ALL: [Self; 6] =
        [Self::NotEnoughData, Self::WarmingUp, Self::Healthy, Self::Filling, Self::GcPressure, Self::Leak];

    /// The word for it in JavaScript, metrics and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotEnoughData => "not-enough-data",
            Self::WarmingUp => "warming-up",
            Self::Healthy => "healthy",
            Self::Filling => "filling",
            Self::GcPressure => "gc-pressure",
            Self::Leak => "leak",
        }
    }
}

impl Place {
    /// All of them, by number.
    pub const ALL: [Self; 5] = [Self::Heap, Self::External, Self::Native, Self::Descriptors, Self::Handles];

    /// The word for it in JavaScript, metrics and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Heap => "heap",
            Self::External => "external",
            Self::Native => "native",
            Self::Descriptors => "descriptors",
            Self::Handles => "handles",
        }
    }

    /// Whether it is measured in bytes; otherwise it is counted.
    #[must_use]
    pub const fn in_bytes(self) -> bool {
        matches!(self, Self::Heap | Self::External | Self::Native)
    }
}

/// A slope and its 95 % interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Slope {
    /// The estimate.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How one signal moved over the time that was judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// What moved.
    pub place: Place,
    /// The signal that tells of it: of native memory there are two. Not in the black box, where it is the usual one.
    pub signal: Signal,
    /// Whether it grows: not by chance, more than matters, and without decaying.
    pub growing: bool,
    /// The level at the start of the time judged: bytes or a count.
    pub from: f64,
    /// The level at its end.
    pub to: f64,
    /// Seconds judged.
    pub seconds: f64,
    /// Points in them.
    pub points: u32,
    /// Per second.
    pub per_second: Slope,
    /// Per HTTP request, where there were any.
    pub per_request: Option<Slope>,
    /// One-sided probability of such a rise without a trend.
    pub p: f64,
    /// The slope of the second half as a share of the first half's; `NAN` where there are too few points to tell.
    pub decay: f64,
    /// Milliseconds since the Unix epoch at which this stretch of growth began.
    pub onset: f64,
}

/// The verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdict {
    /// The verdict itself.
    pub kind: Kind,
    /// For a leak: where.
    pub place: Option<Place>,
    /// Since when the verdict has been this; milliseconds since the Unix epoch.
    pub since: f64,
    /// For a leak: when the growth began.
    pub onset: Option<f64>,
    /// 0 to 1.
    pub confidence: f64,
    /// Until the heap limit is reached at this pace.
    pub seconds_to_heap_limit: Option<f64>,
    /// Until the memory limit of the control group is reached.
    pub seconds_to_cgroup_limit: Option<f64>,
    /// Why, with numbers, in one sentence.
    pub evidence: String,
    /// What to do next.
    pub next: String,
    /// Every signal judged.
    pub trends: Vec<Trend>,
}

impl Verdict {
    /// The trend of the place that leaks or fills.
    #[must_use]
    pub fn trend(&self) -> Option<&Trend> {
        let place = self.place?;
        self.trends.iter().find(|trend| trend.place == place)
    }
}
