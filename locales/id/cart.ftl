# Keranjang.
cart-line-row =
    { $note-n ->
        [0] { $index }. { $quantity } × { $name }, { $subtotal }
       *[other] { $index }. { $quantity } × { $name }, { $subtotal } ({ $note })
    }
cart-line-label = { $quantity } × { $name }
cart-empty = Keranjangnya masih kosong, Kak. Mau lihat-lihat dulu?
cart-view = *Keranjang* ({ $count } barang)
    { $lines }
    Catatan: { $note }

    Subtotal *{ $subtotal }*. Lanjut checkout?
cart-pick = Yang mana yang mau diubah, Kak?
cart-line = *{ $name }* ({ $price }) mau jadi berapa, Kak? Stok { $free }. Ketik angkanya, 0 untuk hapus.
cart-line-retry = Ketik angkanya saja ya, Kak, misalnya 3. Ketik 0 untuk hapus.
cart-changed = Sudah saya ubah, Kak.
cart-removed = Sudah saya hapus, Kak.
cart-short = Maaf Kak, { $name } tinggal { $free }.
cart-full = Maaf Kak, paling banyak { $limit } ya. Untuk lebih dari itu, chat dengan toko saja.
cart-clear-confirm = Yakin mau mengosongkan keranjang ({ $count } barang), Kak?
cart-cleared = Keranjangnya sudah saya kosongkan.
cart-note =
    { $note-n ->
        [0] Mau titip pesan apa untuk toko, Kak? Misalnya: "jangan pakai gula".
       *[other] Catatan sekarang: "{ $note }". Tulis yang baru ya, Kak.
    }
cart-note-saved = Catatannya sudah saya simpan, Kak.
cart-note-removed = Catatannya sudah saya hapus, Kak.
cart-gone-row = { $name }
cart-gone =
    { $items-n ->
        [0] Maaf Kak, ada barang di keranjang yang sudah tidak dijual lagi, jadi saya keluarkan.
       *[other] Maaf Kak, yang ini sudah tidak dijual lagi, jadi saya keluarkan dari keranjang:
    }
    { $items }
detail-saved = Siap Kak, saya catat { $about } untuk checkout: { $value }
detail-saved-beside = { $about } baru saya catat untuk checkout berikutnya: { $value }. Pesanan *{ $number }* yang sudah jadi masih memakai data lama. Mau saya sambungkan ke toko supaya diubah, Kak?
detail-where = Soal { $about }, itu diatur waktu checkout ya, Kak. Kalau untuk pesanan yang sudah jadi, mau saya sambungkan ke toko?
