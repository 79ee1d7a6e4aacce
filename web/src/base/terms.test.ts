import { expect, test } from 'vitest';
import { exactly, quoted, termsOf, withTerms } from './terms';

test.each<[string, string[]]>([
  ['', []],
  ['  ', []],
  ['from=1ms to=2ms', ['from=1ms', 'to=2ms']],
  ['region="parse body"  min=1ms', ['region="parse body"', 'min=1ms']],
  [String.raw`func="a \" b" x`, [String.raw`func="a \" b"`, 'x']],
  [String.raw`func="a \\" b`, [String.raw`func="a \\"`, 'b']],
  ['func="never closed x', ['func="never closed x']],
])('the terms of %s', (text, terms) => expect(termsOf(text)).toEqual(terms));

test.each<[string, Record<string, string | null>, string]>([
  ['', { from: '1ns', to: '2ns' }, 'from=1ns to=2ns'],
  ['from=5ms func=main', { from: '1ns', to: '2ns' }, 'from=1ns func=main to=2ns'],
  ['from=5ms func=main', { from: null }, 'func=main'],
  ['func="a b"', { func: 'c d' }, 'func="c d"'],
  ['func=x', { region: 'say "hi"' }, String.raw`func=x region="say \"hi\""`],
])('%s with %o', (text, changes, expected) => expect(withTerms(text, changes)).toBe(expected));

test.each<[string, string]>([
  ['main.worker', String.raw`^main\.worker$`],
  ['a/b.(*T[...]).Run-fm', String.raw`^a/b\.\(\*T\[\.\.\.\]\)\.Run\-fm$`],
])('exactly %s', (text, expected) => expect(exactly(text)).toBe(expected));

test('a value is quoted when it must be', () => {
  expect(quoted('main')).toBe('main');
  expect(quoted(String.raw`a\.b`)).toBe(String.raw`a\.b`);
  expect(quoted(String.raw`a\.b c`)).toBe(String.raw`"a\\.b c"`);
});
