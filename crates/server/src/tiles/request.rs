//! What the browser asks for: a viewport, a level and lanes with ranges of tiles.

use goroscope_analysis::{Lane, MAX_LEVEL};
use serde::Deserialize;

/// The most lanes of a request.
const LANES: usize = 512;
/// The most tiles of a request.
const TILES: u64 = 4096;

/// A checked request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The browser's number for it; newer ones supersede older ones.
    pub viewport: u32,
    /// Cells are 2^level ns.
    pub level: u8,
    /// Lanes with their first and last tile.
    pub lanes: Vec<(Lane, i64, i64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    viewport: u32,
    level: u8,
    lanes: Vec<(String, i64, i64)>,
}

impl Request {
    /// Reads a message, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let message: Message = serde_json::from_str(text).map_err(|error| format!("malformed request: {error}"))?;
        if message.level > MAX_LEVEL {
            return Err(format!("level {} is above {MAX_LEVEL}", message.level));
        }
        if message.lanes.len() > LANES {
            return Err(format!("{} lanes, at most {LANES} are allowed", message.lanes.len()));
        }
        let mut tiles = 0_u64;
        let mut lanes = Vec::with_capacity(message.lanes.len());
        for (key, first, last) in message.lanes {
            let Some(lane) = Lane::parse(&key) else {
                return Err(format!("no such kind of lane: {:?}", key.chars().take(40).collect::<String>()));
            };
            if last < first {
                return Err(format!("the tiles of lane {lane} end at {last}, before their begin at {first}"));
            }
            tiles = tiles.saturating_add(last.abs_diff(first).saturating_add(1));
            if tiles > TILES {
                return Err(format!("more than {TILES} tiles"));
            }
            lanes.push((lane, first, last));
        }
        Ok(Self { viewport: message.viewport, level: message.level, lanes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match Request::parse(text) {
            Ok(request) => format!("{} {} {:?}", request.viewport, request.level, request.lanes),
            Err(error) => error,
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn requests() {
        check(r#"{"viewport":12,"level":14,"lanes":[["gc",-3,5]]}"#, "12 14 [(Gc, -3, 5)]");
        check(r#"{"viewport":0,"level":62,"lanes":[]}"#, "0 62 []");
        check(r#"{"viewport":1,"level":63,"lanes":[]}"#, "level 63 is above 62");
        check(r#"{"viewport":1,"level":1,"lanes":[["go",1,2]]}"#, r#"no such kind of lane: "go""#);
        check(
            r#"{"viewport":1,"level":1,"lanes":[["gc",2,1]]}"#,
            "the tiles of lane gc end at 1, before their begin at 2",
        );
        check(r#"{"viewport":1,"level":1,"lanes":[["gc",0,4095]]}"#, "1 1 [(Gc, 0, 4095)]");
        check(r#"{"viewport":1,"level":1,"lanes":[["gc",0,4095],["stw",0,0]]}"#, "more than 4096 tiles");
        check(
            r#"{"viewport":1,"level":1,"lanes":[["gc",-9223372036854775808,9223372036854775807]]}"#,
            "more than 4096 tiles",
        );
        let many = vec![r#"["gc",0,0]"#; 513].join(",");
        check(&format!(r#"{{"viewport":1,"level":1,"lanes":[{many}]}}"#), "513 lanes, at most 512 are allowed");
        check("", "malformed request: EOF while parsing a value at line 1 column 0");
        check("[]", "malformed request: invalid length 0, expected struct Message with 3 elements at line 1 column 2");
        check(
            r#"{"viewport":-1,"level":1,"lanes":[]}"#,
            "malformed request: invalid value: integer `-1`, expected u32 at line 1 column 14",
        );
    }
}
