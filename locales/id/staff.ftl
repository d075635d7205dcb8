# Chat orang toko.
staff-menu = Halo { $person }! Mau cek apa di *{ $store }*?
staff-help = *Yang bisa diketik*
    pesanan: yang perlu diurus
    hari ini: ringkasan dan omzet
    stok: semua stok
    { $example-n ->
        [0] stok NAMA 20
       *[other] stok { $example } 20
    }: ubah stok
    { $example-n ->
        [0] harga NAMA 52rb
       *[other] harga { $example } 52rb
    }: ubah harga
    ORD-2026-0001: buka satu pesanan
    /refund ORD-2026-0001 20rb: kembalikan uang
    /unlink: lepas chat ini dari toko
staff-hint = Maaf, saya belum paham. Coba ketik *pesanan*, *hari ini*, atau *stok*.
staff-choices = Maaf, saya masih belum paham. Pilih salah satu di bawah, atau ketik /help.
staff-stuck = Ketik /menu untuk mulai lagi ya.
staff-stale = Tombol itu sudah lama. Ini yang terbaru.
staff-used = Yang itu sudah diproses.
staff-unknown-press = Tombol itu sudah tidak berlaku. Ketik /menu untuk mulai lagi ya.
staff-restarted = Ada yang baru di Warung, jadi kita mulai dari menu ya.
staff-paused = Sepertinya ini balasan otomatis, jadi saya berhenti membalas di chat ini sampai { $until-time }. Kabar pesanan tetap masuk. Untuk lanjut, tekan tombol di bawah atau ketik *menu*.
staff-media = Gambar, suara, dan stiker belum bisa dibaca. Ketik saja ya.
staff-too-long = Pesannya terlalu panjang. Pendekkan sedikit ya.
staff-cancelled = Oke, tidak jadi. Yang sudah tercatat tetap.
staff-thanks = Sama-sama!
staff-orders-list =
    Yang perlu diurus:
    { $orders }
staff-orders-row = { $number }, { $customer }, { $total }: { $status }
staff-orders-label = { $number } { $customer }
staff-orders-none = Tidak ada pesanan yang perlu dikerjakan sekarang.
staff-order-unknown = Pesanan { $number } tidak ditemukan.
staff-order-gone = Pesanan itu tidak ada di toko ini.
staff-card = *{ $number }*: { $status }
    { $created }
    { $lines }
    {"*"}Total: { $total }* ({ $method })

    { $pickup-n ->
        [0] Kirim ke: { $person }, { $phone }
       *[other] Diambil oleh: { $person }, { $phone }
    }
    { $address }
    Catatan: { $note }
    Kurir: { $courier }
    Resi: { $tracking }
    Diterima oleh: { $accepted_by }
    Alasan batal: { $reason }
staff-next = { $number } sekarang { $status }.
staff-accepted = { $number } diterima. Pembeli sudah dikabari.
staff-packed = { $number } dikemas. Pembeli sudah dikabari.
staff-courier = { $number } dikirim pakai apa? Boleh langsung dengan resinya, misalnya "JNE 0123456789".
staff-tracking = Nomor resi { $courier } berapa?
staff-shipped = { $number } dikirim dengan { $courier }, resi { $tracking }. Pembeli sudah dikabari.
staff-shipped-untracked = { $number } dikirim dengan { $courier }. Pembeli sudah dikabari.
staff-delivered = { $number } selesai diantar. Pembeli sudah dikabari.
staff-already =
    { $by-n ->
        [0] { $number } sudah { $status }.
       *[other] { $number } sudah diurus { $by }, { $at-time }. Statusnya { $status }.
    }
staff-not-possible = Tidak bisa: { $number } statusnya { $status }.
staff-reason = Kenapa { $number } ({ $person }) dibatalkan? Alasannya dikirim ke pembeli.
staff-cancel-confirm = Batalkan *{ $number }* ({ $total }) dengan alasan "{ $reason }"?
staff-order-cancelled =
    { $number } dibatalkan, stoknya kembali. Pembeli sudah dikabari.
    { $refund-n ->
        [0] { DROP() }
       *[other] Kembalikan { $refund } ke pembeli ya.
    }
