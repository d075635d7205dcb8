//! The demo's seed and the operators' commands on a real database.

use warung::clock::Clock;
use warung::store;
use warung::store::seed::SeedReport;

use crate::support::{Program, database};

/// Products whose stock their movements do not explain.
async fn unexplained(pool: &sqlx::PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) from (
           select p.stock, coalesce((select sum(quantity) from inventory_movements m where m.product_id = p.id), 0) as moved
           from products p
           union all
           select v.stock, coalesce((select sum(quantity) from inventory_movements m where m.variant_id = v.id), 0)
           from product_variants v
         ) s where s.stock <> s.moved",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn seeding_again_changes_nothing_also_in_a_shop_in_use() {
    let database = database().await;
    let clock = Clock::system();
    let first = store::seed::demo(&database.pool, &clock).await.unwrap();
    assert_eq!((first.stores, first.customers, first.categories, first.products), (1, 2, 4, 18));
    assert_eq!(unexplained(&database.pool).await, 0);
    sqlx::query("update products set stock = 3, price = 51000 where sku = 'TEH-001'")
        .execute(&database.pool)
        .await
        .unwrap();
    assert_eq!(store::seed::demo(&database.pool, &clock).await.unwrap(), SeedReport::default());
    let kept: (i32, i32) = sqlx::query_as("select stock, price from products where sku = 'TEH-001'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(kept, (3, 51_000));
}

