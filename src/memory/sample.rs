//! One look at an isolate and its process: what a sampler takes each second, keeps in rings and writes to the black box.

/// What JavaScript publishes about its isolate, as [`crate::memory::board`] reads it. Bytes and milliseconds; counts
/// since the sampler started, unless said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Isolate {
    /// How often JavaScript has published: does not move while its event loop is blocked.
    pub turn: f64,
    /// Old and large-object space after the newest major collection; 0 before the first.
    pub floor: f64,
    /// The lowest of the newest floors, where there were several; 0 where the newest collection left none that is known.
    pub floor_low: f64,
    /// External memory after that collection.
    pub floor_external: f64,
    /// Bytes of the heap in use, garbage included.
    pub heap_used: f64,
    /// Bytes the heap has from the system.
    pub heap_committed: f64,
    /// Where V8 gives up.
    pub heap_limit: f64,
    /// Bytes of that which only young objects can use.
    pub heap_young: f64,
    /// Memory that objects of the heap keep outside it, `ArrayBuffer`s included.
    pub external: f64,
    /// `ArrayBuffer`s alone.
    pub array_buffers: f64,
    /// Major collections.
    pub major: f64,
    /// Minor collections.
    pub minor: f64,
    /// Milliseconds in major collections.
    pub major_ms: f64,
    /// Milliseconds in minor collections.
    pub minor_ms: f64,
    /// The longest delay of the event loop since the publication before, in milliseconds.
    pub loop_delay: f64,
    /// The share of time in which the event loop was busy since the publication before, 0 to 1.
    pub loop_utilization: f64,
    /// HTTP requests received.
    pub requests: f64,
    /// What keeps the event loop busy now: timers, sockets, requests to the system.
    pub handles: f64,
    /// Of these, timers.
    pub timers: f64,
    /// Bytes the named caches say they hold now.
    pub cache_bytes: f64,
    /// Entries of the named caches now.
    pub cache_entries: f64,
    /// Whether a named cache of this isolate has grown lately and is not full (1 or 0).
    pub cache_filling: f64,
}

impl Isolate {
    /// What old objects, such as those of a leak, may take.
    #[must_use]
    pub fn room(&self) -> f64 {
        (self.heap_limit - self.heap_young).max(0.0)
    }
}

/// What the system says about the process. Bytes; 0 where the platform does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Process {
    /// Resident memory.
    pub rss: f64,
    /// The part of it that no file backs.
    pub anonymous: f64,
    /// Address space.
    pub virtual_bytes: f64,
    /// What `malloc` has given out and not got back; 0 without glibc.
    pub malloc_used: f64,
    /// What `malloc` holds from the system.
    pub malloc_held: f64,
    /// What shared caches hold of it: bounded, and no leak.
    pub shared_allocated: f64,
    /// What they have mapped, which `malloc` does not know of.
    pub shared_mapped: f64,
    /// Seconds of processor time since the start of the process.
    pub cpu: f64,
    /// Page faults that needed no disk, since the start of the process.
    pub minor_faults: f64,
    /// Page faults that needed one.
    pub major_faults: f64,
    /// Open descriptors (handles on Windows).
    pub descriptors: f64,
    /// The lowest memory limit of the control groups the process is in; 0 for none.
    pub cgroup_limit: f64,
    /// What that control group uses.
    pub cgroup_used: f64,
    /// How often that control group hit its limit.
    pub cgroup_max_events: f64,
    /// How many processes of it were killed for want of memory.
    pub cgroup_oom_kills: f64,
    /// The limit of the address space (`ulimit -v`); 0 for none.
    pub address_limit: f64,
}

/// One look.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// Milliseconds since the Unix epoch, monotonic within the process.
    pub at: f64,
    /// The isolate's own figures.
    pub isolate: Isolate,
    /// The figures of the whole process, the same for all its isolates.
    pub process: Process,
    /// Heap and external memory of all isolates of the process that have a sampler: what is not native.
    pub all_isolates: f64,
}
