# The greeting and the menu.
main-welcome = Hi, welcome to *{ $store }*! Have a look around, or just write your order{ $example-n ->
        [0] .
       *[other] , like "2 { $example }".
    }
main-welcome-own =
    { $greeting }

    Have a look around, or just write your order{ $example-n ->
        [0] .
       *[other] , like "2 { $example }".
    }
main-welcome-back =
    { $person-n ->
        [0] Hi, good to see you again! What would you like today?
       *[other] Hi { $person-dear }, good to see you again! What would you like today?
    }
main-mid-cart =
    { $person-n ->
        [0] Hi! I kept your cart: { $count ->
                [one] { $count } item
               *[other] { $count } items
            }, { $subtotal }. Shall we go on?
       *[other] Hi { $person-dear }! I kept your cart: { $count ->
                [one] { $count } item
               *[other] { $count } items
            }, { $subtotal }. Shall we go on?
    }
main-menu =
    What would you like to do?
    { $count ->
        [0] { DROP() }
        [one] Your cart: { $count } item, { $subtotal }.
       *[other] Your cart: { $count } items, { $subtotal }.
    }
