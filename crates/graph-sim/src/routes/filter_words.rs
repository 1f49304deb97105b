//! The words of `$filter` and `$search`.

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// A property path, an operator, a number, a moment, an id.
    Name(String),
    /// Text in single quotes, which doubles them inside.
    Text(String),
    /// A bracket, a comma or a colon.
    Sign(char),
}

/// Splits a filter into words; none where a quote is never closed.
pub fn words(text: &str) -> Option<Vec<Word>> {
    let mut words: Vec<Word> = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            blank if blank.is_whitespace() => {}
            '(' | ')' | ',' => words.push(Word::Sign(letter)),
            // A colon inside a moment belongs to it; one after a variable stands alone.
            ':' => words.push(Word::Sign(letter)),
            '\'' => {
                let mut inside = String::new();
                loop {
                    match (letters.next()?, letters.peek()) {
                        ('\'', Some('\'')) => {
                            letters.next();
                            inside.push('\'');
                        }
                        ('\'', _) => break,
                        (other, _) => inside.push(other),
                    }
                }
                words.push(Word::Text(inside));
            }
            other => {
                let mut name = String::from(other);
                while let Some(more) = letters.next_if(|more| {
                    let in_moment = *more == ':' && name.starts_with(|first: char| first.is_ascii_digit());
                    in_moment || !(more.is_whitespace() || "(),:'".contains(*more))
                }) {
                    name.push(more);
                }
                words.push(Word::Name(name));
            }
        }
    }
    Some(words)
}

/// One demand of `$search`: `"displayName:anders"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub property: String,
    pub text: String,
}

/// Splits `$search` into alternatives of demands that must all be met.
pub fn search(text: &str) -> Option<Vec<Vec<Demand>>> {
    let mut any: Vec<Vec<Demand>> = vec![Vec::new()];
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("OR ") {
            any.push(Vec::new());
            rest = after.trim_start();
        } else if let Some(after) = rest.strip_prefix("AND ") {
            rest = after.trim_start();
        }
        let (demand, after) = rest.strip_prefix('"')?.split_once('"')?;
        let (property, wanted) = demand.split_once(':')?;
        any.last_mut()?.push(Demand { property: property.to_owned(), text: wanted.to_lowercase() });
        rest = after.trim_start();
    }
    any.iter().all(|all| !all.is_empty()).then_some(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_moments_and_brackets_keep_together() {
        let name = |text: &str| Word::Name(text.to_owned());
        let found = words("startsWith(displayName,'O''B') and createdDateTime le 2026-01-01T00:00:00Z").unwrap();
        assert_eq!(found[4], Word::Text("O'B".to_owned()));
        assert_eq!(found.last(), Some(&name("2026-01-01T00:00:00Z")));
        assert_eq!(words("a/any(x:x/skuId eq 1)").unwrap().len(), 8);
        assert_eq!(words("displayName eq 'open"), None);
        assert_eq!(search("\"displayName:an\" OR \"mail:x\"").unwrap().len(), 2);
        assert_eq!(search("displayName:an"), None);
    }
}
