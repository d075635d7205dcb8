//! What people point at instead of typing it: carts out of a platform's own shop window, and products that they write from.

use serde_json::json;

use crate::domain::message::{ChannelEvent, Content, Inbound, OrderedItem};
use crate::pipeline::stage::Stage;

fn item(code: &str, quantity: i64) -> OrderedItem {
    OrderedItem { code: code.to_owned(), quantity, unclear: None }
}

fn unclear(code: &str, written: &str) -> OrderedItem {
    OrderedItem { unclear: Some(written.to_owned()), ..item(code, 0) }
}

impl Stage {
    /// A cart comes in; what is answered.
    async fn order(&self, items: Vec<OrderedItem>, note: Option<&str>) -> String {
        let content = Content::Order { items, note: note.map(str::to_owned) };
        let inbound = self.inbound("whatsapp", "n1", "628", "");
        self.tell(ChannelEvent::Said(Inbound { content, ..inbound })).await;
        self.answers()
    }

    /// Words come in that were written from a product's page; what is answered.
    async fn say_about(&self, product: &str, words: &str) -> String {
        let thread = Some(json!({"message_id": "wamid.1", "product": product}));
        let inbound = self.inbound("whatsapp", "n1", "628", words);
        self.tell(ChannelEvent::Said(Inbound { thread, ..inbound })).await;
        self.answers()
    }

    fn answers(&self) -> String {
        self.whatsapp.take().into_iter().map(|sent| sent.text).collect::<Vec<_>>().join("\n")
    }

    async fn lines(&self) -> String {
        self.one(
            "select string_agg(concat(line ->> 'quantity', ' ', line ->> 'product', '/', line ->> 'variant'), ', ')
             from carts, jsonb_array_elements(cart -> 'lines') line",
        )
        .await
    }
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_told_as_it_is_and_never_read_as_words() {
    let stage = Stage::open().await;
    let said = stage.order(vec![item("sku_teh_hijau_5", 1), item("2 kopi kecil", 3)], None).await;
    assert!(said.contains("\"sku_teh_hijau_5\"") && said.contains("\"2 kopi kecil\""), "{said}");
    assert_eq!(stage.lines().await, "");
}

#[tokio::test]
async fn a_code_stands_for_its_product_whatever_its_name_would_mean_as_words() {
    let stage = Stage::open().await;
    sqlx::query("update products set name = 'Paket Hadiah Tiga Teh' where id = 'gold'")
        .execute(&stage.shop.pool)
        .await
        .unwrap();
    let said = stage.order(vec![item("gold", 1)], None).await;
    assert_eq!(stage.lines().await, "1 gold/", "{said}");
}

#[tokio::test]
async fn a_variant_is_asked_for_only_where_none_is_given() {
    let stage = Stage::open().await;
    stage.order(vec![item("small", 2), item("tea", 1)], None).await;
    assert_eq!(stage.lines().await, "2 coffee/small, 1 tea/");
    let said = stage.order(vec![item("coffee", 1)], None).await;
    assert!(said.contains("Kopi"), "{said}");
    // The first of the two that are shown: the large one.
    stage.say("628", "1").await;
    assert_eq!(stage.lines().await, "2 coffee/small, 1 tea/, 1 coffee/large");
}

#[tokio::test]
async fn a_quantity_that_is_none_is_told_and_nothing_is_ordered_in_its_place() {
    let stage = Stage::open().await;
    let said = stage.order(vec![unclear("tea", "1.5"), item("small", 1)], None).await;
    assert!(said.contains("1.5 × Teh Hijau"), "{said}");
    assert_eq!(stage.lines().await, "1 coffee/small");
}

#[tokio::test]
async fn one_product_with_a_quantity_that_is_none_is_asked_about() {
    let stage = Stage::open().await;
    let said = stage.order(vec![unclear("tea", "1.5")], None).await;
    assert!(said.contains("Teh Hijau"), "{said}");
    assert_eq!(stage.lines().await, "");
    stage.say("628", "2").await;
    assert_eq!(stage.lines().await, "2 tea/");
}

#[tokio::test]
async fn words_beside_a_cart_are_its_note_and_order_nothing() {
    let stage = Stage::open().await;
    stage.order(vec![item("tea", 1)], Some("5 kopi besar jangan, pedas ya")).await;
    assert_eq!(stage.lines().await, "1 tea/");
    assert_eq!(stage.one("select cart ->> 'note' from carts").await, "5 kopi besar jangan, pedas ya");
}

#[tokio::test]
async fn a_cart_is_an_order_also_where_words_would_be_an_answer() {
    let stage = Stage::open().await;
    stage.say("628", "1 teh hijau").await;
    stage.say("628", "checkout").await;
    stage.order(vec![item("tea", 2)], None).await;
    assert_eq!(stage.lines().await, "3 tea/");
}

#[tokio::test]
async fn more_lines_than_a_cart_holds_are_not_lost_in_silence() {
    let stage = Stage::open().await;
    let codes = (0..50).map(|index| item(&format!("code-{index}"), 1)).collect();
    let said = stage.order(codes, None).await;
    assert!(said.contains("code-49"), "{said}");
}

#[tokio::test]
async fn words_from_a_products_page_are_about_that_product() {
    let stage = Stage::open().await;
    stage.say("628", "halo").await;
    stage.whatsapp.take();
    let card = stage.say_about("tea", "mau yang ini").await;
    assert!(card.contains("Teh Hijau") && card.contains("50.000"), "{card}");
    stage.say("628", "menu").await;
    stage.whatsapp.take();
    let price = stage.say_about("gold", "harganya berapa kak?").await;
    assert!(price.contains("Teh Emas"), "{price}");
    stage.say_about("tea", "2 ya").await;
    assert_eq!(stage.lines().await, "2 tea/");
}

#[tokio::test]
async fn words_that_name_another_product_are_about_that_one() {
    let stage = Stage::open().await;
    stage.say_about("tea", "2 kopi kecil").await;
    assert_eq!(stage.lines().await, "2 coffee/small");
    let person = stage.say_about("tea", "mau bicara sama orang").await;
    assert!(!person.contains("50.000"), "{person}");
    let unknown = stage.say_about("nobody-knows", "menu").await;
    assert!(!unknown.is_empty() && !unknown.contains("50.000"), "{unknown}");
}
