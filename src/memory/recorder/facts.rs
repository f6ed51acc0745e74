//! What is known when a recorder starts: whose black box it is, and what the process was given.

use super::bytes::{Cursor, put_f64, put_text};
use super::format::FACTS_BYTES;
use super::system;
use crate::memory::process::cgroup;

/// Whose black box it is. Texts are cut where they are too long for the file's first page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StartFacts {
    /// The process.
    pub pid: u32,
    /// When the system started the process, in a unit of the system's own (clock ticks since boot on Linux): tells a
    /// process from a later one with the same `pid`. 0 where it is not known.
    pub process_start: u64,
    /// The worker's `threadId`; 0 for the main thread.
    pub thread: u32,
    /// The worker's name, or the role of the process in its cluster; may be empty.
    pub name: String,
    /// The machine.
    pub hostname: String,
    /// As in `process.version`.
    pub node_version: String,
    /// Of this package.
    pub plateau_version: String,
    /// As in `process.argv[1]`.
    pub script: String,
    /// Where V8 gives up, in bytes.
    pub heap_limit: f64,
    /// The folder of the control group whose limit counts; empty for none.
    pub cgroup: String,
    /// Its limit in bytes; 0 for none.
    pub cgroup_limit: f64,
    /// The limit of the address space in bytes; 0 for none.
    pub address_limit: f64,
    /// Changes when the machine restarts; empty where there is none.
    pub boot: String,
    /// Within which `pid` means anything: containers each have their own. Empty where it is not known.
    pub pid_namespace: String,
    /// When the recorder started, in milliseconds since the Unix epoch.
    pub started: f64,
    /// How many processes of the control group had been killed for want of memory by then.
    pub cgroup_oom_kills: f64,
    /// Tells that control group from a later one in the same folder, as each start of a container has; 0 for unknown.
    pub cgroup_id: f64,
    /// How many processes of the whole machine had been; 0 where it is not known.
    pub machine_oom_kills: f64,
}

/// The tags of the fields; those a reader does not know it skips.
mod tag {
    pub(super) const PID: u8 = 1;
    pub(super) const PROCESS_START: u8 = 2;
    pub(super) const THREAD: u8 = 3;
    pub(super) const NAME: u8 = 4;
    pub(super) const HOSTNAME: u8 = 5;
    pub(super) const NODE_VERSION: u8 = 6;
    pub(super) const PLATEAU_VERSION: u8 = 7;
    pub(super) const SCRIPT: u8 = 8;
    pub(super) const HEAP_LIMIT: u8 = 9;
    pub(super) const CGROUP: u8 = 10;
    pub(super) const CGROUP_LIMIT: u8 = 11;
    pub(super) const ADDRESS_LIMIT: u8 = 12;
    pub(super) const BOOT: u8 = 13;
    pub(super) const PID_NAMESPACE: u8 = 14;
    pub(super) const STARTED: u8 = 15;
    pub(super) const CGROUP_OOM_KILLS: u8 = 16;
    pub(super) const MACHINE_OOM_KILLS: u8 = 17;
    pub(super) const CGROUP_ID: u8 = 18;
    /// The tags whose value is a text; that of all others is a number of eight bytes.
    pub(super) const TEXTS: [u8; 8] =
        [NAME, HOSTNAME, NODE_VERSION, PLATEAU_VERSION, SCRIPT, CGROUP, BOOT, PID_NAMESPACE];
}

/// So that eight texts of this length and the numbers fit.
const TEXT_BYTES: usize = 480;
const _: () = assert!(8 * (TEXT_BYTES + 3) + 10 * 9 <= FACTS_BYTES, "the facts fit in the first page");

