//! A private cluster, from its first start to a kill -9.

use super::*;

fn scratch_dir() -> tempfile::TempDir {
    // Below /tmp, because the server of root runs as a user who may not enter a temp folder of root's own.
    let dir = tempfile::Builder::new().prefix("warung-cluster-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn start(dir: &Path) -> Cluster {
    let options = Options { data_dir: dir.to_path_buf(), purpose: Purpose::Keep };
    Cluster::start(&options, &mut |_| {}).unwrap()
}

async fn count(cluster: &Cluster) -> i64 {
    let pool = sqlx::PgPool::connect(&cluster.url("postgres")).await.unwrap();
    sqlx::query("create table if not exists kept (id integer)").execute(&pool).await.unwrap();
    sqlx::query("insert into kept values (1)").execute(&pool).await.unwrap();
    let rows = sqlx::query_scalar("select count(*) from kept").fetch_one(&pool).await.unwrap();
    pool.close().await;
    rows
}

#[tokio::test]
async fn a_cluster_is_shared_outlives_a_crash_and_is_stopped_by_the_last() {
    let dir = scratch_dir();
    let first = start(dir.path());
    let pid = first.pid();
    assert_eq!(count(&first).await, 1);

    let second = start(dir.path());
    assert_eq!(second.pid(), pid, "the second process joins the server that runs");
    assert!(!first.stop().unwrap(), "somebody else is attached");
    assert_eq!(count(&second).await, 2);

    // The owner dies without stopping: the server goes on and is adopted.
    drop(second);
    let third = start(dir.path());
    assert_eq!(third.pid(), pid);
    assert_eq!(count(&third).await, 3);

    // The server is killed without warning: what it acknowledged is there after the next start. It stays a zombie,
    // because this process is its parent and has not asked for it.
    postmaster::signal(pid, rustix::process::Signal::KILL);
    drop(third);
    while postmaster::is_alive(pid) {
        sleep(Duration::from_millis(LOOK_MS));
    }
    let fourth = start(dir.path());
    assert_ne!(fourth.pid(), pid);
    assert_eq!(count(&fourth).await, 4);
    assert!(fourth.stop().unwrap());
    assert!(Postmaster::read(&dir.path().join("postgres")).is_none());
}

#[test]
fn data_of_another_version_is_never_touched() {
    let dir = scratch_dir();
    fs::create_dir(dir.path().join("postgres")).unwrap();
    fs::write(dir.path().join("postgres/PG_VERSION"), "9\n").unwrap();
    let options = Options { data_dir: dir.path().to_path_buf(), purpose: Purpose::Keep };
    let error = Cluster::start(&options, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("made by PostgreSQL 9") && error.contains("WARUNG_DATA_DIR"), "{error}");
    assert_eq!(fs::read_to_string(dir.path().join("postgres/PG_VERSION")).unwrap(), "9\n");
}

#[test]
fn a_folder_that_cannot_be_made_is_one_clear_line() {
    let dir = scratch_dir();
    fs::write(dir.path().join("file"), "").unwrap();
    let options = Options { data_dir: dir.path().join("file/below"), purpose: Purpose::Keep };
    let error = Cluster::start(&options, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("cannot be used") && error.contains("WARUNG_DATA_DIR"), "{error}");
    assert!(!error.contains('\n'));
}

#[test]
fn a_path_becomes_part_of_an_address() {
    assert_eq!(encode("/tmp/a b%c"), "/tmp/a%20b%25c");
}
