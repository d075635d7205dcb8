# Uang yang kembali, dan pesanan yang dibayar waktu barangnya sudah habis.
refund-which = Pesanan mana yang uangnya dikembalikan? Ketik nomornya, misalnya ORD-2026-0001.
refund-reason =
    Kembalikan *{ $amount }* untuk { $number } ke { $person }? Paling banyak { $most }.
    Kenapa?
refund-amount = Berapa yang dikembalikan untuk { $number }? Paling banyak { $most }. Ketik angkanya, misalnya 20.000 atau 20rb.
refund-too-much = { $amount } terlalu banyak: yang masih bisa dikembalikan { $most }.
refund-confirm = Kembalikan *{ $amount }* untuk *{ $number }* ke { $person }? Ini tidak bisa dibatalkan.
refund-asked = Oke, { $amount } untuk { $number } sedang dikembalikan lewat gateway. Saya kabari kalau sudah selesai.
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
    Kata gateway: { $reason }
staff-news-refund-by-hand = Gateway tidak bisa mengembalikan { $amount } untuk { $number }. Tolong transfer sendiri ke pembelinya ya.
staff-news-refund-waits =
    { $amount } untuk { $number } belum pasti kembali: gateway belum menjawab. Saya terus menanyakannya.
    Tanyakan rekening atau e-wallet pembelinya, transfer, lalu kirim foto bukti transfernya atau ketik nomor referensinya di sini.
news-refunded = Uang { $amount } untuk *{ $number }* sudah dikembalikan, Kak. Kalau belum kelihatan, tunggu sebentar ya.
news-waits-for-stock = Kak, barang untuk *{ $number }* sedang habis. Toko menunggu stok baru untuk Kakak dan akan mengabari. Kalau mau uangnya kembali saja, chat toko ya.
late-replace = Oke, { $number } dicarikan gantinya. Tulis ke { $person } sekarang. Uangnya tetap tercatat harus kembali sampai diputuskan.
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
btn-late-wait = Tunggu stok
btn-late-serve = Layani
btn-late-serve-yes = Ya, layani
