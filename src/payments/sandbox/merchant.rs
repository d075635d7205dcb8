//! The merchant that the sandbox's codes name: the shop's own name and city, with numbers that are shaped like real ones
//! and belong to nobody.

use sha2::{Digest, Sha256};

use crate::payments::qris::{Acquirer, Merchant, fit};

/// Bank number of the acquirer; 999 is given to no company.
const BANK_NUMBER: &str = "93600999";

/// A merchant for a shop. The same shop always has the same numbers.
pub fn of(name: &str, city: &str) -> Merchant {
    let digest = Sha256::digest(name.as_bytes());
    let digits: String = digest.iter().map(|byte| char::from(b'0' + byte % 10)).collect();
    Merchant {
        name: fit(name, 25, "WARUNG").to_uppercase(),
        city: fit(city, 15, "JAKARTA").to_uppercase(),
        postal_code: "10110".to_owned(),
        category: "5499".to_owned(),
        acquirer: Acquirer {
            domain: "ID.CO.SANDBOX.WWW".to_owned(),
            pan: format!("{BANK_NUMBER}{}", &digits[..10]),
            merchant_id: format!("SBX{}", &digits[10..19]),
            criteria: "UMI".to_owned(),
        },
        nmid: format!("ID1020{}", &digits[19..28]),
    }
}
