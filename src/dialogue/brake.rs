//! The brake between two machines. An answering machine that is answered answers again, and each answer costs the shop money;
//! somebody must stop, and a person must never feel it.
//!
//! What tells a machine from a person is not how much is said but that nothing comes of it: its words come back, or ours
//! do, at a machine's pace. Every exchange that goes round in a circle counts, the more the faster it comes and the more of it
//! was said before; every new answer of ours takes some of it back, and what moves the shop (a press, a cart that
//! changes) all of it. At [`LIMIT`] the dialogue says once that it pauses, and how to go on; until the pause is over it
//! answers only what no machine says: a press, a command, the words of a button, or a short wish that is new. Whoever goes
//! on in circles after a pause is paused sooner and for longer.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::conversation::Role;
use super::flow::Flows;
use super::reply::{Action, Choice, Class, Label, Say};
use super::understand::{Intent, Understanding, normalise};
use super::value::Value;

/// Circles at which the dialogue pauses: the eighth time of the same words with the same answer at a machine's pace, or the
/// tenth answer that was given before.
pub const LIMIT: u32 = 28;
/// What is left of them after a pause: whoever goes on is paused sooner.
const LEFT: u32 = 16;
/// An exchange at a machine's pace in which both sides repeat themselves.
const BOTH_FAST: u32 = 4;
/// The same at a person's pace; and one at a machine's pace in which only our answer was given before.
const BOTH_SLOW: u32 = 2;
const OURS_FAST: u32 = 3;
/// An answer that was given before to other words, at a person's pace.
const OURS_SLOW: u32 = 1;
/// What an answer that is new takes back.
const NEW_ANSWER: u32 = 2;
/// Seconds between two messages up to which the pace is a machine's.
const FAST_SECONDS: i64 = 60;
/// Minutes between two messages after which nothing goes in circles.
const QUIET_MINUTES: i64 = 15;
/// Exchanges that are remembered: more than a machine has different answers.
const KEPT: usize = 16;
/// How long the pauses are, in minutes: the first, the second, … the last for good.
const PAUSES_MINUTES: [i64; 4] = [15, 60, 6 * 60, 24 * 60];
/// Hours without a pause after which the next one is a first one.
const FORGIVEN_HOURS: i64 = 24;
/// Words of a wish that ends a pause: an answering machine says more.
const WISH_WORDS: usize = 6;
/// Wishes in words that end a pause before only a press or a command does.
const MAX_WISHES: u8 = 3;

/// The key of what a customer reads when the dialogue pauses.
pub const PAUSED_KEY: &str = "global-paused";
/// The same in a chat of the shop's people.
pub const STAFF_PAUSED_KEY: &str = "staff-paused";

/// What of a conversation goes in circles.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pulse {
    /// The last exchanges, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exchanges: Vec<Exchange>,
    /// How much of them went in circles.
    #[serde(default, skip_serializing_if = "is_zero")]
    circles: u32,
    /// Pauses so far.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pauses: u8,
    /// Wishes in words that ended a pause early.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    wishes: u8,
    /// Until when the dialogue pauses, or paused last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    /// Whether it does, or was called back before the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    paused: bool,
}

/// What was said and what was answered, as prints: enough to know it again, nothing to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Exchange {
    said: u32,
    answered: Option<u32>,
    at: DateTime<Utc>,
}

/// What a turn was about, as far as the brake looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent<'a> {
    /// Words, or what stands for something that cannot be read ("image").
    Words(&'a str),
    /// A press, an order out of the platform's shop window: what machines do not do.
    Act,
}

impl Pulse {
    /// Whether the dialogue pauses.
    pub fn is_paused(&self, now: DateTime<Utc>) -> bool {
        self.paused && self.until.is_some_and(|until| until > now)
    }

    /// Until when it does.
    pub fn paused_until(&self) -> Option<DateTime<Utc>> {
        self.until.filter(|_| self.paused)
    }

    /// Whether words were said lately, digits aside.
    pub fn knows(&self, text: &str) -> bool {
        let said = print(text);
        self.exchanges.iter().any(|exchange| exchange.said == said)
    }

    /// Ends a pause: a person has shown up.
    pub fn release(&mut self) {
        self.paused = false;
        self.circles = self.circles.min(LEFT);
    }

    /// Begins anew: a person of the shop says that this is one.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether words end a pause: a short wish that was not said before. Each of them may have been a machine's after all, so
    /// only some do.
    pub fn ends_with(&mut self, text: &str, heard: &Understanding) -> bool {
        let is_short = text.split_whitespace().count() <= WISH_WORDS;
        let small_talk =
            [Intent::None, Intent::Greet, Intent::Thanks, Intent::Chitchat, Intent::Affirm, Intent::Deny];
        let is_wish = !small_talk.contains(&heard.intent) && is_short && !self.knows(text);
        if !is_wish || self.wishes >= MAX_WISHES {
            return false;
        }
        self.wishes += 1;
        self.release();
        true
    }

