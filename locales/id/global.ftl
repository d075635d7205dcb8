# Kejadian yang bisa muncul kapan saja di chat pembeli.
global-hint = Maaf Kak, saya belum paham maksudnya. Coba tulis seperti { $example-n ->
        [0] "lihat produk"
       *[other] "pesan 2 { $example }"
    } atau "cek pesanan" ya.
global-choices = Maaf Kak, saya masih belum paham. Pilih salah satu di bawah, atau ketik /menu untuk menu dan /admin untuk chat dengan toko.
global-stuck = Biar tidak bingung, saya panggilkan orang toko ya, Kak.
global-stale = Tombol itu sudah lama, Kak. Ini yang terbaru ya.
global-used = Yang itu sudah saya proses ya, Kak.
global-unknown-press = Tombol itu sudah tidak berlaku, Kak. Ketik /menu untuk mulai lagi ya.
global-media = Maaf Kak, yang seperti itu belum bisa saya baca di sini (gambar, suara, stiker, lokasi, dan sejenisnya). Boleh diketik saja?
global-too-long = Pesannya panjang sekali, Kak. Boleh dipendekkan sedikit?
global-restarted = Ada yang baru di toko, jadi kita mulai dari menu ya. Keranjang Kakak tetap aman.
global-group = Biar nomor HP, alamat, dan pesanan Kakak tidak terbaca orang lain, kita lanjut di chat pribadi ya.
global-group-code = Kode yang ditulis di grup sudah terbaca orang lain, jadi saya batalkan. Minta kode baru, lalu kirim lewat chat pribadi ya.
global-cancelled = Oke Kak, tidak jadi ya.
global-thanks = Sama-sama, Kak!
global-chitchat = Hehe, saya hanya bisa bantu urusan toko, Kak. Ada yang bisa dibantu?
global-here = Halo Kak, saya masih di sini.
global-paused = Sepertinya kita berputar-putar, Kak. Kalau ini balasan otomatis, saya berhenti membalas sampai { $until-time }. Kalau Kakak sendiri yang menulis, tekan tombol di bawah atau ketik *menu*, langsung saya jawab.
global-okay = Oke Kak, kalau butuh apa-apa tinggal tulis ya.
