//! A cart whose goods are sold no more, as its person meets it.

use rstest::rstest;

use crate::pipeline::stage::Stage;

const ARCHIVED: &str = "update products set status = 'archived' where id = 'tea'";
const WITH_VARIANTS: &str = "update products set has_variants = true where id = 'tea'";
/// The row itself is gone: no join finds it any more.
const DELETED: &str = "update carts set cart = replace(cart::text, '\"tea\"', '\"deleted\"')::jsonb";
const NAMELESS: &str = "update carts set cart = replace(cart::text, '\"name\"', '\"former\"')::jsonb";

impl Stage {
    /// What the chat says to words.
    async fn says(&self, text: &str) -> String {
        self.say("628", text).await;
        let said: Vec<String> = self.whatsapp.take().into_iter().map(|sent| sent.text).collect();
        said.join("\n")
    }

    async fn write(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.shop.pool).await.unwrap();
        if statement == WITH_VARIANTS {
            sqlx::query("insert into product_variants (id, product_id, name, stock) values ('bag', 'tea', 'Celup', 5)")
                .execute(&self.shop.pool)
                .await
                .unwrap();
        }
    }

    /// A cart with two teas and a small coffee.
    async fn filled() -> Self {
        let stage = Self::open().await;
        stage.says("2 teh hijau").await;
        stage.says("1 kopi kecil").await;
        assert_eq!(stage.one("select jsonb_array_length(cart -> 'lines')::text from carts").await, "2");
        stage
    }
}

#[rstest]
#[case::archived(ARCHIVED)]
#[case::deleted(DELETED)]
#[case::with_variants_now(WITH_VARIANTS)]
#[tokio::test]
async fn what_is_not_sold_any_more_is_named_once_leaves_the_cart_and_is_not_counted(
    #[case] what: &'static str,
) {
    let stage = Stage::filled().await;
    stage.write(what).await;
    let said = stage.says("keranjang").await;
    assert!(said.contains("sudah tidak dijual") && said.contains("Teh Hijau"), "{said}");
    assert!(said.contains("Subtotal *Rp20.000*"), "{said}");
    assert!(!said.contains("2 × "), "{said}");
    let again = stage.says("keranjang").await;
    assert!(!again.contains("Teh Hijau") && again.contains("Kopi"), "{again}");
}

#[tokio::test]
async fn a_line_of_an_older_version_goes_without_its_name() {
    let stage = Stage::filled().await;
    stage.write(NAMELESS).await;
    stage.write(ARCHIVED).await;
    let said = stage.says("keranjang").await;
    assert!(said.contains("sudah tidak dijual") && !said.contains('-'), "{said}");
}

#[rstest]
#[case("hapus teh hijau")]
#[case("teh hijaunya ga jadi")]
#[tokio::test]
async fn what_is_not_sold_any_more_is_removed_by_its_name(#[case] words: &str) {
    let stage = Stage::filled().await;
    stage.write(ARCHIVED).await;
    let said = stage.says(words).await;
    assert!(said.contains("sudah tidak dijual") && !said.contains("tidak ada di keranjang"), "{said}");
    assert_eq!(stage.one("select cart #>> '{lines,0,product}' from carts").await, "coffee");
}

#[tokio::test]
async fn a_yes_to_a_summary_with_what_is_gone_orders_nothing_and_shows_the_rest() {
    let stage = Stage::filled().await;
    for words in ["checkout", "ambil sendiri", "Budi Santoso", "081234567899"] {
        stage.says(words).await;
    }
    stage.write(ARCHIVED).await;
    let said = stage.says("ya").await;
    assert!(said.contains("sudah tidak dijual") && said.contains("Total"), "{said}");
    assert_eq!(stage.one("select count(*)::text from orders").await, "0");
    stage.says("ya").await;
    assert_eq!(stage.one("select items #>> '{0,name}' from orders").await, "Kopi Kecil");
    assert_eq!(stage.one("select count(*)::text from order_items").await, "1");
    stage.shop.check().await;
}

#[tokio::test]
async fn the_only_line_that_goes_leaves_an_empty_cart_and_no_order() {
    let stage = Stage::open().await;
    for words in ["2 teh hijau", "checkout", "ambil sendiri", "Budi Santoso", "081234567899"] {
        stage.says(words).await;
    }
    stage.write(ARCHIVED).await;
    let said = stage.says("ya").await;
    assert!(said.contains("sudah tidak dijual") && said.contains("kosong"), "{said}");
    assert_eq!(stage.one("select count(*)::text from orders").await, "0");
}

#[tokio::test]
async fn it_is_said_in_english_too() {
    let stage = Stage::filled().await;
    stage.says("english please").await;
    stage.write(ARCHIVED).await;
    let said = stage.says("show my cart").await;
    assert!(said.contains("no longer sold") && said.contains("Teh Hijau"), "{said}");
}
