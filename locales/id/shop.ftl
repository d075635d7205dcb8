# Jawaban atas pertanyaan soal toko.
shop-address =
    Alamat toko: { $address }
    Telepon: { $phone }
shop-phone = Nomor toko: { $phone }, Kak. Di sini juga boleh tanya-tanya.
shop-method-row =
    { $pickup-n ->
        [1] { $name }
       *[other] { $cost-n ->
            [0] { $name }: gratis
           *[other] { $free_from-n ->
                [0] { $name }: { $cost }
               *[other] { $name }: { $cost }, gratis mulai belanja { $free_from }
            }
        }
    }
shop-fee =
    Ongkirnya, Kak:
    { $methods }
shop-area =
    Cara kirimnya, Kak:
    { $methods }
shop-no-delivery =
    Maaf Kak, toko belum melayani pengiriman. Pesanannya bisa diambil di toko.
    Alamat: { $address }
shop-pickup =
    Bisa, Kak. Pilih ambil sendiri waktu checkout.
    Alamat: { $address }
shop-payment = Bayarnya pakai QRIS, Kak. Bisa discan dari m-banking atau e-wallet apa saja (GoPay, OVO, DANA, ShopeePay, dan lainnya).
shop-wallet = Bisa, Kak. Bayarnya pakai QRIS, tinggal scan dari m-banking atau e-wallet apa saja.
shop-other-payment = Maaf Kak, di sini bayarnya pakai QRIS saja. Bisa discan dari m-banking atau e-wallet apa saja, seperti GoPay, OVO, dan DANA.
shop-minimum = Tidak ada minimal belanja, Kak. Pesan satu juga boleh.
shop-tax-none = Tidak ada pajak tambahan, Kak. Harganya sudah pas.
shop-tax-included = Harganya sudah termasuk pajak { $tax_percent }%, Kak.
shop-tax-added = Harganya belum termasuk pajak { $tax_percent }%, Kak. Pajaknya kelihatan di ringkasan sebelum Kakak pesan.
shop-hold = Setelah pesan, stoknya saya tahan { $minutes } menit untuk Kakak bayar.
shop-asked = Soal itu saya tanyakan dulu ke *{ $store }* ya, Kak. Jawabannya nanti dikirim ke sini.
shop-asked-again = Pertanyaan Kakak sudah ada di *{ $store }*. Tunggu jawabannya di sini ya.
shop-nobody =
    { $phone-n ->
        [0] Maaf Kak, soal itu saya belum tahu, dan orang toko belum ada yang bisa ditanya.
       *[other] Maaf Kak, soal itu saya belum tahu. Coba tanya toko langsung di { $phone } ya.
    }
staff-news-question =
    { $customer-n ->
        [0] Ada pembeli yang bertanya:
       *[other] *{ $customer }* bertanya:
    }
    "{ $text }"
    Jawabannya belum ada di data toko.
