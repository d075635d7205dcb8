# Uang yang kembali, dan pesanan yang dibayar waktu barangnya sudah habis.
refund-which = Pesanan mana yang uangnya dikembalikan? Ketik nomornya, misalnya ORD-2026-0001.
refund-reason =
    Kembalikan *{ $amount }* untuk { $number } ke { $person }? Paling banyak { $most }.
    Kenapa?
refund-disputed = *Hati-hati:* bank pembayar sedang menarik kembali uang { $number }. Kalau dikembalikan juga dari sini, toko membayar dua kali. Cek dulu di akun toko di penyedia pembayarannya.
refund-amount = Berapa yang dikembalikan untuk { $number }? Paling banyak { $most }. Ketik angkanya, misalnya 20.000 atau 20rb.
refund-too-much = { $amount } terlalu banyak: yang masih bisa dikembalikan { $most }.
refund-confirm = Kembalikan *{ $amount }* untuk *{ $number }* ke { $person }? Ini tidak bisa diurungkan.
refund-confirm-ends = Kembalikan *{ $amount }* untuk *{ $number }* ke { $person }? Uangnya belum cukup untuk pesanan ini, jadi pesanannya sekalian dibatalkan. Ini tidak bisa diurungkan.
refund-asked = Oke, { $amount } untuk { $number } sedang dikembalikan ke pembeli. Saya kabari kalau sudah selesai.
refund-under-way = { $amount } untuk { $number } sedang dikembalikan. Saya kabari kalau sudah selesai.
refund-nothing = Tidak ada uang { $number } yang bisa dikembalikan.
refund-by-hand = *Kembalikan { $amount } sendiri*
    Pesanan: { $number }
    Ke: { $person }, { $phone }
    Tanyakan rekening atau e-wallet pembelinya, transfer, lalu kirim foto bukti transfernya atau ketik nomor referensinya di sini.
evidence-picture = foto bukti
refund-later = Oke. Kalau sudah ditransfer, ketik /refund { $number } ya.
refund-done = { $amount } untuk { $number } tercatat sudah kembali (referensi: { $note }). Pembeli sudah dikabari.
refund-still-open = { $number } statusnya masih { $status }. Mau dibatalkan juga supaya tidak dikirim?
refund-stopped = Oke, uangnya tidak jadi dikembalikan.
staff-news-refund-done = { $amount } untuk { $number } sudah kembali ke { $person }.
staff-news-refund-failed = *{ $amount } untuk { $number } gagal dikembalikan*
    { $problem }
    Paling banyak { $most } sekali kirim.
staff-news-refund-by-hand = Penyedia pembayaran tidak bisa mengembalikan { $amount } untuk { $number }. Tolong transfer sendiri ke pembelinya ya.
staff-news-refund-unknown = Sampai sekarang penyedia pembayaran belum memberi kabar apakah { $amount } untuk { $number } sudah kembali, jadi saya berhenti menanyakannya. Cek dulu di akun toko di sana: kalau memang belum kembali, transfer sendiri ke pembelinya ya.
staff-news-refund-waits =
    { $amount } untuk { $number } belum pasti kembali: penyedia pembayaran belum menjawab. Saya terus menanyakannya.
refund-problem-refused = Penyedia pembayaran menolak mengembalikannya.
refund-problem-denied = Bank pembeli menolak uangnya.
refund-problem-funds = Saldo toko di penyedia pembayaran tidak cukup.
refund-problem-too-much = Jumlahnya lebih dari yang masih bisa dikembalikan.
refund-problem-parts = Pembeli membayarnya beberapa kali, jadi harus dikembalikan satu per satu.
refund-problem-other-amount = Di penyedia pembayaran sudah ada pengembalian dengan jumlah lain.
news-refunded = Uang { $amount } untuk *{ $number }* sudah dikembalikan, Kak. Kalau belum kelihatan, tunggu sebentar ya.
news-waits-for-stock = Kak, barang untuk *{ $number }* sedang habis. Toko menunggu stok baru untuk Kakak dan akan mengabari. Kalau mau uangnya kembali saja, chat toko ya.
late-replace =
    Pesanan *{ $number }* ({ $total }) untuk { $person } belum bisa dilayani:
    { $lines }
    Sudah sepakat gantinya apa? Tulis di sini jumlah dan nama barangnya{ $example-n ->
        [0] {""}
       *[other] , misalnya "2 { $example }"
    }. Belum? Tanya { $person } dulu; uangnya tetap dicatat untuk dikembalikan.
late-instead-retry = Tulis gantinya dengan jumlah dan nama barang ya{ $example-n ->
        [0] .
       *[other] , misalnya "2 { $example }".
    }
late-unclear =
    { $text-n ->
        [0] Saya belum menemukan barangnya. Tulis jumlah dan nama lengkapnya ya.
       *[other] Saya belum tahu pasti yang ini: { $text }. Tulis jumlah dan nama lengkapnya, dengan variannya kalau ada.
    }
late-short =
    Stoknya tidak cukup:
    { $short }
late-short-row = { $name }: diminta { $wanted }, ada { $free }
late-exchange-confirm =
    Pesanan *{ $number }* untuk { $person } menjadi:
    { $lines }
    Total { $total }. { $back-n ->
        [0] { $given-n ->
            [0] Harganya pas dengan yang sudah dibayar.
           *[other] Selisih { $given } ditanggung toko, pembeli tidak menambah.
        }
       *[other] Selisih { $back } dikembalikan ke pembeli.
    }
late-exchanged =
    { $back-n ->
        [0] { $number } jalan lagi dengan barang pengganti. Pembeli sudah dikabari.
       *[other] { $number } jalan lagi dengan barang pengganti. Pembeli sudah dikabari. Jangan lupa kembalikan { $back }: /refund { $number } { $back }
    }
late-exchange-changed = Barang atau harga pengganti untuk { $number } baru saja berubah. Tulis sekali lagi untuk melihat harga barunya.
late-exchange-gone = Barang pengganti untuk { $number } baru saja habis.
news-exchanged =
    Pesanan *{ $number }* jalan dengan barang pengganti, Kak:
    { $lines }
    { $back-n ->
        [0] Totalnya { $total }, sudah lunas.
       *[other] Totalnya { $total }, sudah lunas. Toko akan mengembalikan selisih { $back }.
    }
late-waiting = Oke, { $number } menunggu stok. { $person } sudah dikabari. Kalau barangnya sudah ada, isi stoknya lalu tekan "Layani".
late-serve-confirm =
    Layani *{ $number }* ({ $total }) dengan stok sekarang?
    { $lines }
late-served = { $number } jalan lagi, uangnya tidak perlu dikembalikan. Pembeli sudah dikabari.
late-still-sold-out = Stok untuk { $number } belum cukup. Isi stoknya dulu, atau kembalikan uangnya.
late-not-possible = Tidak bisa lagi: { $number } statusnya { $status }.

# Tombol.
btn-refund = Kembalikan uang
btn-refund-yes = Ya, kembalikan
btn-keep-money = Jangan dikembalikan
btn-refund-request = Permintaan pembeli
btn-refund-defective = Barangnya rusak
btn-refund-sold-out = Barangnya habis
btn-refund-amount = Jumlah lain
btn-refund-by-hand = Transfer sendiri
btn-later = Nanti saya transfer
btn-late-replace = Ganti barang
btn-late-talk = Tanya pembeli dulu
btn-late-exchange-yes = Ya, ganti
btn-late-exchange-other = Barang lain
btn-late-wait = Tunggu stok
btn-late-serve = Layani
btn-late-serve-yes = Ya, layani
