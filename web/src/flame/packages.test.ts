import { expect, test } from 'vitest';
import { packageColor, packageOf, stateColor } from './packages';

test.each([
  ['main.worker', 'main'],
  ['net/http.(*conn).serve', 'net/http'],
  ['github.com/a/b.v2/c.(*T[go.shape.int]).Run.func1', 'github.com/a/b.v2/c'],
  ['slices.SortFunc[go.shape.[]x/y.T]', 'slices'],
  ['main', 'main'],
  ['', ''],
])('the package of %s is %s', (name, expected) => expect(packageOf(name)).toBe(expected));

test('functions of a package share a colour, in each theme another', () => {
  expect(packageColor('net/http.a', 'light')).toBe(packageColor('net/http.b', 'light'));
  expect(packageColor('net/http.a', 'light')).not.toBe(packageColor('net/http.a', 'dark'));
});

test('a frame that is a state has its colour', () => {
  expect(stateColor('[running]', 'light')).toBe('#3eb07b');
  expect(stateColor('[syscall_blocked]', 'dark')).toBe('#993572');
  expect(stateColor('main.running', 'light')).toBeNull();
  expect(stateColor('[something]', 'light')).toBeNull();
});
