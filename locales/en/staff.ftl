# The staff's chat.
staff-menu = Hi { $person }! What would you like to check at *{ $store }*?
staff-help = *What you can type*
    orders: what needs doing
    today: the day and its takings
    stock: all stock
    { $example-n ->
        [0] stock NAME 20
       *[other] stock { $example } 20
    }: set a stock
    { $example-n ->
        [0] price NAME 52k
       *[other] price { $example } 52k
    }: set a price
    ORD-2026-0001: open one order
    /refund ORD-2026-0001 20k: send money back
    /unlink: disconnect this chat from the shop
staff-hint = Sorry, I didn't get that. Try *orders*, *today* or *stock*.
staff-choices = Sorry, I still don't understand. Pick one below, or type /help.
staff-stuck = Type /menu to start over.
staff-stale = That button is an old one. Here is where we are now.
staff-used = That one is already done.
staff-unknown-press = That button no longer works. Type /menu to start over.
staff-restarted = Something in Warung has changed, so let's go on from the menu.
staff-paused = This looks like an automatic reply, so I'll stop answering in this chat until { $until-time }. Order news still comes in. To go on, tap the button below or type *menu*.
staff-media = Pictures, voice notes and stickers can't be read yet. Please type it.
staff-too-long = That message is too long. Please make it shorter.
staff-cancelled = Okay, never mind. What was saved before stays.
staff-thanks = You're welcome!
staff-orders-list =
    To take care of:
    { $orders }
staff-orders-row = { $number }, { $customer }, { $total }: { $status }
staff-orders-label = { $number } { $customer }
staff-orders-none = No order needs anything right now.
staff-order-unknown = I couldn't find order { $number }.
staff-order-gone = That order isn't in this shop.
staff-card = *{ $number }*: { $status }
    { $created }
    { $lines }
    {"*"}Total: { $total }* ({ $method })

    { $pickup-n ->
        [0] Deliver to: { $person }, { $phone }
       *[other] Picked up by: { $person }, { $phone }
    }
    { $address }
    Note: { $note }
    Courier: { $courier }
    Tracking number: { $tracking }
    Accepted by: { $accepted_by }
    Cancelled because: { $reason }
staff-next = { $number } is now { $status }.
staff-accepted = { $number } accepted. The customer has been told.
staff-packed = { $number } packed. The customer has been told.
staff-courier = Which courier takes { $number }? You can add the tracking number right away, like "JNE 0123456789".
staff-tracking = What is the { $courier } tracking number?
staff-shipped = { $number } shipped with { $courier }, tracking number { $tracking }. The customer has been told.
staff-shipped-untracked = { $number } shipped with { $courier }. The customer has been told.
staff-delivered = { $number } delivered. The customer has been told.
staff-already =
    { $by-n ->
        [0] { $number } is { $status } already.
       *[other] { $by } took care of { $number } already, at { $at-time }. It is { $status }.
    }
staff-not-possible = Not possible: { $number } is { $status }.
staff-reason = Why is { $number } ({ $person }) cancelled? The customer will read the reason.
staff-cancel-confirm = Cancel *{ $number }* ({ $total }) because "{ $reason }"?
staff-order-cancelled =
    { $number } is cancelled and its stock is back. The customer has been told.
    { $refund-n ->
        [0] { DROP() }
       *[other] Please return { $refund } to the customer.
    }
staff-today = *{ $date-date }*
    New orders: { $new }
    Paid: { $paid }, takings *{ $takings }*
    { $refunded-n ->
        [0] { DROP() }
       *[other] Sent back: { $refunded }
    }
    { $to_refund-n ->
        [0] { DROP() }
       *[other] To send back: { $to_refund }
    }
    Unpaid: { $unpaid }
    To pack: { $to_pack }
    To ship: { $to_ship }
    Shipped: { $shipped }
    Cancelled: { $cancelled }
    { $low-n ->
        [0] { DROP() }
       *[other] Running low:
    }
    { $low }
staff-report-day = *{ $since-date }*
    New orders: { $new }
    Paid: { $paid }, takings *{ $takings }*
    { $refunded-n ->
        [0] { DROP() }
       *[other] Refunded: { $refunded }
    }
    Shipped: { $shipped }
    Cancelled: { $cancelled }
staff-report = *{ $since-date } to { $date-date }*
    New orders: { $new }
    Paid: { $paid }, takings *{ $takings }*
    { $refunded-n ->
        [0] { DROP() }
       *[other] Refunded: { $refunded }
    }
    Shipped: { $shipped }
    Cancelled: { $cancelled }
