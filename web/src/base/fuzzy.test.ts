import { expect, test } from 'vitest';
import { fuzzy, rank } from './fuzzy';

test.each([
  ['', 'Anything', []],
  ['zr', 'Zoom to range', [0, 8]],
  ['zoom', 'Zoom to range', [0, 1, 2, 3]],
  ['td', 'Toggle drawer', [0, 7]],
  ['all', 'Show the whole trace: all', [22, 23, 24]],
])('%s in %s', (query, text, at) => expect(fuzzy(query, text)?.at).toEqual(at));

test.each([
  ['x', 'Zoom'],
  ['mooz', 'Zoom'],
])('%s is not in %s', (query, text) => expect(fuzzy(query, text)).toBeNull());

test('better matches come first, ties keep their order', () => {
  const texts = ['Freeze order', 'Zoom to range', 'Toggle theme', 'Toggle thing'];
  expect(rank('zr', texts, (text) => text)[0]?.item).toBe('Zoom to range');
  expect(rank('toggle th', texts, (text) => text).map((found) => found.item)).toEqual(['Toggle theme', 'Toggle thing']);
  expect(rank('', texts, (text) => text).map((found) => found.item)).toEqual(texts);
});
