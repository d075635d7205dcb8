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

    Bisa juga ketik "keranjang", "pesanan saya", "batal", "english", /menu, atau /admin kapan saja. Belanja dari chat lain juga? Ketik /join, dan /split untuk memisahkannya lagi.
human-called = Oke Kak, *{ $store }* sudah saya panggilkan. Tulis saja di sini, nanti dibalas langsung. Selama itu saya diam dulu ya.
human-called-again = Sudah saya panggilkan, Kak. Tunggu sebentar ya.
human-busy =
    { $phone-n ->
        [0] Maaf Kak, toko sedang ramai sekali dan belum bisa dipanggil. Coba lagi sekitar sepuluh menit lagi ya. Pesan tetap bisa lewat saya.
       *[other] Maaf Kak, toko sedang ramai sekali dan belum bisa dipanggil. Coba lagi sekitar sepuluh menit lagi, atau hubungi { $phone } ya. Pesan tetap bisa lewat saya.
    }
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
link-ask = Kirim kodenya ya, contohnya WRG-AB3CD-EF4GH-JK3MN.
link-linked = Berhasil! Halo { $person }, chat ini sekarang terhubung ke *{ $store }*. Ketik /help untuk melihat perintahnya.
link-already = Chat ini sudah terhubung ke *{ $store }*, { $person }.
link-invalid = Kodenya tidak cocok. Coba cek lagi ya.
link-expired = Kodenya sudah kedaluwarsa. Minta yang baru ya.
link-too-many = Terlalu banyak kode yang salah, jadi kodenya belum saya cek. Coba lagi satu jam lagi, atau minta kode baru.
join-card =
    Kode Kakak: *{ $code }*

    Buka chat toko ini di aplikasi Kakak yang lain, lalu ketik /join dan kodenya di sana. Keranjang dan pesanannya jadi satu setelah Kakak setuju. Kodenya berlaku { $minutes } menit, jangan diberikan ke orang lain ya: toko tidak pernah memintanya.

    Sudah punya kode dari chat lain? Ketik saja di sini.
join-ask = *Gabungkan chat ini dengan chat lain?*
    Chat lain itu: { $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }, menulis ke toko ini sejak { $since-date }.

    Yang akan bisa dilihat dari sana:
    Pesanan: { $orders }
    Nama: { $has_name-n ->
        [0] belum ada
       *[other] ada
    }
    Nomor HP: { $has_phone-n ->
        [0] belum ada
       *[other] ada
    }
    Alamat: { $has_address-n ->
        [0] belum ada
       *[other] ada
    }
    Keranjang: { $count } barang

    Ingat: *toko tidak pernah meminta ini, dan tidak ada voucher atau hadiah untuknya.* Kalau kodenya dari orang lain, pilih "Jangan".
join-asked = *Chat lain minta digabung dengan chat ini*
    Dari: { $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }, menulis ke toko ini sejak { $since-date }. Kode dari chat ini diketik di sana.

    Yang akan bisa dilihat dari sana:
    Pesanan: { $orders }
    Nama: { $has_name-n ->
        [0] belum ada
       *[other] ada
    }
    Nomor HP: { $has_phone-n ->
        [0] belum ada
       *[other] ada
    }
    Alamat: { $has_address-n ->
        [0] belum ada
       *[other] ada
    }
    Keranjang: { $count } barang

    Ingat: *toko tidak pernah meminta ini, dan tidak ada voucher atau hadiah untuknya.* Kalau itu bukan Kakak sendiri, pilih "Jangan". Tanpa jawaban dalam { $minutes } menit, tidak ada yang digabung.
join-in-words = Supaya tidak keliru, tekan atau ketik *Ya, gabungkan* kalau memang Kakak yang meminta, atau *Jangan* kalau bukan.
join-waiting = Oke Kak. Sekarang buka chat Kakak di { $channel } dan jawab pertanyaannya di sana dalam { $minutes } menit. Sebelum itu tidak ada yang digabung.
join-still-waiting = Jawabannya ditunggu dari chat yang lain itu, Kak.
join-refused = Oke, tidak jadi digabung. Tidak ada yang dibagikan.
join-off = Penggabungan chatnya tidak jadi, Kak. Tidak ada yang dibagikan.
join-lapsed = Waktunya habis, jadi chatnya tidak digabung. Tidak ada yang dibagikan.
join-gone = Permintaan itu sudah tidak berlaku, Kak.
join-news-asked = Ada chat lain ({ $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }) yang minta digabung dengan chat ini. Kalau bukan Kakak, abaikan saja: tidak ada yang digabung tanpa jawaban Kakak.
join-news-done =
    Chat ini sekarang tergabung dengan chat { $channel }{ $person-n ->
        [0] {""}
       *[other] , { $person }
    }. Keranjang dan pesanannya jadi satu.
    { $count ->
        [0] { DROP() }
       *[other] Di keranjang: { $count } barang.
    }
    { $orders ->
        [0] { DROP() }
       *[other] Pesanan: { $orders }.
    }
    Bukan Kakak yang mau ini? Pisahkan lagi dengan /split.
join-done =
    Sip Kak, kedua chat sudah tergabung. Keranjang dan pesanannya sekarang satu.
    { $count ->
        [0] { DROP() }
       *[other] Di keranjang: { $count } barang.
    }
    { $orders ->
        [0] { DROP() }
       *[other] Pesanan: { $orders }.
    }
    Mau dipisahkan lagi? Ketik /split kapan saja.
split-none = Chat ini tidak tergabung dengan chat lain, Kak.
split-confirm = Chat ini digabung dengan chat { $channel } sejak { $at-date }. Kalau dipisahkan, masing-masing chat membawa lagi pesanan dan datanya sendiri. Pisahkan?
split-done =
    Sudah dipisahkan, Kak. Chat yang lain tidak bisa lagi melihat pesanan dan data dari sini.
    { $orders ->
        [0] { DROP() }
       *[other] Pesanan di sini: { $orders }.
    }
split-news = Chat yang digabung sudah dipisahkan lagi, Kak. Di sini tinggal pesanan dan data dari chat ini sendiri.
join-unknown = Kodenya tidak cocok, Kak.
join-expired = Kodenya sudah kedaluwarsa, Kak.
join-again = Ketik /join di chat Kakak yang lain untuk kode baru, lalu kirim kodenya di sini ya.
join-self = Ini memang chat yang sama, Kak. Kodenya untuk chat Kakak di aplikasi lain.
join-too-many = Maaf Kak, chat yang tersambung sudah terlalu banyak.
join-stuck = Mau saya panggilkan orang toko, Kak?
