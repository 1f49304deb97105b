//! Breadth first over everything that can happen next.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{Hash as _, Hasher as _};

use super::world::{Mistake, Sizes, World};

/// A property that does not hold, with the shortest way there.
#[derive(Debug)]
pub struct Broken {
    pub what: String,
    pub steps: Vec<String>,
}

/// What was visited.
#[derive(Debug, Default)]
pub struct Explored {
    pub states: usize,
    pub depth: usize,
    /// Whether nothing was left to visit.
    pub whole: bool,
    pub broken: Option<Broken>,
    pub reached: BTreeMap<&'static str, usize>,
}

fn key(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

/// Visits at most `most` states, the nearest first.
pub fn explore(sizes: Sizes, mistake: Option<Mistake>, most: usize) -> Explored {
    let first = World::new(sizes, mistake);
    let mut explored = Explored::default();
    // From where each state was first seen, and by which step.
    let mut seen: HashMap<u64, (u64, String)> = HashMap::new();
    let mut left = VecDeque::from([(first.clone(), 0)]);
    seen.insert(key(&first), (0, "the start".to_owned()));
    while let Some((world, depth)) = left.pop_front() {
        explored.states += 1;
        explored.depth = depth;
        for what in world.reached() {
            *explored.reached.entry(what).or_default() += 1;
        }
        let here = key(&world);
        if let Some(what) = world.broken() {
            explored.broken = Some(Broken { what, steps: way(&seen, here) });
            return explored;
        }
        if explored.states >= most {
            return explored;
        }
        for (step, next) in world.steps() {
            seen.entry(key(&next)).or_insert_with(|| {
                left.push_back((next, depth + 1));
                (here, step)
            });
        }
    }
    explored.whole = true;
    explored
}

fn way(seen: &HashMap<u64, (u64, String)>, mut at: u64) -> Vec<String> {
    let mut steps = Vec::new();
    while let Some((from, step)) = seen.get(&at) {
        steps.push(step.clone());
        if *from == 0 {
            break;
        }
        at = *from;
    }
    steps.reverse();
    steps
}
