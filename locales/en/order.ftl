# Ordering and changing in words.
order-item-row = { $quantity } × { $name } ({ $subtotal })
order-short-row =
    { $free ->
        [0] { $name } is sold out
       *[other] only { $free } of { $name } left (you asked for { $wanted })
    }
order-missing-row = "{ $text }"
order-added =
    { $items-n ->
        [0] { DROP() }
       *[other] Got it, in your cart:
    }
    { $items }
    { $short-n ->
        [0] { DROP() }
       *[other] Not enough in stock:
    }
    { $short }
    { $missing-n ->
        [0] { DROP() }
       *[other] I couldn't find:
    }
    { $missing }

    { $count ->
        [one] So far *{ $subtotal }* ({ $count } item). Anything else?
       *[other] So far *{ $subtotal }* ({ $count } items). Anything else?
    }
order-added-inside =
    { $items-n ->
        [0] { DROP() }
       *[other] Added:
    }
    { $items }
    { $short }
    { $missing-n ->
        [0] { DROP() }
       *[other] I couldn't find:
    }
    { $missing }
order-which =
    { $items-n ->
        [0] { DROP() }
       *[other] In your cart:
    }
    { $items }

    { $text-n ->
        [0] Which one do you mean?
       *[other] For "{ $text }", which one do you mean?
    }
order-variant =
    { $items-n ->
        [0] { DROP() }
       *[other] In your cart:
    }
    { $items }

    { $name-n ->
        [0] Which kind would you like?
       *[other] Which kind of { $name } would you like?
    }
order-short =
    { $items-n ->
        [0] { DROP() }
       *[other] In your cart:
    }
    { $items }

    Sorry, there isn't enough:
    { $short }
    Take what's left?
order-not-found =
    Sorry, we don't have:
    { $missing }

    Maybe it's in here?
order-what = Sure, what would you like? Write names and quantities, or pick from here:
order-rest =
    { $count ->
        [one] Your cart: { $count } item, *{ $subtotal }*. Anything else?
       *[other] Your cart: { $count } items, *{ $subtotal }*. Anything else?
    }
change-which = Which one would you like to change?
change-short =
    Sorry, there isn't enough:
    { $short }
change-not-in-cart =
    { $missing-n ->
        [0] That isn't in your cart.
       *[other] This isn't in your cart:
    }
    { $missing }
change-done =
    Okay, changed:
    { $items }
change-removed =
    { $items-n ->
        [0] { $name-n ->
            [0] Okay, removed.
           *[other] Okay, { $name } is removed.
        }
       *[other] Okay, removed:
    }
    { $items }
change-name-row = { $name }
order-sure =
    { $items-n ->
        [0] { DROP() }
       *[other] In your cart:
    }
    { $items }

    { $quantity } × { $name } comes to { $total }. Is that how many you want?
