/** Everything known of the selected span: when, what, why, who woke it and whom it woke. */

import type { FlowEnd, SpanDetails } from '../api/types';
import { amount, count, duration, exactDuration, shortFunction, time, wallClock } from '../base/format';
import { termsOfLane, termsOfSpan } from '../state/carry';
import { detailsError } from '../state/details';
import { goToFlowEnd, goToFramed, goToLane, goToSpan, openGoroutine, rangeOfSelection, stepInLane, zoomTo } from '../state/navigate';
import { chosenEnd, details, filter, meta, selection } from '../state/view';
import { Duration, Empty, Exact, Go, IconButton, Part, Row, Swatch, Time } from '../widgets/basics';
import { classLabel } from '../widgets/shares';
import { Stack } from '../widgets/stack';
import { CarryLinks } from './carry_links';
import { hasCollector, offProcessor, procShort, words } from '../state/words';

export function SpanPanel() {
  const span = details.value;
  const lane = selection.value?.lane ?? '';
  if (selection.value === null) {
    return <Empty>Click a span in a lane to see what it was, why, and who was behind it.</Empty>;
  }
  if (detailsError.value !== null)
    return (
      <>
        <Empty>Nothing here: {detailsError.value}.</Empty>
        {/^(group|tasktype):/.test(lane) ? <CarryLinks what="all of this lane" terms={() => termsOfLane(filter.peek(), lane)} /> : null}
      </>
    );
  if (span === null) return <Empty>Loading…</Empty>;
  return (
    <div class="panel-body" data-panel="span">
      <Head span={span} />
      <Facts span={span} />
      <CarryLinks what={span.go === null ? 'this time' : 'this span'} terms={() => termsOfSpan(filter.peek())} />
      <Cause span={span} />
      <Stacks span={span} />
      <Effects span={span} />
      <Annotations span={span} />
    </div>
  );
}

function Head({ span }: { readonly span: SpanDetails }) {
  return (
    <header class="span-head">
      <div class="span-title">
        <Swatch id={span.class} />
        <h2>{span.value === undefined ? span.title : amount(span.value.now, span.value.unit)}</h2>
      </div>
      <div class="span-sub">
        <span class="big num" data-ns={span.dur} data-field="duration">
          {exactDuration(span.dur)}
        </span>
        <span class="grow" />
        <IconButton icon="prev" label="Previous span in this lane (,)" disabled={span.prev === null} run={() => stepInLane('prev')} />
        <IconButton icon="next" label="Next span in this lane (.)" disabled={span.next === null} run={() => stepInLane('next')} />
        <IconButton icon="zoom" label="Zoom to this span" run={() => zoomTo({ from: span.start, to: span.end })} />
        <IconButton icon="target" label="Make it the time range (R)" run={rangeOfSelection} />
      </div>
    </header>
  );
}

function Facts({ span }: { readonly span: SpanDetails }) {
  const wall = meta.value?.wall ?? null;
  const { go, proc, thread } = span;
  return (
    <dl class="facts">
      <Row name="Lane">
        <Go to={() => goToLane(span.lane, { from: span.start, to: span.end })}>{span.lane_label}</Go>
      </Row>
      <Row name="State">
        <span data-field="state">{span.state === 'syscall' && !hasCollector.value ? 'blocking' : span.state}</span>
        {classLabel(span.class).toLowerCase() === span.state ? null : <span class="dim"> · {classLabel(span.class)}</span>}
      </Row>
      {span.reason === null || span.reason === '' ? null : (
        <Row name="Reason">
          <span data-field="reason">{span.reason}</span>
        </Row>
      )}
      <Row name="Start">
        <span data-field="start">
          <Time ns={span.start} />
        </span>
        {span.open_start ? <span class="tag">began before the trace</span> : null}
        {wall === null ? null : <div class="dim num">{wallClock(wall, span.start)}</div>}
      </Row>
      <Row name="End">
        <span data-field="end">
          <Time ns={span.end} />
        </span>
        {span.open_end ? <span class="tag">goes on after the trace</span> : null}
      </Row>
      {go === null ? null : (
        <Row name={words.value.goroutine_title}>
          <Go to={() => openGoroutine(go.row)} title={go.function}>
            {words.value.goroutine_letter}
            {go.id} {shortFunction(go.function)}
          </Go>
          {span.lane === go.key ? null : (
            <Go to={() => goToSpan(go.key, span.start)} title="Show its lane">
              show lane
            </Go>
          )}
        </Row>
      )}
      {proc === null ? null : (
        <Row name={words.value.proc_title}>
          <Go to={() => goToSpan(proc.key, span.start)}>{procShort(proc)}</Go>
        </Row>
      )}
      {thread === null ? null : (
        <Row name="Thread">
          <Go to={() => goToSpan(thread.key, span.start)}>{thread.id}</Go>
        </Row>
      )}
      {span.task === null ? null : (
        <Row name={words.value.user_task_title}>
          <Go to={() => goToSpan(span.task?.key ?? '', span.start)}>
            {span.task.name} #{span.task.id}
          </Go>
        </Row>
      )}
      {span.off_cpu === undefined ? null : (
        <Row name="Off processor">
          <span class="num" data-field="off-cpu">{span.off_cpu === 0 ? `of ${duration(span.dur)} running, none` : `of ${duration(span.dur)} running, ${offProcessor(span.off_cpu, span.preempted ?? 0)}`}</span>
        </Row>
      )}
      {span.value === undefined ? null : (
        <Row name="In the trace">
          <span class="num" data-field="scale">{`${amount(span.value.least, span.value.unit)} to ${amount(span.value.most, span.value.unit)}`}</span>
        </Row>
      )}
      {span.values.map(([name, value]) => (
        <Row name={name.charAt(0).toUpperCase() + name.slice(1)} key={name}>
          <span class="num">{value}</span>
        </Row>
      ))}
    </dl>
  );
}

