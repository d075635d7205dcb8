# Pesanan saya.
orders-label = { $number } · { $total }
orders-row = { $number }, { $total }, { $status }
orders-line-row =
    { $note-n ->
        [0] { $quantity } × { $name }, { $subtotal }
       *[other] { $quantity } × { $name }, { $subtotal } ({ $note })
    }
orders-list =
    Ini pesanan Kakak:
    { $orders }

    Mau lihat yang mana?
orders-none-yet = Belum ada pesanan yang jadi, Kak. Pesanan yang ini baru diproses setelah dikonfirmasi dan dibayar.
orders-none = Belum ada pesanan, Kak. Mau lihat produknya?
orders-not-found = Pesanan { $number } tidak saya temukan, Kak.
orders-card = *{ $number }*: { $status }
    { $created }
    { $lines }
    { $tax-n ->
        [0] { DROP() }
       *[other] Pajak: { $tax }
    }
    { $shipping-n ->
        [0] { $method }: gratis
       *[other] { $method }: { $shipping }
    }
    {"*"}Total: { $total }*

    Alamat: { $address }
    Catatan: { $note }
    Kurir: { $courier }
    Resi: { $tracking }
    Stok ditahan sampai { $until-time }
    Alasan batal: { $reason }
orders-pay-confirm = Bayar *{ $number }* sebesar *{ $total }* sekarang, Kak?
orders-cancel-which = Pesanan mana yang mau dibatalkan, Kak?
orders-cancel-confirm = Yakin mau membatalkan *{ $number }* ({ $total }), Kak?
orders-cancelled =
    Pesanan { $number } sudah saya batalkan, stoknya dilepas.
    Uang { $due } yang sudah masuk akan dikembalikan toko.
orders-not-possible = Maaf Kak, untuk pesanan ini tidak bisa dari sini. Chat dengan toko saja ya.
orders-received = Syukurlah { $number } sudah sampai. Makasih ya, Kak! Kalau ada yang kurang, bilang saja.
orders-reorder-none = Maaf Kak, barang di pesanan itu sedang habis semua.
