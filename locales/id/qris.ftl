# QRIS cetak milik toko, bukti bayar, dan cek uang masuk.
pay-qris-static = *{ $number }*
    Bayar tepat: *{ $total }*
    { $discount-n ->
        [0] { DROP() }
       *[other] (sudah dipotong kode unik { $discount })
    }

    Tiga angka terakhirnya memberi tahu toko ini bayaran siapa, jadi jangan dibulatkan ya, Kak. Scan dengan m-banking atau e-wallet, atau simpan gambarnya dan pilih dari galeri, lalu kirim foto bukti bayarnya ke sini. Orang toko yang mengeceknya.
pay-printed = Ini QRIS toko tanpa nominal. Scan, lalu ketik sendiri nominalnya: tepat *{ $amount }*.
pay-rest = Untuk *{ $number }* sudah masuk { $received } dari { $total }. Ini QRIS toko tanpa nominal untuk sisanya. Scan, lalu ketik sendiri nominalnya: tepat *{ $amount }*.
pay-help-static = Scan QRIS dengan m-banking atau e-wallet, bayar tepat sesuai angkanya, lalu kirim foto buktinya ke sini. Kalau QRIS-nya ditolak, pilih "QRIS tanpa nominal". Ketik "batal" kalau tidak jadi, atau /admin untuk chat dengan toko.
pay-ask-shop = Orang toko yang mengecek uangnya, Kak. Sudah saya sampaikan. Kirim foto bukti bayarnya ke sini supaya lebih cepat ya.
pay-too-large = Maaf Kak, *{ $number }* totalnya { $total }, sedangkan QRIS paling banyak { $limit } sekali bayar.
pay-too-large-next = Toko bisa membantu dengan cara bayar lain, atau pesanannya dipecah jadi dua. Stoknya masih ditahan untuk Kakak.
news-reminder-static = Kak, *{ $number }* ({ $total }) belum saya lihat dibayar. Kalau sudah bayar, kirim foto buktinya ke sini ya. Stok ditahan sampai { $until-time }.
proof-received =
    { $seen ->
        [0] Makasih Kak, buktinya untuk *{ $number }* saya teruskan. Begitu toko selesai mengecek uangnya, Kakak saya kabari.
       *[other] Bukti untuk *{ $number }* sudah ada { $seen } di toko, Kak. Toko sedang mengeceknya, tidak perlu dikirim lagi.
    }
proof-checked = Makasih Kak, gambarnya saya simpan. Yang menentukan tetap kabar dari bank, jadi *{ $number }* saya cek dulu ke sana ya.
proof-unread =
    { $problem }
    Toko sudah saya kabari soal *{ $number }*.
news-not-received = Kak, toko belum menemukan uang untuk *{ $number }* ({ $total }). Coba cek di aplikasinya: statusnya berhasil, dan nominalnya tepat? Kalau sudah terpotong, kirim bukti yang ada nomor referensinya ke sini. Pesanannya masih ditahan.
news-given-up = Kak, sampai waktunya habis toko belum menerima uang untuk *{ $number }*, jadi pesanannya dibatalkan. Kalau uangnya sudah terpotong, kirim buktinya ke sini, nanti toko cek lagi.
news-given-up-short = Kak, sampai waktunya habis untuk *{ $number }* baru masuk { $received }, kurang { $missing }, jadi pesanannya dibatalkan. Toko akan mengembalikan { $received } itu.
proof-problem-document = Saya belum bisa membuka dokumen, Kak. Kirim tangkapan layar buktinya sebagai gambar ya.
proof-problem-no-picture = File itu bukan gambar yang bisa saya buka, Kak. Kirim tangkapan layar buktinya ya.
proof-problem-too-large = Filenya terlalu besar, Kak. Kirim tangkapan layar saja ya.
proof-problem-not-fetched = Gambarnya tidak bisa saya ambil, Kak. Coba kirim sekali lagi ya.

qris-offer = QRIS-nya terbaca:
    {"*"}{ $merchant }*
    Kota: { $city }
    Akhiran NMID: { $nmid }

    Cocokkan dengan stikernya. Pakai QRIS ini untuk semua pembayaran?
qris-set = Oke, mulai sekarang pembayaran masuk lewat QRIS *{ $merchant }*.
qris-gone = QRIS itu sudah dipakai atau sudah diganti. Kirim fotonya lagi kalau mau dipakai.
qris-not-allowed = Hanya pemilik atau admin toko yang boleh mengganti QRIS.
qris-dropped = Oke, QRIS-nya tidak diganti.
qris-none = Toko ini belum punya QRIS. Kirim foto QRIS cetak dari bank ke chat ini.
qris-none-new = Belum ada QRIS baru yang terbaca. Kirim foto QRIS cetak ke chat ini.
qris-shown = *QRIS toko*
    {"*"}{ $merchant }*
    Kota: { $city }
    Akhiran NMID: { $nmid }
    Dipasang oleh { $by }
    Sejak { $at }

    Mau ganti? Kirim foto QRIS yang baru ke chat ini.
qris-refused =
    { $problem }
    QRIS toko tidak berubah.
