/** What is under the pointer: what, how long, why, where; or the proportions of a cell. */

import { signal, useSignalEffect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { SpanDetails } from '../api/types';
import { amount, count, duration, share, shortFunction, time } from '../base/format';
import { Latest, api } from '../state/session';
import { type HoverInfo, hover, lanes } from '../state/view';
import { Swatch } from '../widgets/basics';
import { ShareBar, classLabel } from '../widgets/shares';
import { TopFrames } from '../widgets/stack';
import { offProcessor, words } from '../state/words';

const AWAY = 16;
const MARGIN = 8;
const FRAMES = 4;
/** Classes; see docs/http-api.md. */
const PREEMPTED = 23;
const SLEPT = 24;
const COUNTER = 25;
const SHARES = 7;
const REMEMBERED = 64;

/** Details of spans hovered lately, by lane and row. */
const known = signal<ReadonlyMap<string, SpanDetails>>(new Map());
const latest = new Latest();
let busy = false;

const keyOf = (info: HoverInfo): string | null => (info.span === undefined ? null : `${info.lane} ${info.span.row}`);

/** Asks for the hovered span's details, one question in flight; the newest hover asks next. */
async function fetchDetails(): Promise<void> {
  const info = hover.peek();
  const key = info === null ? null : keyOf(info);
  if (busy || info?.span === undefined || key === null || known.peek().has(key)) return;
  busy = true;
  try {
    const { row } = info.span;
    const span = await latest.ask((signal) => api.span(info.lane, { row }, signal));
    if (span !== null) known.value = new Map([...known.peek(), [key, span] as const].slice(-REMEMBERED));
  } catch {
    // The tooltip shows what the tile already told.
    return;
  } finally {
    busy = false;
  }
  await fetchDetails();
}

export function Tooltip() {
  const box = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    if (hover.value?.span === undefined) return;
    const timer = window.setTimeout(() => void fetchDetails(), 40);
    return () => window.clearTimeout(timer);
  });
  const info = hover.value;
  const empty = info === null || (info.span === undefined && info.cell === undefined && info.mark === undefined && info.curve === undefined);
  useLayoutEffect(() => {
    if (info !== null && box.current !== null) place(box.current, info.x, info.y);
  });
  if (empty) return null;
  const span = info.span === undefined ? undefined : known.value.get(keyOf(info) ?? '');
  return (
    <div class="tooltip" role="tooltip" ref={box}>
      {info.mark === undefined ? null : <Mark mark={info.mark} />}
      {info.span === undefined ? null : <Span info={info} span={span} />}
      {info.curve === undefined ? null : <Value lane={info.lane} curve={info.curve} />}
      {info.span === undefined && info.cell !== undefined ? <Cell cell={info.cell} /> : null}
      <div class="tip-foot">
        <span>{info.laneLabel}</span>
        <span class="num">{time(info.ts)}</span>
      </div>
    </div>
  );
}

/** Beside the pointer, never under it: the side with room wins. */
function place(box: HTMLElement, x: number, y: number): void {
  const { width, height } = box.getBoundingClientRect();
  const left = x + AWAY + width + MARGIN <= window.innerWidth ? x + AWAY : Math.max(MARGIN, x - AWAY - width);
  const top = y + AWAY + height + MARGIN <= window.innerHeight ? y + AWAY : Math.max(MARGIN, y - AWAY - height);
  box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

function Span({ info, span }: { readonly info: HoverInfo; readonly span: SpanDetails | undefined }) {
  const brief = info.span;
  if (brief === undefined) return null;
  const cause = span?.cause ?? span?.woken_by ?? null;
  const title = span?.title || brief.label || classLabel(brief.class);
  const reason = span?.reason ?? '';
  const state = [classLabel(brief.class), reason].filter((text) => text !== '' && text.toLowerCase() !== title.toLowerCase());
  return (
    <>
      <div class="tip-head">
        <Swatch id={brief.class} />
        <strong>{title}</strong>
        <span class="num">{duration(brief.end - brief.start)}</span>
      </div>
      {state.length === 0 ? null : <div class="dim">{state.join(' · ')}</div>}
      {cause === null || cause.kind === 'self' ? null : (
        <div class="dim">
          {span?.cause?.kind === 'create' ? 'created' : 'woken'} by {cause.go === null ? `the ${cause.kind}` : `${words.value.goroutine_letter}${cause.go.id} ${shortFunction(cause.go.function)}`}
        </div>
      )}
      {span?.off_cpu === undefined || span.off_cpu === 0 ? null : (
        <div class="dim">
          <Swatch id={(span.preempted ?? 0) * 2 >= span.off_cpu ? PREEMPTED : SLEPT} /> {offProcessor(span.off_cpu, span.preempted ?? 0)}
        </div>
      )}
      {span === undefined || span.stack.length === 0 ? null : <TopFrames frames={span.stack} count={FRAMES} />}
    </>
  );
}

/** What a counter stands at, or the least and the largest of a stretch. */
function Value({ lane, curve }: { readonly lane: string; readonly curve: NonNullable<HoverInfo['curve']> }) {
  const scale = lanes.value?.sections.flatMap((section) => section.lanes ?? []).find((row) => row.key === lane)?.curve;
  const unit = scale?.unit ?? '';
  const { least, most, point } = curve;
  return (
    <>
      <div class="tip-head">
        <Swatch id={COUNTER} />
        <strong data-field="value">{least === most ? amount(most, unit) : `${amount(least, unit)} to ${amount(most, unit)}`}</strong>
        {point ? <span class="num">{duration(curve.end - curve.start)}</span> : null}
      </div>
      {point ? null : <div class="dim">least and most within {duration(curve.end - curve.start)}; zoom in to see each</div>}
    </>
  );
}

function Cell({ cell }: { readonly cell: NonNullable<HoverInfo['cell']> }) {
  const slices = cell.shares.map(([id, part]) => ({ class: id, ns: part }));
  return (
    <>
      <ShareBar slices={slices} total={1} />
      <table class="tip-shares">
        <tbody>
          {cell.shares.slice(0, SHARES).map(([id, part]) => (
            <tr key={id}>
              <td>
                <Swatch id={id} />
              </td>
              <td>{classLabel(id)}</td>
              <td class="num">{share(part)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {cell.transitions > 0 ? <div class="dim">about {count(cell.transitions)} changes here; zoom in to see each</div> : null}
    </>
  );
}

function Mark({ mark }: { readonly mark: NonNullable<HoverInfo['mark']> }) {
  return (
    <div class="tip-head">
      <span class="tag">{mark.kind}</span>
      <strong class="wrap">{mark.label}</strong>
    </div>
  );
}
