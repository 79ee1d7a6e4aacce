/** One goroutine's page: where its life went, who made it, who woke it and whom it woke. */

import { signal, useSignalEffect } from '@preact/signals';
import type { GoRef, GoroutineDetails, Peer } from '../api/types';
import { count, exactDuration, share, shortFunction, time } from '../base/format';
import { goToLane, goToSpan, openGoroutine } from '../state/navigate';
import { Latest, api, reasonOf } from '../state/session';
import { page } from '../state/view';
import { Duration, Empty, Exact, Go, IconButton, Part, Row, Time } from '../widgets/basics';
import { ShareBar, ShareTable, classLabel } from '../widgets/shares';
import { Stack } from '../widgets/stack';

const shown = signal<GoroutineDetails | null>(null);
const trouble = signal<string | null>(null);
const latest = new Latest();

export function GoroutinePanel() {
  useSignalEffect(() => {
    const place = page.value;
    if (place.kind !== 'goroutine') return;
    if (shown.peek()?.go.row !== place.go) shown.value = null;
    latest.ask((signal) => api.goroutine(place.go, signal)).then(
      (answer) => {
        if (answer === null) return;
        shown.value = answer;
        trouble.value = null;
      },
      (error: unknown) => {
        shown.value = null;
        trouble.value = reasonOf(error);
      },
    );
  });
  const it = shown.value;
  if (trouble.value !== null) return <Empty>No such goroutine: {trouble.value}.</Empty>;
  if (it === null) return <Empty>Loading…</Empty>;
  return (
    <div class="panel-body" data-panel="goroutine">
      <Head it={it} />
      <Times it={it} />
      <Family it={it} />
      <Peers it={it} />
    </div>
  );
}

function Head({ it }: { readonly it: GoroutineDetails }) {
  return (
    <>
      <header class="span-head">
        <div class="span-title">
          <h2 data-field="goroutine">
            G{it.go.id} <span class="dim">{shortFunction(it.go.function)}</span>
          </h2>
          <span class="grow" />
          <IconButton icon="target" label="Show its lane" run={() => goToLane(it.go.key, { from: it.start, to: it.end })} />
        </div>
        <p class="dim wrap">{it.go.function}</p>
        {it.label === '' ? null : <p class="wrap">{it.label}</p>}
      </header>
      <dl class="facts">
        <Row name="Lived">
          <span data-field="lifetime">
            <Exact ns={it.lifetime} />
          </span>
        </Row>
        <Row name="Created">{it.created === null ? <span class="dim">before the trace</span> : <TimeLink lane={it.go.key} ns={it.created} />}</Row>
        <Row name="Ended">{it.ended === null ? <span class="dim">after the trace</span> : <Time ns={it.ended} />}</Row>
        <Row name="Creator">{it.creator === null ? <span class="dim">unknown</span> : <GoLink go={it.creator} />}</Row>
        <Row name="Spans">
          <span class="num">{count(it.spans)}</span>
          <span class="dim">
            {' '}
            · {count(it.regions)} regions · {count(it.logs)} logs · {count(it.samples)} CPU samples
          </span>
        </Row>
      </dl>
    </>
  );
}

function TimeLink({ lane, ns }: { readonly lane: string; readonly ns: number }) {
  return (
    <Go to={() => goToSpan(lane, ns)}>
      <Time ns={ns} />
    </Go>
  );
}

const GoLink = ({ go }: { readonly go: GoRef }) => (
  <Go to={() => openGoroutine(go.row)} title={go.function}>
    G{go.id} {shortFunction(go.function)}
  </Go>
);

function Times({ it }: { readonly it: GoroutineDetails }) {
  const sorted = [...it.time].sort((a, b) => b.ns - a.ns);
  const reasons = [...it.reasons].sort((a, b) => b.ns - a.ns);
  const longest = (row: { readonly longest: number; readonly longest_ts: number }) => (
    <Go to={() => goToSpan(it.go.key, row.longest_ts)} title={`Go to the longest, at ${time(row.longest_ts)}: ${exactDuration(row.longest)}`}>
      <Duration ns={row.longest} />
    </Go>
  );
  return (
    <>
      <Part title="Where the time went">
        <ShareBar slices={sorted} total={it.lifetime} />
        <ShareTable
          id="states"
          caption="State"
          total={it.lifetime}
          columns={['times', 'longest']}
          rows={sorted.map((row) => ({ class: row.class, ns: row.ns, label: classLabel(row.class), cells: [count(row.spans), longest(row)] }))}
        />
      </Part>
      {reasons.length === 0 ? null : (
        <Part title="By reason">
          <ShareTable
            id="reasons"
            caption="Reason"
            total={it.lifetime}
            columns={['times', 'longest']}
            rows={reasons.map((row) => ({ class: row.class, ns: row.ns, label: row.reason, cells: [count(row.spans), longest(row)] }))}
          />
        </Part>
      )}
      {it.ranges.length === 0 ? null : (
        <Part title="Runtime ranges">
          <ul class="list">
            {it.ranges.map((row) => (
              <li key={row.name}>
                <span>{row.name}</span>
                <span class="num dim">{count(row.count)} ×</span>
                <Duration ns={row.ns} />
                <span class="num dim">{share(it.lifetime > 0 ? row.ns / it.lifetime : 0)}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </>
  );
}

function Family({ it }: { readonly it: GoroutineDetails }) {
  return (
    <>
      {it.creation_stack.length === 0 ? null : (
        <Part title="Created at">
          <Stack frames={it.creation_stack} title={it.creator === null ? 'Stack of the creator' : `Stack of G${it.creator.id}`} />
        </Part>
      )}
      {it.children_total === 0 ? null : (
        <Part title="Children" aside={count(it.children_total)}>
          <ul class="list inline">
            {it.children.map((child) => (
              <li key={child.row}>
                <GoLink go={child} />
              </li>
            ))}
          </ul>
          {it.children_total > it.children.length ? <p class="dim">and {count(it.children_total - it.children.length)} more</p> : null}
        </Part>
      )}
    </>
  );
}

function Peers({ it }: { readonly it: GoroutineDetails }) {
  return (
    <>
      <PeerList title="Woken by" peers={it.woken_by} />
      <PeerList title="Woke" peers={it.woke} />
    </>
  );
}

function PeerList({ title, peers }: { readonly title: string; readonly peers: readonly Peer[] }) {
  if (peers.length === 0) return null;
  return (
    <Part title={title}>
      <ul class="list">
        {peers.map((peer, i) => (
          <li key={i}>
            {peer.go === null ? <span class="dim">network, timer or runtime</span> : <GoLink go={peer.go} />}
            <span class="num dim">{count(peer.count)} ×</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
