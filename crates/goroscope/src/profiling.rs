//! `goroscope profile`: weighted stacks of a part of a trace, in the forms of `go tool pprof`.

mod functions;
mod longest;

use crate::cli::Reading;
use crate::cli::asking::Format;
use crate::cli::profiling::{Mode, Profiling, Report, Request, Stacks};
use crate::failure::Failure;
use crate::numbers;
use crate::output::{self, Output};
use crate::{answers, console, go_profile, sources};
use anyhow::{Context, Error, Result, anyhow};
use goroscope_analysis::profile::views::{About, Ends, Lens, NoView, ProfileView, Reverse, Show, TopSort, view};
use goroscope_analysis::profile::{GoKind, PlaceOrder, Wanted, places, profile};
use goroscope_analysis::{Filter, FilterError, Trace};
use goroscope_profile::filter::{filter, tag_frames};
use goroscope_profile::flame::{self, Shape};
use goroscope_profile::graph::Trim;
use goroscope_profile::merge::{as_opened, divided};
use goroscope_profile::view::{Seen, View, Zone};
use goroscope_profile::{Pattern, Profile, encode, report};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Functions of a tree, unless somebody says how many.
const TREE: usize = 80;

/// A profile, and what is known of it.
struct Made {
    profile: Profile,
    about: About,
    filter: Filter,
    name: String,
    /// Whose functions tables have at the ends of stacks.
    ends: Ends,
}

/// Reads the trace, and prints or writes the profile.
pub fn run(reading: &Reading, asked: &Profiling) -> Result<(), Failure> {
    let request = asked.request()?;
    // What is wrong with the arguments is said before the trace is read, which may take long.
    let filter = of_trace(asked, &request)?;
    let target = match &request.report {
        Report::Flame(path) | Report::File(path) => Some(output::prepare(path, &[&asked.trace])?),
        _ => None,
    };
    if let Report::Longest(format, rows) = request.report {
        return longest(reading, asked, &request, filter, (format, rows));
    }
    let mut made = match request.mode {
        Mode::Full => of_model(reading, asked, &request, filter)?,
        Mode::Compat => as_go(reading, asked, &request)?,
    };
    if matches!(request.report, Report::Raw) {
        made.profile = as_opened(&made.profile);
    }
    // Filters see these frames, too.
    made.profile = tag_frames(&made.profile, &request.tag_frames, &request.shown);
    give(&request, &made, target.as_ref())
}

/// The filter of what is taken of the trace, if this kind of profile can follow it.
fn of_trace(asked: &Profiling, request: &Request) -> Result<Filter, Failure> {
    let filter = asked.filtering.filter()?;
    let kind = request.options.kind;
    let allowed = match request.slowest {
        Some(part) => part.allows(&filter).and_then(|()| filter.allow(kind.name(), kind.keys(&filter))),
        None => filter.allow(kind.name(), kind.keys(&filter)),
    };
    allowed.map_err(|error| wrong(&error))?;
    Ok(filter)
}

fn wrong(error: &FilterError) -> Failure {
    Failure::usage(&error.to_string())
}

fn of_model(reading: &Reading, asked: &Profiling, request: &Request, filter: Filter) -> Result<Made, Failure> {
    let opened = answers::open(reading, &asked.trace)?;
    answers::within(&opened, &filter)?;
    let trace = &opened.trace;
    let filter = narrowed(reading, request, trace, filter)?;
    let profile = profile(trace, &filter, &request.options).map_err(|error| wrong(&error))?;
    let (from, to) = filter.window(trace);
    let min = request.slowest.and(filter.min);
    let about = About { kind: request.options.kind.name(), from, to, min };
    let ends = match request.stacks {
        Stacks::Usual => Ends::usual(trace),
        Stacks::Whole => Ends::Recorded,
    };
    Ok(Made { profile, about, filter, name: opened.name, ends })
}

/// The filter with what `--slowest` means in this trace.
fn narrowed(reading: &Reading, request: &Request, trace: &Trace, filter: Filter) -> Result<Filter, Failure> {
    let Some(part) = request.slowest else { return Ok(filter) };
    let filter = part.of(trace, &filter).map_err(|error| wrong(&error))?;
    if let Some(min) = filter.min {
        console::note(reading, &format!("the slowest are those of {} and more", numbers::duration(min)));
    }
    Ok(filter)
}

/// What the profile counts, one by one.
fn longest(
    reading: &Reading,
    asked: &Profiling,
    request: &Request,
    filter: Filter,
    (format, rows): (Format, usize),
) -> Result<(), Failure> {
    let opened = answers::open(reading, &asked.trace)?;
    answers::within(&opened, &filter)?;
    let filter = narrowed(reading, request, &opened.trace, filter)?;
    let lens = Lens { frames: request.frames.clone(), granularity: request.granularity, ..Lens::default() };
    let page = (PlaceOrder::Longest, 0, rows);
    let found = places(&opened.trace, &filter, &request.options, &lens, &Wanted::default(), page);
    let found = found.map_err(|error| wrong(&error))?.ok_or_else(|| anyhow!("no states are counted"))?;
    let text = longest::text(&found, format, (&opened, &filter))?;
    console::answer(&text).context("standard output")?;
    Ok(())
}

