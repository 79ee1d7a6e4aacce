/** Turns key presses into commands, unless a field has the keyboard. */

import { commandFor } from '../state/commands';

/** A place where typing means text. */
function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && target.type !== 'checkbox' && target.type !== 'button';
}

export function listenKeys(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
    const chord = event.ctrlKey || event.metaKey || event.altKey || event.key === 'F1';
    if (takesText(event.target) && (!chord || event.key.toLowerCase() === 'a')) return;
    const command = commandFor(event);
    if (command === undefined) return;
    event.preventDefault();
    command.run();
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}