/** Who made the span begin; for a wait also who ended it. */
function Cause({ span }: { readonly span: SpanDetails }) {
  // A goroutine that went on by itself, after a system call say, had no cause elsewhere.
  const cause = span.cause?.kind === 'self' ? null : span.cause;
  return (
    <>
      {cause === null ? null : <FlowPart title={causeTitle(span)} end={cause} at={span.start} field="cause" />}
      {span.woken_by === null ? null : <FlowPart title="Woken by" end={span.woken_by} at={span.end} field="woken-by" />}
    </>
  );
}

function causeTitle(span: SpanDetails): string {
  if (span.cause?.kind === 'create') return 'Created by';
  return span.state === 'running' ? 'Made runnable by' : 'Woken by';
}

function FlowPart(props: { readonly title: string; readonly end: FlowEnd; readonly at: number; readonly field: string }) {
  const { end } = props;
  const { proc } = end;
  return (
    <Part title={props.title} aside={end.go === null || end.kind === 'unblock' ? undefined : end.kind}>
      <div class="flow" data-field={props.field} data-chosen={chosenEnd.value === end}>
        <FlowLink end={end} />
        <span class="dim">
          {end.ts === props.at ? 'at the same moment' : <>{exactDuration(Math.abs(props.at - end.ts))} {end.ts < props.at ? 'before' : 'after'}</>}
          {proc == null ? null : (
            <>
              {' · on '}
              <Go to={() => goToSpan(proc.key, end.ts)} title={`Show what this ${words.value.proc} did then`}>
                {procShort(proc)}
              </Go>
            </>
          )}
        </span>
      </div>
      {end.stack === undefined || end.stack.length === 0 ? null : <Stack frames={end.stack} title={end.go === null ? 'Stack then' : `Stack of ${words.value.goroutine_letter}${end.go.id} then`} />}
    </Part>
  );
}

/** Where a flow leads; plain text when it has no lane. */
function FlowLink({ end }: { readonly end: FlowEnd }) {
  const name = end.go === null ? end.lane_label || end.kind : `${words.value.goroutine_letter}${end.go.id} ${shortFunction(end.go.function)}`;
  if (end.lane === null) return <span>{name}</span>;
  return (
    <Go to={() => goToFlowEnd(end)} title={`Go there: ${time(end.ts)}`}>
      {name}
    </Go>
  );
}

function Stacks({ span }: { readonly span: SpanDetails }) {
  if (span.stack.length === 0 && span.end_stack.length === 0) return null;
  return (
    <Part title="Stacks">
      {span.stack.length === 0 ? null : (
        <div data-field="stack">
          <Stack frames={span.stack} title="At the start" />
        </div>
      )}
      {span.end_stack.length === 0 ? null : (
        <div data-field="end-stack">
          <Stack frames={span.end_stack} title="At the end" />
        </div>
      )}
    </Part>
  );
}

function Effects({ span }: { readonly span: SpanDetails }) {
  const next = span.next_effect;
  if (span.effects.length === 0 && next === null) return null;
  return (
    <Part title="Woke" aside={span.effects_total > 0 ? `${count(span.effects_total)} during this span` : 'nobody during this span'}>
      <ul class="list" data-field="effects">
        {span.effects.map((end, i) => (
          <li key={i} data-chosen={chosenEnd.value === end}>
            <FlowLink end={end} />
            <span class="dim num">+{exactDuration(end.ts - span.start)}</span>
            {end.kind === 'unblock' ? null : <span class="tag">{end.kind}</span>}
          </li>
        ))}
      </ul>
      {span.effects_total > span.effects.length ? <p class="dim">and {count(span.effects_total - span.effects.length)} more</p> : null}
      {span.effects.length > 0 || next === null ? null : (
        <div class="flow">
          <span class="dim">Next, </span>
          <span class="dim num">+{exactDuration(next.ts - span.start)}</span>
          <FlowLink end={next} />
        </div>
      )}
    </Part>
  );
}

function Annotations({ span }: { readonly span: SpanDetails }) {
  return (
    <>
      {span.regions.length === 0 ? null : (
        <Part title="Regions">
          <ul class="list">
            {span.regions.map((region, i) => (
              <li key={i}>
                <Go to={() => goToFramed(region.lane, { from: region.start, to: region.end })}>{region.name}</Go>
                <Duration ns={region.end - region.start} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      {span.logs.length === 0 ? null : (
        <Part title="Logs">
          <ul class="list logs">
            {span.logs.map((log, i) => (
              <li key={i}>
                <span class="dim num">
                  +<Exact ns={log.ts - span.start} />
                </span>
                {log.category === '' ? null : <span class="tag">{log.category}</span>}
                <span class="wrap">{log.message}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </>
  );
}
