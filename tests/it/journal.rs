//! What the log of a server says of an order, from its first line to its last.

use std::time::Duration;

use serde_json::{Value, json};
use warung::clock::Clock;
use warung::store;

use crate::support::{Program, database, free_port, session};

/// One chat of the web page.
struct Chat {
    client: reqwest::Client,
    url: String,
    secret: String,
    after: String,
    said: u32,
}

impl Chat {
    async fn open(bind: &str) -> Self {
        let (client, secret) = (reqwest::Client::new(), session(bind, "customer").await);
        Self { client, url: format!("http://{bind}"), secret, after: "0-0".to_owned(), said: 0 }
    }

    /// Says something and returns what the shop answers with.
    async fn say(&mut self, text: &str) -> Vec<Value> {
        self.said += 1;
        let body = json!({ "id": format!("m{}", self.said), "text": text });
        let request = self.client.post(format!("{}/chat/messages", self.url)).bearer_auth(&self.secret);
        assert!(request.json(&body).send().await.unwrap().status().is_success());
        self.answers().await
    }

    /// What the shop says next.
    async fn answers(&mut self) -> Vec<Value> {
        for _ in 0..400 {
            let address = format!("{}/chat/lines?after={}", self.url, self.after);
            let page: Value = self
                .client
                .get(address)
                .bearer_auth(&self.secret)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let lines = page["lines"].as_array().unwrap();
            if lines.iter().any(|line| line["from"] == "shop") {
                self.after = page["after"].as_str().unwrap().to_owned();
                return lines.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no answer");
    }
}

#[tokio::test]
async fn the_log_has_a_line_for_every_step_of_an_order_and_of_its_money_and_names_nobody() {
    let database = database().await;
    store::seed::demo(&database.pool, &Clock::system()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let bind = format!("127.0.0.1:{}", free_port());
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("WARUNG_STORE", "bella-teh"),
        ("RUST_LOG", "info"),
    ];
    let mut server = Program::start(dir.path(), &["serve"], &settings);
    server.line_with("the shop is open");
    let url = format!("http://{bind}");
    let mut chat = Chat::open(&bind).await;
    for words in ["2 teh hijau organik", "checkout", "1", "Budi Santoso", "081234567899", "ya"] {
        chat.say(words).await;
    }
    let placed = server.line_with("order placed");
    for part in ["order.number=ORD-", "shop=bella-teh", "amount="] {
        assert!(placed.contains(part), "{placed}");
    }
    server.line_with("payment code shown");
    let reference: String =
        sqlx::query_scalar("select reference_number from payments").fetch_one(&database.pool).await.unwrap();
    let paid = chat.client.post(format!("{url}/sandbox/pay/{reference}")).form(&[("kind", "exact")]).send();
    assert!(paid.await.unwrap().status().is_success());
    // One turn tells both, in the order in which it wrote them.
    let confirmed = server.line_with("payment confirmed");
    assert!(confirmed.contains("order.number=ORD-") || server.line_with("order paid").contains("ORD-"));
    // Another one is placed and called off, and what was paid is promised back.
    for words in ["1 teh putih premium", "checkout", "1", "ya", "batalkan pesanan saya", "ya"] {
        chat.say(words).await;
    }
    assert!(server.line_with("order cancelled").contains("order.number=ORD-"));
    let told = server.seen().join("\n");
    for what in ["Budi", "0812345", "628123", "\u{1b}["] {
        assert!(!told.contains(what), "{what:?} in:\n{told}");
    }
    assert_eq!(told.matches("order placed").count(), 2, "{told}");
}
