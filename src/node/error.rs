//! Turns the crate's error into a JavaScript exception: its code becomes `error.code`.
//!
//! A binding that can fail returns `napi::Result<T, ErrorCode>` and uses `?`.

use crate::{Error, ErrorCode};

impl AsRef<str> for ErrorCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<Error> for napi::Error<ErrorCode> {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.message().to_owned())
    }
}
