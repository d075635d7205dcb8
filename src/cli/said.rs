//! What operators say of shops and people: each text is what it is called, or is refused with what to write.

use crate::domain::goods::MAX_NAME_CHARS;

/// Characters of an e-mail address, after RFC 5321.
const MAX_EMAIL_CHARS: usize = 254;
/// Characters of a slug.
const MAX_SLUG_CHARS: usize = 60;
/// Characters of a street or a city.
const MAX_PLACE_CHARS: usize = 300;

/// Takes texts and keeps what is wrong with them, so that everything is told at once.
#[derive(Debug, Default)]
pub(super) struct Said {
    problems: Vec<String>,
}

impl Said {
    /// Every problem in one line, where there is any.
    pub(super) fn problems(self) -> Option<String> {
        (!self.problems.is_empty()).then(|| self.problems.join("; "))
    }

    fn refuse(&mut self, what: &str, text: &str, why: &str) -> String {
        self.problems.push(format!("{what} {text:?} {why}"));
        String::new()
    }

    /// A name of a shop or a person.
    pub(super) fn name(&mut self, what: &str, text: &str) -> String {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !name.chars().any(char::is_alphanumeric) {
            return self.refuse(what, text, "is no name; write one");
        }
        if name.chars().count() > MAX_NAME_CHARS {
            return self.refuse(
                what,
                text,
                &format!("is longer than {MAX_NAME_CHARS} characters; shorten it"),
            );
        }
        if name.contains(char::is_control) {
            return self.refuse(what, text, "holds control characters; take them out");
        }
        name
    }

    /// A place that may be left out, but not be empty.
    pub(super) fn place(&mut self, what: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        let place = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !place.chars().any(char::is_alphanumeric) || place.chars().count() > MAX_PLACE_CHARS {
            self.refuse(what, text, "is no place; write one, or leave it out");
        }
        Some(place)
    }

    /// A phone number, in the +62 form.
    pub(super) fn phone(&mut self, what: &str, text: &str) -> String {
        crate::dialogue::understand::phone(text).unwrap_or_else(|| {
            self.refuse(what, text, "is no phone number; write it such as 081234567890 or +6281234567890")
        })
    }

    /// An e-mail address: something, an at sign, and a domain with a dot in it.
    pub(super) fn email(&mut self, what: &str, text: &str) -> String {
        let email = text.trim();
        let parts = email.split_once('@').filter(|(_, domain)| !domain.contains('@'));
        let is_domain = |domain: &str| {
            let labels: Vec<&str> = domain.split('.').collect();
            labels.len() > 1 && labels.iter().all(|label| !label.is_empty())
        };
        let is_plain = !email.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        let fits = email.chars().count() <= MAX_EMAIL_CHARS;
        if is_plain && fits && parts.is_some_and(|(who, domain)| !who.is_empty() && is_domain(domain)) {
            return email.to_owned();
        }
        self.refuse(what, text, "is no e-mail address; write it such as sari@example.com")
    }

    /// A name for addresses and commands.
    pub(super) fn slug(&mut self, what: &str, text: &str) -> String {
        let letters =
            text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let is_slug = letters
            && (1..=MAX_SLUG_CHARS).contains(&text.len())
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if is_slug {
            return text.to_owned();
        }
        self.refuse(
            what,
            text,
            "is no slug; write lower-case letters, digits and single hyphens, such as kopi-senja",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&mut Said, &str);

    #[test]
    fn texts_that_are_not_what_they_are_called_are_refused() {
        let (name, phone): (Check, Check) =
            (|it, text| drop(it.name("n", text)), |it, text| drop(it.phone("p", text)));
        let (email, slug): (Check, Check) =
            (|it, text| drop(it.email("e", text)), |it, text| drop(it.slug("s", text)));
        let place: Check = |it, text| drop(it.place("p", Some(text)));
        let long = "x".repeat(400);
        for (check, good, bad) in [
            (
                name,
                vec!["Kopi Senja", "茶", "24 Jam", "Toko O'Neil"],
                vec!["", "  ", "...", "\u{200b}", "a\u{7}", &long],
            ),
            (
                phone,
                vec!["081234567890", "+62 812-3456-7890", "(0251) 831 2345", "+65 8123 4567"],
                vec!["", "abc", "12", "0812abc", "08123456789012345678"],
            ),
            (
                email,
                vec!["s@example.com", "a.b+c@toko.co.id"],
                vec!["", "@", "s@", "@x.id", "s@x", "s@x..id", "a b@x.id", "a@b@c.id", &long],
            ),
            (
                slug,
                vec!["kopi-senja", "24jam"],
                vec!["", "-x", "x-", "x--y", "Kopi", "kopi senja", "../x", &long],
            ),
            (place, vec!["Jl. Melati 1"], vec!["", " ", "-", &long]),
        ] {
            for text in good {
                let mut said = Said::default();
                check(&mut said, text);
                assert_eq!(said.problems(), None, "{text}");
            }
            for text in bad {
                let mut said = Said::default();
                check(&mut said, text);
                assert!(said.problems().is_some(), "{text:?}");
            }
        }
    }
}
