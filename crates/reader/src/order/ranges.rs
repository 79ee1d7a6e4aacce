//! Ranges: stops of the world, the mark phase, sweeping, mark assists.

use super::{Context, GcEvent, GcPhase, NO_STACK, Order, Output, Range, Record, Step, require};
use crate::waiters::Wait;
use crate::{EventKind, GoId, ProcId, Scope};

impl Order {
    pub(super) fn stop_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [why, stack, ..] = record.args;
        let go = require!(self.user(cx));
        let why = out.names.string(why);
        let name = out.names.stop(why);
        self.assume_stop(go, Range::Closed);
        let stops = &mut self.resources.open[go as usize].stops;
        if stops.contains(&name) {
            return Step::Refused("the goroutine has stopped the world already");
        }
        stops.push(name);
        let stack = out.names.stack(stack);
        self.put(cx, record.time, stack, EventKind::RangeBegin { scope: Scope::Go(cx.go), name }, out);
        Step::Done
    }

    pub(super) fn stop_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let go = require!(self.user(cx));
        self.assume_stop(go, Range::Open);
        let stops = &mut self.resources.open[go as usize].stops;
        if stops.is_empty() {
            return Step::Refused("the goroutine did not stop the world");
        }
        let name = stops.swap_remove(0);
        let kind = EventKind::RangeEnd { scope: Scope::Go(cx.go), name, sweep: None };
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    pub(super) fn gc_active(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let seq = record.args[0];
        if self.first {
            if self.gc.phase != GcPhase::Undetermined {
                return Step::Refused("the state of the garbage collector is known already");
            }
        } else if self.gc.phase != GcPhase::Undetermined {
            if seq != self.gc.seq.wrapping_add(1) {
                return Step::Wait(Wait::Gc);
            }
            if self.gc.phase != GcPhase::On {
                return Step::Refused("the garbage collector does not mark");
            }
            require!(self.user_of_gc(cx));
        }
        self.assume_gc(cx, GcEvent::Active, seq);
        self.set_gc(GcPhase::On, seq);
        let kind = EventKind::RangeActive { scope: Scope::Global, name: out.names.fixed.mark };
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    pub(super) fn gc_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [seq, stack, ..] = record.args;
        if self.gc.phase != GcPhase::Undetermined {
            if seq != self.gc.seq.wrapping_add(1) {
                return Step::Wait(Wait::Gc);
            }
            if self.gc.phase == GcPhase::On {
                return Step::Refused("the garbage collector marks already");
            }
            require!(self.user_of_gc(cx));
        }
        self.assume_gc(cx, GcEvent::Begin, seq);
        self.set_gc(GcPhase::On, seq);
        let stack = out.names.stack(stack);
        let kind = EventKind::RangeBegin { scope: Scope::Global, name: out.names.fixed.mark };
        self.put(cx, record.time, stack, kind, out);
        Step::Done
    }

    pub(super) fn gc_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let seq = record.args[0];
        let is_lost = !self.first && self.gc.phase == GcPhase::Undetermined;
        if seq != self.gc.seq.wrapping_add(1) && !is_lost {
            return Step::Wait(Wait::Gc);
        }
        if self.gc.phase != GcPhase::On && !is_lost {
            return Step::Refused("the garbage collector does not mark");
        }
        require!(self.user_of_gc(cx));
        self.assume_gc(cx, GcEvent::End, seq);
        self.set_gc(GcPhase::Off, seq);
        let kind = EventKind::RangeEnd { scope: Scope::Global, name: out.names.fixed.mark, sweep: None };
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }

    /// What the garbage collector does is not known any longer: its next event says so, whatever number that has.
    pub fn lose_gc(&mut self) {
        self.set_gc(GcPhase::Undetermined, self.gc.seq);
    }

    /// As for `user`; but a forced event needs no goroutine, because it says nothing about it.
    pub(super) fn user_of_gc(&self, cx: Context) -> Result<(), &'static str> {
        if cx.needs_proc { self.user(cx).map(|_| ()) } else { Ok(()) }
    }

    pub(super) fn set_gc(&mut self, phase: GcPhase, seq: u64) {
        self.gc.phase = phase;
        self.gc.seq = seq;
        self.waiters.wake(Wait::Gc);
    }

    pub(super) fn sweep_active(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let id = record.args[0];
        let index = require!(self.resources.proc_index(id).ok_or("the proc is not known"));
        self.assume_sweep(index, Range::Open);
        let proc = &mut self.resources.procs[index as usize];
        // In the first generation the range becomes known here, later it is only confirmed.
        if proc.sweeps == self.first {
            return Step::Refused(if self.first { "the proc sweeps already" } else { "the proc does not sweep" });
        }
        proc.sweeps = true;
        let scope = Scope::Proc(ProcId(id));
        self.put(cx, record.time, NO_STACK, EventKind::RangeActive { scope, name: out.names.fixed.sweep }, out);
        Step::Done
    }

    pub(super) fn sweep_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let index = require!(self.held_proc(cx));
        self.assume_sweep(index, Range::Closed);
        let proc = &mut self.resources.procs[index as usize];
        if proc.sweeps {
            return Step::Refused("the proc sweeps already");
        }
        proc.sweeps = true;
        let stack = out.names.stack(record.args[0]);
        let kind = EventKind::RangeBegin { scope: Scope::Proc(cx.proc), name: out.names.fixed.sweep };
        self.put(cx, record.time, stack, kind, out);
        Step::Done
    }

    pub(super) fn sweep_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let [swept, reclaimed, ..] = record.args;
        let index = require!(self.held_proc(cx));
        self.assume_sweep(index, Range::Open);
        let proc = &mut self.resources.procs[index as usize];
        if !proc.sweeps {
            return Step::Refused("the proc does not sweep");
        }
        proc.sweeps = false;
        let scope = Scope::Proc(cx.proc);
        let sweep = Some((swept, reclaimed));
        self.put(cx, record.time, NO_STACK, EventKind::RangeEnd { scope, name: out.names.fixed.sweep, sweep }, out);
        Step::Done
    }

    pub(super) fn assist_active(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let id = record.args[0];
        let index = require!(self.resources.go_index(id).ok_or("the goroutine is not known"));
        self.assume_assist(index, Range::Open);
        let go = &mut self.resources.gos[index as usize];
        if go.assists == self.first {
            return Step::Refused(if self.first {
                "the goroutine assists already"
            } else {
                "the goroutine does not assist"
            });
        }
        go.assists = true;
        let scope = Scope::Go(GoId(id));
        self.put(cx, record.time, NO_STACK, EventKind::RangeActive { scope, name: out.names.fixed.assist }, out);
        Step::Done
    }

    pub(super) fn assist_begin(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let index = require!(self.user(cx));
        self.assume_assist(index, Range::Closed);
        let go = &mut self.resources.gos[index as usize];
        if go.assists {
            return Step::Refused("the goroutine assists already");
        }
        go.assists = true;
        let stack = out.names.stack(record.args[0]);
        let kind = EventKind::RangeBegin { scope: Scope::Go(cx.go), name: out.names.fixed.assist };
        self.put(cx, record.time, stack, kind, out);
        Step::Done
    }

    pub(super) fn assist_end(&mut self, cx: Context, record: &Record, out: &mut Output<'_>) -> Step {
        let index = require!(self.user(cx));
        self.assume_assist(index, Range::Open);
        let go = &mut self.resources.gos[index as usize];
        if !go.assists {
            return Step::Refused("the goroutine does not assist");
        }
        go.assists = false;
        let kind = EventKind::RangeEnd { scope: Scope::Go(cx.go), name: out.names.fixed.assist, sweep: None };
        self.put(cx, record.time, NO_STACK, kind, out);
        Step::Done
    }
}
