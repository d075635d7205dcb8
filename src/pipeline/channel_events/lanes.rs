//! Which events of one webhook must come one after the other: those of one chat, whichever of its names they tell.

use std::collections::HashMap;

use crate::domain::message::ChannelEvent;

/// What an event belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// A chat of an account, by one of its names.
    Chat(String, String),
    /// A message of ours. Reports of one come in any order anyway, and a report never takes another back.
    Message(Option<i64>, String),
}

/// Events by what they belong to, each lane in the order in which its events came.
pub(super) fn lanes(events: Vec<ChannelEvent>) -> Vec<Vec<ChannelEvent>> {
    let mut numbers: HashMap<Key, usize> = HashMap::new();
    // Each number's parent; the root of a tree stands for everything that turned out to be the same.
    let mut parents: Vec<usize> = Vec::new();
    let mut firsts = Vec::with_capacity(events.len());
    for event in &events {
        let mut first = None;
        for key in keys(event) {
            let number = *numbers.entry(key).or_insert_with(|| {
                parents.push(parents.len());
                parents.len() - 1
            });
            let (root, other) = (root(&mut parents, number), first.unwrap_or(number));
            let other = self::root(&mut parents, other);
            parents[root] = other;
            first = Some(other);
        }
        firsts.push(first);
    }
    let mut places: HashMap<Option<usize>, usize> = HashMap::new();
    let mut lanes: Vec<Vec<ChannelEvent>> = Vec::new();
    for (event, first) in events.into_iter().zip(firsts) {
        let root = first.map(|number| root(&mut parents, number));
        let place = *places.entry(root).or_insert_with(|| {
            lanes.push(Vec::new());
            lanes.len() - 1
        });
        lanes[place].push(event);
    }
    lanes
}

fn root(parents: &mut [usize], mut number: usize) -> usize {
    while parents[number] != number {
        // Halving the way keeps the trees flat.
        parents[number] = parents[parents[number]];
        number = parents[number];
    }
    number
}

fn keys(event: &ChannelEvent) -> Vec<Key> {
    let of = |account: &str, names: &[&str], aliases: &[String]| {
        let names = names.iter().copied().chain(aliases.iter().map(String::as_str));
        names.map(|name| Key::Chat(account.to_owned(), name.to_owned())).collect()
    };
    match event {
        ChannelEvent::Said(inbound) => of(&inbound.account, &[&inbound.from.chat], &inbound.aliases),
        ChannelEvent::Echo { account, chat, aliases, .. } => of(account, &[&chat.chat], aliases),
        ChannelEvent::Moved { account, from, to, aliases, .. } => of(account, &[&from.chat, to], aliases),
        ChannelEvent::Delivery(report) => {
            vec![Key::Message(report.outbox_id, report.channel_message_id.clone())]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{Address, Content, Inbound};

    fn said(id: &str, chat: &str, aliases: &[&str]) -> ChannelEvent {
        let from = Address { channel: "whatsapp".into(), chat: chat.to_owned() };
        let mut inbound = Inbound::new(from, id, Content::Silent);
        inbound.aliases = aliases.iter().map(|name| (*name).to_owned()).collect();
        ChannelEvent::Said(inbound)
    }

    fn ids(lanes: &[Vec<ChannelEvent>]) -> Vec<Vec<&str>> {
        let id = |event: &ChannelEvent| match event {
            ChannelEvent::Said(inbound) => inbound.external_id.clone(),
            other => panic!("{other:?}"),
        };
        lanes.iter().map(|lane| lane.iter().map(|event| &*id(event).leak()).collect()).collect()
    }

    #[test]
    fn reports_of_different_messages_do_not_wait_for_each_other() {
        let report = |id: i64| {
            ChannelEvent::Delivery(crate::domain::message::Delivery {
                account: "n1".to_owned(),
                outbox_id: Some(id),
                channel_message_id: format!("wamid.{id}"),
                state: crate::domain::message::DeliveryState::Sent,
                error: None,
                failure: None,
                is_part: false,
            })
        };
        assert_eq!(lanes(vec![report(1), report(2), report(1)]).len(), 2);
    }

    #[test]
    fn events_of_one_chat_keep_their_order_whichever_name_they_tell() {
        let events = vec![
            said("1", "628", &[]),
            said("2", "ID.a", &[]),
            said("3", "629", &[]),
            said("4", "ID.a", &["628"]),
            said("5", "628", &[]),
        ];
        assert_eq!(ids(&lanes(events)), [vec!["1", "2", "4", "5"], vec!["3"]]);
    }
}
