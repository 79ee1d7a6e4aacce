import { describe, expect, test } from 'vitest';
import type { LaneTree } from '../api/types';
import { closedKey, type Layout, layoutOf, METRICS, rowAt, rowsWithin, scrollScale, stripsOf, TALLEST } from './layout';

const TREE: LaneTree = {
  sections: [
    { id: 'runtime', title: 'Runtime', lanes: [{ key: 'gc', label: 'GC' }, { key: 'stw', label: 'STW' }] },
    { id: 'procs', title: 'Procs', lanes: [{ key: 'proc:0', label: 'Proc 0', ranges: true }] },
    { id: 'threads', title: 'Threads', lanes: [] },
    {
      id: 'goroutines',
      title: 'Goroutines',
      groups: [
        { key: 'group:0', label: 'main.main', count: 1, peak: 1 },
        { key: 'group:1', label: 'main.worker', count: 1_000_000, peak: 9, depth: 2, ranges: true },
      ],
    },
  ],
};

const layout = (open: readonly string[], totals: Readonly<Record<string, number>> = {}): Layout => layoutOf(TREE, new Set(open), (g) => totals[g]);
const names = (l: Layout): string => l.blocks.map((b) => (b.kind === 'members' ? `${b.key}×${b.rows}` : b.key)).join(' ');
const MEMBER = METRICS.lane + 2 * (METRICS.region + METRICS.nested) + METRICS.ranges + METRICS.nested + METRICS.gap;

describe('layoutOf', () => {
  test.each<[string, string[], string]>([
    ['groups begin closed, empty sections are left out', [], 'runtime gc stw procs proc:0 goroutines group:0 group:1'],
    ['an open group has its members under it', ['group:1'], 'runtime gc stw procs proc:0 goroutines group:0 group:1 group:1×1000000'],
    ['a closed section hides its lanes', [closedKey('runtime'), closedKey('goroutines'), 'group:1'], 'runtime procs proc:0 goroutines'],
  ])('%s', (_, open, want) => expect(names(layout(open))).toBe(want));

  test('blocks lie one under the other without gaps', () => {
    const l = layout(['group:0', 'group:1']);
    let top = 0;
    for (const b of l.blocks) {
      expect(b.top).toBe(top);
      top += b.pitch * b.rows;
    }
    expect(l.height).toBe(top);
  });

  test('the total that the server told replaces the count', () => expect(names(layout(['group:0'], { 'group:0': 3 }))).toContain('group:0×3'));
});

test('a counter is taller, and time without a processor has a thin lane of its own', () => {
  const tree: LaneTree = {
    sections: [
      { id: 'counters', title: 'Counters', lanes: [{ key: 'counter:0', label: 'queue', curve: { unit: '', least: 0, most: 4 } }] },
      { id: 'procs', title: 'Workers', lanes: [{ key: 'proc:0', label: 'Worker 0', off: 'procoff:0' }] },
    ],
  };
  const [, counter, , proc] = layoutOf(tree, new Set(), () => undefined).blocks;
  expect(counter?.pitch).toBe(METRICS.curve + METRICS.gap);
  expect(proc?.pitch).toBe(METRICS.lane + METRICS.nested + METRICS.off + METRICS.gap);
  expect(stripsOf('counter:0', METRICS.curve, 0, false).map((s) => s.kind)).toEqual(['curve']);
  expect(stripsOf('proc:0', METRICS.lane, 0, true, true).map((s) => s.key)).toEqual(['proc:0', 'procoff:0', 'procranges:0']);
  expect(stripsOf('go:0', METRICS.lane, 0, false, true).map((s) => s.key)).toEqual(['go:0']);
});

describe('rows', () => {
  const l = layout(['group:1']);
  const members = l.blocks.find((b) => b.kind === 'members')!;

  test('a million members: only those on screen, by arithmetic', () => {
    const top = members.top + 777_777 * MEMBER + 5;
    const rows = rowsWithin(l, top, top + 600);
    expect(rows.length).toBeLessThanOrEqual(Math.ceil(600 / MEMBER) + 1);
    expect(rows[0]).toMatchObject({ index: 777_777, top: top - 5 });
    rows.forEach((r, i) => expect(r.index).toBe(777_777 + i));
  });

  test('rows of several blocks in order', () => {
    const rows = rowsWithin(l, 0, 90);
    expect(rows.map((r) => r.block.key)).toEqual(['runtime', 'gc', 'stw', 'procs']);
  });

  test.each([0, 27.9, 28, 60, 155, 1e6 + 0.5, 2e7])('rowAt(%d) agrees with rowsWithin', (y) => {
    expect(rowAt(l, y)).toEqual(rowsWithin(l, y, y + 1e-6)[0] ?? null);
  });

  test('past the end there is nothing', () => {
    expect(rowAt(l, l.height)).toBeNull();
    expect(rowsWithin(l, l.height, l.height + 100)).toEqual([]);
  });
});

test.each([
  ['go:7', 2, true, ['go:7', 'goranges:7', 'regions:7:0', 'regions:7:1']],
  ['go:7', 0, false, ['go:7']],
  ['proc:3', 0, true, ['proc:3', 'procranges:3']],
  ['task:1', 3, true, ['task:1']],
])('%s with depth %d and ranges %s has strips %o that do not overlap', (key, depth, ranges, keys) => {
  const strips = stripsOf(key, METRICS.lane, depth, ranges);
  expect(strips.map((s) => s.key)).toEqual(keys);
  strips.forEach((s, i) => expect(s.dy).toBeGreaterThanOrEqual(i === 0 ? 0 : strips[i - 1]!.dy + strips[i - 1]!.height));
});

describe('scrollScale', () => {
  test('is one for what fits an element', () => expect(scrollScale(1e6, 900)).toBe(1));
  test('maps the ends of a scaled bar to the ends of the content', () => {
    const content = 90e6;
    expect((TALLEST - 900) * scrollScale(content, 900)).toBeCloseTo(content - 900, 3);
  });
  test('is one when nothing scrolls', () => expect(scrollScale(100, 900)).toBe(1));
});
