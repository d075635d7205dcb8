//! Products, prices and stock, written through every door while orders hold pieces: what the shop promises holds after each.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::shop::Shop;
use crate::clock::Clock;
use crate::dialogue::value::Value;
use crate::domain::goods::{Draft, Goods, Rule, What};
use crate::domain::money::Rupiah;
use crate::edge::sheet;
use crate::store;
use crate::store::goods::{Door, Refused, Writer, Written};

type Wrote = Result<Vec<Written>, Vec<Refused>>;

impl Shop {
    /// Brings a sheet in, in a transaction that ends as the command's does.
    async fn import(&self, text: &str) -> Wrote {
        let read = sheet::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"));
        self.write(&read.drafts, Door::Sheet).await
    }

    /// Brings a sheet in as somebody does who is sure of its prices.
    async fn import_surely(&self, text: &str) -> Wrote {
        let mut read = sheet::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"));
        read.drafts.iter_mut().for_each(|draft| draft.is_sure = true);
        self.write(&read.drafts, Door::Sheet).await
    }

    async fn write(&self, drafts: &[Draft], door: Door) -> Wrote {
        let mut transaction = self.pool.begin().await.unwrap();
        let (store, now) = (&self.store, self.clock.now());
        let written =
            store::goods::write(&mut transaction, &self.clock, store, drafts, Writer::of(door), now)
                .await
                .unwrap();
        match &written {
            Ok(_) => transaction.commit().await.unwrap(),
            Err(_) => transaction.rollback().await.unwrap(),
        }
        written
    }

    async fn goods(&self, id: &str) -> Goods {
        let mut connection = self.pool.acquire().await.unwrap();
        store::goods::load(&mut connection, &self.store, &[id.into()]).await.unwrap().remove(id).unwrap()
    }
}

fn rules(wrote: Wrote) -> Vec<Rule> {
    wrote.unwrap_err().into_iter().map(|refused| refused.refusal.rule).collect()
}

/// What each variant costs, the product's own price standing in.
fn prices(goods: &Goods) -> Vec<(String, Option<i64>)> {
    let whole = |price: Option<Rupiah>| price.map(Rupiah::whole);
    goods.variants.iter().map(|it| (it.name.clone(), whole(it.price.or(goods.price)))).collect()
}

#[tokio::test]
async fn what_is_held_is_never_counted_away_whoever_counts() {
    let shop = Shop::open(6).await;
    let mut ayu = shop.chat("ayu").await;
    let order = shop.order_tea(&mut ayu, 3).await;
    let below = [Rule::BelowHeld { held: 3 }];
    assert_eq!(rules(shop.import("name,price,stock\nTeh Hijau,50000,1\n").await), below);
    assert_eq!(rules(shop.import("name,price,stock\nTeh Hijau,50000,0\n").await), below);
    assert_eq!(shop.goods("tea").await.stock, 6);
    assert!(shop.import("name,price,stock\nTeh Hijau,50000,3\n").await.is_ok());
    let charged = shop.charge(&mut ayu, &order).await;
    shop.settle(&mut ayu, charged.paid("notice")).await;
    assert_eq!(shop.goods("tea").await.stock, 0);
    shop.check().await;
}

#[tokio::test]
async fn a_plain_product_gets_variants_only_with_all_of_its_pieces() {
    let shop = Shop::open(6).await;
    let mut ayu = shop.chat("ayu").await;
    let order = shop.order_tea(&mut ayu, 2).await;
    let sheet = "name,variant,price,stock\nTeh Hijau,Kecil,50000,4\nTeh Hijau,Besar,90000,2\n";
    assert_eq!(rules(shop.import(sheet).await), [Rule::HeldWithoutVariant { held: 2 }]);
    let charged = shop.charge(&mut ayu, &order).await;
    shop.settle(&mut ayu, charged.paid("notice")).await;
    // Four are left, and nobody says what they become.
    let silent = "name,variant,price\nTeh Hijau,Kecil,50000\nTeh Hijau,Besar,90000\n";
    let pieces = Rule::PiecesWithoutVariant { pieces: 4 };
    assert_eq!(rules(shop.import(silent).await), [pieces.clone(), pieces]);
    assert!(shop.import(sheet).await.is_ok());
    let tea = shop.goods("tea").await;
    assert_eq!((tea.stock, tea.variants.len()), (6, 2));
    assert_eq!(prices(&tea), [("Kecil".to_owned(), Some(50_000)), ("Besar".to_owned(), Some(90_000))]);
    shop.check().await;
}

