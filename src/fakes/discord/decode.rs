//! The platform's mark-up as a person reads it, with bold as our `*bold*`. Source: `reference.mdx`,
//! "Message Formatting". Mark-up that the shop never means to send stays visible, so that a test finds it.

/// What is shown.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        if c == '\\'
            && let Some(next) = rest[1..].chars().next().filter(char::is_ascii_punctuation)
        {
            shown.push(next);
            taken = 1 + next.len_utf8();
        } else if rest.starts_with("**") {
            shown.push('*');
            taken = 2;
        } else if let Some((address, length)) = address(rest) {
            shown.push_str(address);
            taken = length;
        } else {
            shown.push(c);
        }
        rest = &rest[taken..];
    }
    shown
}

/// An address in angle brackets, which is shown without them.
fn address(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('<')?;
    let end = inner.find('>')?;
    let address = &inner[..end];
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    (is_web && !address.contains(char::is_whitespace)).then_some((address, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_bold_is_ours() {
        assert_eq!(shown("**Teh** \\*2\\* \\<\\@1> 1\\. a"), "*Teh* *2* <@1> 1. a");
        assert_eq!(shown("<https://a.id/x_y>. C:\\\\x \\é <@5>"), "https://a.id/x_y. C:\\x \\é <@5>");
    }
}
