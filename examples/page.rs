//! Serves the chat page with a shop that only pretends, to look at the page without a database:
//! `cargo run --example page`, then open the address that it prints.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::broadcast;
use warung::clock::Clock;
use warung::domain::message::{ChannelName, Content, Inbound, Link, Outbound, OutboundChoice, Picture};
use warung::http::chat::{Door, DoorError, Line, Options, Said, router};
use warung::store::transcripts::{Cursor, Side};

const QRIS: &str = "00020101021226570011ID.DANA.WWW011893600915000000000002150000000000000000303UMI51440014ID.CO.QRIS.WWW0215ID00000000000000303UMI520458145303360540570000550202015802ID5922BELLA TEH INDONESIA6015JAKARTA SELATAN61051234562070703A016304ABCD";

struct Pretend {
    clock: Clock,
    said: Mutex<Vec<(String, Line)>>,
    typing: Mutex<std::collections::HashSet<String>>,
    hints: broadcast::Sender<(ChannelName, String)>,
}

fn say(text: &str) -> Outbound {
    Outbound { text: text.to_owned(), choices: Vec::new(), image: None, link: None, replies: Vec::new() }
}

fn choices(labels: &[&str]) -> Vec<OutboundChoice> {
    let token: u64 = labels.iter().flat_map(|label| label.bytes()).map(u64::from).sum();
    let data = |index| format!("k{token}.{index}");
    labels
        .iter()
        .enumerate()
        .map(|(index, label)| OutboundChoice { label: (*label).to_owned(), data: data(index) })
        .collect()
}

/// What the pretended shop answers to words.
fn answers(words: &str) -> Vec<Outbound> {
    match words.to_lowercase().as_str() {
        "halo" | "menu" | "/menu" => vec![Outbound {
            choices: choices(&["Lihat menu", "Keranjang", "Bantuan"]),
            ..say("Halo kak *Ayu*! Selamat datang di *Bella Teh Indonesia*. Mau pesan apa hari ini?")
        }],
        "lihat menu" => vec![Outbound {
            choices: choices(&[
                "Teh hijau",
                "Teh putih",
                "Teh buah dan bunga",
                "Perlengkapan minum teh",
                "Cari produk",
                "Kembali",
            ]),
            ..say("Pilih kategori, atau tulis saja nama produknya:")
        }],
        "teh hijau" => vec![Outbound {
            image: Some(Picture::Stored { path: "/media/teh".to_owned() }),
            choices: choices(&["100 g · Rp 35.000", "250 g · Rp 80.000", "Kembali"]),
            ..say(
                "*Teh Hijau Melati*\nDaun teh hijau pilihan dari Ciwidey dengan bunga melati segar.\n\nStok: 12",
            )
        }],
        "bayar" => vec![
            say(
                "Pesanan *ORD-2026-0001* dibuat.\n\n2 × Teh Hijau Melati 100 g   Rp 70.000\nOngkir   Rp 0\n*Total   Rp 70.000*\n\nStok ditahan sampai *14.35*.",
            ),
            Outbound {
                image: Some(Picture::Qris {
                    payload: QRIS.to_owned(),
                    title: "Bella Teh Indonesia".to_owned(),
                    amount: "Rp 70.000".to_owned(),
                }),
                choices: choices(&["Cek status", "Batalkan"]),
                link: Some(Link {
                    label: "Halaman bayar (demo)".to_owned(),
                    url: "http://127.0.0.1:9/pay".to_owned(),
                }),
                ..say("Scan QRIS ini untuk membayar *Rp 70.000*.")
            },
        ],
        "kode-1" => vec![
            say("Chat ini sekarang terhubung sebagai *pemilik* Bella Teh Indonesia."),
            Outbound {
                choices: choices(&["Terima", "Dikemas", "Kirim", "Batalkan dengan alasan"]),
                ..say(
                    "*Pesanan baru ORD-2026-0001* · sudah dibayar\n\n2 × Teh Hijau Melati 100 g\nTotal *Rp 70.000*\n\nAyu Lestari · 0812-0000-0000\nJl. Melati 5, Jakarta Selatan\nCatatan: jangan pakai plastik ya",
                )
            },
        ],
        other => vec![say(&format!("Maaf kak, aku belum paham: {other}"))],
    }
}