#[tokio::test]
async fn a_line_of_one_variant_leaves_the_others_alone() {
    let shop = Shop::open(6).await;
    let small = |price| ("Kecil".to_owned(), Some(price));
    let large = |price| ("Besar".to_owned(), Some(price));
    let mut read = Vec::new();
    for line in ["Besar,35000", "Kecil,21000", "Besar,21000", "kecil,12000"] {
        let wrote = shop.import(&format!("sku,name,variant,price\n,Kopi,{line}\n")).await.unwrap();
        assert_eq!(wrote[0].plan.changes.len(), 1, "{line}: {:?}", wrote[0].plan.changes);
        let mut seen = prices(&shop.goods("coffee").await);
        seen.sort();
        read.push(seen);
    }
    assert_eq!(
        read,
        [
            [large(35_000), small(20_000)],
            [large(35_000), small(21_000)],
            [large(21_000), small(21_000)],
            [large(21_000), small(12_000)],
        ]
    );
    let coffee = shop.goods("coffee").await;
    assert_eq!((coffee.stock, coffee.price.map(Rupiah::whole)), (15, Some(12_000)), "listed at the lowest");
    shop.check().await;
}

#[tokio::test]
async fn nothing_is_written_of_a_sheet_with_one_bad_line() {
    let shop = Shop::open(6).await;
    let before = (shop.goods("tea").await, shop.goods("coffee").await);
    let sheet = "sku,name,variant,price,stock,category\n,Teh Hijau,,55000,9,Baru\n,Baru,,1000,5,Baru\n,Teh Emas,Kecil,2000000000,,\n";
    let refused = shop.import(sheet).await.unwrap_err();
    assert_eq!(refused.iter().map(|it| it.draft).collect::<Vec<_>>(), [2], "{refused:?}");
    assert_eq!((shop.goods("tea").await, shop.goods("coffee").await), before);
    assert_eq!(shop.number("select count(*) from categories").await, 0);
    assert_eq!(shop.number("select count(*) from products").await, 3);
}

#[tokio::test]
async fn two_products_of_a_shop_never_have_one_name() {
    let shop = Shop::open(6).await;
    let taken = |wrote: Wrote| rules(wrote).iter().all(|rule| matches!(rule, Rule::NameTaken(_)));
    assert!(taken(shop.import("sku,name,price\nX1,teh hijau,1000\n").await));
    assert!(taken(shop.import("sku,name,price\nX1,Jahe,1000\nX2,jahe,1000\n").await));
    assert!(shop.import("sku,name,price\nX1,Jahe,1000\n").await.is_ok());
    assert!(taken(shop.import("sku,name,price\nX1,Kopi,1000\n").await));
    // Its own name is its own, however it is spelled.
    assert!(shop.import("sku,name,price\nX1,JAHE,1000\n").await.is_ok());
}

#[tokio::test]
async fn a_plain_product_that_gets_variants_tells_what_becomes_of_its_price_and_pieces() {
    let shop = Shop::open(6).await;
    let wrote = shop.import("name,variant,price,stock\nTeh Hijau,Kecil,40000,0\n").await.unwrap();
    let told: Vec<_> =
        wrote[0].plan.changes.iter().map(|change| (change.variant.as_deref(), change.what)).collect();
    let rupiah = |whole| Rupiah::new(whole).unwrap();
    assert!(
        told.contains(&(None, What::Price { from: Some(rupiah(50_000)), to: rupiah(40_000) })),
        "{told:?}"
    );
    assert!(told.contains(&(None, What::Stock { from: 6, to: 0 })), "{told:?}");
    assert!(told.contains(&(Some("Kecil"), What::Added)), "{told:?}");
    shop.check().await;
}

#[tokio::test]
async fn a_line_without_a_variant_prices_nothing_of_a_product_that_has_some() {
    let shop = Shop::open(6).await;
    let before = shop.goods("coffee").await;
    for sheet in ["name,price\nKopi,22000\n", "name,variant,price,stock\nKopi,,22000,\n"] {
        assert_eq!(rules(shop.import(sheet).await), [Rule::HasVariants], "{sheet}");
    }
    assert_eq!(shop.goods("coffee").await, before);
}

