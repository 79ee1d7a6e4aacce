import { describe, expect, test } from 'vitest';
import { TileCache } from './lru';

/** Runs `steps` (put, get by name; tick; trim) on a cache of 100 bytes; answers what is left and what was dropped. */
function check(steps: readonly string[]): { left: string; dropped: string; bytes: number } {
  const dropped: string[] = [];
  const names = new Map<string, [number, number, number]>();
  const cache = new TileCache<string>(100, (v) => dropped.push(v));
  for (const step of steps) {
    const [verb, name = '', bytes = '30'] = step.split(' ');
    const place = names.get(name) ?? [name.charCodeAt(0) % 3, name.charCodeAt(0) % 5, name.charCodeAt(0)];
    names.set(name, place);
    if (verb === 'put') cache.put(...place, name, Number(bytes));
    else if (verb === 'get') cache.get(cache.lane(place[0]), place[1], place[2]);
    else if (verb === 'tick') cache.tick();
    else if (verb === 'trim') cache.trim();
    else cache.clear();
  }
  const left = [...names].filter(([, p]) => cache.get(cache.lane(p[0]), p[1], p[2]) !== undefined).map(([n]) => n);
  return { left: left.join(''), dropped: dropped.join(''), bytes: cache.bytes };
}

describe('TileCache', () => {
  test.each<[string, string[], string, string, number]>([
    ['keeps what fits', ['put a', 'put b', 'put c', 'tick', 'trim'], 'abc', '', 90],
    ['drops the oldest down to three quarters', ['put a', 'tick', 'put b', 'tick', 'put c', 'tick', 'put d', 'tick', 'trim'], 'cd', 'ab', 60],
    ['a use is news', ['put a', 'tick', 'put b', 'tick', 'put c', 'tick', 'put d', 'tick', 'get a', 'tick', 'trim'], 'ad', 'bc', 60],
    ['never drops what this frame used', ['put a', 'put b', 'put c', 'put d', 'trim'], 'abcd', '', 120],
    ['a value in the same place replaces the old', ['put a', 'put a 50'], 'a', 'a', 50],
    ['clear drops all', ['put a', 'put b', 'clear'], '', 'ab', 0],
  ])('%s', (_, steps, left, dropped, bytes) => {
    const got = check(steps);
    expect([...got.dropped].sort().join('')).toBe(dropped);
    expect({ left: got.left, bytes: got.bytes }).toEqual({ left, bytes });
  });

  test('levels with something are known, ascending', () => {
    const cache = new TileCache<number>(10);
    for (const level of [9, 3, 20, 3]) cache.put(1, level, level, level, 1);
    expect(cache.lane(1).levels).toEqual([3, 9, 20]);
  });
});
