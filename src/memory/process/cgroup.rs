//! The memory limit of the control group, version 1 or 2: the lowest on the way from the process's own group to the
//! root, since each binds.
//!
//! Sources: Linux, `Documentation/admin-guide/cgroup-v2.rst` ("Memory Interface Files") and
//! `cgroup-v1/memory.rst`.

use std::path::{Path, PathBuf};

use super::super::sample::Process;

/// A limit from here on means "none": version 1 says so with the largest number of pages.
const NO_LIMIT: f64 = (1_u64 << 60) as f64;
const MOST_LEVELS: usize = 32;

/// The group whose limit binds first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cgroup {
    folder: PathBuf,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Version {
    const fn limit(self) -> &'static str {
        match self {
            Self::One => "memory.limit_in_bytes",
            Self::Two => "memory.max",
        }
    }

    const fn usage(self) -> &'static str {
        match self {
            Self::One => "memory.usage_in_bytes",
            Self::Two => "memory.current",
        }
    }
}

impl Cgroup {
    pub(super) fn of_this_process() -> Option<Self> {
        Self::find(&read("/proc/self/cgroup")?, Path::new("/sys/fs/cgroup"))
    }

    /// Where its figures are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Finds the group in the text of `/proc/self/cgroup`, with the file systems mounted at `mount`.
    fn find(text: &str, mount: &Path) -> Option<Self> {
        let mut candidates = Vec::new();
        for line in text.lines() {
            let mut parts = line.splitn(3, ':');
            let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let (root, version) = match controllers {
                "" => (mount.to_path_buf(), Version::Two),
                list if list.split(',').any(|name| name == "memory") => (mount.join("memory"), Version::One),
                _ => continue,
            };
            collect(&root, path, version, &mut candidates);
        }
        candidates.into_iter().min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(group, _)| group)
    }

    /// Adds limit, usage and events to `figures`.
    pub(super) fn read(&self, figures: &mut Process) {
        let number =
            |name: &str| read(self.folder.join(name)).and_then(|text| text.trim().parse::<f64>().ok());
        let Some(limit) = limit_in(&self.folder, self.version) else { return };
        figures.cgroup_limit = limit;
        let (inactive, hits, kills) = match self.version {
            Version::One => ("total_inactive_file", "memory.failcnt", "memory.oom_control"),
            Version::Two => ("inactive_file", "memory.events", "memory.events"),
        };
        // The page cache that has not been used lately is given up before anybody is killed.
        let reclaimable = read(self.folder.join("memory.stat")).map_or(0.0, |text| field(&text, inactive));
        figures.cgroup_used = (number(self.version.usage()).unwrap_or(0.0) - reclaimable).max(0.0);
        figures.cgroup_oom_kills = read(self.folder.join(kills)).map_or(0.0, |text| field(&text, "oom_kill"));
        figures.cgroup_max_events = match self.version {
            Version::One => number(hits).unwrap_or(0.0),
            Version::Two => read(self.folder.join(hits)).map_or(0.0, |text| field(&text, "max")),
        };
    }
}

/// Adds the groups with a limit, from the process's own up to the root of the mount. In a container the path may be one
/// of the host, which is not mounted there: then the root stands for the container's own group.
fn collect(root: &Path, path: &str, version: Version, into: &mut Vec<(Cgroup, f64)>) {
    let mut folder = root.to_path_buf();
    if path.split('/').all(|part| part != "..") {
        folder.push(path.trim_start_matches('/'));
    }
    for _ in 0..MOST_LEVELS {
        if let Some(limit) = limit_in(&folder, version) {
            into.push((Cgroup { folder: folder.clone(), version }, limit));
        }
        if folder == root || !folder.pop() || !folder.starts_with(root) {
            return;
        }
    }
}

fn limit_in(folder: &Path, version: Version) -> Option<f64> {
    let limit: f64 = read(folder.join(version.limit()))?.trim().parse().ok()?;
    (limit < NO_LIMIT).then_some(limit)
}

/// The number after `name` in a file of lines `name number`; 0 where it is missing.
fn field(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|rest| rest.trim().parse().ok()).unwrap_or(0.0)
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(64 * 1024).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("plateau-cgroup-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn figures(group: &Cgroup) -> (f64, f64, f64, f64) {
        let mut figures = Process::default();
        group.read(&mut figures);
        (figures.cgroup_limit, figures.cgroup_used, figures.cgroup_max_events, figures.cgroup_oom_kills)
    }

    #[test]
    fn in_version_2_the_lowest_limit_on_the_way_up_binds() {
        let folder = Folder::new("two");
        folder.write("a/memory.max", "1000000\n");
        folder.write("a/memory.current", "700000\n");
        folder.write("a/memory.stat", "anon 5\ninactive_file 100000\n");
        folder.write("a/memory.events", "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\n");
        folder.write("a/b/memory.max", "max\n");
        folder.write("a/b/c/memory.max", "2000000\n");
        let group = Cgroup::find("0::/a/b/c\n", &folder.0).unwrap();
        assert_eq!(group.folder, folder.0.join("a"));
        assert_eq!(figures(&group), (1e6, 6e5, 7.0, 1.0));
    }

    #[test]
    fn version_1_is_read_by_its_own_names() {
        let folder = Folder::new("one");
        folder.write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        folder.write("memory/x/memory.limit_in_bytes", "5000\n");
        folder.write("memory/x/memory.usage_in_bytes", "4000\n");
        folder.write("memory/x/memory.failcnt", "3\n");
        folder.write("memory/x/memory.stat", "total_inactive_file 1000\n");
        folder.write("memory/x/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        let group = Cgroup::find("4:cpu,memory:/x\n0::/\n", &folder.0).unwrap();
        assert_eq!(figures(&group), (5000.0, 3000.0, 3.0, 2.0));
    }

    #[test]
    fn in_a_container_the_root_stands_for_a_path_of_the_host() {
        let folder = Folder::new("container");
        folder.write("memory.max", "4096\n");
        let group = Cgroup::find("0::/kubepods/pod1/abc\n", &folder.0).unwrap();
        assert_eq!(group.folder, folder.0);
        assert!(Cgroup::find("0::/../../x\n", &folder.0).is_some());
    }

    #[test]
    fn without_a_limit_there_is_none() {
        let folder = Folder::new("none");
        folder.write("memory.max", "max\n");
        assert_eq!(Cgroup::find("0::/\n", &folder.0), None);
        assert_eq!(Cgroup::find("nonsense", &folder.0), None);
    }
}