#[tokio::test]
async fn names_however_they_are_spaced_and_codes_in_any_case_make_no_second_product() {
    let shop = Shop::open(6).await;
    assert!(shop.import("sku,name,variant,price,stock\nJ-1,Jahe Merah,100 gram,12000,5\n").await.is_ok());
    for sheet in [
        "sku,name,variant,price\nj-1,Jahe Merah,100 gram,12500\n",
        "name,variant,price\nJahe   Merah,100 gram,13000\n",
        "name,variant,price\njahe merah,100gram,13500\n",
        "name,variant,price\nJahe\u{a0}Merah,100  GRAM,14000\n",
        "name,variant,price\nJahe Merah,100 gram,\"14 500\"\n",
        "name,variant,price\nJahe Merah,100 gram,15\u{a0}000\n",
        "sku,name,variant,price\nJ-1,Jahe Merah,100 gram,15500\nj-1,Jahe  Merah,200 gram,30000\n",
    ] {
        let wrote = shop.import(sheet).await.unwrap_or_else(|refused| panic!("{sheet}: {refused:?}"));
        assert!(wrote.iter().all(|one| one.plan.before.is_some()), "{sheet}");
    }
    assert_eq!(shop.number("select count(*) from products where name ilike '%jahe%'").await, 1);
    assert_eq!(
        shop.text("select string_agg(v.name, ', ' order by v.name) from product_variants v join products p on p.id = v.product_id where p.sku = 'J-1'").await,
        "100 gram, 200 gram"
    );
    shop.check().await;
}

#[tokio::test]
async fn a_price_far_from_what_it_was_is_written_only_by_who_is_sure() {
    let shop = Shop::open(6).await;
    for (sheet, from) in [
        ("name,price\nTeh Hijau,25\n", Some(50_000)),
        ("name,price\nTeh Hijau,500000\n", Some(50_000)),
        ("name,price\nTeh Hijau,gratis\n", Some(50_000)),
        ("name,variant,price\nKopi,Kecil,200\n", Some(20_000)),
        ("name,price\nBaru,25\n", None),
    ] {
        let refused = rules(shop.import(sheet).await);
        assert!(
            matches!(refused.as_slice(), [Rule::OddPrice { from: was, .. }] if *was == from),
            "{refused:?}"
        );
        assert!(shop.import_surely(sheet).await.is_ok(), "{sheet}");
        // Back to where it was, for the next one.
        let _ = shop.import_surely("name,variant,price\nTeh Hijau,,50000\nKopi,Kecil,20000\n").await;
    }
    assert!(shop.import("name,price\nTeh Hijau,75000\nPermen,500\nTester,gratis\n").await.is_ok());
    shop.check().await;
}

#[tokio::test]
async fn the_same_sheet_again_changes_nothing_and_two_at_once_add_once() {
    let shop = Shop::open(6).await;
    let sheet = "kode;nama;varian;harga;stok;kategori\nJ1;Jahe;;12.000;10;Minuman\nJ2;Kunir;Panas;9rb;5;minuman\nJ2;Kunir;Dingin;10rb;6;minuman\n";
    let (one, two) = tokio::join!(shop.import(sheet), shop.import(sheet));
    let news = |wrote: Wrote| wrote.unwrap().iter().filter(|it| it.plan.before.is_none()).count();
    assert_eq!(news(one) + news(two), 2);
    let again = shop.import(sheet).await.unwrap();
    assert!(again.iter().all(|it| it.plan.changes.is_empty()), "{again:?}");
    assert_eq!(shop.number("select count(*) from products where sku like 'J%'").await, 2);
    assert_eq!(shop.number("select count(*) from categories").await, 1);
    shop.check().await;
}

#[tokio::test]
async fn a_change_is_taken_back_once_and_within_ten_minutes() {
    let shop = Shop::open(30).await;
    let mut sari = shop.owner("sari").await;
    let tea = || ("product", Value::from("tea"));
    let (set, _) = shop.act(&mut sari, "stock.set", [tea(), ("quantity", Value::Int(10))]).await;
    assert_eq!(set.word, "ok");
    let event = || ("event", set.facts["event"].clone());
    // What was sold meanwhile stays sold.
    let mut ayu = shop.chat("ayu").await;
    let order = shop.order_tea(&mut ayu, 4).await;
    let charged = shop.charge(&mut ayu, &order).await;
    shop.settle(&mut ayu, charged.paid("notice")).await;
    assert_eq!(shop.act(&mut sari, "goods.undo", [event()]).await.0.word, "stock");
    assert_eq!(shop.goods("tea").await.stock, 26);
    assert_eq!(shop.act(&mut sari, "goods.undo", [event()]).await.0.word, "already");
    let price = |whole| ("price", Value::Money(Rupiah::new(whole).unwrap()));
    let (set, _) = shop.act(&mut sari, "price.set", [tea(), price(52_000)]).await;
    assert_eq!(set.word, "ok");
    let (last, _) = shop.act(&mut sari, "price.set", [tea(), price(53_000)]).await;
    // The older one would overwrite the newer one.
    assert_eq!(
        shop.act(&mut sari, "goods.undo", [("event", set.facts["event"].clone())]).await.0.word,
        "changed"
    );
    assert_eq!(shop.act(&mut sari, "goods.undo", []).await.0.word, "price");
    assert_eq!(shop.goods("tea").await.price.map(Rupiah::whole), Some(52_000));
    shop.clock.advance(chrono::Duration::minutes(11));
    let (late, _) = shop.act(&mut sari, "goods.undo", [("event", last.facts["event"].clone())]).await;
    assert_eq!(late.word, "late");
    // Another shop's change is not there.
    let other = shop.beside(5).await;
    let mut dewi = other.chat("dewi").await;
    dewi.staff.clone_from(&sari.staff);
    let (none, _) = other.act(&mut dewi, "goods.undo", [("event", set.facts["event"].clone())]).await;
    assert_eq!(none.word, "none");
    shop.check().await;
}