staff-today = *{ $date-date }*
    Pesanan baru: { $new }
    Dibayar: { $paid }, omzet *{ $takings }*
    { $refunded-n ->
        [0] { DROP() }
       *[other] Sudah dikembalikan: { $refunded }
    }
    { $to_refund-n ->
        [0] { DROP() }
       *[other] Harus dikembalikan: { $to_refund }
    }
    Belum dibayar: { $unpaid }
    Perlu dikemas: { $to_pack }
    Perlu dikirim: { $to_ship }
    Dikirim: { $shipped }
    Batal: { $cancelled }
    { $low-n ->
        [0] { DROP() }
       *[other] Stok menipis:
    }
    { $low }
staff-report-day = *{ $since-date }*
    Pesanan baru: { $new }
    Dibayar: { $paid }, omzet *{ $takings }*
    { $refunded-n ->
        [0] { DROP() }
       *[other] Dikembalikan: { $refunded }
    }
    Dikirim: { $shipped }
    Batal: { $cancelled }
staff-report = *{ $since-date } sampai { $date-date }*
    Pesanan baru: { $new }
    Dibayar: { $paid }, omzet *{ $takings }*
    { $refunded-n ->
        [0] { DROP() }
       *[other] Dikembalikan: { $refunded }
    }
    Dikirim: { $shipped }
    Batal: { $cancelled }
staff-report-unknown = Waktu itu tidak bisa saya hitung. Yang bisa: hari ini, kemarin, minggu ini, minggu lalu, bulan ini, dan bulan lalu.
staff-low-row =
    { $free ->
        [0] { $name }: habis
       *[other] { $name }: tinggal { $free }
    }
staff-stock-label =
    { $free ->
        [0] { $name } (habis)
       *[other] { $name }: { $free }
    }
staff-stock-one = *{ $name }*: { $stock } di rak, { $held } ditahan, { $free } bebas. Ketik jumlah barunya kalau mau diubah.
staff-stock-ask = Stok *{ $name }* di rak jadi berapa? Sekarang { $free } bebas dijual.
staff-stock-retry = Ketik angkanya saja, misalnya 20.
staff-stock-many = Ada beberapa yang mirip. Yang mana?
staff-stock-all = Stok sekarang (yang bebas dijual). Pilih untuk mengubah:
staff-stock-none =
    { $query-n ->
        [0] Produk itu tidak ketemu. Pilih dari sini:
       *[other] "{ $query }" tidak ketemu. Pilih dari sini:
    }
