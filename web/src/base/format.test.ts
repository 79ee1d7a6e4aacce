import { expect, test } from 'vitest';
import { axisDuration, bytes, count, duration, exactDuration, fileName, share, shortCount, shortFunction, time, wallClock } from './format';

const plain = (text: string): string => text.replace(/\u202f/g, ' ');

test.each([
  [0, '0 ns'],
  [999, '999 ns'],
  [1000, '1.000 µs'],
  [1234567, '1.235 ms'],
  [12345678, '12.35 ms'],
  [123456789, '123.5 ms'],
  [1234567890, '1.235 s'],
  [123456789012, '123.5 s'],
  [-1500, '-1.500 µs'],
])('duration(%d) is %s', (ns, text) => expect(plain(duration(ns))).toBe(text));

test.each([
  [0, '0 ns'],
  [1000, '1 µs'],
  [1234567, '1.234567 ms'],
  [1200000, '1.2 ms'],
  [100000000, '100 ms'],
  [1234567890, '1.23456789 s'],
])('exactDuration(%d) is %s', (ns, text) => expect(plain(exactDuration(ns))).toBe(text));

test.each([
  [0, '0.000 000 000 s'],
  [1234567, '0.001 234 567 s'],
  [61000000001, '61.000 000 001 s'],
  [-1, '−0.000 000 001 s'],
])('time(%d) is %s', (ns, text) => expect(plain(time(ns))).toBe(text));

test.each([
  [0, '0.00 %'],
  [0.00001, '<0.01 %'],
  [0.0123, '1.23 %'],
  [0.5, '50.0 %'],
  [1, '100.0 %'],
])('share(%d) is %s', (of, text) => expect(plain(share(of))).toBe(text));

test('counts', () => {
  expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([9999, 12345, 1234567, 2.5e9].map(shortCount)).toEqual(['9,999', '12.3k', '1.23M', '2.50G']);
});

test('bytes', () => {
  expect([10, 2048, 14e6].map(bytes).map(plain)).toEqual(['10 B', '2.00 KiB', '13.4 MiB']);
});

test('the wall clock crosses seconds both ways', () => {
  const clock = { ts: 1000, sec: 1763922000, nsec: 999_999_500 };
  expect(wallClock(clock, 1000, 'utc')).toBe('2025-11-23 18:20:00.999999');
  expect(wallClock(clock, 2000, 'utc')).toBe('2025-11-23 18:20:01.000000');
  expect(wallClock({ ts: 1000, sec: 1763922000, nsec: 0 }, 0, 'utc')).toBe('2025-11-23 18:19:59.999999');
});

test.each([
  ['main.main', 'main.main'],
  ['github.com/a/b/c.(*T).Run', 'c.(*T).Run'],
  ['a.com/b/c.Map[go.shape.int,x/y.Z]', 'c.Map[go.shape.int,x/y.Z]'],
])('shortFunction(%s)', (name, text) => expect(shortFunction(name)).toBe(text));

test('fileName', () => expect(fileName('/usr/go/src/net/http/server.go')).toBe('server.go'));

test.each([
  [0, '0 ns'],
  [20_000_000, '20 ms'],
  [262_144, '262.1 µs'],
  [1_500_000_000, '1.5 s'],
])('axisDuration(%d) is %s', (ns, text) => expect(plain(axisDuration(ns))).toBe(text));
