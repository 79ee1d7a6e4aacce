import { expect, test } from 'vitest';
import { csv, orderText, readOrder, rowWindow, scrollFor, tsv } from './rows';

test.each<[number, number, number, ReturnType<typeof rowWindow>]>([
  [0, 0, 260, { first: 0, count: 0, top: 0, height: 0 }],
  [5, 0, 260, { first: 0, count: 5, top: 0, height: 130 }],
  [100, 0, 260, { first: 0, count: 11, top: 0, height: 2600 }],
  [100, 39, 260, { first: 1, count: 11, top: 26, height: 2600 }],
  [100, 9999, 260, { first: 90, count: 10, top: 2340, height: 2600 }],
])('%i rows scrolled by %i in %i px', (total, scroll, view, expected) => expect(rowWindow(total, 26, scroll, view)).toEqual(expected));

test.each([0, 1, 26, 499_999, 4_999_990])('of five million rows, row %i can be scrolled to', (row) => {
  const at = rowWindow(5_000_000, 26, scrollFor(row, 5_000_000, 26, 260), 260);
  expect(Math.abs(at.first - row)).toBeLessThanOrEqual(1);
  expect(at.top).toBeLessThanOrEqual(at.height);
});

test.each(['running', '-running', '-lifetime.p99'])('the order %s and back', (text) => expect(orderText(readOrder(text))).toBe(text));

test('values with commas, quotes and tabs survive', () => {
  expect(csv([['a', 'b,c'], [1, 'say "x"'], [null, 'two\nlines']])).toBe('a,"b,c"\n1,"say ""x"""\n,"two\nlines"');
  expect(tsv([['a\tb', 1], [null, true]])).toBe('a b\t1\n\ttrue');
});
