# Sapaan dan menu.
main-welcome = Halo Kak, selamat datang di *{ $store }*! Mau lihat-lihat dulu, atau langsung tulis pesanannya?{ $example-n ->
        [0] {""}
       *[other] {" "}Misalnya: "pesan 2 { $example }".
    }
main-welcome-own =
    { $greeting }

    Mau lihat-lihat dulu, atau langsung tulis pesanannya?{ $example-n ->
        [0] {""}
       *[other] {" "}Misalnya: "pesan 2 { $example }".
    }
main-welcome-back =
    { $person-n ->
        [0] Halo Kak, senang ketemu lagi! Mau pesan apa hari ini?
       *[other] Halo { $person-dear }, senang ketemu lagi! Mau pesan apa hari ini?
    }
main-mid-cart =
    { $person-n ->
        [0] Halo Kak! Keranjangnya masih saya simpan: { $count } barang, { $subtotal }. Mau lanjut?
       *[other] Halo { $person-dear }! Keranjangnya masih saya simpan: { $count } barang, { $subtotal }. Mau lanjut?
    }
main-menu =
    Mau dibantu apa, Kak?
    { $count ->
        [0] { DROP() }
       *[other] Keranjang: { $count } barang, { $subtotal }.
    }
