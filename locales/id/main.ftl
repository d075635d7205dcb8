# Sapaan dan menu.
main-welcome = Halo Kak, selamat datang di *{ $store }*! Mau lihat-lihat dulu, atau langsung tulis pesanannya? Misalnya: "pesan 2 teh hijau".
main-welcome-own =
    { $greeting }

    Mau lihat-lihat dulu, atau langsung tulis pesanannya? Misalnya: "pesan 2 teh hijau".
main-welcome-back =
    { $name-n ->
        [0] Halo Kak, senang ketemu lagi! Mau pesan apa hari ini?
       *[other] Halo Kak { $name }, senang ketemu lagi! Mau pesan apa hari ini?
    }
main-mid-cart =
    { $name-n ->
        [0] Halo Kak! Keranjangnya masih saya simpan: { $count } barang, { $subtotal }. Mau lanjut?
       *[other] Halo Kak { $name }! Keranjangnya masih saya simpan: { $count } barang, { $subtotal }. Mau lanjut?
    }
main-menu =
    Mau ngapain, Kak?
    { $count ->
        [0] { DROP() }
       *[other] Keranjang: { $count } barang, { $subtotal }.
    }
