//! What the shop promises about money and goods, asked of a live database.
//!
//! Each rule is a query that finds the rows which break it (`rules`), so a healthy database answers with nothing. The
//! rules read only what is stored and share no code with what writes it: a mistake there is found here and not
//! repeated. `warung db verify` prints them, and tests hold all of them after every step.

mod rules;

use sqlx::PgConnection;

use crate::domain::ids::StoreId;
use crate::domain::money::Rupiah;

/// Rows that break a rule of which the ids are told.
pub const MAX_EXAMPLES: usize = 5;

/// Something that holds at every moment between two transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its short name, the same for ever: `I1` to `I19` are numbered in `docs/payments.md`, `H` are the house's own.
    pub code: &'static str,
    /// Its name in words.
    pub name: &'static str,
    /// What it promises, in one line.
    pub meaning: &'static str,
}

/// A rule with what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How many rows break it.
    pub violations: i64,
    /// Ids of some of them, at most [`MAX_EXAMPLES`].
    pub examples: Vec<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rule, violations, examples } = self;
        write!(f, "{} {}: {violations} ({})", rule.code, rule.name, examples.join(", "))
    }
}

/// How a QRIS string is read: whether it is whole, dynamic, in rupiah and over exactly this amount. Handed in, because
/// the store knows no payment codes.
pub type ReadsAs = fn(&str, Rupiah) -> bool;

/// How a transaction begins in which the rules are asked: it reads only, and everything as of one moment.
pub const SNAPSHOT: &str = "begin isolation level repeatable read read only";

/// Asks every rule, of one shop or of all of them. The caller has begun a [`SNAPSHOT`].
///
/// # Errors
/// [`sqlx::Error`] when the database fails.
pub async fn examine(
    connection: &mut PgConnection,
    store: Option<&StoreId>,
    reads_as: ReadsAs,
) -> Result<Vec<Finding>, sqlx::Error> {
    let store = store.map(StoreId::as_str);
    let mut findings = rules::ask(&mut *connection, store).await?;
    findings.push(codes(connection, store, reads_as).await?);
    findings.sort_by_key(|finding| order(finding.rule.code));
    Ok(findings)
}

/// Letters first, then numbers as numbers: I2 stands before I15.
fn order(code: &str) -> (bool, u32) {
    let number = code.get(1..).and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX);
    (!code.starts_with('I'), number)
}

/// I15, which SQL cannot read.
async fn codes(
    connection: &mut PgConnection,
    store: Option<&str>,
    reads_as: ReadsAs,
) -> Result<Finding, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, amount, details ->> 'qrCode' as "code!" from payments
           where details ->> 'qrCode' is not null and ($1::text is null or store_id = $1)
           order by id"#,
        store,
    )
    .fetch_all(connection)
    .await?;
    let broken: Vec<String> = rows
        .into_iter()
        .filter(|row| !Rupiah::try_from(row.amount).is_ok_and(|amount| reads_as(&row.code, amount)))
        .map(|row| row.id)
        .collect();
    Ok(Finding {
        rule: rules::SHOWN_CODE,
        violations: i64::try_from(broken.len()).unwrap_or(i64::MAX),
        examples: broken.into_iter().take(MAX_EXAMPLES).collect(),
    })
}
