# The shop's own printed QRIS, proofs, and looking for the money.
pay-qris-static = *{ $number }*
    Pay exactly: *{ $total }*
    { $discount-n ->
        [0] { DROP() }
       *[other] ({ $discount } less, as your unique code)
    }

    The last three digits tell the shop whose payment it is, so please don't round it. Scan with any banking app or e-wallet, or save the picture and pick it from your gallery there, then send a picture of the receipt here. Someone from the shop will check it.
pay-printed = This is the shop's QRIS without an amount. Scan it and type the amount yourself: exactly *{ $amount }*.
pay-rest = For *{ $number }*, { $received } of { $total } has come in. This is the shop's QRIS without an amount, for the rest. Scan it and type the amount yourself: exactly *{ $amount }*.
pay-help-static = Scan the QRIS code with any banking app or e-wallet, pay exactly that amount, then send a picture of the receipt here. If your app refuses the code, choose "QRIS without amount". Type "cancel" to call it off, or /human to chat with the shop.
pay-ask-shop = Someone from the shop will look for the money; I've told them. Send a picture of the receipt here to make it quicker.
pay-too-large = Sorry, *{ $number }* comes to { $total }, and QRIS takes { $limit } at most in one payment.
pay-too-large-next = The shop can help with another way of paying, or the order can be split in two. Your items are still held for you.
news-reminder-static = I haven't seen a payment for *{ $number }* ({ $total }) yet. If you have paid, send a picture of the receipt here. Your items are held until { $until-time }.
proof-received =
    { $seen ->
        [0] Thank you, I've passed the receipt for *{ $number }* on. I'll tell you as soon as the shop has checked the money.
       *[other] The shop already has { $seen } receipts for *{ $number }*. They are checking, no need to send more.
    }
proof-checked = Thank you, I've kept the picture. What counts is what the bank says, so I'm checking *{ $number }* there.
proof-unread =
    { $problem }
    I've told the shop about *{ $number }*.
news-not-received = The shop hasn't found the money for *{ $number }* ({ $total }) yet. Please look in your app: did it succeed, and is the amount exact? If the money has left, send a receipt with its reference number here. Your order is still held.
news-given-up = The time is up and the shop hasn't received the money for *{ $number }*, so the order was cancelled. If the money has left your account, send the receipt here and the shop will look again.
news-given-up-short = The time is up and only { $received } has come in for *{ $number }*, { $missing } short, so the order was cancelled. The shop will return your { $received }.
proof-problem-document = I can't open documents yet. Please send a screenshot of the receipt as a picture.
proof-problem-no-picture = That file isn't a picture I can open. Please send a screenshot of the receipt.
proof-problem-too-large = That file is too large. Please send a screenshot instead.
proof-problem-not-fetched = I couldn't get that picture. Please send it once more.

qris-offer = I read this QRIS code:
    {"*"}{ $merchant }*
    City: { $city }
    NMID ends in: { $nmid }

    Compare it with the sticker. Use this code for all payments?
qris-set = Done, payments go to the QRIS code of *{ $merchant }* from now on.
qris-gone = That code is in use already, or was replaced. Send the photo again to use it.
qris-not-allowed = Only the owner or an admin of the shop may change the QRIS code.
qris-dropped = Okay, the QRIS code stays as it is.
qris-none = The shop has no QRIS code yet. Send a photo of the printed QRIS from your bank to this chat.
qris-none-new = No new QRIS code was read. Send a photo of the printed QRIS to this chat.
qris-shown = *The shop's QRIS*
    {"*"}{ $merchant }*
    City: { $city }
    NMID ends in: { $nmid }
    Set by { $by }
    Since { $at }

    To change it, send a photo of the new QRIS to this chat.
qris-refused =
    { $problem }
    The shop's QRIS has not changed.
