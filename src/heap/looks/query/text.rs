//! Whether a text is like a pattern: `*` is any text and `?` any character; a pattern with neither is looked for anywhere
//! in it. Quadratic at worst, and both are short.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Somewhere in it.
    Within(String),
    /// All of it.
    Glob(Vec<char>),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        if text.contains(['*', '?']) {
            Self::Glob(text.chars().collect())
        } else {
            Self::Within(text.to_owned())
        }
    }

    pub(super) fn is_like(&self, text: &str) -> bool {
        match self {
            Self::Within(part) => text.contains(part),
            Self::Glob(pattern) => glob(pattern, text),
        }
    }
}

fn glob(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // The last star, and where what it stands for ends so far.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(from) {
            Some('*') => {
                star = Some((from, at));
                from += 1;
            }
            Some(&c) if c == '?' || c == text[at] => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((begin, end)) = star else { return false };
                star = Some((begin, end + 1));
                at = end + 1;
                from = begin + 1;
            }
        }
    }
    pattern[from..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the definition.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            Some((&c, rest)) => {
                text.split_first().is_some_and(|(&first, more)| (c == '?' || c == first) && naive(rest, more))
            }
        }
    }

    proptest! {
        #[test]
        fn patterns_match_what_they_mean(pattern in "[ab?*]{0,7}", text in "[ab]{0,8}") {
            let chars: Vec<char> = pattern.chars().collect();
            let letters: Vec<char> = text.chars().collect();
            prop_assert_eq!(glob(&chars, &text), naive(&chars, &letters));
        }
    }

    #[test]
    fn without_stars_it_is_looked_for_anywhere() {
        assert!(Pattern::new("ess").is_like("Session"));
        assert!(!Pattern::new("ess*").is_like("Session"));
        assert!(Pattern::new("Ses*n").is_like("Session"));
    }
}
