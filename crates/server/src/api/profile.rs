//! Profiles: what a page shows of one, and the file for `go tool pprof`.
//!
//! A page looks at one profile from many sides. The last few are kept, so that only the first look walks over the trace.

use super::Site;
use super::answers::{filter, refused};
use crate::failure::Failure;
use crate::params::Params;
use axum::Router;
use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use goroscope_analysis::profile::views::{About, Body, Direction, Ends, Lens, NoView, Reverse, Show, TopSort, view};
use goroscope_analysis::profile::{
    self, FramePattern, Granularity, Kind, LabelKey, Options, PatternError, Profile, Rate, StackOf,
};
use goroscope_analysis::{Filter, Slowest, Trace};
use std::sync::{Arc, Mutex, PoisonError};

/// Profiles that are kept.
const KEPT: usize = 4;

/// What makes a profile.
pub(super) const MAKING: [&str; 6] = ["kind", "filter", "slowest", "by", "labels", "rate"];
/// What leaves samples and frames out.
pub(super) const FRAMES: [&str; 4] = ["focus", "ignore", "hide", "show"];
/// What a view is of, and how large.
const VIEWING: [&str; 13] = [
    "root",
    "view",
    "type",
    "granularity",
    "ends",
    "sort",
    "order",
    "offset",
    "limit",
    "width",
    "function",
    "match",
    "nodes",
];

/// The paths.
pub(super) fn routes() -> Router<Site> {
    Router::new().route("/{token}/api/profile", get(shown)).route("/{token}/api/profile.pb.gz", get(written))
}

/// The profiles that were asked for last, the last one first.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<Mutex<Vec<Entry>>>);

/// What a profile was made of, as text, and the profile.
type Entry = (String, Arc<Made>);

/// A profile, and what is known of it.
#[derive(Debug)]
struct Made {
    profile: Profile,
    about: About,
}

impl Kept {
    /// The profile of this key, which is computed if it is not there. Two that ask for it at once both do that.
    fn get(&self, key: &str, compute: impl FnOnce() -> Result<Made, Failure>) -> Result<Arc<Made>, Failure> {
        if let Some(made) = self.find(key) {
            return Ok(made);
        }
        let made = Arc::new(compute()?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.insert(0, (key.to_owned(), Arc::clone(&made)));
        Ok(made)
    }

    fn find(&self, key: &str) -> Option<Arc<Made>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(known, _)| known == key)?;
        let found = kept.remove(place);
        let made = Arc::clone(&found.1);
        kept.insert(0, found);
        Some(made)
    }
}

/// How to make a profile.
pub(super) struct Making {
    filter: Filter,
    slowest: Option<Slowest>,
    pub(super) options: Options,
}

impl Making {
    pub(super) fn of(params: &Params) -> Result<Self, Failure> {
        let bad = |name: &str, error: String| Failure::BadRequest(format!("parameter {name}: {error}"));
        let kind = Kind::parse(params.need_text("kind")?).map_err(|error| bad("kind", error))?;
        let labels = params.text("labels").unwrap_or_default();
        let stack_of = match params.text("by") {
            None => StackOf::Goroutine,
            Some("waker") if kind == Kind::Sched => StackOf::Waker,
            Some(_) => return Err(bad("by", "only waker, and only for sched".to_owned())),
        };
        let rate = params.integer("rate", 1..=i64::from(Rate::MAX))?;
        let slowest = params.text("slowest").map(Slowest::parse).transpose();
        Ok(Self {
            filter: filter(params)?,
            slowest: slowest.map_err(|error| bad("slowest", error.to_string()))?,
            options: Options {
                kind,
                stack_of,
                labels: LabelKey::parse_list(labels).map_err(|error| bad("labels", error))?,
                rate: rate.and_then(|rate| Rate::new(rate as u32)),
            },
        })
    }

    fn key(&self) -> String {
        let Self { filter, slowest, options } = self;
        format!("{options:?} {slowest:?} {filter}")
    }

    /// The filter, with what `slowest` was resolved to.
    pub(super) fn narrowed(&self, trace: &Trace) -> Result<Filter, Failure> {
        match self.slowest {
            Some(part) => part.of(trace, &self.filter).map_err(|error| refused(&error)),
            None => Ok(self.filter.clone()),
        }
    }

    fn make(&self, trace: &Trace) -> Result<Made, Failure> {
        let filter = self.narrowed(trace)?;
        let profile = profile::profile(trace, &filter, &self.options).map_err(|error| refused(&error))?;
        let (from, to) = filter.window(trace);
        let min = self.slowest.and(filter.min);
        Ok(Made { profile, about: About { kind: self.options.kind.name(), from, to, min } })
    }
}