qris-refusal-no-code = Tidak ada kode QR di gambar itu. Foto stikernya dari depan, penuh, tanpa pantulan.
qris-refusal-blurred = Kodenya kelihatan, tapi tidak terbaca. Foto lebih dekat, lebih terang, tanpa pantulan.
qris-refusal-several = Ada lebih dari satu QRIS di gambar itu. Foto satu saja.
qris-refusal-other-code = Kode di gambar itu bukan QRIS.
qris-refusal-dynamic = Itu QRIS untuk satu pembayaran saja, sudah ada nominalnya. Pakai QRIS cetak yang ditempel di toko.
qris-refusal-transfer = Itu QR untuk transfer ke orang, bukan QRIS toko. Minta QRIS merchant ke bank.
qris-refusal-checksum = Kodenya terbaca, tapi isinya tidak cocok. Foto stiker aslinya, jangan hasil editan.
qris-refusal-foreign = Kode itu bukan untuk rupiah di Indonesia.
qris-refusal-no-national = Kode itu tidak punya nomor merchant nasional (NMID), jadi aplikasi bank lain akan menolaknya. Minta QRIS baru ke bank.
qris-refusal-damaged = Isi kode itu tidak lengkap atau rusak. Minta QRIS baru ke bank.
qris-refusal-no-picture = File itu bukan gambar yang bisa dibuka. Kirim foto biasa (JPG atau PNG).
qris-refusal-too-large = Gambarnya terlalu besar. Kirim foto biasa saja.
qris-refusal-not-fetched = Gambarnya tidak bisa diambil. Coba kirim sekali lagi.
staff-news-qris-changed = *QRIS toko diganti oleh { $by }*
    {"*"}{ $merchant }*
    Kota: { $city }
    Akhiran NMID: { $nmid }
    Kalau ini tidak benar, ganti lagi sekarang: kirim foto QRIS yang asli.

staff-proof = *Bukti bayar { $number }*
    Harus masuk tepat: *{ $total }*
    Sudah masuk { $received }, tinggal *{ $missing }*
    Pembeli: { $person }, { $phone }
    Gambar yang sama persis pernah dikirim untuk { $same }!
    Gambarnya mirip bukti { $alike }; cek tanggal dan nomor referensinya.
    Catatan: { $problem }

    Bukti bisa palsu. Lihat mutasi di aplikasi bank: sudah masuk?
staff-claim = *{ $person }* bilang { $number } sudah dibayar.
    Harus masuk tepat: *{ $total }*
    Sudah masuk { $received }, tinggal *{ $missing }*
    Telepon: { $phone }

    Lihat mutasi di aplikasi bank: sudah masuk?
staff-due = *Waktu bayar { $number } habis*
    Harus masuk tepat: *{ $total }*
    Sudah masuk { $received }, tinggal *{ $missing }*
    Pembeli: { $person }, { $phone }

    Stoknya masih ditahan. Lihat mutasi di aplikasi bank: sudah masuk?
staff-money-ok =
    { $surplus-n ->
        [0] { $received } untuk { $number } tercatat. Pembeli sudah dikabari.
       *[other] { $received } untuk { $number } tercatat, lebih { $surplus }. Kelebihannya dicatat untuk dikembalikan. Pembeli sudah dikabari.
    }
staff-money-short = Tercatat { $received } untuk { $number }, kurang { $missing }. Pembeli sudah dikabari, pesanannya menunggu sisanya.
staff-money-unserved = { $received } untuk { $number } tercatat, tapi pesanannya sudah tidak bisa dipenuhi. Uangnya dicatat untuk dikembalikan. Pembeli sudah dikabari.
staff-money-already =
    { $by-n ->
        [0] { $number } sudah { $status }.
       *[other] { $number } sudah diurus { $by }, { $at-time }. Statusnya { $status }.
    }
staff-money-not-possible = Pesanan itu tidak dibayar lewat QRIS cetak toko, jadi tidak bisa dikonfirmasi di sini.
staff-money-how-much = Berapa yang masuk untuk { $number }, semuanya? Seharusnya { $asked }. Ketik angkanya saja.
staff-money-unreadable = Angkanya belum terbaca. Tulis seperti 49999 atau 49.999.
staff-money-sure = Catat *{ $amount }* masuk untuk { $number }? Seharusnya { $asked }.
staff-money-missing = Oke. Pembeli { $number } diminta mengecek lagi. Stoknya tetap ditahan.
staff-money-given-up = { $number } dibatalkan, stoknya dilepas. Pembeli sudah dikabari.
staff-money-wait = Oke, { $number } menunggu sampai { $until-time }. Nanti saya tanya lagi.
staff-bank-notice =
    { $amount-n ->
        [0] *Ada notifikasi bank*
       *[other] *Ada notifikasi bank: { $amount }*
    }
    "{ $words }"
    { $problem }
    Pesanan: { $number }
    { $orders-n ->
        [0] { "" }
       *[other] Yang menunggu bayar:
    }
    { $orders }
bank-order-row = { $number } · { $total } · { $name }
bank-problem-none = Tidak ada pesanan yang menunggu tepat sebanyak itu, jadi tidak ada yang dikonfirmasi.
bank-problem-closed = Nominal itu milik pesanan yang sudah tidak menunggu bayar. Cek dulu, lalu urus dari kartunya.
bank-problem-unclear = Saya tidak yakin itu uang masuk, jadi belum ada yang dikonfirmasi. Cek dulu di aplikasi banknya ya.
bank-problem-elsewhere = Pesanan ini sekarang dibayar lewat QRIS otomatis, bukan QRIS cetak toko, jadi belum ada yang dikonfirmasi. Kalau uang ini untuk pesanan itu, kembalikan atau bicarakan dengan pembelinya.

btn-money-in = Uang masuk
btn-money-missing = Belum masuk
btn-money-other = Beda jumlah
btn-money-give-up = Batalkan saja
btn-money-wait = Tunggu lagi
btn-money-yes = Ya, catat
btn-qris-use = Ya, pakai
btn-qris-drop = Jangan
btn-qris-plain = QRIS tanpa nominal
btn-pay-rest = Bayar sisanya
