# From a cart to an order.
checkout-method-row =
    { $cost-n ->
        [0] { $name }: free
       *[other] { $name }: { $cost }
    }
checkout-method-label =
    { $cost-n ->
        [0] { $name } (free)
       *[other] { $name } · { $cost }
    }
checkout-method =
    { $count ->
        [one] { $count } item, { $subtotal }. Would you like to pick it up or have it delivered?
       *[other] { $count } items, { $subtotal }. Would you like to pick them up or have them delivered?
    }
    { $methods }
checkout-no-delivery = Sorry, the shop hasn't set up delivery yet.
checkout-no-pickup = Sorry, orders can't be picked up at this shop yet.
checkout-no-courier = Sorry, this shop can't deliver yet.
checkout-same-address =
    Send it to the same address?
    { $address }
checkout-ask-address = Which address should it go to? Please include the city and postal code.
checkout-address-retry = That address looks incomplete. Please write street, house number and city.
checkout-ask-name = What name should be on the order?
checkout-name-retry = Please write just the recipient's name.
checkout-ask-phone =
    { $person-n ->
        [0] What phone number can we reach you on?
       *[other] Thanks, { $person-dear }. What phone number can we reach you on?
    }
checkout-phone-retry = That number doesn't look right. For example: 081234567890.
checkout-summary = *Please check your order*
    { $lines }

    Subtotal: { $subtotal }
    { $tax-n ->
        [0] { DROP() }
       *[other] Tax { $tax_percent }%: { $tax }
    }
    { $shipping-n ->
        [0] { $method }: free
       *[other] { $method }: { $shipping }
    }
    {"*"}Total: { $total }*
    { $tax_included-n ->
        [0] { DROP() }
       *[other] (includes { $tax_included } tax)
    }

    { $pickup-n ->
        [0] Deliver to: { $person }, { $phone }
       *[other] Picked up by: { $person }, { $phone }
    }
    { $pickup-n ->
        [0] { $address }
       *[other] { $store_address }
    }
    Note: { $note }

    All good?
checkout-edit = What would you like to change?
checkout-note = What should the shop know? For example: "leave it with the guard".
checkout-placed = Thank you! Order *{ $number }* is in, *{ $total }* in total. Your items are held until { $until-time }. I'm getting your QRIS code, one moment.
checkout-out-of-stock =
    Sorry, the stock has just changed:
    { $short }
    Please adjust your cart first.
checkout-price-row = { $name }: { $from } is now { $to }
checkout-price-changed =
    A price has just changed:
    { $changed }
checkout-limited-unpaid = You still have several orders that are waiting for payment. Please pay or cancel one of them first, then I'll take this one. Your cart is safe.
checkout-limited-ended = Several of your orders have ended without payment, so I can take the next one after { $until }. If you'd like to order now, please chat with the shop.
checkout-limited-row =
    { $free ->
        [0] { $name }: none for now
       *[other] { $name }: { $free } at most
    }
checkout-limited-held =
    To leave some for other customers, this is what I can take for now:
    { $short }
    Once your earlier order is paid, you're welcome to order more.
checkout-free = There's nothing to pay in this cart, so I can't place it as an order here. Please write to the shop.
checkout-too-large = Sorry, that total is more than I can handle here.
checkout-stuck = Shall I get someone from the shop to help?
checkout-stopped =
    { $count ->
        [one] Okay, I stopped the checkout. Your cart is safe: { $count } item, { $subtotal }.
       *[other] Okay, I stopped the checkout. Your cart is safe: { $count } items, { $subtotal }.
    }
checkout-help = I'm getting your order ready. Answer the question below, or type "cancel" to stop and /human to chat with the shop.
checkout-nothing-to-pay = This order is not placed yet, so there is nothing to pay for it. If you mean another one, type "my orders".
