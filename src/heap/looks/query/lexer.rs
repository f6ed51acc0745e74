//! The words of a query, each with the character at which it begins.

use super::QueryError;

/// Words at most.
const MOST: usize = 500;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    /// With its unit, if it has one.
    Number(u64),
    Operator(&'static str),
    Open,
    Close,
    End,
}

const OPERATORS: [&str; 9] = ["!~", "!=", "<=", ">=", "=", "<", ">", "~", "=="];

/// Bytes of a unit.
fn unit(name: &str) -> Option<f64> {
    Some(match name.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    })
}

pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, QueryError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = chars.get(at) {
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        if tokens.len() == MOST {
            return Err(QueryError { at, what: format!("a query has at most {MOST} words") });
        }
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '"' | '\'' => quoted(&chars, at)?,
            '@' | '0'..='9' => number(&chars, at)?,
            _ if first.is_alphabetic() || matches!(first, '_' | '$') => {
                let word: String = chars[at..]
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
                    .collect();
                let length = word.chars().count();
                (Token::Word(word), length)
            }
            _ => operator(&chars, at)?,
        };
        tokens.push((token, at));
        at += length;
    }
    tokens.push((Token::End, chars.len()));
    Ok(tokens)
}

/// A text in quotes; a backslash takes the next character for itself.
fn quoted(chars: &[char], at: usize) -> Result<(Token, usize), QueryError> {
    let mut text = String::new();
    let mut rest = chars[at + 1..].iter().enumerate();
    while let Some((index, &c)) = rest.next() {
        match c {
            _ if c == chars[at] => return Ok((Token::Text(text), index + 2)),
            '\\' => match rest.next() {
                Some((_, &next)) => text.push(next),
                None => break,
            },
            _ => text.push(c),
        }
    }
    Err(QueryError { at, what: format!("the text that begins with {} has no end", chars[at]) })
}

fn number(chars: &[char], at: usize) -> Result<(Token, usize), QueryError> {
    let is_id = chars[at] == '@';
    let from = at + usize::from(is_id);
    let word: String =
        chars[from..].iter().take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '_')).collect();
    let digits = word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len());
    let (digits, unit_name) = word.split_at(digits);
    let value: Option<f64> = digits.replace('_', "").parse().ok();
    let value = value.zip(unit(unit_name)).map(|(value, unit)| (value * unit).round());
    let is_plain = !is_id || word.chars().all(|c| c.is_ascii_digit());
    let Some(value) = value.filter(|&value| value < 2_f64.powi(53) && is_plain) else {
        let shown: String = chars[at..from].iter().collect::<String>() + &word;
        let what = format!("{shown} is no number; one looks like 100, 1.5MB, 64KiB or @1234");
        return Err(QueryError { at, what });
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number below 2^53, and digits have no sign"
    )]
    Ok((Token::Number(value as u64), word.chars().count() + from - at))
}

fn operator(chars: &[char], at: usize) -> Result<(Token, usize), QueryError> {
    let pair: String = chars[at..].iter().take(2).collect();
    let longest =
        OPERATORS.into_iter().filter(|operator| pair.starts_with(operator)).max_by_key(|one| one.len());
    match longest {
        Some("==") => Ok((Token::Operator("="), 2)),
        Some(operator) => Ok((Token::Operator(operator), operator.len())),
        None => Err(QueryError { at, what: format!("{:?} means nothing here", chars[at]) }),
    }
}