async fn shown(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &[&MAKING[..], &FRAMES, &VIEWING].concat())?;
    let (making, mut lens, show) = (Making::of(&params)?, lens(&params)?, show(&params)?);
    let ends = match params.text("ends") {
        None => None,
        Some("recorded") => Some(Ends::Recorded),
        Some(_) => return Err(Failure::BadRequest("parameter ends: only recorded".to_owned())),
    };
    let (kept, sources) = (site.profiles.clone(), site.sources.clone());
    site.answer(move |trace| {
        let made = kept.get(&making.key(), || making.make(trace))?;
        lens.ends = ends.unwrap_or_else(|| Ends::usual(trace));
        let mut answer = view(made.about, &made.profile, &lens, &show).map_err(|missing| match missing {
            NoView::Value(names) => Failure::BadRequest(format!("parameter type: this profile has {names}")),
            NoView::Function(name) => Failure::NotFound(format!("no function {name} in this profile")),
        })?;
        if let Body::List(list) = &mut answer.body {
            // The names of the files are from the frames of the trace, never from the request.
            list.add_source(&|file| sources.read(file));
        }
        Ok(answer)
    })
    .await
}

async fn written(State(site): State<Site>, uri: Uri) -> Result<Response, Failure> {
    let params = Params::read(&uri, &[&MAKING[..], &FRAMES].concat())?;
    let (making, lens) = (Making::of(&params)?, lens(&params)?);
    let name = file_name(site.place.name(), making.options.kind);
    let kept = site.profiles.clone();
    let bytes = site
        .compute(move |trace| {
            let made = kept.get(&making.key(), || making.make(trace))?;
            Ok(profile::encode(&lens.filtered(&made.profile)))
        })
        .await?;
    let disposition =
        HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(|_| Failure::Internal)?;
    let kind = HeaderValue::from_static("application/octet-stream");
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Bytes::from(bytes)).into_response())
}

/// What a file is called: the trace's name without what a header or a file system could take amiss, and the kind.
fn file_name(trace: &str, kind: Kind) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = trace.chars().filter(is_plain).take(100).collect();
    let name = name.trim_start_matches('.');
    let name = if name.is_empty() { "trace" } else { name };
    format!("{name}.{}.pb.gz", kind.name())
}

pub(super) fn lens(params: &Params) -> Result<Lens, Failure> {
    let mut lens = Lens { value: params.text("type").map(str::to_owned), ..Lens::default() };
    for name in FRAMES {
        if let Some(pattern) = params.text(name) {
            lens.set(name, pattern).map_err(|error| bad_pattern(name, &error))?;
        }
    }
    lens.granularity = match params.text("granularity") {
        None | Some("functions") => Granularity::Functions,
        Some("filefunctions") => Granularity::FileFunctions,
        Some("files") => Granularity::Files,
        Some("lines") => Granularity::Lines,
        Some(_) => {
            let known = "functions, filefunctions, files, lines";
            return Err(Failure::BadRequest(format!("parameter granularity must be one of {known}")));
        }
    };
    Ok(lens)
}

fn show(params: &Params) -> Result<Show, Failure> {
    let offset = params.count("offset", 0, 0..=i64::from(u32::MAX))?;
    let limit = params.count("limit", 100, 0..=1000)?;
    let width = params.count("width", 1200, 100..=10_000)? as u32;
    match params.text("view") {
        None | Some("top") => {
            let sort = TopSort::parse(params.text("sort").unwrap_or("flat"));
            let sort = sort.map_err(|error| Failure::BadRequest(format!("parameter sort: {error}")))?;
            let usual = if sort == TopSort::Name { "asc" } else { "desc" };
            let reverse = match params.text("order").unwrap_or(usual) {
                order @ ("asc" | "desc") if order == usual => Reverse::No,
                "asc" | "desc" => Reverse::Yes,
                _ => return Err(Failure::BadRequest("parameter order must be asc or desc".to_owned())),
            };
            Ok(Show::Top { sort, reverse, offset, limit })
        }
        Some("flame") => {
            let direction = match params.text("root") {
                None => Direction::FromRoot,
                Some("leaf") => Direction::FromLeaf,
                Some(_) => return Err(Failure::BadRequest("parameter root: only leaf".to_owned())),
            };
            Ok(Show::Flame { width, direction })
        }
        Some("sandwich") => Ok(Show::Sandwich { function: params.need_text("function")?.to_owned(), width }),
        Some("graph") => Ok(Show::Graph { nodes: params.count("nodes", 80, 1..=500)? }),
        Some("traces") => Ok(Show::Traces { offset, limit }),
        Some("list") => {
            let functions = FramePattern::new(params.need_text("match")?);
            Ok(Show::List { functions: functions.map_err(|error| bad_pattern("match", &error))? })
        }
        Some(_) => {
            let known = "top, flame, sandwich, graph, traces, list";
            Err(Failure::BadRequest(format!("parameter view must be one of {known}")))
        }
    }
}

fn bad_pattern(name: &str, error: &PatternError) -> Failure {
    Failure::BadRequest(format!("parameter {name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names() {
        for (trace, expected) in [
            ("trace.out", "trace.out.net.pb.gz"),
            ("../a \"b\"\r\n.trace", "ab.trace.net.pb.gz"),
            ("日本", "trace.net.pb.gz"),
        ] {
            assert_eq!(file_name(trace, Kind::Net), expected, "{trace}");
        }
    }
}
