//! The page: plain HTML with forms, readable without styles and without scripts.

use std::fmt::Write as _;

use super::{Desk, FAULTS, money};
use crate::domain::money::Rupiah;
use crate::fakes::company::{Booked, BookedRefund};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
section{border:1px solid #bbb;border-radius:8px;padding:1rem;margin:1rem 0;overflow:auto}\
img{float:right;width:180px;height:auto}form{display:inline}button{margin:.15rem;padding:.4rem .7rem}\
code{word-break:break-all}.soft{color:#555}.said{background:#eef;padding:.6rem;border-radius:6px}";

/// Text that stands in a page as it is.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A form of one button.
fn button(what: &str, reference: &str, label: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/press\"><input type=\"hidden\" name=\"what\" value=\"{}\">\
         <input type=\"hidden\" name=\"reference\" value=\"{}\"><button>{}</button></form>",
        plain(what),
        plain(reference),
        plain(label),
    )
}

/// The page as it is now.
pub(super) fn render(desk: &Desk) -> String {
    let name = plain(desk.company.name());
    let book = desk.book();
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{name}, a fake</title>\
         <style>{STYLE}</style><h1>{name}, a fake</h1>\
         <p class=\"soft\">No money moves here. Notices go to <code>{}</code>. <a href=\"/\">Look again</a></p>",
        plain(&desk.webhook),
    );
    if !book.said.is_empty() {
        // Writing into a text cannot fail, here and below.
        let _ = write!(html, "<p class=\"said\" role=\"status\">{}</p>", plain(&book.said));
    }
    let deliveries = book.deliveries.clone();
    drop(book);
    let charges = desk.company.charges();
    if charges.is_empty() {
        html.push_str("<p>The shop has asked for no charge yet. Order something and choose to pay.</p>");
    }
    for each in charges.iter().rev() {
        charge(&mut html, each);
    }
    let refunds = desk.company.refunds();
    if !refunds.is_empty() {
        html.push_str("<h2>Refunds</h2>");
    }
    for each in refunds.iter().rev() {
        refund(&mut html, each);
    }
    html.push_str("<h2>What goes wrong next</h2><p>");
    html.push_str(&button("drop", "", "lose the next notice"));
    for fault in FAULTS {
        html.push_str(&button(fault, "", &format!("next call: {fault}")));
    }
    html.push_str("</p><h2>Notices</h2><ol reversed>");
    for delivery in &deliveries {
        let _ = write!(
            html,
            "<li>try {}: {}<br><code class=\"soft\">{}</code></li>",
            delivery.attempt,
            plain(&delivery.outcome),
            plain(&delivery.body),
        );
    }
    html.push_str("</ol></html>");
    html
}

fn charge(html: &mut String, charge: &Booked) {
    let Booked { reference, external_id, amount, qris, received, refunded, state } = charge;
    let (name, id) = (plain(reference), plain(external_id));
    let _ = write!(
        html,
        "<section><img src=\"/qr/{name}\" alt=\"QRIS code of {name}\"><h2>{name}</h2>\
         <p>{} · <strong>{}</strong> · in {} · back {}<br><code class=\"soft\">{id}</code><br><code>{}</code></p><p>",
        money(*amount),
        plain(state),
        money(*received),
        money(*refunded),
        plain(qris),
    );
    let pay = if *received > Rupiah::ZERO { "pay once more" } else { "pay exactly" };
    for (what, label) in [
        ("pay", pay),
        ("less", "pay Rp 1.000 less"),
        ("more", "pay Rp 1.000 more"),
        ("repeat", "send the notice again"),
        ("forge", "send a forged notice"),
    ] {
        html.push_str(&button(what, reference, label));
    }
    let _ = write!(
        html,
        "<form method=\"post\" action=\"/press\"><input type=\"hidden\" name=\"what\" value=\"amount\">\
         <input type=\"hidden\" name=\"reference\" value=\"{name}\"><label>Rp \
         <input name=\"amount\" inputmode=\"numeric\" size=\"9\"></label><button>pay this</button></form></p></section>",
    );
}

/// The companies' word for a refund that is not decided.
const WAITS: &str = "PENDING";

fn refund(html: &mut String, refund: &BookedRefund) {
    let BookedRefund { key, reference, amount, state } = refund;
    let buttons = if state == WAITS {
        button("refund-done", key, "the money has gone back") + &button("refund-failed", key, "it has failed")
    } else {
        String::new()
    };
    let _ = write!(
        html,
        "<section><h3>{}</h3><p>{} of {} · <strong>{}</strong></p><p>{buttons}</p></section>",
        plain(key),
        money(*amount),
        plain(reference),
        plain(state),
    );
}