impl Pretend {
    fn add(&self, chat: &str, side: Side, at: DateTime<Utc>, said: Said) -> i64 {
        let mut all = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let id = i64::try_from(all.len()).unwrap_or(0) + 1;
        all.push((chat.to_owned(), Line { side, id, at, said }));
        id
    }

    fn of(&self, chat: &str) -> Vec<Line> {
        let all = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.iter().filter(|(of, _)| of == chat).map(|(_, line)| line.clone()).collect()
    }

    fn set_typing(&self, typing: bool, chat: &str) {
        let mut all = self.typing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if typing {
            all.insert(chat.to_owned());
        } else {
            all.remove(chat);
        }
        let _ = self.hints.send(("web".into(), chat.to_owned()));
    }

    fn label(&self, chat: &str, data: &str) -> Option<String> {
        self.of(chat).into_iter().find_map(|line| match line.said {
            Said::Shop(message) => message.choices.into_iter().find(|c| c.data == data).map(|c| c.label),
            _ => None,
        })
    }
}

struct Shop(Arc<Pretend>);

#[async_trait]
impl Door for Shop {
    async fn accept(&self, inbound: Inbound) -> Result<Option<i64>, DoorError> {
        let shop = Arc::clone(&self.0);
        let chat = inbound.from.chat;
        let (words, label) = match &inbound.content {
            Content::Text { text } => (text.clone(), None),
            Content::Press { data } => {
                let label = shop.label(&chat, data);
                (label.clone().unwrap_or_default(), label)
            }
            _ => (String::new(), None),
        };
        let said = Said::Person { id: inbound.external_id, content: inbound.content, label };
        let id = shop.add(&chat, Side::In, shop.clock.now(), said);
        shop.set_typing(true, &chat);
        if words != "lama" {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(700)).await;
                for answer in answers(&words) {
                    shop.add(&chat, Side::Out, shop.clock.now(), Said::Shop(answer));
                }
                shop.set_typing(false, &chat);
            });
        }
        Ok(Some(id))
    }

    async fn after(&self, chat: &str, cursor: Cursor, _limit: i64) -> Result<Vec<Line>, DoorError> {
        Ok(self.0.of(chat).into_iter().filter(|line| line.id > cursor.inbox.max(cursor.outbox)).collect())
    }

    async fn before(&self, chat: &str, cursor: Cursor, _limit: i64) -> Result<Vec<Line>, DoorError> {
        Ok(self.0.of(chat).into_iter().filter(|line| line.id < cursor.inbox.min(cursor.outbox)).collect())
    }

    async fn is_typing(&self, chat: &str) -> Result<bool, DoorError> {
        Ok(self.0.typing.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(chat))
    }

    async fn message(&self, chat: &str, outbox_id: i64) -> Result<Option<Outbound>, DoorError> {
        Ok(self.0.of(chat).into_iter().find(|line| line.id == outbox_id).and_then(|line| match line.said {
            Said::Shop(message) => Some(message),
            _ => None,
        }))
    }

    fn hints(&self) -> broadcast::Receiver<(ChannelName, String)> {
        self.0.hints.subscribe()
    }

    fn secret(&self) -> String {
        self.0.clock.secret()
    }

    async fn owner_code(&self) -> Result<Option<String>, DoorError> {
        Ok(Some("KODE-1".to_owned()))
    }
}

const PICTURE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><rect width="400" height="300" fill="#dfead2"/><circle cx="200" cy="160" r="80" fill="#7a9c4a"/><path d="M140 160h120v40a40 40 0 0 1-40 40h-40a40 40 0 0 1-40-40z" fill="#fff"/></svg>"##;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8099".to_owned());
    let shop = Arc::new(Pretend {
        clock: Clock::system(),
        said: Mutex::default(),
        typing: Mutex::default(),
        hints: broadcast::Sender::new(64),
    });
    let options = Options {
        shop: "Bella Teh Indonesia".to_owned(),
        zone: Some("Asia/Jakarta".to_owned()),
        demo: true,
        secure: false,
        shutdown: tokio_util::sync::CancellationToken::new(),
    };
    let picture = || async { ([("content-type", "image/svg+xml")], PICTURE) };
    let app = router(Arc::new(Shop(shop)), options).route("/media/{name}", axum::routing::get(picture));
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
