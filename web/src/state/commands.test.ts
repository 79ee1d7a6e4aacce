import { afterEach, expect, test, vi } from 'vitest';
import { type KeyPress, commandFor, commands, keyLabel, matches, register, run } from './commands';

const press = (key: string, rest: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  ...rest,
});

test.each<[string, KeyPress, boolean]>([
  ['?', press('?', { shiftKey: true }), true],
  ['+', press('+', { shiftKey: true }), true],
  [']', press(']', { altKey: true }), false],
  ['Ctrl+P', press('p', { ctrlKey: true }), true],
  ['Ctrl+P', press('p', { metaKey: true }), true],
  ['Ctrl+P', press('P', { ctrlKey: true, shiftKey: true }), false],
  ['Ctrl+Shift+P', press('P', { ctrlKey: true, shiftKey: true }), true],
  ['P', press('p'), true],
  ['M', press('M', { shiftKey: true }), false],
  ['Shift+M', press('M', { shiftKey: true }), true],
  ['Code:W', press('z', { code: 'KeyW' }), true],
  ['Code:W', press('w', { code: 'KeyZ' }), false],
  ['Alt+ArrowLeft', press('ArrowLeft', { altKey: true }), true],
  ['ArrowLeft', press('ArrowLeft', { altKey: true }), false],
  ['Escape', press('Escape'), true],
])('%s matches %o: %s', (keys, event, expected) => expect(matches(keys, event)).toBe(expected));

test.each([
  ['Ctrl+Shift+P', 'Ctrl Shift P'],
  ['Code:W', 'W'],
  ['Alt+ArrowLeft', 'Alt ←'],
  ['+', '+'],
  ['/', '/'],
])('%s reads %s', (keys, label) => expect(keyLabel(keys)).toBe(label));

let undo = (): void => {};
afterEach(() => undo());

test('a command is found by key, run by id and taken away', () => {
  const action = vi.fn();
  undo = register({ id: 'test.go', title: 'Go', keys: ['G', 'Ctrl+G'], run: action });
  commandFor(press('g', { ctrlKey: true }))?.run();
  run('test.go');
  run('no such command');
  expect(action).toHaveBeenCalledTimes(2);
  undo();
  expect(commandFor(press('g'))).toBeUndefined();
  expect(commands()).toEqual([]);
});

test('a held key repeats only what may repeat', () => {
  undo = register({ id: 'once', title: 'Once', keys: ['O'], run: () => {} }, { id: 'again', title: 'Again', keys: ['A'], repeats: true, run: () => {} });
  expect(commandFor(press('o', { repeat: true }))).toBeUndefined();
  expect(commandFor(press('a', { repeat: true }))?.id).toBe('again');
});

test('a documented key is listened to elsewhere', () => {
  undo = register({ id: 'drag', title: 'Drag', keys: ['D'], documented: true, run: () => {} });
  expect(commandFor(press('d'))).toBeUndefined();
});