    /// Notes an exchange that has ended: what was sent, what the dialogue answers, and whether anything moved by it (the cart, what
    /// is known of the person). Returns until when the dialogue pauses now, where this was the last drop.
    pub fn note(
        &mut self,
        sent: Sent<'_>,
        says: &[Say],
        moved: bool,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let Sent::Words(words) = sent else {
            self.circles = 0;
            self.wishes = 0;
            return None;
        };
        if self.until.is_some_and(|until| until + Duration::hours(FORGIVEN_HOURS) < now) {
            (self.pauses, self.wishes, self.until) = (0, 0, None);
        }
        let exchange = Exchange { said: print(words), answered: answer(says), at: now };
        if moved {
            self.circles = 0;
        } else {
            self.count(exchange);
        }
        if self.exchanges.len() >= KEPT {
            self.exchanges.remove(0);
        }
        self.exchanges.push(exchange);
        if self.circles < LIMIT || self.is_paused(now) {
            return None;
        }
        let longest = PAUSES_MINUTES.len() - 1;
        let until = now + Duration::minutes(PAUSES_MINUTES[usize::from(self.pauses).min(longest)]);
        self.pauses = self.pauses.saturating_add(1);
        self.circles = LEFT;
        (self.until, self.paused) = (Some(until), true);
        Some(until)
    }

    fn count(&mut self, exchange: Exchange) {
        let gap = self.exchanges.last().map_or(Duration::MAX, |last| exchange.at - last.at);
        if gap > Duration::minutes(QUIET_MINUTES) {
            // After a pause of ours the silence is not the other side's merit.
            self.circles = if self.paused { LEFT } else { 0 };
            self.exchanges.clear();
            return;
        }
        let is_fast = gap <= Duration::seconds(FAST_SECONDS);
        let theirs = self.exchanges.iter().any(|other| other.said == exchange.said);
        // Where nothing is answered, a person of the shop has the word: only what is said again counts.
        let ours = exchange.answered.is_none()
            || self.exchanges.iter().any(|other| other.answered == exchange.answered);
        let circles = match (theirs, ours, is_fast) {
            (true, true, true) => BOTH_FAST,
            (true, true, false) => BOTH_SLOW,
            (false, true, _) if exchange.answered.is_none() => 0,
            (false, true, true) => OURS_FAST,
            (false, true, false) => OURS_SLOW,
            (_, false, _) => {
                self.circles = self.circles.saturating_sub(NEW_ANSWER);
                0
            }
        };
        self.circles += circles;
    }
}

/// What is said when the dialogue pauses, with the way back on a button.
pub fn notice(flows: &Flows, role: Role, until: DateTime<Utc>) -> Say {
    let key = match role {
        Role::Customer => PAUSED_KEY,
        Role::Staff => STAFF_PAUSED_KEY,
    };
    let mut say = Say::new(key).with("until", until);
    let global = flows.global(role);
    let label = global.and_then(|flow| flow.file.fallback.as_ref()?.menu.clone());
    say.choices.extend(global.zip(label).map(|(flow, label)| Choice {
        label: Label::Key { key: label.value, args: Default::default() },
        action: Action {
            flow: flow.name.clone(),
            state: String::new(),
            set: Default::default(),
            intent: Some("/menu".to_owned()),
            goto: None,
            page: None,
        },
        class: Class::Safe,
    }));
    say
}

/// What an answer says, the words of the person in it aside: those of a machine change, and the answer is the same.
fn answer(says: &[Say]) -> Option<u32> {
    if says.is_empty() {
        return None;
    }
    let mut print = Print::default();
    for say in says {
        print.add(&say.key);
        for (name, value) in say.args.iter().filter(|(_, value)| is_ours(value)) {
            print.add(name);
            print.add(&shown(value));
        }
    }
    Some(print.0)
}

/// Whether a value is the shop's and no words of a person.
fn is_ours(value: &Value) -> bool {
    // Nor is it a moment: that of the answer would make every answer a new one.
    !matches!(value, Value::Text(_) | Value::None | Value::Data(_) | Value::Time(_))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Rows(rows) => {
            let cells = rows.iter().flat_map(|row| row.values()).filter(|value| is_ours(value));
            cells.map(shown).collect::<Vec<_>>().join(" ")
        }
        other => other.raw(),
    }
}

/// A print of words, their digits aside: a machine that counts says the same.
fn print(text: &str) -> u32 {
    let mut print = Print::default();
    let letters: String = normalise(text).chars().filter(|c| !c.is_ascii_digit()).collect();
    print.add(if letters.trim().is_empty() { text } else { &letters });
    print.0
}

/// FNV-1a: the same on every machine and in every release, because it is stored.
struct Print(u32);

impl Default for Print {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Print {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(circles: &u32) -> bool {
    *circles == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none_yet(times: &u8) -> bool {
    *times == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(key: &str) -> Vec<Say> {
        vec![Say::new(key)]
    }

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_419_300, 0).unwrap()
    }

    /// Words that were not said before.
    fn another(round: usize) -> String {
        let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        format!("jawaban {}{}k", letter(round / 26), letter(round))
    }

