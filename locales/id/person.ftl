# Bahasa, bantuan, bicara dengan toko, data pembeli, dan kode toko.
language-choose = Mau pakai bahasa apa? / Which language would you like?
language-done = Oke, kita pakai Bahasa Indonesia ya.
help-text = *Cara belanja di { $store }*
    1. Tulis pesanannya{ $example-n ->
        [0] {""}
       *[other] , misalnya "2 { $example }{ $other_example-n ->
            [0] {""}
           *[other] {" "}sama 1 { $other_example }
        }"
    }, atau pilih dari daftar produk.
    2. Ketik "checkout", lalu isi nama, nomor HP, dan alamat.
    3. Bayar dengan scan QRIS, pesanan langsung diproses.

    Bisa juga ketik "keranjang", "pesanan saya", "batal", "english", /menu, atau /admin kapan saja. Belanja dari chat lain juga? Ketik /join.
human-called = Oke Kak, *{ $store }* sudah saya panggilkan. Tulis saja di sini, nanti dibalas langsung. Selama itu saya diam dulu ya.
human-called-again = Sudah saya panggilkan, Kak. Tunggu sebentar ya.
human-nobody =
    { $phone-n ->
        [0] Maaf Kak, orang toko belum ada yang bisa dihubungi. Pesan Kakak tetap saya simpan.
       *[other] Maaf Kak, orang toko belum ada yang online. Bisa juga hubungi { $phone } ya.
    }
human-reply = *{ $store }*:{ $text-n ->
        [0] {""}
       *[other] {"\u000A"}{ $text }
    }
human-released = Saya lanjut bantu lagi ya, Kak.
mydata-card = *Data Kakak di toko ini*
    Nama: { $person }
    HP: { $phone }
    Alamat: { $address }
    Pesanan: { $orders }
    Pesan tersimpan: { $messages }
    Sejak: { $since-date }
mydata-file = Ini semua data Kakak di toko ini. Simpan baik-baik ya.
mydata-file-name = data-saya.txt
mydata-confirm = Nama, nomor, alamat, dan isi chat Kakak akan dihapus dan tidak bisa dikembalikan. Catatan pesanan tetap disimpan tanpa nama untuk pembukuan. Lanjut?
person-forgotten = (dihapus)
mydata-kept = Oke, tidak ada yang dihapus.
mydata-forgotten = Data Kakak sudah saya hapus.
mydata-open-orders = Pesanan { $number } masih berjalan, Kak. Datanya bisa dihapus setelah selesai ya.
link-ask = Kirim kodenya ya, contohnya WRG-AB12-CD34.
link-linked = Berhasil! Halo { $person }, chat ini sekarang terhubung ke *{ $store }*. Ketik /help untuk melihat perintahnya.
link-already = Chat ini sudah terhubung ke *{ $store }*, { $person }.
link-invalid = Kodenya tidak cocok. Coba cek lagi ya.
link-expired = Kodenya sudah kedaluwarsa. Minta yang baru ya.
join-card =
    Kode Kakak: *{ $code }*

    Buka chat toko ini di aplikasi Kakak yang lain, lalu ketik /join dan kodenya di sana. Keranjang dan pesanannya jadi satu. Kodenya berlaku { $minutes } menit, jangan diberikan ke orang lain ya.

    Sudah punya kode dari chat lain? Ketik saja di sini.
join-done =
    Sip Kak, chat ini sudah tersambung. Keranjang dan pesanannya sekarang satu.
    { $count ->
        [0] { DROP() }
       *[other] Di keranjang: { $count } barang.
    }
    { $orders ->
        [0] { DROP() }
       *[other] Pesanan: { $orders }.
    }
join-unknown = Kodenya tidak cocok, Kak.
join-expired = Kodenya sudah kedaluwarsa, Kak.
join-again = Ketik /join di chat Kakak yang lain untuk kode baru, lalu kirim kodenya di sini ya.
join-self = Ini memang chat yang sama, Kak. Kodenya untuk chat Kakak di aplikasi lain.
join-too-many = Maaf Kak, chat yang tersambung sudah terlalu banyak.
join-stuck = Mau saya panggilkan orang toko, Kak?
