# Payment and its news.
pay-preparing = One moment, I'm getting the QRIS code for { $number }.
pay-still-preparing = Your QRIS code is on its way, one moment.
pay-slow = Sorry, the QRIS code is taking a while. Shall I try again?
pay-qris = *{ $number }*
    Total: *{ $total }*
    Your items are held until { $until-time }

    Scan it with any banking app or e-wallet. If you pay on this same phone, save the picture and pick it from the gallery in your app's QRIS menu. I'll tell you as soon as the payment is in.
pay-link = Open payment page
pay-unavailable = Sorry, I couldn't get a QRIS code for { $number } yet. Your order is safe.
pay-checking = One moment, I'm checking the payment.
pay-already-paid = Your payment is in. Thank you!
pay-not-payable = This order isn't waiting for a payment any more.
pay-help = Scan the QRIS code above with any banking app or e-wallet, and I'll tell you when the payment is in. Type "cancel" to call it off, or /human to chat with the shop.
news-paid =
    { $pickup-n ->
        [0] Your payment for *{ $number }* has arrived. Thank you, { $person-dear }! The shop will pack and send it soon.
       *[other] Your payment for *{ $number }* has arrived. Thank you, { $person-dear }! I'll tell you when you can pick it up.
    }

    { $lines }
    { $discount-n ->
        [0] { DROP() }
       *[other] Discount: -{ $discount }
    }
    { $tax-n ->
        [0] { DROP() }
       *[other] Tax: { $tax }
    }
    { $shipping-n ->
        [0] { DROP() }
       *[other] Delivery: { $shipping }
    }
    {"*"}Total: { $total }*
    QRIS, { $paid_at }
    Reference: { $reference }
    Transaction: { $receipt }
news-late-paid = Your payment of { $total } for *{ $number }* came a little late, but everything is still there. Your order is going ahead!
news-late-sold-out = Your { $amount } for *{ $number }* came in after the time was up, and the items are gone. The shop will contact you about a refund or a replacement.
news-short = For *{ $number }*, { $received } of { $total } came in, so { $missing } is missing. I've told the shop: ask them how to pay the rest, or for your money back.
news-short-static = For *{ $number }*, { $received } of { $total } came in, so *{ $missing }* is missing. You can pay the rest with the shop's QRIS without an amount. If you'd rather not, chat with the shop to get your money back.
news-over = We received { $received } for *{ $number }*, { $surplus } too much. Your order is going ahead, and the shop will return the difference.
news-surplus = Another payment came in for *{ $number }*: { $received } in all, { $surplus } too much. The shop will return the difference.
news-paid-cancelled = { $received } came in for *{ $number }*, which had been cancelled. The shop will return it.
news-reminder = *{ $number }* ({ $total }) is not paid yet. Your items are held until { $until-time }.
news-still-pending =
    { $until-n ->
        [0] The payment for *{ $number }* isn't in yet. If you have just paid, give it a moment.
       *[other] The payment for *{ $number }* isn't in yet. If you have just paid, give it a moment. Your items are held until { $until-time }.
    }
news-expired =
    Time to pay for *{ $number }* is up, so the order is cancelled and the items are released. Would you like to order again?
    The shop will return the { $due } that came in.
news-accepted = The shop has accepted order *{ $number }* and is getting it ready.
news-packed =
    { $pickup-n ->
        [0] Order *{ $number }* is packed and will be on its way soon.
       *[other] Order *{ $number }* is ready to pick up!
    }
    { $pickup-n ->
        [0] { DROP() }
       *[other] The shop: { $address }
    }
news-shipped =
    Order *{ $number }* is on its way!
    Courier: { $courier }
    Tracking number: { $tracking }
news-delivered =
    { $pickup-n ->
        [1] Order *{ $number }* has been picked up. Thank you for shopping with us!
       *[0] Order *{ $number }* has arrived. Thank you for shopping with us!
    }
news-completed = Order *{ $number }* is complete. We hope you like it!
news-cancelled-by-store =
    Sorry, the shop has cancelled order *{ $number }*.
    The reason: { $reason }
    The shop will return the { $due } that came in.
order-not-seen =
    { $phone-n ->
        [0] The money for *{ $number }* is here, but nobody at the shop has seen it yet. Your order is safe, and I keep trying to reach them.
       *[other] The money for *{ $number }* is here, but nobody at the shop has seen it yet. Your order is safe, and I keep trying to reach them. If it is urgent, you can reach them at { $phone }.
    }

# The receipt, also as a picture: its first line is the title.
receipt = *{ $store }*
    { $address }
    { $phone }

    Receipt { $number }
    { $paid_at }

    { $lines }

    Subtotal: { $subtotal }
    { $discount-n ->
        [0] { DROP() }
       *[other] Discount: -{ $discount }
    }
    { $tax-n ->
        [0] { DROP() }
       *[other] Tax: { $tax }
    }
    { $shipping-n ->
        [0] { DROP() }
       *[other] Delivery: { $shipping }
    }
    {"*"}Total: { $total }*
    { $tax_included-n ->
        [0] { DROP() }
       *[other] Tax included: { $tax_included }
    }

    Paid by QRIS
    Reference: { $reference }
    Transaction: { $receipt }
    Thank you for shopping!
receipt-stamp = *{ $store }*
    { $address }
    { $phone }

    Receipt { $number }
    { $paid_at }

    { $lines }

    Subtotal: { $subtotal }
    { $discount-n ->
        [0] { DROP() }
       *[other] Discount: -{ $discount }
    }
    { $tax-n ->
        [0] { DROP() }
       *[other] Tax: { $tax }
    }
    { $shipping-n ->
        [0] { DROP() }
       *[other] Delivery: { $shipping }
    }
    {"*"}Total: { $total }*
    { $tax_included-n ->
        [0] { DROP() }
       *[other] Tax included: { $tax_included }
    }

    Paid by QRIS
    Reference: { $reference }
    Transaction: { $receipt }
    Thank you for shopping!
    Receipts over Rp5,000,000 are subject to stamp duty of Rp10,000.
receipt-line-row = { $quantity } × { $name } { $subtotal }
receipt-none = There is a receipt for { $number } once it has been paid. It is { $status } now.