#[tokio::test]
async fn a_shop_of_the_platforms_own_seed_is_filled_up_and_not_doubled() {
    let database = database().await;
    sqlx::raw_sql(
        "insert into users (id, email, phone, name, password_hash) values ('u', 'owner@example.com', '0812', 'Bella Teh', 'x');
         insert into stores (id, owner_id, name, slug, email, phone)
         values ('s', 'u', 'Bella Teh Indonesia', 'bella-teh', 'store@example.com', '081234567890');
         insert into customers (id, store_id, name, phone) values ('c', 's', 'Ahmad', '081234567891');
         insert into products (id, store_id, name, price, cost_price, stock, reorder_level)
         values ('p', 's', 'Teh Hijau Organik', 50000, 20000, 100, 20)",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let report = store::seed::demo(&database.pool, &Clock::system()).await.unwrap();
    assert_eq!((report.stores, report.customers, report.products), (0, 1, 17));
    let green: (i64, i64) = sqlx::query_as(
        "select count(*), count(image_url) from products where name = 'Teh Hijau Organik' and sku = 'TEH-001'",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(green, (1, 1));
    assert_eq!(unexplained(&database.pool).await, 0);
}

/// What messages, pages and documents tell operators to type, from an empty database to a shop that is looked at, in an order in
/// which each can be done. What starts a server, sends to a platform or reads a file has tests of its own beside this one.
#[tokio::test]
async fn the_commands_that_operators_are_told_to_type_do_what_they_say() {
    let database = database().await;
    let dir = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("RUST_LOG", "off")];
    for (command, says) in [
        ("db migrate", ""),
        ("db seed", "18 products"),
        ("db status", ""),
        ("db verify", "0"),
        ("db prune --days 90", ""),
        ("store list", "bella-teh"),
        ("store show bella-teh", "Bella Teh Indonesia"),
        ("store bank-token bella-teh", ""),
        ("staff list --store bella-teh", ""),
        ("staff link --store bella-teh", "WRG-"),
        ("product list", "TEH-001"),
        ("product set-price TEH-001 52000", "52"),
        ("product set-stock TEH-001 40", "40"),
        ("channel list", ""),
        ("flow check", "no findings"),
        ("flow graph", ""),
        ("flow schema", "properties"),
        ("parse teh", "intent"),
        ("parse teh --explain", "words"),
        ("doctor", "database"),
    ] {
        let args: Vec<&str> = command.split(' ').collect();
        let stopped = Program::run(dir.path(), &args, &settings);
        // The doctor finds something to do in a shop without a person; that is no failure to say so.
        let is_done = stopped.code == Some(0) || (command == "doctor" && stopped.code == Some(1));
        let told = format!("{}{}", stopped.stdout, stopped.stderr).to_lowercase();
        assert!(is_done, "{command}: {:?}\n{told}", stopped.code);
        assert!(told.contains(&says.to_lowercase()), "{command}: no {says:?} in\n{told}");
    }
}

#[tokio::test]
async fn an_operator_sets_a_shop_up_from_nothing() {
    let database = database().await;
    let dir = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("RUST_LOG", "off")];
    let run = |args: &[&str]| Program::run(dir.path(), args, &settings);
    let sheet = dir.path().join("products.csv");
    let file = sheet.display().to_string();
    let none = run(&["staff", "link"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""), "{}", none.stderr);
    for (name, phone, email) in
        [("", "081234567890", "s@x.id"), ("Kopi", "abc", "s@x.id"), ("Kopi", "081234567890", "s@")]
    {
        let args = [
            "store", "create", "kopi", "--name", name, "--phone", phone, "--owner", "Sari", "--email", email,
        ];
        let refused = run(&args);
        assert_eq!((refused.code, refused.stderr.lines().count()), (Some(1), 1), "{}", refused.stderr);
    }
    let made = run(&[
        "store",
        "create",
        "kopi-senja",
        "--name",
        "Kopi Senja",
        "--phone",
        "081234567890",
        "--owner",
        "Sari",
        "--email",
        "s@example.com",
    ]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    std::fs::write(&sheet, "sku,name,variant,price,stock\nK1,Kopi,,18000,7\nK2,Teh,Besar,x,5\n").unwrap();
    let bad = run(&["product", "import", &file]);
    assert_eq!(bad.code, Some(1));
    assert!(bad.stderr.contains("products.csv:3: column price:"), "{}", bad.stderr);
    std::fs::write(
        &sheet,
        "sku,name,variant,price,stock\nK1,Kopi,,18000,7\nK2,Teh,Kecil,9000,4\nK2,Teh,Besar,12000,5\n",
    )
    .unwrap();
    let preview = run(&["product", "import", &file, "--dry-run"]);
    assert_eq!(preview.code, Some(0));
    assert!(
        preview.stdout.contains(":3: K2 Teh, Kecil: new, price 9000, stock 0 -> 4"),
        "{}",
        preview.stdout
    );
    assert_eq!(run(&["product", "list"]).stdout, "");
    assert_eq!(run(&["product", "import", &file]).code, Some(0));
    assert_eq!(run(&["product", "set-stock", "K2", "9", "--variant", "besar"]).code, Some(0));
    let exported = run(&["product", "export"]).stdout;
    assert!(exported.contains("K2,Teh,,,Besar,,12000,,9,"), "{exported}");
    std::fs::write(&sheet, &exported).unwrap();
    let again = run(&["product", "import", &file]).stdout;
    assert_eq!(again.trim(), "0 products added, 0 changed, 2 unchanged (lines 2-4)");
    let dearer = exported.replace("K2,Teh,,,Besar,,12000,,9,", "K2,Teh,,,Besar,,12500,,9,");
    std::fs::write(&sheet, &dearer).unwrap();
    let changed = run(&["product", "import", &file]).stdout;
    assert!(
        changed.contains("K2 Teh, Besar: price 12000 -> 12500\n0 products added, 1 changed, 1 unchanged"),
        "{changed}"
    );
    assert_eq!(run(&["product", "set-price", "teh", "10rb", "--variant", "kecil"]).code, Some(0));
    assert_eq!(run(&["product", "set-price", "K1", "0"]).code, Some(2));
    // A zero that was forgotten is refused by both doors, unless somebody says that it was meant.
    let far = run(&["product", "set-price", "k1", "25"]);
    assert_eq!(far.code, Some(1), "{}", far.stdout);
    assert!(far.stderr.contains("18000") && far.stderr.contains("--sure"), "{}", far.stderr);
    assert_eq!(run(&["product", "set-price", "k1", "25", "--sure"]).code, Some(0));
    std::fs::write(&sheet, "sku,name,price\nK1,Kopi,18000\n").unwrap();
    assert_eq!(run(&["product", "import", &file]).code, Some(1));
    assert_eq!(run(&["product", "import", &file, "--sure"]).code, Some(0));
    assert_eq!(run(&["product", "set-stock", "K1", "-1"]).code, Some(2));
    assert_eq!(run(&["product", "set-stock", "K2", "5"]).code, Some(1));

    // What an order holds is nobody's to take away: not by a command, and not by a sheet.
    let said = "pesan 3 kopi\ncheckout\n1\nBudi Santoso\n081234567899\nya\n";
    let chat = Program::run_with(dir.path(), &["chat"], &settings, said);
    assert_eq!(chat.code, Some(0), "{}{}", chat.stdout, chat.stderr);
    let held: i64 = sqlx::query_scalar("select coalesce(sum(quantity), 0) from order_items")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(held, 3, "{}", chat.stdout);
    let less = run(&["product", "set-stock", "K1", "2"]);
    assert_eq!(less.code, Some(1), "{}", less.stdout);
    assert!(less.stderr.contains('3'), "how many are held: {}", less.stderr);
    std::fs::write(&sheet, "sku,name,variant,price,stock\nK1,Kopi,,18000,2\n").unwrap();
    assert_eq!(run(&["product", "import", &file]).code, Some(1));
    assert_eq!(run(&["product", "set-stock", "K1", "3"]).code, Some(0));
    assert_eq!(run(&["db", "verify"]).code, Some(0));
    assert_eq!(unexplained(&database.pool).await, 0);
    let code = run(&["staff", "link"]).stdout;
    assert_eq!(code.trim().len(), "WRG-XXXXX-XXXXX-XXXXX".len(), "{code}");
    let stored: i64 = sqlx::query_scalar("select count(*) from staff_codes where code_hash <> $1")
        .bind(code.trim())
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(stored, 1, "only a hash of the code is kept");
}

#[tokio::test]
async fn the_doctor_reads_and_never_writes_and_names_what_is_missing() {
    let (dir, empty) = (
        tempfile::tempdir().unwrap(),
        warung::cluster::testing::throw_away_database(&NOTHING).await.unwrap(),
    );
    let bind = format!("127.0.0.1:{}", crate::support::free_port());
    let settings = [
        ("DATABASE_URL", empty.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("RUST_LOG", "off"),
        ("WARUNG_PYMENT", "x"),
    ];
    let before = tables(&empty.pool).await;
    let looked = Program::run(dir.path(), &["doctor"], &settings);
    assert_eq!(looked.code, Some(1), "{}", looked.stdout);
    for said in
        ["did you mean WARUNG_PAYMENT?", "problem  migrations: ", "(0001 shared, ", "warung db migrate"]
    {
        assert!(looked.stdout.contains(said), "{said}: {}", looked.stdout);
    }
    assert_eq!(tables(&empty.pool).await, before, "the doctor has written");

    let database = database().await;
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("WARUNG_BIND", &bind),
        ("RUST_LOG", "off"),
        ("WARUNG_PAYMENT", "static"),
    ];
    let run = |args: &[&str]| Program::run(dir.path(), args, &settings);
    let made = run(&[
        "store",
        "create",
        "kopi-senja",
        "--name",
        "Kopi Senja",
        "--phone",
        "081234567890",
        "--owner",
        "Sari",
        "--email",
        "s@example.com",
    ]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    // A database that refuses every write: whatever the doctor tried to write would be a problem that it names.
    sqlx::raw_sql(
        "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); \
         end $$",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let looked = run(&["doctor"]);
    assert_eq!(looked.code, Some(1), "{}", looked.stdout);
    for said in
        ["ok       shop: Kopi Senja", "problem  goods: ", "problem  staff: ", "problem  printed code: "]
    {
        assert!(looked.stdout.contains(said), "{said}: {}", looked.stdout);
    }
}

/// The names of every table of a database that is not PostgreSQL's own.
async fn tables(pool: &sqlx::PgPool) -> Vec<String> {
    sqlx::query_scalar("select relid::regclass::text from pg_stat_user_tables order by relid")
        .fetch_all(pool)
        .await
        .unwrap()
}

/// No migrations.
static NOTHING: sqlx::migrate::Migrator = sqlx::migrate::Migrator::DEFAULT;

#[tokio::test]
async fn the_server_takes_the_only_shop_and_says_what_to_do_where_there_is_none() {
    let (dir, database) = (tempfile::tempdir().unwrap(), database().await);
    let bind = format!("127.0.0.1:{}", crate::support::free_port());
    let settings = [("DATABASE_URL", database.url.as_str()), ("WARUNG_BIND", &bind), ("RUST_LOG", "info")];
    let none = Program::run(dir.path(), &["serve"], &settings);
    assert_eq!(none.code, Some(1), "{}", none.stderr);
    assert!(none.stderr.contains("`warung store create SLUG --name NAME"), "{}", none.stderr);
    let create = |slug: &str| {
        let args = [
            "store",
            "create",
            slug,
            "--name",
            slug,
            "--phone",
            "081234567890",
            "--owner",
            "Sari",
            "--email",
            "s@example.com",
        ];
        assert_eq!(Program::run(dir.path(), &args, &settings).code, Some(0));
    };
    create("kopi-senja");
    let mut server = Program::start(dir.path(), &["serve"], &settings);
    let open = server.line_with("the shop is open");
    assert!(open.contains("kopi-senja"), "{open}");
    assert_eq!(server.end("TERM"), Some(0));
    create("kopi-pagi");
    let several = Program::run(dir.path(), &["serve"], &settings);
    assert!(several.code == Some(1) && several.stderr.contains("WARUNG_STORE"), "{}", several.stderr);
    let said = [settings[0], settings[1], settings[2], ("WARUNG_STORE", "kopi-siang")];
    let wrong = Program::run(dir.path(), &["serve"], &said);
    assert!(wrong.code == Some(1) && wrong.stderr.contains("`kopi-siang`"), "{}", wrong.stderr);
}