#[tokio::test]
async fn what_is_odd_asks_first_and_every_write_leaves_its_trail() {
    let shop = Shop::open(30).await;
    let mut sari = shop.owner("sari").await;
    let price = |whole| ("price", Value::Money(Rupiah::new(whole).unwrap()));
    let tea = || ("product", Value::from("tea"));
    for (whole, word) in
        [(120_000, "odd"), (20_000, "odd"), (0, "odd"), (50, "odd"), (50_000, "same"), (60_000, "ok")]
    {
        assert_eq!(shop.act(&mut sari, "price.set", [tea(), price(whole)]).await.0.word, word, "{whole}");
    }
    let (odd, _) = shop.act(&mut sari, "price.set", [tea(), price(65)]).await;
    assert_eq!(odd.facts["meant"], Value::Money(Rupiah::new(65_000).unwrap()));
    for (pieces, word) in [(80_000, "odd"), (301, "odd"), (300, "ok"), (300, "same"), (-1, "out_of_range")] {
        let set = shop.act(&mut sari, "stock.set", [tea(), ("quantity", Value::Int(pieces))]).await.0;
        assert_eq!(set.word, word, "{pieces}");
    }
    let sure = [tea(), ("quantity", Value::Int(80_000)), ("sure", Value::Word("yes".to_owned()))];
    assert_eq!(shop.act(&mut sari, "stock.set", sure).await.0.word, "ok");
    let trail = shop
        .text("select string_agg(event_type || ' ' || payload::text || ' ' || user_id, E'\\n' order by created_at, id) from event_audit_log where user_id is not null and entity_type = 'product'")
        .await;
    assert_eq!(trail.lines().count(), 3, "{trail}");
    assert!(trail.contains("60000") && trail.contains("shop-owner") && trail.contains("chat"), "{trail}");
    shop.check().await;
}

/// Random histories: orders are placed, paid and called off, and goods are written through every door.
#[tokio::test]
async fn no_history_of_orders_and_writes_breaks_what_the_shop_promises() {
    for seed in 0..6 {
        history(seed).await;
    }
}

const STEPS: usize = 40;

