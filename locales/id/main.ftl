# Sapaan dan menu.
main-welcome = Halo Kak, selamat datang di *{ $store }*! Mau lihat-lihat dulu, atau langsung tulis pesanannya? Misalnya: "pesan 2 teh hijau".
main-welcome-own =
    { $greeting }

    Mau lihat-lihat dulu, atau langsung tulis pesanannya? Misalnya: "pesan 2 teh hijau".
main-welcome-back =
    { $person-n ->
        [0] Halo Kak, senang ketemu lagi! Mau pesan apa hari ini?
       *[other] Halo Kak { $person }, senang ketemu lagi! Mau pesan apa hari ini?
    }
main-mid-cart =
    { $person-n ->
        [0] Halo Kak! Keranjangnya masih saya simpan: { $count } barang, { $subtotal }. Mau lanjut?
       *[other] Halo Kak { $person }! Keranjangnya masih saya simpan: { $count } barang, { $subtotal }. Mau lanjut?
    }
main-menu =
    Mau ngapain, Kak?
    { $count ->
        [0] { DROP() }
       *[other] Keranjang: { $count } barang, { $subtotal }.
    }
