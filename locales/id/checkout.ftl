# Dari keranjang sampai pesanan.
checkout-method-row =
    { $cost-n ->
        [0] { $name }: gratis
       *[other] { $name }: { $cost }
    }
checkout-method-label =
    { $cost-n ->
        [0] { $name } (gratis)
       *[other] { $name } · { $cost }
    }
checkout-method =
    { $count } barang, { $subtotal }. Mau diambil sendiri atau dikirim, Kak?
    { $methods }
checkout-no-delivery = Maaf Kak, cara kirimnya belum diatur oleh toko.
checkout-no-pickup = Maaf Kak, di toko ini belum bisa ambil sendiri.
checkout-no-courier = Maaf Kak, toko ini belum bisa kirim.
checkout-same-address =
    Kirim ke alamat yang sama, Kak?
    { $address }
checkout-ask-address = Dikirim ke alamat mana, Kak? Tulis lengkap dengan kota dan kode pos ya.
checkout-address-retry = Alamatnya kurang lengkap, Kak. Tulis jalan, nomor rumah, dan kotanya ya.
checkout-ask-name = Atas nama siapa, Kak?
checkout-name-retry = Tulis nama penerimanya saja ya, Kak.
checkout-ask-phone =
    { $person-n ->
        [0] Nomor HP yang bisa dihubungi berapa, Kak?
       *[other] Nomor HP { $person-dear } yang bisa dihubungi berapa?
    }
checkout-phone-retry = Nomornya kurang pas, Kak. Contohnya 081234567890.
checkout-summary = *Cek dulu ya, Kak*
    { $lines }

    Subtotal: { $subtotal }
    { $tax-n ->
        [0] { DROP() }
       *[other] Pajak { $tax_percent }%: { $tax }
    }
    { $shipping-n ->
        [0] { $method }: gratis
       *[other] { $method }: { $shipping }
    }
    {"*"}Total: { $total }*
    { $tax_included-n ->
        [0] { DROP() }
       *[other] (sudah termasuk pajak { $tax_included })
    }

    { $pickup-n ->
        [0] Kirim ke: { $person }, { $phone }
       *[other] Diambil oleh: { $person }, { $phone }
    }
    { $pickup-n ->
        [0] { $address }
       *[other] { $store_address }
    }
    Catatan: { $note }

    Sudah benar, Kak?
checkout-edit = Mau ubah yang mana, Kak?
checkout-note = Tulis catatannya ya, Kak. Misalnya: "titip di satpam".
checkout-placed = Makasih Kak! Pesanan *{ $number }* sudah saya catat, total *{ $total }*. Stok ditahan sampai { $until-time }. QRIS-nya saya siapkan sebentar ya.
checkout-out-of-stock =
    Maaf Kak, barusan ada yang stoknya berubah:
    { $short }
    Sesuaikan dulu keranjangnya ya.
checkout-price-row = { $name }: { $from } jadi { $to }
checkout-price-changed =
    Harganya barusan berubah, Kak:
    { $changed }
checkout-limited-unpaid = Kakak masih punya beberapa pesanan yang belum dibayar. Dibayar atau dibatalkan dulu salah satunya ya, Kak, baru saya catat yang ini. Isi keranjangnya tetap aman.
checkout-limited-ended = Belakangan ini beberapa pesanan Kakak batal tanpa dibayar, jadi pesanan berikutnya baru bisa saya catat setelah { $until }. Kalau memang mau pesan sekarang, langsung chat dengan toko ya, Kak.
checkout-limited-row =
    { $free ->
        [0] { $name }: belum bisa dulu
       *[other] { $name }: paling banyak { $free }
    }
checkout-limited-held =
    Supaya pembeli lain juga kebagian, untuk sekarang saya hanya bisa mencatat:
    { $short }
    Setelah pesanan sebelumnya dibayar, boleh pesan lagi, Kak.
checkout-free = Belanjaan ini tidak ada yang perlu dibayar, Kak, jadi belum bisa dipesan lewat sini. Chat toko dulu ya.
checkout-too-large = Maaf Kak, totalnya terlalu besar untuk diproses di sini.
checkout-stuck = Mau saya panggilkan orang toko, Kak?
checkout-stopped = Oke, checkout-nya saya hentikan dulu. Keranjang tetap aman: { $count } barang, { $subtotal }.
checkout-help = Saya sedang menyiapkan pesanan Kakak. Jawab pertanyaan di bawah, atau ketik "batal" untuk berhenti dan /admin untuk chat dengan toko.
checkout-nothing-to-pay = Pesanan yang ini belum jadi, Kak, jadi belum ada yang perlu dibayar. Kalau maksudnya pesanan lain, ketik "pesanan saya" ya.
