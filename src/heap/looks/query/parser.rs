//! From words to comparisons.

use super::lexer::{Token, tokens};
use super::text::Pattern;
use super::{FIELDS, Field, MOST, Number, Query, QueryError, Text};

/// Parentheses and `not` within one another.
const DEEPEST: usize = 40;

/// What has to hold of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Number(Number, Compare, u64),
    /// `usize` numbers the comparison of texts.
    Text(Text, TextTest, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextTest {
    Equal(String),
    Different(String),
    Like(Pattern),
    Unlike(Pattern),
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    texts: usize,
}

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, texts: 0 };
    let none = matches!(parser.peek(), Token::End) || parser.is_word("sort") || parser.is_word("limit");
    let filter = if none { Expression::All(Vec::new()) } else { parser.any(0)? };
    let (mut sort, mut ascending) = (Number::Retained, false);
    if parser.take_word("sort") {
        parser.take_word("by");
        let at = parser.at();
        sort = match parser.field()? {
            (_, Field::Number(number)) => number,
            (name, Field::Text(_)) => {
                let what = format!("{name} is a text: sort by self, retained, distance, edges or id");
                return Err(QueryError { at, what });
            }
        };
        ascending = parser.take_word("asc");
        if !ascending {
            parser.take_word("desc");
        }
    }
    let mut limit = None;
    if parser.take_word("limit") {
        match *parser.peek() {
            Token::Number(number) if number <= MOST as u64 => {
                limit = usize::try_from(number).ok();
                parser.next += 1;
            }
            _ => return Err(parser.expected(&format!("a number up to {MOST}"))),
        }
    }
    match parser.peek() {
        Token::End => Ok(Query { filter, sort, ascending, limit }),
        _ => Err(parser.expected("and, or, sort, limit or the end")),
    }
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> usize {
        self.tokens[self.next].1
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(name) if name.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.next += usize::from(is);
        is
    }

    fn expected(&self, what: &str) -> QueryError {
        let got = match self.peek() {
            Token::Word(word) => word.clone(),
            Token::Text(text) => format!("{text:?}"),
            Token::Number(number) => number.to_string(),
            Token::Operator(operator) => (*operator).to_owned(),
            Token::Open => "(".to_owned(),
            Token::Close => ")".to_owned(),
            Token::End => "the end".to_owned(),
        };
        QueryError { at: self.at(), what: format!("{what} expected, got {got}") }
    }

    fn any(&mut self, depth: usize) -> Result<Expression, QueryError> {
        let mut list = vec![self.all(depth)?];
        while self.take_word("or") {
            list.push(self.all(depth)?);
        }
        Ok(Expression::Any(list))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, QueryError> {
        let mut list = vec![self.one(depth)?];
        while self.take_word("and") {
            list.push(self.one(depth)?);
        }
        Ok(Expression::All(list))
    }

    fn one(&mut self, depth: usize) -> Result<Expression, QueryError> {
        if depth > DEEPEST {
            let what = format!("more than {DEEPEST} parentheses within one another");
            return Err(QueryError { at: self.at(), what });
        }
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.one(depth + 1)?)));
        }
        if *self.peek() == Token::Open {
            self.next += 1;
            let inner = self.any(depth + 1)?;
            if *self.peek() != Token::Close {
                return Err(self.expected("and, or or a closing parenthesis"));
            }
            self.next += 1;
            return Ok(inner);
        }
        self.comparison()
    }

    fn field(&mut self) -> Result<(&'static str, Field), QueryError> {
        let known = match self.peek() {
            Token::Word(word) => FIELDS.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name)),
            _ => None,
        };
        let Some(field) = known else {
            let names: Vec<&str> = FIELDS.iter().map(|&(name, _)| name).collect();
            return Err(self.expected(&format!("one of {}", names.join(", "))));
        };
        self.next += 1;
        Ok(field)
    }

    fn comparison(&mut self) -> Result<Expression, QueryError> {
        let (name, field) = self.field()?;
        let at = self.at();
        let &Token::Operator(operator) = self.peek() else {
            return Err(self.expected(&format!("a comparison after {name} (= != < <= > >= ~ !~)")));
        };
        self.next += 1;
        let value = self.peek().clone();
        match (field, value) {
            (Field::Number(number), Token::Number(value)) => {
                let compare = match operator {
                    "=" => Compare::Equal,
                    "!=" => Compare::Different,
                    "<" => Compare::Less,
                    "<=" => Compare::AtMost,
                    ">" => Compare::More,
                    ">=" => Compare::AtLeast,
                    _ => {
                        return Err(QueryError {
                            at,
                            what: format!("{name} is a number: {operator} is for texts"),
                        });
                    }
                };
                self.next += 1;
                Ok(Expression::Number(number, compare, value))
            }
            (Field::Number(_), _) => Err(self.expected(&format!("a number for {name}"))),
            (Field::Text(field), Token::Text(value)) => {
                let test = match operator {
                    "=" => TextTest::Equal(value),
                    "!=" => TextTest::Different(value),
                    "~" => TextTest::Like(Pattern::new(&value)),
                    "!~" => TextTest::Unlike(Pattern::new(&value)),
                    _ => {
                        return Err(QueryError {
                            at,
                            what: format!("{name} is a text: {operator} is for numbers"),
                        });
                    }
                };
                self.next += 1;
                self.texts += 1;
                Ok(Expression::Text(field, test, self.texts - 1))
            }
            (Field::Text(_), _) => Err(self.expected(&format!("a text in quotes for {name}"))),
        }
    }
}
