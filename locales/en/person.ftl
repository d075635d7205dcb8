# Language, help, talking to the shop, the customer's data, and the staff's code.
language-choose = Which language would you like? / Mau pakai bahasa apa?
language-done = Okay, English it is.
help-text = *How to shop at { $store }*
    1. Write your order{ $example-n ->
        [0] {""}
       *[other] , like "2 { $example }{ $other_example-n ->
            [0] {""}
           *[other] {" "}and 1 { $other_example }
        }"
    }, or pick from the products.
    2. Type "checkout" and give your name, phone number and address.
    3. Pay by scanning the QRIS code, and we start right away.

    You can also type "cart", "my orders", "cancel", "bahasa indonesia", /menu or /human at any time. Do you shop from another chat as well? Type /join, and /split to separate them again.
human-called = Okay, I've called someone from *{ $store }*. Just write here and they will answer. I'll stay quiet until then.
human-called-again = I've called them. Please wait a moment.
human-busy =
    { $phone-n ->
        [0] Sorry, the shop is very busy and cannot be called right now. Please try again in about ten minutes. You can still order with me.
       *[other] Sorry, the shop is very busy and cannot be called right now. Please try again in about ten minutes, or reach them at { $phone }. You can still order with me.
    }
human-nobody =
    { $phone-n ->
        [0] Sorry, nobody from the shop can be reached right now. I've kept your message.
       *[other] Sorry, nobody from the shop is online right now. You can also reach them at { $phone }.
    }
human-reply = *{ $store }*:{ $text-n ->
        [0] {""}
       *[other] {"\u000A"}{ $text }
    }
human-released = I'm back to help you.
mydata-card = *What this shop knows about you*
    Name: { $person }
    Phone: { $phone }
    Address: { $address }
    Orders: { $orders }
    Stored messages: { $messages }
    Since: { $since-date }
mydata-file = Here is everything that this shop knows about you. Keep it safe.
mydata-file-name = my-data.txt
mydata-confirm = Your name, number, address and chat will be deleted for good. Orders stay in the books without your name. Go ahead?
person-forgotten = (deleted)
mydata-kept = Okay, nothing was deleted.
mydata-forgotten = Your data is deleted.
mydata-open-orders = Order { $number } is still under way. Your data can be deleted once it is finished.
link-ask = Please send the code, for example WRG-AB3CD-EF4GH-JK3MN.
link-linked = Done! Hi { $person }, this chat is now connected to *{ $store }*. Type /help to see what you can do.
link-already = This chat is already connected to *{ $store }*, { $person }.
link-invalid = That code doesn't match. Please check it.
link-expired = That code has expired. Please ask for a new one.
link-too-many = Too many wrong codes came, so I have not checked this one. Try again in an hour, or ask for a new code.
join-card =
    Your code: *{ $code }*

    Open a chat with this shop in your other app and type /join and the code there. Your cart and orders become one once you agree. The code is good for { $minutes } minutes; please don't share it with anyone else: the shop never asks for it.

    Do you have a code from another chat? Just type it here.
join-ask = *Join this chat with another one?*
    The other chat: { $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }, writing to this shop since { $since-date }.

    What can be seen from there:
    Orders: { $orders }
    Name: { $has_name-n ->
        [0] none yet
       *[other] yes
    }
    Phone number: { $has_phone-n ->
        [0] none yet
       *[other] yes
    }
    Address: { $has_address-n ->
        [0] none yet
       *[other] yes
    }
    Items in the cart: { $count }

    Remember: *the shop never asks for this, and there is no voucher or gift for it.* If somebody else gave you the code, choose "Don't".
join-asked = *Another chat asks to be joined with this one*
    From: { $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }, writing to this shop since { $since-date }. A code from this chat was typed there.

    What can be seen from there:
    Orders: { $orders }
    Name: { $has_name-n ->
        [0] none yet
       *[other] yes
    }
    Phone number: { $has_phone-n ->
        [0] none yet
       *[other] yes
    }
    Address: { $has_address-n ->
        [0] none yet
       *[other] yes
    }
    Items in the cart: { $count }

    Remember: *the shop never asks for this, and there is no voucher or gift for it.* If that isn't you, choose "Don't". Without an answer within { $minutes } minutes nothing is joined.
join-in-words = To be sure, press or type *Yes, join them* if it was you who asked, or *Don't* if it wasn't.
join-waiting = Okay. Now open your chat on { $channel } and answer the question there within { $minutes } minutes. Nothing is joined before that.
join-still-waiting = I'm waiting for the answer from the other chat.
join-refused = Okay, nothing is joined and nothing was shared.
join-off = The chats were not joined, and nothing was shared.
join-lapsed = Time is up, so the chats were not joined. Nothing was shared.
join-gone = That request is no longer open.
join-news-asked = Another chat ({ $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }) asks to be joined with this one. If that isn't you, just ignore it: nothing is joined without your answer.
join-news-done =
    This chat is now joined with the chat on { $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }. Your cart and orders are shared.
    { $count ->
        [0] { DROP() }
       *[other] In your cart: { $count }.
    }
    { $orders ->
        [0] { DROP() }
       *[other] Orders: { $orders }.
    }
    You didn't want this? Separate them again with /split.
join-done =
    Done, both chats are joined. Your cart and orders are shared now.
    { $count ->
        [0] { DROP() }
       *[other] In your cart: { $count }.
    }
    { $orders ->
        [0] { DROP() }
       *[other] Orders: { $orders }.
    }
    Want to separate them again? Type /split any time.
split-none = This chat isn't joined with another one.
split-confirm = This chat has been joined with a chat on { $channel } since { $at-date }. If they are separated, each chat takes back its own orders and details. Separate them?
split-done =
    Done, they are separate again. The other chat can no longer see orders and details from here.
    { $orders ->
        [0] { DROP() }
       *[other] Orders here: { $orders }.
    }
split-news = The chats that were joined are separate again. Only the orders and details of this chat are left here.
join-unknown = That code doesn't match.
join-expired = That code has expired.
join-again = Type /join in your other chat for a new code, then send it here.
join-self = This is the same chat. The code is for your chat in another app.
join-too-many = Sorry, too many chats are connected already.
join-stuck = Shall I call someone from the shop?
