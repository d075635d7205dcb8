//! Which quantity, wish and variant belongs to which of the products that a message names.

use super::index::{CatalogIndex, Verdict};
use super::items::{Found, Part};
use super::lexicon::Lexicon;
use super::numbers::ONE;
use super::words::Word;
use crate::domain::cart::MAX_NOTE_CHARS;

/// "teh hijau 2 yang celup": words after an item that name one of its variants.
pub(super) fn variants(parts: &mut Vec<Part>, words: &[Word], lexicon: &Lexicon, index: &CatalogIndex) {
    let mut at = 1;
    while at < parts.len() {
        let Part::Product(here) = &parts[at] else {
            at += 1;
            continue;
        };
        let texts: Vec<&str> =
            words[here.window.words.clone()].iter().map(|word| word.text.as_str()).collect();
        let is_weak_match = here.accepted().is_none_or(|fit| !fit.exact);
        let before = parts[..at].iter().rposition(|part| matches!(part, Part::Product(_) | Part::Break));
        let variant = before.filter(|_| is_weak_match).and_then(|before| match &parts[before] {
            Part::Product(product) => {
                let is_open = product.variant.is_none();
                let fit = product.accepted().filter(|fit| is_open && fit.variant.is_none())?;
                index.variant_named(lexicon, &fit.product, &texts).map(|variant| (before, variant))
            }
            _ => None,
        });
        if let Some((before, variant)) = variant {
            if let Part::Product(product) = &mut parts[before] {
                product.variant = Some(variant);
            }
            parts.remove(at);
        } else {
            at += 1;
        }
    }
}

pub(super) fn notes(parts: &mut [Part], text: &str, words: &[Word], found: &mut Found) {
    for at in 0..parts.len() {
        let Part::Note(range) = &parts[at] else { continue };
        let span = words[range.start].span.start..words[range.end - 1].span.end;
        let note: String = text.get(span).unwrap_or_default().trim().chars().take(MAX_NOTE_CHARS).collect();
        let (before, after) = parts.split_at_mut(at);
        let of = |part: &Part| matches!(part, Part::Product(product) if product.window.verdict != Verdict::Nothing);
        let product =
            before.iter_mut().rev().find(|part| of(part)).or_else(|| after.iter_mut().find(|part| of(part)));
        match product {
            Some(Part::Product(product)) => match &mut product.note {
                Some(notes) if notes.chars().count() + note.chars().count() + 2 <= MAX_NOTE_CHARS => {
                    notes.push_str(", ");
                    notes.push_str(&note);
                }
                Some(_) => {}
                empty => *empty = Some(note),
            },
            _ => found.note = Some(note),
        }
    }
}

/// Gives every number to its product: inside of a stretch between separators to the nearest one, before or after; a
/// number that stands alone to the product before it; "masing-masing 2" to all.
pub(super) fn quantities(parts: &mut [Part]) {
    attach_each(parts);
    let mut from = 0;
    while from < parts.len() {
        let to = parts[from..]
            .iter()
            .position(|part| matches!(part, Part::Break))
            .map_or(parts.len(), |at| from + at);
        attach_within(&mut parts[from..to]);
        from = to + 1;
    }
    // "teh hijau, 2": a number alone in its stretch goes to the product right before it.
    for at in 1..parts.len() {
        if let Some(before) =
            parts[..at].iter().rposition(|part| !matches!(part, Part::Break | Part::Note(_)))
            && is_free(&parts[at])
            && is_without(&parts[before])
        {
            give(parts, at, before);
        }
    }
}

fn attach_each(parts: &mut [Part]) {
    let Some(each) = parts.iter().position(|part| matches!(part, Part::Each)) else { return };
    let said = parts[each..].iter().chain(&parts[..each]).find_map(|part| match part {
        Part::Quantity { hundredths, unit, taken: false } => Some((*hundredths, unit.clone())),
        _ => None,
    });
    let (hundredths, unit) = said.unwrap_or((ONE, None));
    for part in parts.iter_mut() {
        match part {
            Part::Product(product) => {
                product.quantity =
                    Some(hundredths.saturating_mul(unit.as_ref().map_or(1, |(_, pieces)| *pieces)));
                product.unit = unit.as_ref().map(|(name, _)| name.clone());
            }
            Part::Quantity { taken, .. } => *taken = true,
            _ => {}
        }
    }
}

fn is_free(part: &Part) -> bool {
    matches!(part, Part::Quantity { taken: false, .. })
}

fn is_without(part: &Part) -> bool {
    matches!(part, Part::Product(product) if product.quantity.is_none())
}

fn fits(part: &Part) -> bool {
    matches!(part, Part::Product(product) if product.window.verdict != Verdict::Nothing)
}

fn attach_within(parts: &mut [Part]) {
    let order: Vec<usize> =
        (0..parts.len()).filter(|at| is_free(&parts[*at]) || is_without(&parts[*at])).collect();
    // A stretch that begins with a number counts before its products, any other one after them.
    let before = order.first().is_some_and(|at| is_free(&parts[*at]))
        && !order.last().is_some_and(|at| is_free(&parts[*at]));
    for &at in order.iter().filter(|at| is_free(&parts[**at])).collect::<Vec<_>>() {
        let next = (at + 1..parts.len()).find(|other| is_without(&parts[*other]) || is_free(&parts[*other]));
        let last = (0..at).rev().find(|other| matches!(parts[*other], Part::Product(_)));
        // "nasi goreng telur 2": the number is meant for the product, not for the words beside it that fit nothing.
        let last = last.map(|last| match last.checked_sub(1) {
            Some(known) if !fits(&parts[last]) && fits(&parts[known]) && is_without(&parts[known]) => known,
            _ => last,
        });
        let next = next.filter(|next| is_without(&parts[*next]));
        // "gimme 4 chips": a number before a product is not for words before it that fit nothing.
        let last = last.filter(|last| {
            fits(&parts[*last]) || !next.is_some_and(|next| next == at + 1 && fits(&parts[next]))
        });
        let last = last.filter(|last| is_without(&parts[*last]));
        if let Some(product) = if before { next.or(last) } else { last.or(next) } {
            give(parts, at, product);
        }
    }
}

fn give(parts: &mut [Part], number: usize, product: usize) {
    let Part::Quantity { hundredths, unit, taken } = &mut parts[number] else { return };
    *taken = true;
    let (hundredths, unit) = (*hundredths, unit.clone());
    if let Part::Product(product) = &mut parts[product] {
        product.quantity = Some(hundredths.saturating_mul(unit.as_ref().map_or(1, |(_, pieces)| *pieces)));
        product.unit = unit.map(|(name, _)| name);
    }
}
