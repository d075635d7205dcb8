# Perintah yang ditawarkan Telegram dan Discord, masing-masing paling panjang 100 huruf.
command-menu = Menu utama toko
command-browse = Lihat produk per kategori
command-cart = Isi keranjang Kakak
command-checkout = Selesaikan pesanan
command-orders = Pesanan Kakak dan statusnya
command-language = Ganti bahasa
command-help = Cara memesan
command-human = Chat dengan toko
command-order = Pesan dengan kata-kata sendiri
command-order-items = Jumlah dan nama barangnya

# Namanya di Discord: huruf kecil tanpa spasi.
command-menu-name = menu
command-browse-name = produk
command-cart-name = keranjang
command-checkout-name = bayar
command-orders-name = pesanan
command-language-name = bahasa
command-help-name = bantuan
command-human-name = admin
command-order-name = pesan
command-order-items-name = isi

# Formulir, di kanal yang memilikinya: tombol paling panjang 20 huruf, judul 45.
ask-name-button = Isi nama
ask-name-title = Nama penerima pesanan
ask-phone-button = Isi nomor HP
ask-phone-title = Nomor HP yang bisa dihubungi
ask-address-button = Isi alamat
ask-address-title = Alamat lengkap pengiriman