staff-report-unknown = I can't add up that time. I know today, yesterday, this week, last week, this month and last month.
staff-low-row =
    { $free ->
        [0] { $name }: sold out
       *[other] { $name }: { $free } left
    }
staff-stock-label =
    { $free ->
        [0] { $name } (sold out)
       *[other] { $name }: { $free }
    }
staff-stock-one = *{ $name }*: { $stock } on the shelf, { $held } held, { $free } free. Type the new count to change it.
staff-stock-ask = How many of *{ $name }* are on the shelf? { $free } are free to sell now.
staff-stock-retry = Just type a number, like 20.
staff-stock-many = Several are close. Which one?
staff-stock-all = Stock right now (free to sell). Pick one to change it:
staff-stock-none =
    { $query-n ->
        [0] I couldn't find that product. Pick from here:
       *[other] I couldn't find "{ $query }". Pick from here:
    }
staff-stock-variant = Which kind of { $name }?
staff-stock-saved = *{ $name }*: from { $before } to { $stock } ({ $held } held, { $free } free).
staff-stock-below-held = Not possible: { $held } of { $name } are held for orders that wait for payment.
staff-stock-gone = That product is gone.
staff-stock-rest = Any other stock to change?
staff-stock-same = *{ $name }* is at { $stock } already.
staff-stock-sure = Set the stock of *{ $name }* from { $before } to *{ $stock }*? That is far more than usual.
staff-stock-doubt = Change the stock of *{ $name }* from { $before } to *{ $stock }*?
staff-stock-denied = I left the stock as it is. *{ $name }*: { $stock } on the shelf, { $held } held, { $free } free.
staff-linked = This chat is connected to { $store } already.
staff-denied = I changed no price and no stock.
staff-write-stays = Okay. What you just changed stays.
staff-stock-range = The stock can be { $limit } at most.
staff-stock-kept = Okay, the stock of *{ $name }* stays as it is.
staff-price-label = { $name }: { $price }
staff-price-all = Prices right now. Pick one to change it:
staff-price-ask = *{ $name }* costs { $price } now. Type the new price to change it.
staff-price-cost = What the shop pays can't be changed from the chat yet. Ask whoever runs Warung to change it with the product sheet.
staff-price-ask-every = How much should every kind of *{ $name }* cost?
staff-price-retry = Just type the price, like 25,000 or 25k.
staff-price-variant = The price of which kind of { $name }?
staff-price-saved = Price of *{ $name }*: from { $before } to *{ $price }*.
staff-price-saved-every = Every kind of *{ $name }* costs *{ $price }* now.
staff-price-same = *{ $name }* costs { $price } already.
staff-price-sure = Change the price of *{ $name }* from { $before } to *{ $price }*? That is a big step, so I'd rather ask.
staff-price-doubt = Change the price of *{ $name }* from { $before } to *{ $price }*?
staff-price-denied = I left the price as it is. *{ $name }* costs { $price }.
staff-price-kept = Okay, *{ $name }* still costs { $price }.
staff-price-rest = Any other price to change?
staff-undone-price = The price of *{ $name }* is back from { $before } to *{ $price }*.
staff-undone-prices = Every kind of *{ $name }* costs what it did before.
staff-undone-stock = The stock of *{ $name }* is back from { $before } to *{ $stock }*.
staff-undo-already = That was undone already.
staff-undo-late = More than { $minutes } minutes have passed, so one tap can't undo it. Just change it again.
staff-undo-changed = Something else has changed since, so I left it alone. Just change it again.
staff-undo-held = Not possible: { $held } are held for orders that wait for payment.
staff-undo-none = No price or stock has been changed just now.
staff-human-nobody = No customer is waiting for a reply.
staff-human-write = Write your answer to { $customer } (or /cancel):
staff-human-sent = Sent to { $customer }.
staff-human-picture-sent = Picture sent to { $customer }.
staff-human-unsent = This can't be passed on to { $customer }. Only words and pictures (JPG, PNG or WebP, up to 5 MB) go through: please send one of those.
staff-human-gone = That customer's chat is gone.
staff-human-back = The bot serves { $customer } again.
staff-unlink-confirm = Disconnect this chat from *{ $store }*? Order news will no longer come here.
staff-unlinked = This chat is no longer connected to the shop.
staff-news-created =
    { $count ->
        [one] New order *{ $number }*: { $person }, { $count } item, { $total }. Waiting for payment until { $until-time }.
       *[other] New order *{ $number }*: { $person }, { $count } items, { $total }. Waiting for payment until { $until-time }.
    }