fn as_go(reading: &Reading, asked: &Profiling, request: &Request) -> Result<Made, Failure> {
    let kind = request.options.kind;
    let of_go = GoKind::of(kind).ok_or_else(|| {
        Failure::usage(&format!(
            "go tool trace has no profile {}: --mode compat is for net, sync, syscall, sched",
            kind.name()
        ))
    })?;
    let profile = go_profile::read(reading, of_go, request.name.as_deref(), &asked.trace)?;
    let about = About { kind: kind.name(), from: 0, to: 0, min: None };
    Ok(Made {
        profile,
        about,
        filter: Filter::default(),
        name: asked.trace.display().to_string(),
        ends: Ends::Recorded,
    })
}

fn give(request: &Request, made: &Made, target: Option<&Output>) -> Result<(), Failure> {
    let profile = &made.profile;
    let value = match &request.value {
        Some(name) => Some(profile.find_type(name).ok_or_else(|| no_value(profile, name))?),
        None => None,
    };
    let view = View {
        value,
        filter: request.frames.clone(),
        granularity: request.granularity,
        shown: request.shown.clone(),
        ratio: request.ratio,
        zone: zone(profile),
        ..View::default()
    };
    let seen = || Seen::new(profile, &view);
    let trim = |usual: usize| Trim { nodes: request.nodes.unwrap_or(usual), ..request.trim };
    let text = match &request.report {
        Report::Top => {
            let seen = Seen::new(profile, &View { ends: made.ends.rule(), ..view.clone() });
            report::top_text(&seen, &report::top(&seen, &trim(0)))
        }
        Report::Tree => {
            let seen = seen();
            report::tree_text(&seen, &report::tree(&seen, &trim(TREE)))
        }
        Report::Peek(pattern) => {
            let seen = seen();
            let found = report::peek(&seen, pattern, request.trim.order);
            let found = found.ok_or_else(|| no_function(pattern))?;
            report::tree_text(&seen, &found)
        }
        Report::Traces => report::traces_text(&seen()),
        Report::Tags => {
            let seen = seen();
            report::tags_text(&seen, &report::tags(&seen))
        }
        Report::Raw => report::raw_text(&filter(profile, &request.frames), &view.zone),
        Report::Folded => report::folded_text(&seen()),
        Report::List(pattern) => {
            let listing = report::list(profile, &view, pattern);
            if listing.functions.is_empty() {
                return Err(no_function(pattern).into());
            }
            let files = listing.functions.iter().flat_map(|function| &function.files);
            let texts: BTreeMap<String, String> =
                files.filter_map(|file| Some((file.file.clone(), sources::read(&file.file)?))).collect();
            report::list_text(&listing, &texts)
        }
        // That is not of a profile.
        Report::Longest(..) => return Ok(()),
        Report::Json => answers::as_json(("profile", 1), &made.name, &made.filter, &functions(request, made)?)?,
        Report::Csv => functions::csv(&functions(request, made)?),
        Report::Flame(_) => {
            let seen = seen();
            let title = format!("{}: {}", made.name, made.about.kind);
            let picture = flame::svg(&seen, &flame::flame(&seen, &Shape::default()), &title);
            return write(target, picture.as_bytes());
        }
        Report::File(_) => {
            let filtered = filter(profile, &request.frames);
            return write(target, &encode(&divided(&filtered, request.ratio)));
        }
    };
    console::answer(&numbers::printable(&text)).context("standard output")?;
    Ok(())
}

fn write(target: Option<&Output>, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(target) = target {
        output::write(target, bytes)?;
    }
    Ok(())
}

/// The functions, with what they are worth.
fn functions(request: &Request, made: &Made) -> Result<ProfileView, Failure> {
    let lens = Lens {
        value: request.value.clone(),
        frames: request.frames.clone(),
        granularity: request.granularity,
        ends: made.ends,
    };
    let show = Show::Top {
        sort: match request.trim.order {
            goroscope_profile::graph::Order::Flat => TopSort::Flat,
            goroscope_profile::graph::Order::Cum => TopSort::Cum,
        },
        reverse: Reverse::No,
        offset: 0,
        limit: request.nodes.unwrap_or(usize::MAX),
    };
    view(made.about, &divided(&made.profile, request.ratio), &lens, &show).map_err(|missing| match missing {
        NoView::Value(_) | NoView::Function(_) => no_value(&made.profile, request.value.as_deref().unwrap_or_default()),
    })
}

/// Whose time of day the one line of a report is that says when: that of this machine, as in pprof.
fn zone(profile: &Profile) -> Zone {
    let second = profile.header().time_nanos.div_euclid(1_000_000_000);
    let there = |at| {
        let zone = TimeZone::system();
        let about = zone.to_offset_info(at);
        Zone { offset_seconds: about.offset().seconds(), name: about.abbreviation().to_owned() }
    };
    Timestamp::from_second(second).map_or_else(|_| Zone::default(), there)
}

fn no_function(pattern: &Pattern) -> Error {
    anyhow!("no function of this profile matches {}", pattern.source())
}

fn no_value(profile: &Profile, name: &str) -> Failure {
    let names: Vec<&str> = profile.sample_types().iter().map(|one| profile.text(one.kind)).collect();
    Failure::usage(&format!("--sample-index {name}: this profile has {}", names.join(", ")))
}