    /// Exchanges until the dialogue pauses, `seconds` apart; at most 100.
    fn until_paused(
        pulse: &mut Pulse,
        seconds: i64,
        words: impl Fn(usize) -> String,
        key: impl Fn(usize) -> String,
    ) -> Option<usize> {
        let mut now = pulse.until.unwrap_or_else(start) + Duration::seconds(1);
        (0..100).find(|round| {
            now += Duration::seconds(seconds);
            pulse.note(Sent::Words(&words(*round)), &say(&key(*round)), false, now).is_some()
        })
    }

    #[test]
    fn a_machine_that_repeats_itself_is_paused_and_then_sooner_and_longer() {
        let mut pulse = Pulse::default();
        let same = |_| "Kami sedang tutup.".to_owned();
        let hint = |_| "hint".to_owned();
        assert_eq!(until_paused(&mut pulse, 3, same, hint), Some(7));
        let first = pulse.until.unwrap();
        assert!(pulse.is_paused(first - Duration::seconds(1)) && !pulse.is_paused(first));
        let again = until_paused(&mut pulse, 3, same, hint);
        assert!(again.is_some_and(|again| again < 7), "{again:?}");
        assert!(pulse.until.unwrap() - first > Duration::minutes(PAUSES_MINUTES[0]) + Duration::minutes(30));
    }

    #[test]
    fn a_machine_that_never_says_the_same_is_paused_by_our_own_words() {
        let mut pulse = Pulse::default();
        let varying = another;
        let ladder = |round: usize| ["hint", "choices", "stuck"][round % 3].to_owned();
        assert!(until_paused(&mut pulse, 2, varying, ladder).is_some_and(|round| round < 16));
        let mut slow = Pulse::default();
        assert!(until_paused(&mut slow, 120, varying, ladder).is_some_and(|round| round < 32));
    }

    #[test]
    fn a_person_who_repeats_a_question_is_answered_every_time() {
        let mut pulse = Pulse::default();
        for round in 0..6 {
            let now = start() + Duration::seconds(round * 5);
            assert_eq!(
                pulse.note(Sent::Words("teh hijau masih ada?"), &say("search-brief"), false, now),
                None
            );
        }
        let mut patient = Pulse::default();
        let asked =
            until_paused(&mut patient, 20 * 60, |_| "udah dikirim?".to_owned(), |_| "orders".to_owned());
        assert_eq!(asked, None, "who asks every twenty minutes may ask all day");
    }

    #[test]
    fn what_moves_the_shop_goes_in_no_circle() {
        let mut pulse = Pulse::default();
        for round in 0..50 {
            let now = start() + Duration::seconds(round);
            assert_eq!(pulse.note(Sent::Words("tambah 1 lagi"), &say("order-added"), true, now), None);
            let priced = vec![Say::new("search-brief").with("price", Value::Int(round))];
            assert_eq!(pulse.note(Sent::Words("berapa?"), &priced, false, now), None, "{round}");
        }
        for round in 0..6 {
            pulse.note(Sent::Words("halo"), &say("hint"), false, start() + Duration::seconds(60 + round));
        }
        assert!(pulse.circles > 0);
        pulse.note(Sent::Act, &say("menu"), false, start());
        assert_eq!(pulse.circles, 0);
    }

    #[test]
    fn a_short_new_wish_ends_a_pause_but_not_for_ever() {
        let mut pulse = Pulse::default();
        until_paused(&mut pulse, 1, |_| "Kami sedang tutup.".to_owned(), |_| "hint".to_owned());
        let heard = |intent| Understanding { intent, ..Understanding::default() };
        assert!(!pulse.ends_with("Kami sedang tutup.", &heard(Intent::None)));
        assert!(!pulse.ends_with("terima kasih", &heard(Intent::Thanks)));
        let long = "ketik menu untuk melihat semua produk kami hari ini";
        assert!(!pulse.ends_with(long, &heard(Intent::Browse)));
        for _ in 0..MAX_WISHES {
            assert!(pulse.ends_with("lihat produk", &heard(Intent::Browse)));
        }
        assert!(!pulse.ends_with("lihat keranjang", &heard(Intent::ViewCart)));
    }

    #[test]
    fn who_is_handed_to_a_person_may_say_what_they_like_but_not_the_same_for_ever() {
        let mut pulse = Pulse::default();
        for round in 0..50 {
            let words = another(round);
            let now = start() + Duration::seconds(i64::try_from(round).unwrap());
            assert_eq!(pulse.note(Sent::Words(&words), &[], false, now), None);
        }
        let paused = (0..20).any(|round| {
            pulse
                .note(Sent::Words("sedang rapat"), &[], false, start() + Duration::seconds(60 + round))
                .is_some()
        });
        assert!(paused);
    }

    #[test]
    fn a_pulse_reads_back_as_it_was_written_and_an_empty_one_takes_no_room() {
        assert_eq!(serde_json::to_string(&Pulse::default()).unwrap(), "{}");
        let mut pulse = Pulse::default();
        until_paused(&mut pulse, 1, |_| "x".to_owned(), |_| "hint".to_owned());
        let text = serde_json::to_string(&pulse).unwrap();
        assert_eq!(serde_json::from_str::<Pulse>(&text).unwrap(), pulse);
        assert!(text.len() < 2_000, "{}", text.len());
    }
}
