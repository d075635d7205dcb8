//! Why a database cannot be reached, in one line that ends with what to do. Passwords stand in no line.

use std::io::ErrorKind;

use sqlx::Error;
use sqlx::postgres::PgConnectOptions;

/// Codes of PostgreSQL (appendix A of its manual) that a connection may end with.
const WRONG_PASSWORD: &str = "28P01";
const NOT_LET_IN: &str = "28000";
const NO_DATABASE: &str = "3D000";
const NO_ROOM: &str = "53300";
const SHUT: [&str; 3] = ["57P01", "57P02", "57P03"];
const MISUNDERSTOOD: &str = "08P01";

/// What an error of the first connection means to whoever runs the program.
pub fn unreachable(error: &Error, url: &str) -> anyhow::Error {
    let place = Place::of(url);
    anyhow::anyhow!("the database cannot be reached: {}", explain(error, &place))
}

/// Where the database is said to be.
struct Place {
    address: String,
    host: String,
    user: String,
    database: String,
}

impl Place {
    fn of(url: &str) -> Self {
        let options: Option<PgConnectOptions> = url.parse().ok();
        let said = |text: &str| text.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
        let Some(options) = options else {
            let unknown = String::new;
            return Self { address: unknown(), host: unknown(), user: unknown(), database: unknown() };
        };
        let (host, user) = (said(options.get_host()), said(options.get_username()));
        let address = match options.get_socket() {
            Some(socket) => said(&socket.display().to_string()),
            None => format!("{host}:{}", options.get_port()),
        };
        // PostgreSQL takes the user's name where no database is named.
        let database = options.get_database().map_or_else(|| user.clone(), said);
        Self { address, host, user, database }
    }
}

