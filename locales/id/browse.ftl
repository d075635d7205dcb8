# Rak, pencarian, dan kartu produk.
browse-categories = Mau lihat yang mana, Kak?
browse-nothing = Maaf Kak, etalasenya masih kosong. Nanti cek lagi ya.
browse-found = Ini yang cocok, Kak. Mau lihat yang mana?
browse-category-label = { $name } ({ $count })
browse-products = *{ $category }*. Pilih untuk lihat detailnya ya, Kak.
product-label =
    { $free ->
        [0] { $name } (habis)
       *[other] { $name } · { $price }
    }
product-row =
    { $free ->
        [0] { $name }, { $price } (habis)
       *[other] { $name }, { $price }
    }
product-variant-label =
    { $free ->
        [0] { $name } (habis)
       *[other] { $name } · { $price }
    }
product-variant-row =
    { $free ->
        [0] { $name }, { $price } (habis)
       *[other] { $name }, { $price }
    }
product-card = *{ $name }*
    { $price }
    { $low-n ->
        [1] Tinggal { $free }, Kak
       *[other] Stok: { $free }
    }

    { $description }

    Mau ambil berapa, Kak? Ketik angkanya saja.
product-variants = *{ $name }*

    { $description }

    { $variants }

    Mau yang mana, Kak?
product-picked = *{ $name }*, { $price }, stok { $free }. Mau ambil berapa, Kak?
product-how-many = Ketik jumlahnya dengan angka ya, Kak, misalnya 2.
product-short =
    { $free ->
        [0] Maaf Kak, { $name } baru saja habis.
       *[other] Maaf Kak, { $name } tinggal { $free }. Ambil { $free } saja?
    }
product-all-in-cart = Stok { $name } cuma { $stock }, Kak, dan semuanya sudah ada di keranjang Kakak.
product-sold-out = Maaf Kak, *{ $name }* ({ $price }) sedang habis. Mau lihat yang lain?
product-gone = Maaf Kak, produk itu sudah tidak dijual.
search-brief = { $name } harganya { $price }, stok { $free }.
search-brief-sold-out = { $name } harganya { $price }, tapi sedang habis, Kak.
search-many-brief =
    Ini yang mirip, Kak:
    { $products }
search-many = Ada beberapa yang cocok, Kak. Mau lihat yang mana?
search-none = Produk yang mana ya, Kak? Coba lihat di sini:
search-none-brief = Maaf Kak, produk itu tidak saya temukan.
