# Kalimat yang dipakai di mana-mana.

# Kalau tidak ada kalimat lain yang bisa dikirim.
generic = Maaf Kak, saya kurang paham. Ketik *menu* untuk mulai lagi, atau *admin* untuk bicara dengan toko ya.
generic-label = Pilih
generic-link = Buka
error-try-again = Maaf Kak, sistem kami sedang ada gangguan. Coba kirim sekali lagi sebentar lagi ya, keranjang Kakak tetap aman.
reply-cut = Pesannya panjang sekali, Kak, jadi saya baca bagian awalnya saja ya.
reply-edited = Kakak mengubah pesan yang tadi ya? Saya hanya membaca pesan baru, jadi tolong kirim lagi yang mau diganti.

# Sapaan di depan nama, dan gelar yang menggantikannya (huruf kecil semua): Kak Budi, tetapi Bu Tini.
dear = Kak { $name }
titles = bu ibu pak bapak bpk mbak mba mas kak kakak bang abang om tante bunda bun mama papa ayah koh koko ko cici cik ci uni uda teh teteh kang akang neng eyang mbah pakde bude haji hajah h hj dr drg prof ust ustaz ustadz ustadzah kyai gus sis bro tuan nyonya nona mr mrs ms miss sir madam

# Tanggal dan jam.
date-short = { $day }, { $date } { $month }
date-time = { $day }, { $date } { $month } { $year } { $time } { $zone }
day-mon = Senin
day-tue = Selasa
day-wed = Rabu
day-thu = Kamis
day-fri = Jumat
day-sat = Sabtu
day-sun = Minggu
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = Mei
month-6 = Jun
month-7 = Jul
month-8 = Agu
month-9 = Sep
month-10 = Okt
month-11 = Nov
month-12 = Des
