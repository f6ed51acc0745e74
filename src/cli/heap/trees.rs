//! Who holds what, as trees.

use super::build::objects;
use super::report::{Block, Branch, Report};
use super::words::{self, count, path, steps};
use crate::heap::looks::{Held, Holder, Holding, Retainer, State};
use crate::memory::bytes;

pub(super) fn held(found: &Held) -> Report {
    let object = &found.object;
    let size = format!(
        "{}, {} of its own, retains {}, distance {}",
        words::label(object),
        bytes(object.size as f64),
        bytes(object.retained as f64),
        steps(object.distance)
    );
    let mut blocks = vec![Block::Note(size)];
    if !found.path.is_empty() {
        blocks.push(Block::Note(path(&found.path)));
    }
    blocks.push(Block::Heading("Held by".into()));
    blocks.push(Block::Tree(vec![tree(found)]));
    Report {
        title: format!("Who holds {} @{}", words::label(object), object.id),
        blocks,
        ..Report::default()
    }
}

/// The tree above an object.
pub(super) fn tree(found: &Held) -> Branch {
    Branch {
        text: format!("{} @{}", words::label(&found.object), found.object.id),
        aside: bytes(found.object.retained as f64),
        strong: true,
        branches: branches(&found.held_by, found.more),
    }
}

fn branches(list: &[Retainer], more: u64) -> Vec<Branch> {
    let mut branches: Vec<Branch> = list.iter().map(branch).collect();
    branches.extend(and_more(more, "more hold it"));
    branches
}

fn branch(retainer: &Retainer) -> Branch {
    let object = &retainer.object;
    let edge = if retainer.edge.is_empty() { "(unknown)" } else { &retainer.edge };
    let state = match retainer.state {
        State::Shown => "",
        State::Root => ", a root",
        State::Elsewhere => ", shown elsewhere",
        State::TooDeep => ", …",
    };
    let place = words::place(object.place.as_ref());
    Branch {
        text: format!("{edge} of {} @{}", words::label(object), object.id),
        aside: format!(
            "{}, distance {}{}{place}{state}",
            bytes(object.retained as f64),
            steps(object.distance),
            if place.is_empty() { "" } else { ", " },
        ),
        strong: retainer.on_path,
        branches: branches(&retainer.held_by, retainer.more),
    }
}

pub(super) fn holding(found: &Holding) -> Report {
    let note = format!(
        "{} objects, {} of their own; they retain {}",
        count(found.count),
        bytes(found.size as f64),
        bytes(found.retained as f64)
    );
    let mut branches: Vec<Branch> = found.held_by.iter().enumerate().map(holder).collect();
    branches.extend(and_more(found.more, "are held elsewhere"));
    let blocks = vec![
        Block::Note(note),
        Block::Heading("Held by".into()),
        Block::Tree(branches),
        Block::Heading("Those that retain most".into()),
        Block::Table(objects(&found.largest)),
    ];
    Report { title: format!("Who holds {}", found.name), blocks, ..Report::default() }
}

fn holder((index, holder): (usize, &Holder)) -> Branch {
    let mut branches: Vec<Branch> = holder.held_by.iter().enumerate().map(self::holder).collect();
    branches.extend(and_more(holder.more, "are held elsewhere"));
    let who = if holder.holders == 1 {
        format!("{} @{}", holder.label, holder.example)
    } else {
        format!("{} × {} (such as @{})", count(holder.holders), holder.label, holder.example)
    };
    let chain = if holder.chain { ", of others like it, and at last" } else { "" };
    let place = words::place(holder.place.as_ref());
    let edge = &holder.edge;
    Branch {
        text: if edge.is_empty() { holder.label.clone() } else { format!("{edge}{chain} of {who}") },
        aside: format!(
            "{} objects, distance {}{}{place}",
            count(holder.objects),
            steps(holder.distance),
            if place.is_empty() { "" } else { ", " },
        ),
        strong: index == 0,
        branches,
    }
}

fn and_more(more: u64, what: &str) -> Option<Branch> {
    (more > 0).then(|| Branch { text: format!("{} {what}", count(more)), ..Branch::default() })
}