async fn history(seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let shop = Shop::open(20).await;
    let mut sari = shop.owner("sari").await;
    let mut people = Vec::new();
    for name in ["ayu", "budi", "citra"] {
        people.push(shop.chat(name).await);
    }
    let mut open = Vec::new();
    let mut told = Vec::new();
    for _ in 0..STEPS {
        let did = match dice.random_range(0..10) {
            0 | 1 => {
                let who = dice.random_range(0..people.len());
                let (product, variant) =
                    *[("tea", None), ("coffee", Some("small")), ("coffee", Some("large"))]
                        .choose(&mut dice)
                        .unwrap();
                let args = [
                    ("product", Value::from(product)),
                    ("variant", variant.map(str::to_owned).into()),
                    ("quantity", Value::Int(dice.random_range(1..5))),
                ];
                let added = shop.act(&mut people[who], "cart.add", args).await.0;
                let (placed, _) = shop.place(&mut people[who]).await;
                if placed.word == "ok" {
                    let order = placed.facts["order"].as_text().unwrap().into();
                    let charged = shop.charge(&mut people[who], &order).await;
                    open.push((who, order, charged));
                }
                format!("{product} {variant:?}: {} {}", added.word, placed.word)
            }
            2 if !open.is_empty() => {
                let (who, _, charged) = open.swap_remove(dice.random_range(0..open.len()));
                format!("paid: {:?}", shop.settle(&mut people[who], charged.paid("notice")).await.0)
            }
            3 if !open.is_empty() => {
                let (who, order, _) = open.swap_remove(dice.random_range(0..open.len()));
                let off =
                    shop.act(&mut people[who], "order.cancel", [("order", order.as_str().into())]).await.0;
                format!("called off: {}", off.word)
            }
            4 | 5 => {
                let id = *["tea", "coffee", "gold"].choose(&mut dice).unwrap();
                let variant = (id == "coffee").then(|| *["small", "large"].choose(&mut dice).unwrap());
                let sure = Value::Word("yes".to_owned());
                let number = dice.random_range(-3..25);
                let what = *["quantity", "by"].choose(&mut dice).unwrap();
                let args = [
                    ("product", Value::from(id)),
                    ("variant", variant.map(str::to_owned).into()),
                    (what, Value::Int(number)),
                    ("sure", sure.clone()),
                ];
                let set = match dice.random_bool(0.6) {
                    true => shop.act(&mut sari, "stock.set", args).await.0,
                    false => {
                        let whole = Rupiah::new(dice.random_range(1..90) * 1_000).unwrap();
                        let args = [
                            args[0].clone(),
                            args[1].clone(),
                            ("price", Value::Money(whole)),
                            ("sure", sure),
                        ];
                        shop.act(&mut sari, "price.set", args).await.0
                    }
                };
                if let Some(Value::Text(event)) = set.facts.get("event") {
                    told.push(event.clone());
                }
                format!("chat {id} {variant:?} {what} {number}: {}", set.word)
            }
            6 if !told.is_empty() => {
                let event = told.choose(&mut dice).unwrap().as_str();
                format!("undo: {}", shop.act(&mut sari, "goods.undo", [("event", event.into())]).await.0.word)
            }
            _ => {
                let sheet = random_sheet(&mut dice);
                let before: Vec<_> = prices(&shop.goods("coffee").await);
                let wrote = shop.import_surely(&sheet).await;
                let after = prices(&shop.goods("coffee").await);
                for (variant, price) in before {
                    let is_said = sheet.contains(&format!("Kopi,{variant},"));
                    let kept = after.iter().any(|(name, now)| *name == variant && *now == price);
                    assert!(is_said || kept, "{sheet}\n{variant} cost {price:?}: {after:?}");
                }
                format!("{sheet}: {}", if wrote.is_ok() { "in" } else { "refused" })
            }
        };
        let broken = crate::pipeline::verify::violations(&shop.pool).await.unwrap();
        assert!(broken.is_empty(), "seed {seed}, {did}: {broken:?}");
    }
}

fn random_sheet(dice: &mut StdRng) -> String {
    let stocks = dice.random_bool(0.7);
    let mut sheet = String::from(if stocks { "name,variant,price,stock\n" } else { "name,variant,price\n" });
    let mut line = |dice: &mut StdRng, name: &str, variant: &str| {
        let price = dice.random_range(1..60) * 1_000;
        sheet.push_str(&format!("{name},{variant},{price}"));
        if stocks {
            let stock =
                if dice.random_bool(0.8) { dice.random_range(0..15).to_string() } else { String::new() };
            sheet.push_str(&format!(",{stock}"));
        }
        sheet.push('\n');
    };
    match dice.random_range(0..5) {
        0 => line(dice, "Teh Hijau", ""),
        1 => {
            line(dice, "Teh Hijau", "Kecil");
            line(dice, "Teh Hijau", "Besar");
        }
        2 => {
            let variant = dice.random_range(0..3);
            line(dice, "Kopi", ["Kecil", "Besar", "Sedang"][variant]);
        }
        3 => {
            line(dice, "Kopi", "Kecil");
            line(dice, "Kopi", "Besar");
            line(dice, "Teh Hijau", "");
        }
        _ => {
            let (name, variant) = (format!("Baru {}", dice.random_range(0..4)), dice.random_range(0..2));
            line(dice, &name, ["", "Satu"][variant]);
        }
    }
    sheet
}

#[tokio::test]
async fn ids_of_two_clocks_never_meet() {
    // The shop's goods are made with ids of their own, so that a test's clock does not draw them again.
    let shop = Shop::open(6).await;
    let drawn = Clock::fixed(shop.clock.now(), 7).id();
    assert_eq!(shop.number("select count(*) from event_audit_log").await, 3);
    assert_ne!(shop.text("select min(id) from event_audit_log").await, drawn);
}
