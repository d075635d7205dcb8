//! Crowds of strangers at the shop's people.

use chrono::Duration;

use super::stage::Stage;

/// Strangers of a flood.
const STRANGERS: usize = 60;
/// What reaches one phone of it at most: what strangers may make it ring, and the news that there are more.
const MOST: usize = 16;

/// Rings of the owner's phone since this was asked last.
fn rings(stage: &Stage) -> Vec<String> {
    stage.telegram.take().into_iter().map(|sent| sent.text).collect()
}

#[tokio::test]
async fn sixty_strangers_who_want_a_person_ring_a_few_times_and_are_told_so() {
    let stage = Stage::open().await;
    stage.employ("44").await;
    rings(&stage);
    for number in 0..STRANGERS {
        let chat = format!("62870{number:03}");
        stage.say(&chat, "mau bicara sama orang toko").await;
        // Whoever was passed on writes on; the others are with the dialogue and may order.
        for words in ["halo?", "ada orang?", "tolong dong"] {
            stage.say(&chat, words).await;
        }
    }
    let heard = rings(&stage);
    assert!((5..=MOST).contains(&heard.len()), "{} rings: {heard:#?}", heard.len());
    assert_eq!(heard.iter().filter(|text| text.contains("tidak saya teruskan")).count(), 1, "{heard:#?}");
    let last = stage.whatsapp.take();
    let busy = last.iter().filter(|sent| sent.text.contains("ramai sekali")).count();
    assert!(busy >= STRANGERS - MOST, "{busy} were told that the shop is busy");
    stage.say("62870059", "pesan 1 teh hijau").await;
    assert!(stage.whatsapp.take().iter().any(|sent| sent.text.contains("Teh Hijau")));

    // After a while the phone is there for strangers again.
    stage.advance(Duration::minutes(11)).await;
    rings(&stage);
    stage.say("62871000", "mau bicara sama orang toko").await;
    assert_eq!(rings(&stage).len(), 1);
}

#[tokio::test]
async fn who_has_paid_before_is_heard_through_a_crowd() {
    let stage = Stage::open().await;
    stage.employ("44").await;
    stage.say("628", "halo").await;
    let paid = "insert into orders (id, store_id, customer_id, order_number, subtotal, total_amount, shipping_address, items, status,
                  paid_at, created_at, updated_at)
                select 'paid-before', store_id, customer_id, 'P-1', 1, 1, '{}', '[]', 'delivered', now(), now(), now()
                from conversations where chat = '628'";
    sqlx::query(paid).execute(&stage.shop.pool).await.unwrap();
    for number in 0..STRANGERS {
        stage.say(&format!("62870{number:03}"), "mau bicara sama orang toko").await;
    }
    rings(&stage);
    stage.say("628", "mau bicara sama orang toko").await;
    stage.say("628", "pesanan saya kemarin kurang satu").await;
    assert_eq!(rings(&stage).len(), 2);
}
