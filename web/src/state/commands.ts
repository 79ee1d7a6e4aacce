/**
 * Everything a person can do, as a list: the palette, the help and the keys all come from here.
 *
 * A key is written as people say it: `Ctrl+Shift+P`, `Alt+ArrowLeft`, `?`, `]`. The mnemonic
 * letters match `event.key`; a key written `Code:W` matches the place on the keyboard, so that
 * W A S D stay under the same fingers whatever the layout.
 */

import { signal } from '@preact/signals';
import { timelineShown } from './view';
import { type Said } from './words';

export interface Command {
  readonly id: string;
  readonly title: Said;
  /** Alternatives, any of which runs it. */
  readonly keys?: readonly string[];
  /** Heading in the help. */
  readonly section?: string;
  readonly run: () => void;
  /** Means something only while the timeline is shown. */
  readonly onTimeline?: boolean;
  /** Runs while the key is held down, too. */
  readonly repeats?: boolean;
  /** A gesture: told in the help, but nothing to run. */
  readonly gesture?: boolean;
  /** Shown in the help and the palette, but the key is listened to elsewhere (mouse, held keys). */
  readonly documented?: boolean;
}

const registry = signal<ReadonlyMap<string, Command>>(new Map());

/** Adds commands; answers how to take them away again. A later id replaces an earlier one. */
export function register(...commands: readonly Command[]): () => void {
  const next = new Map(registry.peek());
  for (const command of commands) next.set(command.id, command);
  registry.value = next;
  return () => {
    const rest = new Map(registry.peek());
    for (const command of commands) if (rest.get(command.id) === command) rest.delete(command.id);
    registry.value = rest;
  };
}

/** All commands, in the order they were registered. */
export const commands = (): readonly Command[] => [...registry.value.values()];

export function run(id: string): void {
  registry.peek().get(id)?.run();
}

/** The parts of a keyboard event that matter here. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
}

/** Does the press match a key as written? Ctrl stands for Cmd, too. */
export function matches(keys: string, press: KeyPress): boolean {
  const parts = keys === '+' ? ['+'] : keys.split(/\+(?!$)/);
  const last = parts[parts.length - 1] ?? '';
  const wants = (name: string): boolean => parts.slice(0, -1).includes(name);
  const ctrl = press.ctrlKey || press.metaKey;
  if (wants('Ctrl') !== ctrl || wants('Alt') !== press.altKey) return false;
  if (last.startsWith('Code:')) return press.code === `Key${last.slice(5)}` && wants('Shift') === press.shiftKey;
  if (last.length > 1) return press.key === last && wants('Shift') === press.shiftKey;
  if (/[a-z]/i.test(last)) return press.key.toLowerCase() === last.toLowerCase() && wants('Shift') === press.shiftKey;
  // Punctuation: Shift is part of how some layouts type it.
  return press.key === last;
}

/** The command that a key press means, if any. */
export function commandFor(press: KeyPress): Command | undefined {
  return commands().find(
    (command) =>
      (command.onTimeline !== true || timelineShown.peek()) &&
      command.documented !== true && (command.repeats === true || !press.repeat) && (command.keys ?? []).some((keys) => matches(keys, press)),
  );
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Delete: 'Del',
};

/** A key for the eye: `Ctrl+ArrowLeft` → `Ctrl ←`. */
export function keyLabel(keys: string): string {
  if (keys === '+') return '+';
  return keys
    .split(/\+(?!$)/)
    .map((part) => (part.startsWith('Code:') ? part.slice(5) : (NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part))))
    .join(' ');
}
