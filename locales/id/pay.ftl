# Pembayaran dan kabarnya.
pay-preparing = Sebentar ya Kak, QRIS untuk { $number } saya siapkan.
pay-still-preparing = QRIS-nya sedang dibuat, Kak, sebentar lagi muncul.
pay-slow = Maaf Kak, QRIS-nya agak lama. Mau dicoba lagi?
pay-qris = *{ $number }*
    Total: *{ $total }*
    Stok ditahan sampai { $until-time }

    Scan dengan m-banking atau e-wallet apa saja ya, Kak. Kalau bayarnya dari HP ini juga, simpan gambarnya, lalu pilih dari galeri di menu QRIS. Begitu dibayar, saya kabari otomatis.
pay-link = Buka halaman bayar
pay-unavailable = Maaf Kak, QRIS untuk { $number } belum bisa dibuat. Pesanannya tetap aman.
pay-checking = Sebentar ya Kak, saya cek pembayarannya.
pay-already-paid = Pembayarannya sudah masuk, Kak. Makasih ya!
pay-not-payable = Pesanan ini sudah tidak menunggu pembayaran, Kak.
pay-help = Scan QRIS di atas dengan m-banking atau e-wallet, nanti saya kabari kalau sudah masuk. Ketik "batal" kalau tidak jadi, atau /admin untuk chat dengan toko.
news-paid =
    { $pickup-n ->
        [0] Pembayaran *{ $number }* sudah masuk. Makasih { $person-dear }! Toko segera menyiapkan dan mengirimnya.
       *[other] Pembayaran *{ $number }* sudah masuk. Makasih { $person-dear }! Saya kabari kalau sudah bisa diambil.
    }

    { $lines }
    { $discount-n ->
        [0] { DROP() }
       *[other] Potongan: -{ $discount }
    }
    { $tax-n ->
        [0] { DROP() }
       *[other] Pajak: { $tax }
    }
    { $shipping-n ->
        [0] { DROP() }
       *[other] Ongkir: { $shipping }
    }
    {"*"}Total: { $total }*
    QRIS, { $paid_at }
    Referensi: { $reference }
    No. transaksi: { $receipt }
news-late-paid = Pembayaran *{ $number }* sebesar { $total } masuk agak telat, tapi barangnya masih ada. Pesanannya tetap jalan, Kak!
news-late-sold-out = Uang { $amount } untuk *{ $number }* sudah masuk, tapi waktunya lewat dan barangnya keburu habis. Toko akan menghubungi Kakak untuk pengembalian atau gantinya.
news-short = Untuk *{ $number }* baru masuk { $received } dari { $total }, kurang { $missing }. Toko sudah saya kabari, Kak: tanyakan cara bayar sisanya, atau minta uangnya kembali.
news-short-static = Untuk *{ $number }* baru masuk { $received } dari { $total }, kurang *{ $missing }*. Sisanya bisa dibayar lewat QRIS toko tanpa nominal, Kak. Kalau tidak jadi, chat toko supaya uangnya dikembalikan.
news-over = Pembayaran *{ $number }* sudah masuk { $received }, kelebihan { $surplus }. Pesanannya jalan, dan toko akan mengembalikan kelebihannya, Kak.
news-surplus = Ada pembayaran lagi untuk *{ $number }*: total masuk { $received }, lebih { $surplus }. Toko akan mengembalikan kelebihannya, Kak.
news-paid-cancelled = Uang { $received } untuk *{ $number }* masuk, padahal pesanannya sudah dibatalkan. Toko akan mengembalikannya, Kak.
news-reminder = Kak, *{ $number }* ({ $total }) belum dibayar. Stok ditahan sampai { $until-time } ya.
news-still-pending =
    { $until-n ->
        [0] Pembayaran *{ $number }* belum masuk, Kak. Kalau baru saja bayar, tunggu sebentar ya.
       *[other] Pembayaran *{ $number }* belum masuk, Kak. Kalau baru saja bayar, tunggu sebentar ya. Stok ditahan sampai { $until-time }.
    }
