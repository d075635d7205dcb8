# What can happen at any time in a customer's chat.
global-hint = Sorry, I didn't catch that. Try something like { $example-n ->
        [0] "see products"
       *[other] "order 2 { $example }"
    } or "where is my order".
global-choices = Sorry, I still don't understand. Pick one below, or type /menu for the menu and /human to chat with the shop.
global-stuck = Let me get someone from the shop for you.
global-stale = That button is an old one. Here is where we are now.
global-used = That one is already taken care of.
global-unknown-press = That button no longer works. Type /menu to start over.
global-media = Sorry, I can't read that here (pictures, voice notes, stickers, locations). Could you type it instead?
global-too-long = That's a very long message. Could you make it a little shorter?
global-restarted = Something in the shop has changed, so let's go on from the menu. Your cart is safe.
global-group = So that nobody else reads your phone number, address and order, let's go on in a private chat.
global-group-code = A code that is written in a group can be read by others, so I have cancelled it. Please ask for a new one and send it in a private chat.
global-cancelled = Okay, never mind that.
global-thanks = You're welcome!
global-chitchat = I can only help with the shop, but I'm happy to. What can I do for you?
global-here = Hi, I'm still here.
global-paused = We seem to be going round in circles. If this is an automatic reply, I'll stop answering until { $until-time }. If it's really you, tap the button below or type *menu* and I'll answer right away.
global-okay = Okay. If you need anything, just write.
