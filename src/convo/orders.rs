//! The orders in which things that happen together can come.

use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};

use super::script::Step;

/// Steps of which every order is tried; of more, [`SAMPLES`].
const MAX_EXHAUSTIVE_STEPS: usize = 6;
/// Orders tried of longer lists.
const SAMPLES: usize = 64;

/// How many orders are tried of some steps. Steps that are the same count once.
pub fn count(steps: &[Step]) -> usize {
    if steps.len() > MAX_EXHAUSTIVE_STEPS { SAMPLES } else { all(steps).len() }
}

/// One order, as indexes; numbers past the last begin anew. The first is the written one.
pub fn nth(steps: &[Step], seed: u64, number: usize) -> Vec<usize> {
    let written: Vec<usize> = (0..steps.len()).collect();
    if steps.len() > MAX_EXHAUSTIVE_STEPS {
        let number = number % SAMPLES;
        let mut order = written;
        if number > 0 {
            order.shuffle(&mut StdRng::seed_from_u64(seed.wrapping_add(number as u64)));
        }
        return order;
    }
    let all = all(steps);
    all.get(number % all.len().max(1)).cloned().unwrap_or(written)
}

fn all(steps: &[Step]) -> Vec<Vec<usize>> {
    let mut orders = Vec::new();
    extend(steps, &mut Vec::new(), &mut orders);
    orders
}

fn extend(steps: &[Step], chosen: &mut Vec<usize>, orders: &mut Vec<Vec<usize>>) {
    if chosen.len() == steps.len() {
        orders.push(chosen.clone());
        return;
    }
    for index in 0..steps.len() {
        // Of steps that are the same, the earlier one comes first.
        let twin = (0..index).any(|other| !chosen.contains(&other) && same(&steps[other], &steps[index]));
        if !chosen.contains(&index) && !twin {
            chosen.push(index);
            extend(steps, chosen, orders);
            chosen.pop();
        }
    }
}

fn same(one: &Step, other: &Step) -> bool {
    one.verb == other.verb && one.only == other.only
}
