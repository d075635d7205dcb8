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

    You can also type "cart", "my orders", "cancel", "bahasa indonesia", /menu or /human at any time. Do you shop from another chat as well? Type /join.
human-called = Okay, I've called someone from *{ $store }*. Just write here and they will answer. I'll stay quiet until then.
human-called-again = I've called them. Please wait a moment.
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
link-ask = Please send the code, for example WRG-AB12-CD34.
link-linked = Done! Hi { $person }, this chat is now connected to *{ $store }*. Type /help to see what you can do.
link-already = This chat is already connected to *{ $store }*, { $person }.
link-invalid = That code doesn't match. Please check it.
link-expired = That code has expired. Please ask for a new one.
join-card =
    Your code: *{ $code }*

    Open a chat with this shop in your other app and type /join and the code there. Your cart and orders become one. The code is good for { $minutes } minutes; please don't share it with anyone else.

    Do you have a code from another chat? Just type it here.
join-done =
    Done, this chat is connected. Your cart and orders are shared now.
    { $count ->
        [0] { DROP() }
       *[other] In your cart: { $count }.
    }
    { $orders ->
        [0] { DROP() }
       *[other] Orders: { $orders }.
    }
join-unknown = That code doesn't match.
join-expired = That code has expired.
join-again = Type /join in your other chat for a new code, then send it here.
join-self = This is the same chat. The code is for your chat in another app.
join-too-many = Sorry, too many chats are connected already.
join-stuck = Shall I call someone from the shop?
