import { expect, test } from 'vitest';
import type { Box } from '../api/profiles';
import { boxAt, matchesOf, pathTo, plant, step } from './tree';

const box = (parent: number | null, depth: number, name: string, value: number, rest = false): Box => ({ parent, depth, name, file: '', x: 0, value, self: 0, rest });

const BOXES = [box(null, 0, 'root', 100), box(0, 1, 'b.read', 30), box(0, 1, 'a.Main', 60), box(0, 1, '', 10, true), box(2, 2, 'c.Read', 40), box(4, 3, 'd.reader', 40)];

const lefts = (order: 'name' | 'heavy', boxes = BOXES): number[] => [...plant(boxes, order).left].map((x) => Math.round(x * 100));

test('children stand by name, or the heaviest first; what is summed up is last', () => {
  expect(lefts('name')).toEqual([0, 60, 0, 90, 0, 0]);
  expect(lefts('heavy')).toEqual([0, 60, 0, 90, 0, 0]);
  const swapped = BOXES.map((it) => (it.name === 'b.read' ? { ...it, value: 70 } : it.name === 'a.Main' ? { ...it, value: 20 } : it)).slice(0, 4);
  expect(lefts('name', swapped)).toEqual([0, 20, 0, 90]);
  expect(lefts('heavy', swapped)).toEqual([0, 0, 70, 90]);
});

test.each<[number, number, number | null]>([
  [0.5, 0, 0],
  [0.1, 1, 2],
  [0.7, 1, 1],
  [0.95, 1, 3],
  [0.5, 2, null],
  [0.39, 3, 5],
  [0.39, 4, null],
])('at %f in row %i is box %s', (x, depth, expected) => expect(boxAt(plant(BOXES, 'name'), x, depth)).toBe(expected));

test.each<[string, number[], number]>([
  ['', [], 0],
  ['read', [1, 4, 5], 70],
  ['Read', [4], 40],
  ['root', [], 0],
])('%s matches, and nested matches count once', (text, boxes, value) => {
  const found = matchesOf(plant(BOXES, 'name'), text);
  expect([...found.boxes]).toEqual(boxes);
  expect(found.value).toBe(value);
});

test('arrow keys walk the tree', () => {
  const tree = plant(BOXES, 'name');
  expect(step(tree, 0, 'child')).toBe(2);
  expect(step(tree, 2, 'right')).toBe(1);
  expect(step(tree, 1, 'left')).toBe(2);
  expect(step(tree, 3, 'right')).toBe(3);
  expect(step(tree, 5, 'parent')).toBe(4);
  expect(step(tree, 5, 'child')).toBe(5);
  expect(pathTo(tree, 5)).toEqual([0, 2, 4, 5]);
});
