//! How numbers, money and moments are written in each language. The words of days and months live in the locales.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;

use crate::domain::customer::Language;
use crate::domain::money::Rupiah;

/// The keys of the days of the week, Monday first.
pub const DAY_KEYS: [&str; 7] = ["day-mon", "day-tue", "day-wed", "day-thu", "day-fri", "day-sat", "day-sun"];
/// The keys of the months, January first.
pub const MONTH_KEYS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9",
    "month-10", "month-11", "month-12",
];

/// A whole number with its thousands apart: `1.250.000` in Indonesian, `1,250,000` in English.
pub fn number(number: i64, language: Language) -> String {
    let separator = match language {
        Language::Id => '.',
        Language::En => ',',
    };
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// An amount: `Rp50.000` in Indonesian, `Rp50,000` in English.
pub fn money(amount: Rupiah, language: Language) -> String {
    format!("Rp{}", number(amount.whole(), language))
}

/// The time of day in the shop's zone, without the zone: `14.35` or `2:35 PM`.
pub fn time(at: DateTime<Utc>, language: Language, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    match language {
        Language::Id => format!("{:02}.{:02}", local.hour(), local.minute()),
        Language::En => {
            let (afternoon, hour) = local.hour12();
            format!("{hour}:{:02} {}", local.minute(), if afternoon { "PM" } else { "AM" })
        }
    }
}

/// The short name of the zone at a moment: `WIB`, `WITA`, `WIT`, or `GMT+8` for zones that have none.
pub fn zone_name(at: DateTime<Utc>, zone: Tz) -> String {
    let name = at.with_timezone(&zone).format("%Z").to_string();
    if name.starts_with(['+', '-']) { format!("GMT{name}") } else { name }
}

/// The parts of a date in the shop's zone: the keys of its day and month, the day of the month and the year.
pub fn date_parts(at: DateTime<Utc>, zone: Tz) -> (&'static str, &'static str, u32, i32) {
    let local = at.with_timezone(&zone);
    let day = DAY_KEYS.get(local.weekday().num_days_from_monday() as usize).copied().unwrap_or("day-mon");
    let month = MONTH_KEYS.get(local.month0() as usize).copied().unwrap_or("month-1");
    (day, month, local.day(), local.year())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn thousands_stand_apart_as_each_language_writes_them() {
        for (value, id, en) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (50_000, "50.000", "50,000"),
            (1_250_000, "1.250.000", "1,250,000"),
            (-45_000, "-45.000", "-45,000"),
            (2_147_483_647, "2.147.483.647", "2,147,483,647"),
        ] {
            assert_eq!(number(value, Language::Id), id);
            assert_eq!(number(value, Language::En), en);
        }
    }

    #[test]
    fn a_moment_is_told_in_the_zone_of_the_shop() {
        let at = Utc.with_ymd_and_hms(2026, 11, 23, 7, 35, 0).unwrap();
        for (zone, id, en, name) in [
            (chrono_tz::Asia::Jakarta, "14.35", "2:35 PM", "WIB"),
            (chrono_tz::Asia::Makassar, "15.35", "3:35 PM", "WITA"),
            (chrono_tz::Asia::Jayapura, "16.35", "4:35 PM", "WIT"),
            (chrono_tz::Asia::Singapore, "15.35", "3:35 PM", "GMT+08"),
        ] {
            assert_eq!(time(at, Language::Id, zone), id);
            assert_eq!(time(at, Language::En, zone), en);
            assert_eq!(zone_name(at, zone), name);
        }
    }

    #[test]
    fn midnight_belongs_to_the_day_that_begins() {
        let at = Utc.with_ymd_and_hms(2026, 11, 22, 17, 5, 0).unwrap();
        assert_eq!(date_parts(at, chrono_tz::Asia::Jakarta), ("day-mon", "month-11", 23, 2026));
        assert_eq!(time(at, Language::Id, chrono_tz::Asia::Jakarta), "00.05");
        assert_eq!(time(at, Language::En, chrono_tz::Asia::Jakarta), "12:05 AM");
    }
}
