# Commands that Telegram and Discord offer, at most 100 characters each.
command-menu = The shop's main menu
command-browse = Browse products by category
command-cart = What is in your cart
command-checkout = Finish your order
command-orders = Your orders and their status
command-language = Change the language
command-help = How to order
command-human = Chat with the shop
command-order = Order in your own words
command-order-items = How many of what

# Their names on Discord: small letters without spaces.
command-menu-name = menu
command-browse-name = browse
command-cart-name = cart
command-checkout-name = checkout
command-orders-name = orders
command-language-name = language
command-help-name = help
command-human-name = human
command-order-name = order
command-order-items-name = items

# Forms, on channels that have them: buttons of at most 20 characters, titles of 45.
ask-name-button = Enter name
ask-name-title = Name of the recipient
ask-phone-button = Enter phone
ask-phone-title = Phone number to reach you
ask-address-button = Enter address
ask-address-title = Full delivery address