fn explain(error: &Error, place: &Place) -> String {
    let Place { address, host, user, database } = place;
    match error {
        Error::Configuration(_) => {
            "DATABASE_URL is malformed; write it as postgres://USER:PASSWORD@HOST:5432/DATABASE".to_owned()
        }
        Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::NotFound => format!(
                "nothing listens at {address}; start PostgreSQL, or correct host and port in DATABASE_URL, or unset it to use \
                 a private one"
            ),
            ErrorKind::TimedOut => format!(
                "{address} does not answer; check host and port in DATABASE_URL and the firewall between here and there"
            ),
            ErrorKind::PermissionDenied => {
                format!("{address} may not be opened by this user; let it in, or correct DATABASE_URL")
            }
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                format!("there is no way to {address}; check the network and the host in DATABASE_URL")
            }
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                format!("what listens at {address} hung up; see that it is PostgreSQL and read its log")
            }
            // The resolver has no kind of its own.
            _ if error.to_string().contains("lookup") => {
                format!("no host is called {host:?}; correct it in DATABASE_URL")
            }
            _ => format!("{address} failed ({error}); check DATABASE_URL and that PostgreSQL runs"),
        },
        Error::PoolTimedOut => {
            format!("{address} does not answer in time; see whether PostgreSQL is overloaded")
        }
        Error::Tls(_) => format!(
            "{address} and this program do not agree on TLS; give the server a certificate that is trusted here, or choose \
             another sslmode in DATABASE_URL (for example ?sslmode=prefer)"
        ),
        Error::Protocol(_) => {
            format!(
                "what listens at {address} does not speak as PostgreSQL does; correct the port in DATABASE_URL"
            )
        }
        Error::Database(error) => {
            let (code, message) = (error.code().unwrap_or_default(), error.message());
            match code.as_ref() {
                WRONG_PASSWORD => {
                    format!(
                        "the password of user {user:?} is not right at {address}; correct it in DATABASE_URL"
                    )
                }
                NO_DATABASE => format!(
                    "the server at {address} has no database {database:?}; make it (createdb {database}) or correct its name \
                     in DATABASE_URL"
                ),
                NOT_LET_IN if message.contains("no encryption") => format!(
                    "the server at {address} lets {user:?} in over TLS only, or not at all; add ?sslmode=require to \
                     DATABASE_URL, or mend its pg_hba.conf"
                ),
                NOT_LET_IN => format!(
                    "the server at {address} does not let {user:?} in ({message}); make that user, mend pg_hba.conf, or \
                     correct DATABASE_URL"
                ),
                NO_ROOM => format!(
                    "the server at {address} has no connection left; raise its max_connections or stop what holds them"
                ),
                code if SHUT.contains(&code) => {
                    format!("the server at {address} is starting or stopping; try again in a moment")
                }
                MISUNDERSTOOD => format!(
                    "what stands before the server at {address} refuses how we begin ({message}); see PgBouncer in \
                     docs/operations.md"
                ),
                _ => {
                    format!("the server at {address} refuses ({message}); mend that, or correct DATABASE_URL")
                }
            }
        }
        _ => format!("{address} does not answer as PostgreSQL does; check DATABASE_URL and the server's log"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::cluster::testing::throw_away_database;
    use crate::store;

    /// A server that says one thing to whoever begins and hangs up, or says nothing at all.
    async fn server_that_says(words: Option<Vec<u8>>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                match &words {
                    Some(words) => {
                        let mut begin = [0; 1_024];
                        let _ = stream.read(&mut begin).await;
                        let _ = stream.write_all(words).await;
                        let _ = stream.shutdown().await;
                    }
                    None => open.push(stream),
                }
            }
        });
        format!("postgres://ibu:rahasia@127.0.0.1:{port}/toko?sslmode=disable")
    }

    /// The message by which PostgreSQL refuses a connection.
    fn refusal(code: &str, message: &str) -> Option<Vec<u8>> {
        let body = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
        let length = u32::try_from(body.len() + 4).unwrap();
        Some([b"E".as_slice(), &length.to_be_bytes(), body.as_bytes()].concat())
    }

    async fn said(url: &str) -> String {
        let line = unreachable(&store::connect(url).await.unwrap_err(), url).to_string();
        assert!(!line.contains("rahasia") && !line.contains('\n'), "{line}");
        line
    }

    #[tokio::test]
    async fn a_refused_connection_is_known_at_once_and_says_where_nobody_listens() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let started = Instant::now();
        let line = said(&format!("postgres://ibu:rahasia@{free}/toko")).await;
        assert!(line.contains(&format!("nothing listens at {free}; start PostgreSQL")), "{line}");
        assert!(said("postgres://ibu@%2Fno%2Fsuch%2Ffolder/toko").await.contains("nothing listens at"));
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn every_way_to_be_refused_says_what_is_wrong_and_what_to_do() {
        for (code, message, expected) in [
            ("28P01", "password authentication failed", "the password of user \"ibu\" is not right"),
            ("28000", "no pg_hba.conf entry for host, no encryption", "add ?sslmode=require"),
            ("28000", "role \"ibu\" does not exist", "make that user"),
            ("3D000", "database \"toko\" does not exist", "no database \"toko\"; make it (createdb toko)"),
            ("53300", "sorry, too many clients already", "has no connection left"),
            ("57P03", "the database system is starting up", "try again in a moment"),
            ("08P01", "unsupported startup parameter: options", "PgBouncer"),
            ("XX000", "something else", "refuses (something else)"),
        ] {
            let url = server_that_says(refusal(code, message)).await;
            let line = said(&url).await;
            assert!(line.contains(expected), "{code}: {line}");
        }
        let web = server_that_says(Some(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
        assert!(said(&web).await.contains("PostgreSQL"), "{web}");
        assert!(said("mysql://ibu:rahasia@127.0.0.1/toko").await.contains("is malformed"));
        assert!(said("postgres://ibu:rahasia@tidak-ada.invalid/toko").await.contains("no host is called"));
    }

    #[tokio::test]
    async fn a_server_without_tls_is_told_apart_from_one_that_is_not_there() {
        let url = server_that_says(Some(b"N".to_vec())).await.replace("disable", "require");
        assert!(said(&url).await.contains("do not agree on TLS"));
    }

    #[tokio::test]
    async fn whoever_says_nothing_is_not_waited_for_long() {
        let url = server_that_says(None).await;
        let started = Instant::now();
        assert!(said(&url).await.contains("does not answer; check"));
        assert!(started.elapsed() < Duration::from_secs(7), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn sessions_speak_utc_without_asking_for_more_than_poolers_give() {
        let database = throw_away_database(&store::MIGRATOR).await.unwrap();
        let options = store::options(&database.url).unwrap();
        assert_eq!(options.get_options(), None);
        let pool = store::connect(&database.url).await.unwrap();
        let zone: String = sqlx::query_scalar("show timezone").fetch_one(&pool).await.unwrap();
        assert_eq!(zone, "UTC");
    }

    #[tokio::test]
    async fn no_session_of_a_server_waits_for_ever_and_those_of_commands_may() {
        let database = throw_away_database(&store::MIGRATOR).await.unwrap();
        let patient = store::connect(&database.url).await.unwrap();
        let server = store::impatient(&patient, store::Patience { statement_s: 20, lock_s: 5 });
        for (setting, expected) in [
            ("statement_timeout", "20s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "1min"),
        ] {
            let asked = "select current_setting($1)";
            let of = async |pool: &sqlx::PgPool| -> String {
                sqlx::query_scalar(asked).bind(setting).fetch_one(pool).await.unwrap()
            };
            assert_eq!(
                (of(&server).await.as_str(), of(&patient).await.as_str()),
                (expected, "0"),
                "{setting}"
            );
        }
        // What is pruned goes in batches, which a server's session has the time for.
        let mut connection = server.acquire().await.unwrap();
        store::retention::prune(&mut connection, crate::clock::Clock::system().now()).await.unwrap();
        drop(connection);
        // Whoever waits for somebody else's lock hears of it.
        let mut hurried = server.acquire().await.unwrap();
        sqlx::raw_sql("set lock_timeout = '50ms'").execute(&mut *hurried).await.unwrap();
        let mut holder = patient.begin().await.unwrap();
        sqlx::raw_sql("lock table stores in access exclusive mode").execute(&mut *holder).await.unwrap();
        let waited = sqlx::raw_sql("update stores set name = name").execute(&mut *hurried).await;
        let code = waited.unwrap_err().into_database_error().unwrap().code().unwrap().into_owned();
        assert_eq!(code, "55P03");
    }
}