news-expired =
    Waktu bayar *{ $number }* sudah habis, jadi pesanannya batal dan stoknya dilepas. Mau pesan lagi, Kak?
    Uang { $due } yang sudah masuk akan dikembalikan toko.
news-accepted = Pesanan *{ $number }* sudah diterima toko dan sedang disiapkan, Kak.
news-packed =
    { $pickup-n ->
        [0] Pesanan *{ $number }* sudah dikemas dan segera dikirim, Kak.
       *[other] Pesanan *{ $number }* sudah siap diambil, Kak!
    }
    { $pickup-n ->
        [0] { DROP() }
       *[other] Alamat toko: { $address }
    }
news-shipped =
    Pesanan *{ $number }* sudah dikirim, Kak!
    Kurir: { $courier }
    Resi: { $tracking }
news-delivered =
    { $pickup-n ->
        [1] Pesanan *{ $number }* sudah diambil. Makasih sudah belanja, Kak!
       *[0] Pesanan *{ $number }* sudah sampai. Makasih sudah belanja, Kak!
    }
news-completed = Pesanan *{ $number }* selesai. Semoga suka, Kak!
news-cancelled-by-store =
    Maaf Kak, pesanan *{ $number }* dibatalkan oleh toko.
    Alasannya: { $reason }
    Uang { $due } yang sudah masuk akan dikembalikan toko.
order-not-seen =
    { $phone-n ->
        [0] Kak, uang untuk *{ $number }* sudah masuk, tapi orang toko belum sempat melihatnya. Pesanannya aman, saya terus coba kabari mereka.
       *[other] Kak, uang untuk *{ $number }* sudah masuk, tapi orang toko belum sempat melihatnya. Pesanannya aman, saya terus coba kabari mereka. Kalau buru-buru, bisa hubungi { $phone } ya.
    }

# Struk, juga sebagai gambar: baris pertama adalah judulnya.
receipt = *{ $store }*
    { $address }
    { $phone }

    Struk { $number }
    { $paid_at }

    { $lines }

    Subtotal: { $subtotal }
    { $discount-n ->
        [0] { DROP() }
       *[other] Potongan: -{ $discount }
    }
    { $tax-n ->
        [0] { DROP() }
       *[other] Pajak: { $tax }
    }
    { $shipping-n ->
        [0] { DROP() }
       *[other] Ongkir: { $shipping }
    }
    {"*"}Total: { $total }*
    { $tax_included-n ->
        [0] { DROP() }
       *[other] Sudah termasuk pajak: { $tax_included }
    }

    Dibayar dengan QRIS
    Referensi: { $reference }
    No. transaksi: { $receipt }
    Makasih sudah belanja!
receipt-stamp = *{ $store }*
    { $address }
    { $phone }

    Struk { $number }
    { $paid_at }

    { $lines }

    Subtotal: { $subtotal }
    { $discount-n ->
        [0] { DROP() }
       *[other] Potongan: -{ $discount }
    }
    { $tax-n ->
        [0] { DROP() }
       *[other] Pajak: { $tax }
    }
    { $shipping-n ->
        [0] { DROP() }
       *[other] Ongkir: { $shipping }
    }
    {"*"}Total: { $total }*
    { $tax_included-n ->
        [0] { DROP() }
       *[other] Sudah termasuk pajak: { $tax_included }
    }

    Dibayar dengan QRIS
    Referensi: { $reference }
    No. transaksi: { $receipt }
    Makasih sudah belanja!
    Tanda terima di atas Rp5.000.000 dikenai bea meterai Rp10.000.
receipt-line-row = { $quantity } × { $name } { $subtotal }
receipt-none = Struk { $number } baru ada kalau sudah dibayar, Kak. Sekarang statusnya { $status }.
