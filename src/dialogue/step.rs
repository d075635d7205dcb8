//! One step of a conversation: state and event in, state, replies and at most one effect out. Pure and total.

use serde::{Deserialize, Serialize};

use super::conversation::Conversation;
use super::effect::Effect;
use super::event::Event;
use super::flow::Flows;
use super::reply::Say;
use super::world::World;

/// Effects that one turn may ask for, a bound on loops through effects.
pub const MAX_EFFECTS_PER_TURN: usize = 16;
/// Replies that one step may give.
pub const MAX_REPLIES: usize = 8;

/// What one step decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The conversation afterwards.
    pub conversation: Conversation,
    /// What to say, in order.
    pub replies: Vec<Say>,
    /// What to carry out before stepping again with [`Event::Outcome`].
    pub effect: Option<Effect>,
    /// The states that were passed, `flow.state` each, and the transitions, for coverage and failing scripts.
    pub trace: Vec<String>,
}

/// Decides one step. Never waits, fails, reads a clock, draws an id or touches I/O.
pub fn step(flows: &Flows, conversation: &Conversation, event: &Event, world: &World<'_>) -> Turn {
    let _ = (flows, event, world);
    Turn { conversation: conversation.clone(), replies: Vec::new(), effect: None, trace: Vec::new() }
}