staff-news-paid = *{ $number } is paid*
    { $lines }
    {"*"}Total: { $total }* ({ $method })

    { $pickup-n ->
        [0] Deliver to: { $person }, { $phone }
       *[other] Picked up by: { $person }, { $phone }
    }
    { $address }
    Note: { $note }
staff-news-cancelled =
    { $number } ({ $total }) was cancelled by the { $actor }.
    Reason: { $reason }
    { $due } has come in and must go back.
staff-news-expired = { $number } ({ $total }) was not paid, and its stock is released.
staff-news-expired-short = *{ $number } was not paid in full*
    Its time is up and its stock is released, but { $received } of { $total } has come in. That money must go back.
    Customer: { $person }, { $phone }
staff-news-moved = { $by }: { $number } is now { $status }.
staff-news-received = { $person } has received { $number }.
staff-news-payment-problem = *The payment for { $number } needs a look*
    { $problem }
    Received: { $received } of { $total }
    Customer: { $person }, { $phone }
    To go back: { $due }
staff-news-unchecked-kept = *The payment for { $number } cannot be checked yet*
    { $company } has not said whether { $total } was paid. I am keeping the items until { $until }.
    You can look it up in your { $company } dashboard under { $reference }.
staff-news-unchecked = *The payment for { $number } could not be checked*
    { $company } did not say whether { $total } was paid, so I am treating it as unpaid.
    Please look it up in your { $company } dashboard under { $reference }. If the money is there, contact the customer.
    Customer: { $person }, { $phone }
staff-news-order-limit = I have turned down a new order from *{ $customer }* for now.
    { $problem }
    If they really want to buy, please chat with them.
staff-news-code-guesses =
    { $customer-n ->
        [0] *Somebody keeps trying wrong codes*
       *[other] *{ $customer } keeps trying wrong codes*
    }
    I check no codes from there for an hour. If that is one of your people, ask whoever runs the server for a new code.
staff-news-low-stock =
    { $free ->
        [0] *{ $product }* is sold out.
       *[other] Only { $free } of *{ $product }* left.
    }
staff-news-human = *{ $customer }* would like to talk to the shop.
    "{ $text }"
staff-news-many = Very many people have written to the shop in the last ten minutes. To keep your phone quiet I'm not passing on messages from people who have never paid for an order for now. Messages from your buyers still reach you.
staff-news-auto-replies =
    { $customer-n ->
        [0] A customer seems to be answering automatically, so the bot won't reply there until { $until-time }.
       *[other] *{ $customer }* seems to be answering automatically, so the bot won't reply there until { $until-time }.
    }
    "{ $text }"
staff-news-said = *{ $customer }*:
    { $text }
staff-news-sent = *{ $customer }*:
    { $kind }{ $text-n ->
        [0] {""}
       *[other] {": "}{ $text }
    }
sent-image = 📷 a picture
sent-audio = 🎤 a voice message; listen to it in the shop's chat app
sent-video = 🎬 a video; watch it in the shop's chat app
sent-sticker = a sticker
sent-document = 📎 a file; open it in the shop's chat app
sent-contact = 👤 a contact
sent-location = 📍 a place
sent-edited = ✏️ a message that was changed
sent-other = a message I can't show; see it in the shop's chat app
staff-undelivered =
    { $customer-n ->
        [0] News about *{ $number }* did not reach the customer. Please get in touch with them.
       *[other] News about *{ $number }* did not reach *{ $customer }*. Please get in touch with them.
    }
staff-delivered-late =
    { $customer-n ->
        [0] ✅ Good news: the message about *{ $number }* reached the customer after all.
       *[other] ✅ Good news: the message about *{ $number }* reached *{ $customer }* after all.
    }
staff-delivered-late-plain =
    { $customer-n ->
        [0] ✅ Good news: the message to a customer reached them after all.
       *[other] ✅ Good news: the message reached *{ $customer }* after all.
    }
staff-channel-stopped =
    ⚠️ Warung cannot send messages through *{ $channel }*: its account is refused (the access key, the bill or a permission). Messages to customers wait and go out as soon as the account works.

    Ask whoever installed Warung to run `warung channel test`.
staff-undelivered-plain =
    { $customer-n ->
        [0] A message did not reach a customer.
       *[other] A message did not reach *{ $customer }*.
    }
