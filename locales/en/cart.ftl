# The cart.
cart-line-row =
    { $note-n ->
        [0] { $index }. { $quantity } × { $name }, { $subtotal }
       *[other] { $index }. { $quantity } × { $name }, { $subtotal } ({ $note })
    }
cart-line-label = { $quantity } × { $name }
cart-empty = Your cart is still empty. Would you like to look around?
cart-view =
    { $count ->
        [one] *Your cart* ({ $count } item)
       *[other] *Your cart* ({ $count } items)
    }
    { $lines }
    Note: { $note }

    Subtotal *{ $subtotal }*. Ready to check out?
cart-pick = Which one would you like to change?
cart-line = How many of *{ $name }* ({ $price }) would you like? { $free } in stock. Type the number, 0 to remove it.
cart-line-retry = Please type a number, like 3. Type 0 to remove it.
cart-changed = Changed.
cart-removed = Removed.
cart-short = Sorry, only { $free } of { $name } left.
cart-full = Sorry, { $limit } is the most I can take. For more, please chat with the shop.
cart-clear-confirm =
    { $count ->
        [one] Really empty your cart ({ $count } item)?
       *[other] Really empty your cart ({ $count } items)?
    }
cart-cleared = Your cart is empty now.
cart-note =
    { $note-n ->
        [0] What should the shop know? For example: "no sugar please".
       *[other] The note so far: "{ $note }". Write the new one.
    }
cart-note-saved = Your note is saved.
cart-note-removed = Your note is removed.
cart-gone-row = { $name }
cart-gone =
    { $items-n ->
        [0] Sorry, something in your cart is no longer sold, so I took it out.
       *[other] Sorry, this is no longer sold, so I took it out of your cart:
    }
    { $items }
detail-saved = Got it. Your { $about } for checkout: { $value }
detail-saved-beside = I've noted your new { $about } for your next checkout: { $value }. Order *{ $number }* was already placed and still has the old one. Shall I get someone from the shop to change it?
detail-where = You set the { $about } at checkout. If it's for an order you've already placed, shall I get someone from the shop?
