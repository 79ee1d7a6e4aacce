import { expect, test } from 'vitest';
import type { CallGraph } from '../api/profiles';
import { luminance } from '../base/palette';
import { graphText, nodeColours } from './colours';
import { boxesOf, curveOf, layoutOf, nameLines, requestOf } from './picture';

const body: CallGraph = {
  dot: '',
  nodes: [
    { id: 'N1', name: 'a.com/b.main', file: '', flat: 0, cum: 100 },
    { id: 'N2', name: 'main.(*T).Run', file: '', flat: 90, cum: 90 },
  ],
  edges: [{ from: 'N1', to: 'N2', value: 90, residual: false }],
  hidden_nodes: 0,
};
const say = (value: number): string => `${value} ns`;
const measure = (text: string, size: number): number => text.length * size;

test('names stand in lines', () => {
  for (const [name, lines] of [
    ['a.com/b.main', ['b', 'main']],
    ['main.(*T).Run', ['main', '(*T).Run']],
    ['[running]', ['[running]']],
  ] as const) expect(nameLines(name)).toEqual(lines);
});

test('boxes are as large as their texts', () => {
  const [first, second] = boxesOf(body, 100, say, measure);
  expect(first?.lines.map((line) => line.text)).toEqual(['b', 'main', '0 of 100 ns (100.0 %)']);
  expect(second?.lines.map((line) => line.text)).toEqual(['main', '(*T).Run', '90 ns (90.0 %)']);
  expect(second?.lines[0]?.size).toBeGreaterThan(first?.lines[0]?.size ?? 0);
  for (const box of [first, second]) for (const line of box?.lines ?? []) expect(measure(line.text, line.size)).toBeLessThan(box?.width ?? 0);
});

test('an answer becomes places in the order of the request', () => {
  const request = requestOf(body, boxesOf(body, 100, say, measure), 100, say, measure);
  const layout = layoutOf(request, {
    bb: '0,0,100,50',
    objects: [
      { name: 'N2', pos: '50,40' },
      { name: 'N1', pos: '50,10' },
    ],
    edges: [{ id: '0', pos: 'e,50,30 50,15 50,18 50,22 50,25', lp: '60,20' }],
  });
  expect(layout.nodes).toEqual([
    { x: 62, y: 22 },
    { x: 62, y: 52 },
  ]);
  expect([layout.width, layout.height]).toEqual([124, 74]);
  expect(layout.edges[0]).toEqual({ path: 'M62 27C62 30 62 34 62 37', tip: 'M62 42L60.2 37 63.8 37z', label: { x: 72, y: 32 } });
});

test('a curve without an arrow has no tip', () => {
  const place = (text: string) => ({ x: Number(text.split(',')[0]), y: Number(text.split(',')[1]) });
  expect(curveOf('0,0 1,1 2,2 3,3', place)).toEqual({ path: 'M0 0C1 1 2 2 3 3', tip: '' });
  expect(curveOf('', place)).toEqual({ path: '', tip: '' });
});

test('texts are read on every box', () => {
  for (const theme of ['light', 'dark'] as const) {
    for (const share of [0, 0.001, 0.1, 0.5, 1]) {
      const [a, b] = [luminance(graphText(theme)), luminance(nodeColours(share, theme).fill)];
      expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThan(4.5);
    }
  }
});
