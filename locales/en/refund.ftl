# Money that goes back, and orders that were paid when their goods were gone.
refund-which = Which order's money should go back? Type its number, for example ORD-2026-0001.
refund-reason =
    Send *{ $amount }* for { $number } back to { $person }? At most { $most }.
    Why?
refund-disputed = *Careful:* the payer's bank is taking the money of { $number } back. If you send it back from here as well, the shop pays twice. Look in your account at the payment provider first.
refund-amount = How much goes back for { $number }? At most { $most }. Type the number, for example 20,000 or 20k.
refund-too-much = { $amount } is too much: { $most } can still go back.
refund-confirm = Send *{ $amount }* for *{ $number }* back to { $person }? This cannot be undone.
refund-confirm-ends = Send *{ $amount }* for *{ $number }* back to { $person }? It wasn't enough for the order, so the order is cancelled with it. This cannot be undone.
refund-asked = Okay, { $amount } for { $number } is on its way back. I'll tell you when it is done.
refund-under-way = { $amount } for { $number } is on its way back. I'll tell you when it is done.
refund-nothing = There is no money left to send back for { $number }.
refund-by-hand = *Please send { $amount } back yourself*
    Order: { $number }
    To: { $person }, { $phone }
    Ask the buyer for their bank account or e-wallet, transfer it, then send a photo of the transfer or type its reference here.
evidence-picture = photo
refund-later = Okay. When you have sent it, type /refund { $number }.
refund-done = { $amount } for { $number } is marked as sent back (reference: { $note }). The buyer has been told.
refund-still-open = { $number } is still { $status }. Cancel it too, so that it is not sent?
refund-stopped = Okay, no money goes back.
staff-news-refund-done = { $amount } for { $number } has gone back to { $person }.
staff-news-refund-failed = *{ $amount } for { $number } could not be sent back*
    { $problem }
    At most { $most } can go back at once.
staff-news-refund-by-hand = The payment provider can't send back { $amount } for { $number }. Please transfer it to the buyer yourself.
staff-news-refund-unknown = The payment provider still hasn't said whether { $amount } for { $number } went back, so I've stopped asking. Check your account there first: if the money hasn't gone back, please transfer it to the buyer yourself.
staff-news-refund-waits =
    It is not certain yet that { $amount } for { $number } goes back: the payment provider hasn't answered. I keep asking.
refund-problem-refused = The payment provider refuses to send it back.
refund-problem-denied = The buyer's bank does not accept the money.
refund-problem-funds = The shop's balance at the payment provider is too low.
refund-problem-too-much = That is more than can still go back.
refund-problem-parts = The buyer paid in several parts, so it has to go back one part at a time.
refund-problem-other-amount = The payment provider already has a refund with another amount.
news-refunded = Your { $amount } for *{ $number }* has been sent back. If you don't see it yet, give it a little time.
news-waits-for-stock = The items of *{ $number }* are sold out right now. The shop is waiting for new stock for you and will tell you. If you'd rather have your money back, message the shop.
late-replace =
    Order *{ $number }* ({ $total }) for { $person } cannot be served:
    { $lines }
    Have you agreed on something else? Write how many of what here{ $example-n ->
        [0] {""}
       *[other] , like "2 { $example }"
    }. Not yet? Ask { $person } first; the money stays on the list to return.
late-instead-retry = Please write how many of what{ $example-n ->
        [0] .
       *[other] , like "2 { $example }".
    }
late-unclear =
    { $text-n ->
        [0] I could not find that. Please write how many, and the full name.
       *[other] I am not sure about this: { $text }. Please write how many, and the full name, with the variant if there is one.
    }
late-short =
    There is not enough:
    { $short }
late-short-row = { $name }: { $wanted } wanted, { $free } left
late-exchange-confirm =
    Order *{ $number }* for { $person } becomes:
    { $lines }
    Total { $total }. { $back-n ->
        [0] { $given-n ->
            [0] That is just what was paid.
           *[other] The shop bears the difference of { $given }; the buyer pays nothing more.
        }
       *[other] The difference of { $back } goes back to the buyer.
    }
late-exchanged =
    { $back-n ->
        [0] { $number } is back on with other items. The buyer has been told.
       *[other] { $number } is back on with other items. The buyer has been told. Don't forget to send { $back } back: /refund { $number } { $back }
    }
late-exchange-changed = What was to replace the items of { $number }, or its price, has just changed. Please write it once more to see the new price.
late-exchange-gone = What was to replace the items of { $number } has just sold out.
news-exchanged =
    Your order *{ $number }* goes ahead with other items:
    { $lines }
    { $back-n ->
        [0] The total is { $total }, all paid.
       *[other] The total is { $total }, all paid. The shop will send the difference of { $back } back.
    }
late-waiting = Okay, { $number } waits for stock. { $person } has been told. When the items are there, set the stock and press "Serve".
late-serve-confirm =
    Serve *{ $number }* ({ $total }) from the current stock?
    { $lines }
late-served = { $number } is back on, and the money stays here. The buyer has been told.
late-still-sold-out = There is not enough stock for { $number } yet. Set the stock first, or send the money back.
late-not-possible = Not possible any more: { $number } is { $status }.

# Buttons.
btn-refund = Send money back
btn-refund-yes = Yes, send it back
btn-keep-money = Don't send it
btn-refund-request = Buyer asked for it
btn-refund-defective = Items are faulty
btn-refund-sold-out = Items are sold out
btn-refund-amount = Another amount
btn-refund-by-hand = Transfer it myself
btn-later = I'll send it later
btn-late-replace = Replace items
btn-late-talk = Ask the buyer first
btn-late-exchange-yes = Yes, replace
btn-late-exchange-other = Something else
btn-late-wait = Wait for stock
btn-late-serve = Serve
btn-late-serve-yes = Yes, serve it
