//! The query of a request: named values with a type and bounds, and errors that say what is allowed.

use crate::failure::Failure;
use axum::extract::Query;
use axum::http::Uri;
use std::ops::RangeInclusive;

/// The longest text that a parameter may be, in bytes.
const TEXT_BYTES: usize = 4096;

/// The parameters of a request.
#[derive(Clone, Debug)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query of a request and refuses parameters that are not in `allowed`: a typo is not silently ignored.
    pub fn read(uri: &Uri, allowed: &[&str]) -> Result<Self, Failure> {
        let pairs: Query<Vec<(String, String)>> = Query::try_from_uri(uri)
            .map_err(|error| Failure::BadRequest(format!("the query is malformed: {error}")))?;
        for (index, (name, value)) in pairs.iter().enumerate() {
            let name: &str = name;
            if !allowed.contains(&name) {
                let shown: String = name.chars().take(40).collect();
                let known = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
                return Err(Failure::BadRequest(format!("unknown parameter {shown:?}; allowed: {known}")));
            }
            if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(Failure::BadRequest(format!("parameter {name} stands there twice")));
            }
            if value.len() > TEXT_BYTES {
                return Err(Failure::BadRequest(format!("parameter {name} is longer than {TEXT_BYTES} bytes")));
            }
        }
        Ok(Self(pairs.0))
    }

    /// The text of a parameter, if it is there.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// The text of a parameter that must be there.
    pub fn need_text(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::BadRequest(format!("parameter {name} is missing")))
    }

    /// An integer within `allowed`, if it is there.
    pub fn integer(&self, name: &str, allowed: RangeInclusive<i64>) -> Result<Option<i64>, Failure> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(value) if allowed.contains(&value) => Ok(Some(value)),
            Ok(_) | Err(_) => {
                let (low, high) = allowed.into_inner();
                Err(Failure::BadRequest(format!("parameter {name} must be an integer from {low} to {high}")))
            }
        }
    }

    /// A row number, if it is there.
    pub fn row(&self, name: &str) -> Result<Option<u32>, Failure> {
        Ok(self.integer(name, 0..=i64::from(u32::MAX))?.map(|row| row as u32))
    }

    /// A count within `allowed`, or `default`.
    pub fn count(&self, name: &str, default: usize, allowed: RangeInclusive<i64>) -> Result<usize, Failure> {
        Ok(self.integer(name, allowed)?.map_or(default, |count| count as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &str) {
        let uri: Uri = format!("/x?{query}").parse().expect("a URI");
        let read = Params::read(&uri, &["cells", "q"]).and_then(|params| {
            let cells = params.count("cells", 5, 1..=10)?;
            Ok(format!("{cells} {:?}", params.text("q")))
        });
        assert_eq!(format!("{read:?}"), expected, "{query}");
    }

    #[test]
    fn queries() {
        check("", r#"Ok("5 None")"#);
        check("cells=10&q=a%20b+c%C3%A9", r#"Ok("10 Some(\"a b cé\")")"#);
        check("cells=11", r#"Err(BadRequest("parameter cells must be an integer from 1 to 10"))"#);
        check("cells=", r#"Err(BadRequest("parameter cells must be an integer from 1 to 10"))"#);
        check("cells=1e3", r#"Err(BadRequest("parameter cells must be an integer from 1 to 10"))"#);
        check("cells=99999999999999999999", r#"Err(BadRequest("parameter cells must be an integer from 1 to 10"))"#);
        check("cell=1", r#"Err(BadRequest("unknown parameter \"cell\"; allowed: cells, q"))"#);
        check("q=1&q=2", r#"Err(BadRequest("parameter q stands there twice"))"#);
    }
}