staff-stock-variant = { $name } varian yang mana?
staff-stock-saved = *{ $name }*: dari { $before } jadi { $stock } ({ $held } ditahan, { $free } bebas).
staff-stock-below-held = Tidak bisa: { $held } { $name } sedang ditahan untuk pesanan yang menunggu bayar.
staff-stock-gone = Produk itu sudah tidak ada.
staff-stock-rest = Ada stok lain yang mau diubah?
staff-stock-same = Stok *{ $name }* memang sudah { $stock }.
staff-stock-sure = Stok *{ $name }* dari { $before } jadi *{ $stock }*? Itu jauh lebih banyak dari biasanya.
staff-stock-doubt = Stok *{ $name }* dari { $before } jadi *{ $stock }*, betul?
staff-stock-denied = Stok tidak saya ubah. *{ $name }*: { $stock } di rak, { $held } ditahan, { $free } bebas.
staff-linked = Chat ini sudah terhubung ke { $store }.
staff-denied = Tidak ada harga atau stok yang saya ubah.
staff-write-stays = Oke. Yang barusan tetap tercatat.
staff-stock-range = Stok paling banyak { $limit }.
staff-stock-kept = Oke, stok *{ $name }* tidak diubah.
staff-price-label = { $name }: { $price }
staff-price-all = Harga sekarang. Pilih untuk mengubah:
staff-price-ask = Harga *{ $name }* sekarang { $price }. Ketik harga barunya kalau mau diubah.
staff-price-cost = Harga modal belum bisa diubah dari chat. Minta yang memasang Warung mengubahnya lewat daftar barang ya.
staff-price-ask-every = Semua varian *{ $name }* jadi berapa?
staff-price-retry = Ketik harganya saja, misalnya 25.000 atau 25rb.
staff-price-variant = Harga { $name } yang mana?
staff-price-saved = Harga *{ $name }*: dari { $before } jadi *{ $price }*.
staff-price-saved-every = Semua varian *{ $name }* sekarang *{ $price }*.
staff-price-same = Harga *{ $name }* memang sudah { $price }.
staff-price-sure = Harga *{ $name }* dari { $before } jadi *{ $price }*? Bedanya jauh, jadi saya tanya dulu.
staff-price-doubt = Harga *{ $name }* dari { $before } jadi *{ $price }*, betul?
staff-price-denied = Harga tidak saya ubah. *{ $name }* tetap { $price }.
staff-price-kept = Oke, harga *{ $name }* tetap { $price }.
staff-price-rest = Ada harga lain yang mau diubah?
staff-undone-price = Harga *{ $name }* kembali dari { $before } ke *{ $price }*.
staff-undone-prices = Harga semua varian *{ $name }* kembali seperti semula.
staff-undone-stock = Stok *{ $name }* kembali dari { $before } ke *{ $stock }*.
staff-undo-already = Yang itu sudah dibatalkan.
staff-undo-late = Sudah lewat { $minutes } menit, jadi tidak bisa dibatalkan sekali ketuk. Ubah saja lagi seperti biasa.
staff-undo-changed = Sudah ada perubahan lain setelah itu, jadi saya biarkan. Ubah saja lagi seperti biasa.
staff-undo-held = Tidak bisa: { $held } sedang ditahan untuk pesanan yang menunggu bayar.
staff-undo-none = Belum ada harga atau stok yang baru diubah.
staff-human-nobody = Belum ada pembeli yang menunggu dibalas.
staff-human-write = Tulis balasan untuk { $customer } (atau /batal):
staff-human-sent = Terkirim ke { $customer }.
staff-human-picture-sent = Gambar terkirim ke { $customer }.
staff-human-unsent = Yang ini belum bisa diteruskan ke { $customer }. Hanya tulisan dan gambar (JPG, PNG, atau WebP, sampai 5 MB) yang bisa: kirim salah satunya ya.
staff-human-gone = Chat pembeli itu sudah tidak ada.
staff-human-back = Bot melayani { $customer } lagi.
staff-unlink-confirm = Lepas chat ini dari *{ $store }*? Kabar pesanan tidak akan masuk ke sini lagi.
staff-unlinked = Chat ini sudah dilepas dari toko.
staff-news-created = Pesanan baru *{ $number }*: { $person }, { $count } barang, { $total }. Menunggu pembayaran sampai { $until-time }.
staff-news-paid = *{ $number } sudah dibayar*
    { $lines }
    {"*"}Total: { $total }* ({ $method })

    { $pickup-n ->
        [0] Kirim ke: { $person }, { $phone }
       *[other] Diambil oleh: { $person }, { $phone }
    }
    { $address }
    Catatan: { $note }
staff-news-cancelled =
    { $number } ({ $total }) dibatalkan oleh { $actor }.
    Alasan: { $reason }
    Sudah masuk { $due }, harus dikembalikan.
staff-news-expired = { $number } ({ $total }) tidak dibayar, stoknya dilepas.
staff-news-expired-short = *{ $number } tidak lunas*
    Waktunya habis dan stoknya dilepas, tapi sudah masuk { $received } dari { $total }. Uang itu harus dikembalikan.
    Pembeli: { $person }, { $phone }
staff-news-moved = { $by }: { $number } sekarang { $status }.
staff-news-received = { $number } sudah diterima { $person }.
staff-news-payment-problem = *Pembayaran { $number } perlu dicek*
    { $problem }
    Masuk: { $received } dari { $total }
    Pembeli: { $person }, { $phone }
    Harus kembali: { $due }
