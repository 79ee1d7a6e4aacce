/** One goroutine's page: where its life went, who made it, who woke it and whom it woke. */

import type { GoroutineDetails, Peer, StateSpans } from '../api/types';
import { count, exactDuration, fileName, share, shortFunction, time } from '../base/format';
import { withTerms } from '../base/terms';
import { analyseGoroutine } from '../state/carry';
import { goToLane, goToSpan, openView } from '../state/navigate';
import { filter, page } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Duration, Empty, Exact, Go, IconButton, Part, Row, Time } from '../widgets/basics';
import { GoLink } from '../widgets/cells';
import { NoAnswer } from '../widgets/no_answer';
import { ShareBar, ShareTable, classLabel } from '../widgets/shares';
import { Stack, stackText } from '../widgets/stack';
import { words } from '../state/words';

/** The goroutine of the drawer. */
export function GoroutinePanel() {
  const place = page.value;
  return place.kind === 'goroutine' ? <GoroutineDetailsOf row={place.go} room="drawer" /> : null;
}

/** How much can stand side by side. */
type Room = 'drawer' | 'page';

export function GoroutineDetailsOf({ row, room }: { readonly row: number; readonly room: Room }) {
  const asked = useAnswer<GoroutineDetails>('goroutine', { go: row });
  const { answer: it, trouble } = asked;
  if (trouble !== null) return <NoAnswer asked={asked} />;
  if (it === null) return <Empty>Loading…</Empty>;
  return (
    <div class="panel-body" data-panel="goroutine">
      <Head it={it} room={room} />
      <Times it={it} room={room} />
      <Peers it={it} />
      <Family it={it} />
    </div>
  );
}

function Head({ it, room }: { readonly it: GoroutineDetails; readonly room: Room }) {
  return (
    <>
      <header class="span-head">
        <div class="span-title">
          <h2 data-field="goroutine">
            {words.value.goroutine_letter}
            {it.go.id} <span class="dim">{shortFunction(it.go.function)}</span>
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
        {it.first_run === null ? null : (
          <Row name="First ran">
            <Duration ns={it.first_run} /> <span class="dim">after its creation</span>
          </Row>
        )}
        <Row name="Creator">{it.creator === null ? <span class="dim">unknown</span> : <GoLink go={it.creator} />}</Row>
        <Row name="Spans">
          <span class="num">{count(it.spans)}</span>
          <span class="dim">
            {' '}
            · {count(it.regions)} regions · {count(it.logs)} logs · {count(it.samples)} CPU samples
          </span>
        </Row>
      </dl>
      <p class="analyse" data-field="analyse">
        <span class="dim">Analyse this {words.value.goroutine}:</span>
        {room === 'page' ? null : <Go to={() => openView('goroutines', { go: String(it.go.row) })}>its page</Go>}
        <Go to={() => analyseGoroutine('blocking', it.go.id)}>Blocking</Go>
        <Go to={() => analyseGoroutine('profiles', it.go.id)}>Profiles</Go>
        <Go to={() => openView('scheduler', { show: 'latency', list: 'worst' }, withTerms(filter.peek(), { goroutine: String(it.go.id) }))}>Scheduler latency</Go>
        <Go to={() => analyseGoroutine('regions', it.go.id)}>Regions</Go>
        <Go to={() => analyseGoroutine('events', it.go.id)}>Events</Go>
        {it.go.function === '' ? null : <Go to={() => openView('goroutines', { of: it.go.function })}>all of its function</Go>}
      </p>
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

function Times({ it, room }: { readonly it: GoroutineDetails; readonly room: Room }) {
  const columns = room === 'page' ? ['times', 'p50', 'p90', 'p99', 'longest'] : ['times', 'longest'];
  const sorted = [...it.time].sort((a, b) => b.ns - a.ns);
  const reasons = [...it.reasons].sort((a, b) => b.ns - a.ns);
  const longest = (row: { readonly longest: number; readonly longest_ts: number }) => (
    <Go to={() => goToSpan(it.go.key, row.longest_ts)} title={`Go to the longest, at ${time(row.longest_ts)}: ${exactDuration(row.longest)}`}>
      <Duration ns={row.longest} />
    </Go>
  );
  const cells = (row: StateSpans) => [count(row.spans), ...(room === 'page' ? [row.p50, row.p90, row.p99].map((ns) => <Duration ns={ns} />) : []), longest(row)];
  return (
    <>
      <Part title="Where the time went">
        <ShareBar slices={sorted} total={it.lifetime} />
        <ShareTable
          id="states"
          caption="State"
          total={it.lifetime}
          columns={columns}
          rows={sorted.map((row) => ({ class: row.class, ns: row.ns, label: classLabel(row.class), cells: cells(row) }))}
        />
      </Part>
      {reasons.length === 0 ? null : (
        <Part title="By reason">
          <ShareTable
            id="reasons"
            caption="Reason"
            total={it.lifetime}
            columns={columns}
            rows={reasons.map((row) => ({ class: row.class, ns: row.ns, label: row.reason === '' ? 'not in the trace' : row.reason, cells: cells(row) }))}
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
          <ul class="list">
            {it.children.map((child) => (
              <li key={child.row}>
                <GoLink go={child} />
                {child.created === null ? null : <TimeLink lane={child.key} ns={child.created} />}
                <span class="dim">ran</span>
                <Duration ns={child.running} />
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
      <PeerList id="woken_by" title="Who ended its waits" peers={it.woken_by} total={it.woken_by_total} lane={(peer) => [it.go.key, peer.longest_ts]} />
      <PeerList id="woke" title="Whose waits it ended" peers={it.woke} total={it.woke_total} lane={(peer) => (peer.go === null ? null : [peer.go.key, peer.longest_ts])} />
    </>
  );
}

/** `lane` tells where the longest wait is. */
function PeerList(props: { readonly id: string; readonly title: string; readonly peers: readonly Peer[]; readonly total: number; readonly lane: (peer: Peer) => readonly [string, number] | null }) {
  if (props.peers.length === 0) return null;
  return (
    <Part title={props.title} aside={count(props.total)}>
      <table class="plain peers" data-table={props.id}>
        <thead>
          <tr>
            <th scope="col">who</th>
            <th scope="col" class="num">
              times
            </th>
            <th scope="col" class="num">
              waited
            </th>
            <th scope="col" class="num">
              longest
            </th>
          </tr>
        </thead>
        <tbody>
          {props.peers.map((peer, i) => {
            const place = props.lane(peer);
            const own = peer.stack[peer.own];
            return (
              <tr key={i} title={peer.stack.length === 0 ? '' : stackText(peer.stack)}>
                <th scope="row">
                  {peer.go === null ? <span class="dim">{peer.kind}</span> : <GoLink go={peer.go} />}
                  {own === undefined ? null : (
                    <div class="dim wrap">
                      {shortFunction(own.function)} {fileName(own.file)}:{own.line}
                    </div>
                  )}
                </th>
                <td class="num">{count(peer.count)}</td>
                <td class="num">
                  <Duration ns={peer.waited} />
                </td>
                <td class="num">
                  {place === null ? (
                    <Duration ns={peer.longest} />
                  ) : (
                    <Go to={() => goToSpan(place[0], place[1])} title={`Go to the longest, at ${time(peer.longest_ts)}`}>
                      <Duration ns={peer.longest} />
                    </Go>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {props.total > props.peers.length ? <p class="dim">and {count(props.total - props.peers.length)} more</p> : null}
    </Part>
  );
}
