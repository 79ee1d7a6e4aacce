/**
 * Keys that act while they are held: W A S D by their place on the keyboard, and the arrows.
 * Everything else is a command of `state/commands`.
 */

import { timelineShown } from '../state/view';
import type { Held, Motion } from './motion';

const KEYS: Readonly<Record<string, Held>> = { KeyW: 'in', KeyS: 'out', KeyA: 'left', KeyD: 'right', ArrowLeft: 'left', ArrowRight: 'right' };

/** Whether typing goes somewhere else: a field, a menu, a dialog. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input, textarea, select, dialog, [role="dialog"], [role="listbox"], [role="menu"]') !== null;
}

/** Starts listening; answers how to stop. */
export function listenHeldKeys(motion: Motion): () => void {
  const down = (event: KeyboardEvent): void => {
    const held = KEYS[event.code];
    if (held === undefined || !timelineShown.peek() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    event.preventDefault();
    motion.press(held, event.shiftKey, performance.now());
  };
  const up = (event: KeyboardEvent): void => {
    const held = KEYS[event.code];
    if (held !== undefined) motion.release(held, performance.now());
  };
  const blur = (): void => motion.releaseAll();
  window.addEventListener('keydown', down);
  window.addEventListener('keyup', up);
  window.addEventListener('blur', blur);
  return () => {
    window.removeEventListener('keydown', down);
    window.removeEventListener('keyup', up);
    window.removeEventListener('blur', blur);
  };
}
