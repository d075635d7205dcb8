# Answers to questions about the shop.
shop-address =
    Our address: { $address }
    Phone: { $phone }
shop-phone = You can call the shop at { $phone }, or just ask here.
shop-method-row =
    { $pickup-n ->
        [1] { $name }
       *[other] { $cost-n ->
            [0] { $name }: free
           *[other] { $free_from-n ->
                [0] { $name }: { $cost }
               *[other] { $name }: { $cost }, free for orders from { $free_from }
            }
        }
    }
shop-fee =
    What delivery costs:
    { $methods }
shop-area =
    How you can get your order:
    { $methods }
shop-no-delivery =
    Sorry, the shop doesn't deliver yet. You can pick up your order.
    Address: { $address }
shop-pickup =
    Yes, you can. Choose pick-up at checkout.
    Address: { $address }
shop-payment = You pay with QRIS: scan it with any Indonesian banking app or e-wallet (GoPay, OVO, DANA, ShopeePay and others).
shop-wallet = Yes. You pay with QRIS, which any Indonesian banking app or e-wallet can scan.
shop-other-payment = Sorry, the shop takes QRIS only. Any Indonesian banking app or e-wallet can scan it, like GoPay, OVO or DANA.
shop-minimum = There is no minimum. One item is fine.
shop-tax-none = There is no tax on top. The price is what you pay.
shop-tax-included = Prices include { $tax_percent }% tax.
shop-tax-added = Prices don't include { $tax_percent }% tax yet. You'll see it in the summary before you order.
shop-hold = Once you order, I hold the items for { $minutes } minutes so that you can pay.
shop-asked = I'll ask *{ $store }* about that. Their answer will come here.
shop-asked-again = Your question is with *{ $store }* already. Their answer will come here.
shop-nobody =
    { $phone-n ->
        [0] Sorry, I don't know that, and nobody from the shop can be asked right now.
       *[other] Sorry, I don't know that. Please ask the shop directly at { $phone }.
    }
staff-news-question =
    { $customer-n ->
        [0] A customer asks:
       *[other] *{ $customer }* asks:
    }
    "{ $text }"
    The shop's data don't say.
