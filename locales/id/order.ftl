# Memesan dan mengubah pesanan dengan kata-kata.
order-item-row = { $quantity } × { $name } ({ $subtotal })
order-short-row =
    { $free ->
        [0] { $name } habis
       *[other] { $name } tinggal { $free } (diminta { $wanted })
    }
order-missing-row = "{ $text }"
order-added =
    { $items-n ->
        [0] { DROP() }
       *[other] Siap Kak, masuk keranjang:
    }
    { $items }
    { $short-n ->
        [0] { DROP() }
       *[other] Yang stoknya kurang:
    }
    { $short }
    { $missing-n ->
        [0] { DROP() }
       *[other] Yang tidak saya temukan:
    }
    { $missing }

    Total sementara *{ $subtotal }* ({ $count } barang). Ada lagi, Kak?
order-added-inside =
    { $items-n ->
        [0] { DROP() }
       *[other] Siap, saya tambahkan:
    }
    { $items }
    { $short }
    { $missing-n ->
        [0] { DROP() }
       *[other] Yang tidak saya temukan:
    }
    { $missing }
order-which =
    { $items-n ->
        [0] { DROP() }
       *[other] Sudah masuk:
    }
    { $items }

    { $text-n ->
        [0] Yang mana, Kak?
       *[other] Untuk "{ $text }", yang mana Kak?
    }
order-variant =
    { $items-n ->
        [0] { DROP() }
       *[other] Sudah masuk:
    }
    { $items }

    { $name-n ->
        [0] Mau varian yang mana, Kak?
       *[other] { $name } mau varian yang mana, Kak?
    }
order-short =
    { $items-n ->
        [0] { DROP() }
       *[other] Sudah masuk:
    }
    { $items }

    Maaf Kak, stoknya kurang:
    { $short }
    Ambil yang ada saja?
order-not-found =
    Maaf Kak, ini tidak ada di toko:
    { $missing }

    Mungkin ada di sini?
order-what = Boleh, mau pesan apa, Kak? Tulis nama dan jumlahnya, atau pilih dari sini:
order-rest = Keranjang: { $count } barang, *{ $subtotal }*. Ada lagi, Kak?
change-which = Yang mana yang mau diubah, Kak?
change-short =
    Maaf Kak, stoknya kurang:
    { $short }
change-not-in-cart =
    { $missing-n ->
        [0] Yang itu tidak ada di keranjang, Kak.
       *[other] Ini tidak ada di keranjang, Kak:
    }
    { $missing }
change-done =
    Oke, sudah saya ubah:
    { $items }
change-removed =
    { $items-n ->
        [0] { $name-n ->
            [0] Oke, sudah saya hapus.
           *[other] Oke, { $name } sudah saya hapus.
        }
       *[other] Oke, sudah saya hapus:
    }
    { $items }
change-name-row = { $name }
order-sure =
    { $items-n ->
        [0] { DROP() }
       *[other] Sudah masuk:
    }
    { $items }

    { $quantity } × { $name }, jadi { $total }. Benar sebanyak itu, Kak?
