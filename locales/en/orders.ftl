# My orders.
orders-label = { $number } · { $total }
orders-row = { $number }, { $total }, { $status }
orders-line-row =
    { $note-n ->
        [0] { $quantity } × { $name }, { $subtotal }
       *[other] { $quantity } × { $name }, { $subtotal } ({ $note })
    }
orders-list =
    Here are your orders:
    { $orders }

    Which one would you like to see?
orders-none-yet = You haven't placed an order yet. This one will be prepared once you confirm and pay.
orders-none = You have no orders yet. Would you like to see our products?
orders-not-found = I couldn't find order { $number }.
orders-card = *{ $number }*: { $status }
    { $created }
    { $lines }
    { $tax-n ->
        [0] { DROP() }
       *[other] Tax: { $tax }
    }
    { $shipping-n ->
        [0] { $method }: free
       *[other] { $method }: { $shipping }
    }
    {"*"}Total: { $total }*

    Address: { $address }
    Note: { $note }
    Courier: { $courier }
    Tracking number: { $tracking }
    Items held until { $until-time }
    Cancelled because: { $reason }
orders-pay-confirm = Pay *{ $total }* for *{ $number }* now?
orders-cancel-which = Which order shall I cancel?
orders-cancel-confirm = Really cancel *{ $number }* ({ $total })?
orders-cancelled =
    Order { $number } is cancelled and its items are released.
    The shop will return the { $due } that came in.
orders-not-possible = Sorry, that isn't possible from here. Please chat with the shop.
orders-received = Glad { $number } has arrived. Thank you! If anything is missing, just tell us.
orders-reorder-none = Sorry, nothing of that order is available right now.
