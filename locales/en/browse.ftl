# Shelves, searching, and the product card.
browse-categories = What would you like to see?
browse-nothing = Sorry, the shelves are still empty. Please check back later.
browse-found = Here's what I found. Which one would you like to see?
browse-category-label = { $name } ({ $count })
browse-products = *{ $category }*. Pick one to see more.
product-label =
    { $free ->
        [0] { $name } (sold out)
       *[other] { $name } · { $price }
    }
product-row =
    { $free ->
        [0] { $name }, { $price } (sold out)
       *[other] { $name }, { $price }
    }
product-variant-label =
    { $free ->
        [0] { $name } (sold out)
       *[other] { $name } · { $price }
    }
product-variant-row =
    { $free ->
        [0] { $name }, { $price } (sold out)
       *[other] { $name }, { $price }
    }
product-card = *{ $name }*
    { $price }
    { $low-n ->
        [1] Only { $free } left
       *[other] In stock: { $free }
    }

    { $description }

    How many would you like? Just type the number.
product-variants = *{ $name }*

    { $description }

    { $variants }

    Which one would you like?
product-picked = *{ $name }*, { $price }, { $free } in stock. How many would you like?
product-how-many = Please type a number, like 2.
product-short =
    { $free ->
        [0] Sorry, { $name } has just sold out.
       *[other] Sorry, only { $free } of { $name } left. Take { $free }?
    }
product-all-in-cart = All { $stock } of { $name } that we have are in your cart already.
product-sold-out = Sorry, *{ $name }* ({ $price }) is sold out right now. Would you like to see something else?
product-gone = Sorry, we no longer sell that.
search-brief = { $name } is { $price }, { $free } in stock.
search-brief-sold-out = { $name } is { $price }, but it is sold out right now.
search-many-brief =
    These come close:
    { $products }
search-many = I found several. Which one would you like to see?
search-none = Which product do you mean? Have a look here:
search-none-brief = Sorry, I couldn't find that product.
