import { expect, test } from 'vitest';
import type { FlowEnd, SpanDetails } from '../api/types';
import { endToFollow, endsOf, flowsOf } from './details';

const end = (part: Partial<FlowEnd>): FlowEnd => ({ go: null, ts: 0, lane: null, lane_label: '', kind: 'unblock', ...part });

const span = (part: Partial<SpanDetails>): SpanDetails => ({
  lane: 'go:1',
  lane_label: 'G1',
  row: 0,
  start: 100,
  end: 200,
  dur: 100,
  class: 1,
  state: 'running',
  reason: null,
  title: 'running',
  open_start: false,
  open_end: false,
  go: null,
  proc: null,
  thread: null,
  stack: [],
  end_stack: [],
  cause: null,
  woken_by: null,
  effects: [],
  effects_total: 0,
  next_effect: null,
  prev: null,
  next: null,
  regions: [],
  task: null,
  logs: [],
  values: [],
  ...part,
});

const proc = { key: 'proc:0', row: 0, id: 0 };
const arrows = (details: SpanDetails, lane: string): string[] => flowsOf(details, lane).map((flow) => `${flow.kind} ${flow.from.lane}@${flow.from.ts} ${flow.to.lane}@${flow.to.ts}`);

test.each<[string, Partial<SpanDetails>, string, string[]]>([
  ['nothing', {}, 'go:1', []],
  ['a cause', { cause: end({ lane: 'go:2', ts: 90 }) }, 'go:1', ['cause go:2@90 go:1@100']],
  ['a cause on proc 0, seen on a proc', { cause: end({ lane: 'go:2', ts: 90, proc }) }, 'proc:1', ['cause proc:0@90 proc:1@100']],
  ['the network, noticed on a proc', { cause: end({ kind: 'network', ts: 95, proc }) }, 'go:1', ['cause proc:0@95 go:1@100']],
  ['no place to draw from', { cause: end({ kind: 'network', ts: 95 }) }, 'go:1', []],
  ['itself', { cause: end({ kind: 'self', lane: 'go:1', ts: 100 }) }, 'go:1', []],
  ['who ended a wait', { woken_by: end({ lane: 'go:3', ts: 200 }) }, 'go:1', ['cause go:3@200 go:1@200']],
  ['effects', { effects: [end({ lane: 'go:4', ts: 150 }), end({ ts: 160 })] }, 'go:1', ['effect go:1@150 go:4@150']],
])('%s', (_, part, lane, expected) => expect(arrows(span(part), lane)).toEqual(expected));

test('at most two dozen effects are drawn', () => {
  const effects = Array.from({ length: 50 }, (_, i) => end({ lane: `go:${i}`, ts: 100 + i }));
  expect(flowsOf(span({ effects }), 'go:1')).toHaveLength(24);
});

test('a chosen effect is drawn wherever it stands, and followed', () => {
  const effects = Array.from({ length: 50 }, (_, i) => end({ lane: `go:${i}`, ts: 100 + i }));
  const details = span({ effects });
  const chosen = effects[40] ?? null;
  expect(flowsOf(details, 'go:1', chosen).filter((flow) => flow.chosen === true)).toEqual([{ from: { lane: 'go:1', ts: 140 }, to: { lane: 'go:40', ts: 140 }, kind: 'effect', chosen: true }]);
  expect(endToFollow(details, 'effect', chosen)).toBe(chosen);
  expect(endToFollow(details, 'effect', null)).toBe(effects[0]);
  expect(endToFollow(details, 'cause', chosen)).toBeUndefined();
});

test('only other lanes are gone to', () => {
  const woken_by = end({ lane: 'go:3', ts: 200 });
  expect(endsOf(span({ cause: end({ kind: 'self', lane: 'go:1' }), woken_by }), 'cause')).toEqual([woken_by]);
  const next_effect = end({ lane: 'go:4', ts: 300 });
  expect(endsOf(span({ effects: [end({ ts: 150 })], next_effect }), 'effect')).toEqual([]);
  expect(endsOf(span({ next_effect }), 'effect')).toEqual([next_effect]);
});