staff-news-unchecked-kept = *Pembayaran { $number } belum bisa dicek*
    { $company } belum menjawab apakah { $total } sudah dibayar. Barangnya saya tahan sampai { $until }.
    Bisa dicek sendiri di dashboard { $company } dengan kode { $reference }.
staff-news-unchecked = *Pembayaran { $number } tidak bisa dicek*
    Saya tidak mendapat jawaban dari { $company } apakah { $total } sudah dibayar, jadi pembayarannya saya anggap belum masuk.
    Tolong cek di dashboard { $company } dengan kode { $reference }. Kalau ternyata uangnya masuk, hubungi pembelinya.
    Pembeli: { $person }, { $phone }
staff-news-order-limit = Pesanan baru dari *{ $customer }* saya tolak dulu.
    { $problem }
    Kalau orangnya memang mau beli, chat langsung dengannya ya.
staff-news-code-guesses =
    { $customer-n ->
        [0] *Ada yang berkali-kali mencoba kode yang salah*
       *[other] *{ $customer } berkali-kali mencoba kode yang salah*
    }
    Kodenya tidak saya cek dulu selama satu jam. Kalau itu orang toko, minta kode baru ke pengelola server ya.
staff-news-low-stock =
    { $free ->
        [0] Stok *{ $product }* habis.
       *[other] Stok *{ $product }* tinggal { $free }.
    }
staff-news-human = *{ $customer }* mau bicara dengan toko.
    "{ $text }"
staff-news-many = Dalam sepuluh menit ini banyak sekali orang yang menulis untuk toko. Supaya HP tidak berbunyi terus, pesan dari orang yang belum pernah membayar tidak saya teruskan dulu. Pembeli yang pernah membayar tetap saya teruskan.
staff-news-auto-replies =
    { $customer-n ->
        [0] Ada pembeli yang sepertinya membalas otomatis, jadi bot berhenti menjawabnya sampai { $until-time }.
       *[other] *{ $customer }* sepertinya membalas otomatis, jadi bot berhenti menjawabnya sampai { $until-time }.
    }
    "{ $text }"
staff-news-said = *{ $customer }*:
    { $text }
staff-news-sent = *{ $customer }*:
    { $kind }{ $text-n ->
        [0] {""}
       *[other] {": "}{ $text }
    }
sent-image = 📷 gambar
sent-audio = 🎤 pesan suara, dengarkan di aplikasi chat toko
sent-video = 🎬 video, lihat di aplikasi chat toko
sent-sticker = stiker
sent-document = 📎 berkas, lihat di aplikasi chat toko
sent-contact = 👤 kontak
sent-location = 📍 lokasi
sent-edited = ✏️ pesan yang diubah
sent-other = pesan yang tidak bisa saya tampilkan, lihat di aplikasi chat toko
staff-undelivered =
    { $customer-n ->
        [0] Kabar tentang *{ $number }* tidak sampai ke pembelinya. Coba hubungi langsung ya.
       *[other] Kabar tentang *{ $number }* tidak sampai ke *{ $customer }*. Coba hubungi langsung ya.
    }
staff-delivered-late =
    { $customer-n ->
        [0] ✅ Ralat: kabar tentang *{ $number }* ternyata sampai juga ke pembelinya.
       *[other] ✅ Ralat: kabar tentang *{ $number }* ternyata sampai juga ke *{ $customer }*.
    }
staff-delivered-late-plain =
    { $customer-n ->
        [0] ✅ Ralat: pesan untuk seorang pembeli tadi ternyata sampai juga.
       *[other] ✅ Ralat: pesan untuk *{ $customer }* tadi ternyata sampai juga.
    }
staff-channel-stopped =
    ⚠️ Warung tidak bisa mengirim pesan lewat *{ $channel }*: akunnya ditolak (kunci akses, tagihan, atau izinnya). Pesan untuk pembeli menunggu dan dikirim begitu akunnya beres.

    Minta yang memasang Warung menjalankan `warung channel test`.
staff-undelivered-plain =
    { $customer-n ->
        [0] Ada pesan yang tidak sampai ke seorang pembeli.
       *[other] Ada pesan yang tidak sampai ke *{ $customer }*.
    }