qris-refusal-no-code = There is no QR code in that picture. Photograph the sticker from the front, all of it, without reflections.
qris-refusal-blurred = There is a code, but I can't read it. Photograph it closer and brighter, without reflections.
qris-refusal-several = There is more than one QRIS code in that picture. Photograph one only.
qris-refusal-other-code = The code in that picture isn't a QRIS code.
qris-refusal-dynamic = That QRIS is for one payment only and has an amount in it. Use the printed one in the shop.
qris-refusal-transfer = That code is for a transfer to a person, not a shop's QRIS. Ask your bank for a merchant QRIS.
qris-refusal-checksum = I can read the code, but it doesn't add up. Photograph the real sticker, not an edited picture.
qris-refusal-foreign = That code is not for rupiah in Indonesia.
qris-refusal-no-national = That code has no national merchant number (NMID), so other banks' apps will refuse it. Ask your bank for a new QRIS.
qris-refusal-damaged = The code is incomplete or damaged. Ask your bank for a new QRIS.
qris-refusal-no-picture = That file isn't a picture I can open. Send an ordinary photo (JPG or PNG).
qris-refusal-too-large = That picture is too large. Send an ordinary photo.
qris-refusal-not-fetched = I couldn't get that picture. Please send it once more.
staff-news-qris-changed = *{ $by } has changed the shop's QRIS*
    {"*"}{ $merchant }*
    City: { $city }
    NMID ends in: { $nmid }
    If this is not right, change it back now: send a photo of the real QRIS.

staff-proof = *Receipt for { $number }*
    Must be exactly: *{ $total }*
    Already in: { $received }, still missing *{ $missing }*
    Customer: { $person }, { $phone }
    The very same picture was sent for { $same } before!
    It looks like the receipt of { $alike }; compare date and reference number.
    Note: { $problem }

    Receipts can be forged. Look in your bank's app: is the money there?
staff-claim = *{ $person }* says that { $number } is paid.
    Must be exactly: *{ $total }*
    Already in: { $received }, still missing *{ $missing }*
    Phone: { $phone }

    Look in your bank's app: is the money there?
staff-due = *The time to pay { $number } is over*
    Must be exactly: *{ $total }*
    Already in: { $received }, still missing *{ $missing }*
    Customer: { $person }, { $phone }

    The items are still held. Look in your bank's app: is the money there?
staff-money-ok =
    { $surplus-n ->
        [0] { $received } for { $number } is noted. The customer has been told.
       *[other] { $received } for { $number } is noted, { $surplus } too much. The difference is noted to be returned. The customer has been told.
    }
staff-money-short = { $received } for { $number } is noted, { $missing } is missing. The customer has been told, the order waits for the rest.
staff-money-unserved = { $received } for { $number } is noted, but the order can't be served any more. The money is noted to be returned. The customer has been told.
staff-money-already =
    { $by-n ->
        [0] { $number } is { $status } already.
       *[other] { $by } has taken care of { $number }, { $at-time }. It is { $status }.
    }
staff-money-not-possible = That order isn't paid by the shop's printed QRIS, so it can't be confirmed here.
staff-money-how-much = How much came in for { $number }, all in all? It should be { $asked }. Just type the number.
staff-money-unreadable = I can't read that amount. Write it like 49999 or 49,999.
staff-money-sure = Note that *{ $amount }* came in for { $number }? It should be { $asked }.
staff-money-missing = Okay. The customer of { $number } is asked to look again. The items stay held.
staff-money-given-up = { $number } is cancelled and its items are free. The customer has been told.
staff-money-wait = Okay, { $number } waits until { $until-time }. I'll ask again then.
staff-bank-notice =
    { $amount-n ->
        [0] *A notice from the bank*
       *[other] *A notice from the bank: { $amount }*
    }
    "{ $words }"
    { $problem }
    Order: { $number }
    { $orders-n ->
        [0] { "" }
       *[other] Waiting for their money:
    }
    { $orders }
bank-order-row = { $number } · { $total } · { $name }
bank-problem-none = No order waits for exactly that amount, so nothing was confirmed.
bank-problem-closed = That amount belongs to an order that doesn't wait for money any more. Have a look, then settle it from its card.
bank-problem-unclear = I can't tell whether that is money coming in, so nothing was confirmed. Please look in your bank's app.
bank-problem-elsewhere = This order is now paid by automatic QRIS and not by the shop's printed one, so nothing was confirmed. If the money is for it, send it back or talk to the customer.

btn-money-in = Money is in
btn-money-missing = Not there yet
btn-money-other = Another amount
btn-money-give-up = Cancel the order
btn-money-wait = Wait longer
btn-money-yes = Yes, note it
btn-qris-use = Yes, use it
btn-qris-drop = Don't use it
btn-qris-plain = QRIS without amount
btn-pay-rest = Pay the rest