impl StartFacts {
    /// What the system and this package know about the process: all but `thread`, `name`, `node_version`, `script` and
    /// `heap_limit`.
    #[must_use]
    pub fn of_process() -> Self {
        let pid = std::process::id();
        let (folder, figures) = cgroup().unwrap_or_default();
        Self {
            pid,
            process_start: system::process_start(pid).unwrap_or(0),
            hostname: system::hostname(),
            plateau_version: crate::VERSION.to_owned(),
            cgroup_limit: figures.cgroup_limit,
            cgroup_oom_kills: figures.cgroup_oom_kills,
            machine_oom_kills: system::machine_oom_kills().unwrap_or(0.0),
            cgroup_id: system::file_id(&folder).unwrap_or(0.0),
            cgroup: folder.to_string_lossy().into_owned(),
            address_limit: system::address_limit(),
            boot: system::boot(),
            pid_namespace: system::pid_namespace(),
            started: system::now_ms() as f64,
            ..Self::default()
        }
    }

    /// The facts as bytes, at most [`FACTS_BYTES`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        for (tag, text) in self.texts() {
            out.push(tag);
            put_text(&mut out, text, TEXT_BYTES);
        }
        for (tag, number) in self.numbers() {
            out.push(tag);
            put_f64(&mut out, number);
        }
        out
    }

    fn texts(&self) -> [(u8, &str); 8] {
        [
            (tag::NAME, &self.name),
            (tag::HOSTNAME, &self.hostname),
            (tag::NODE_VERSION, &self.node_version),
            (tag::PLATEAU_VERSION, &self.plateau_version),
            (tag::SCRIPT, &self.script),
            (tag::CGROUP, &self.cgroup),
            (tag::BOOT, &self.boot),
            (tag::PID_NAMESPACE, &self.pid_namespace),
        ]
    }

    fn numbers(&self) -> [(u8, f64); 10] {
        [
            (tag::PID, f64::from(self.pid)),
            (tag::PROCESS_START, self.process_start as f64),
            (tag::THREAD, f64::from(self.thread)),
            (tag::HEAP_LIMIT, self.heap_limit),
            (tag::CGROUP_LIMIT, self.cgroup_limit),
            (tag::ADDRESS_LIMIT, self.address_limit),
            (tag::STARTED, self.started),
            (tag::CGROUP_OOM_KILLS, self.cgroup_oom_kills),
            (tag::MACHINE_OOM_KILLS, self.machine_oom_kills),
            (tag::CGROUP_ID, self.cgroup_id),
        ]
    }

    /// The facts that [`StartFacts::encode`] made `bytes` of, or as many of them as can be read.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut facts = Self::default();
        let mut cursor = Cursor::new(bytes);
        while facts.decode_one(&mut cursor).is_some() {}
        facts
    }

    fn decode_one(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        let tag = cursor.u8()?;
        if tag::TEXTS.contains(&tag) {
            let text = cursor.text()?;
            *match tag {
                tag::NAME => &mut self.name,
                tag::HOSTNAME => &mut self.hostname,
                tag::NODE_VERSION => &mut self.node_version,
                tag::PLATEAU_VERSION => &mut self.plateau_version,
                tag::SCRIPT => &mut self.script,
                tag::CGROUP => &mut self.cgroup,
                tag::BOOT => &mut self.boot,
                _ => &mut self.pid_namespace,
            } = text;
            return Some(());
        }
        let number = cursor.f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole numbers when they were written; a damaged one saturates"
        )]
        match tag {
            tag::PID => self.pid = number as u32,
            tag::PROCESS_START => self.process_start = number as u64,
            tag::THREAD => self.thread = number as u32,
            tag::HEAP_LIMIT => self.heap_limit = number,
            tag::CGROUP_LIMIT => self.cgroup_limit = number,
            tag::ADDRESS_LIMIT => self.address_limit = number,
            tag::STARTED => self.started = number,
            tag::CGROUP_OOM_KILLS => self.cgroup_oom_kills = number,
            tag::MACHINE_OOM_KILLS => self.machine_oom_kills = number,
            tag::CGROUP_ID => self.cgroup_id = number,
            _ => {}
        }
        Some(())
    }
}
