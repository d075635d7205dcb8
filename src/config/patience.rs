//! How long the server waits for its database.

use crate::store::Patience;

/// What may be set, in seconds. A statement that takes longer than the work of one request holds a connection that others
/// want; one that has less than a second ends in the middle of ordinary work.
const RANGE_S: std::ops::RangeInclusive<u64> = 1..=50;

/// Reads both settings; what is not set keeps its default.
pub fn read(get: &dyn Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Patience {
    let default = Patience::default();
    let mut seconds = |name: &str, default_s: u64| match get(name) {
        None => default_s,
        Some(value) => match value.parse() {
            Ok(seconds) if RANGE_S.contains(&seconds) => seconds,
            _ => {
                let (least, most) = (RANGE_S.start(), RANGE_S.end());
                problems.push(format!("{name} is `{value}`; write seconds from {least} to {most}"));
                default_s
            }
        },
    };
    Patience {
        statement_s: seconds("WARUNG_STATEMENT_TIMEOUT_S", default.statement_s),
        lock_s: seconds("WARUNG_LOCK_TIMEOUT_S", default.lock_s),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_counts_and_what_is_no_time_is_reported() {
        let mut problems = Vec::new();
        let get = |name: &str| (name == "WARUNG_STATEMENT_TIMEOUT_S").then(|| "45".to_owned());
        assert_eq!(read(&get, &mut problems), Patience { statement_s: 45, lock_s: 10 });
        assert_eq!(problems, Vec::<String>::new());
        for wrong in ["0", "51", "10s", "-1", "for ever"] {
            let get = |_: &str| Some(wrong.to_owned());
            assert_eq!(read(&get, &mut problems), Patience::default(), "{wrong}");
        }
        assert_eq!(problems.len(), 10);
    }
}
