/** An answer of the server within a component. */

import { useEffect, useReducer, useState } from 'preact/hooks';
import { type Parameters, isAbort } from '../api/client';
import { addressOf, ask, isRefusal, known } from '../state/answers';
import { reasonOf } from '../state/session';

/** The newest answer there is, also while a newer one is on its way. */
export interface Asked<T> {
  readonly answer: T | null;
  /** Why there is none. */
  readonly trouble: string | null;
  /** What is shown answers an older question. */
  readonly busy: boolean;
  /** Asks once more, after trouble. */
  again(): void;
}

interface Held<T> {
  readonly address: string;
  readonly answer: T | null;
  readonly trouble: string | null;
}

/** Asks when the question changes; no path, no question. */
export function useAnswer<T>(path: string | null, parameters: Parameters): Asked<T> {
  const address = path === null ? '' : addressOf(path, parameters);
  const [round, again] = useReducer((n: number, _: void) => n + 1, 0);
  const [held, hold] = useState<Held<T>>({ address: '', answer: null, trouble: null });
  useEffect(() => {
    if (path === null) return undefined;
    const control = new AbortController();
    ask<T>(path, parameters, control.signal).then(
      (answer) => {
        if (!control.signal.aborted) hold({ address, answer, trouble: null });
      },
      (error: unknown) => {
        if (control.signal.aborted || isAbort(error)) return;
        hold((before) => ({ address, answer: isRefusal(error) ? before.answer : null, trouble: reasonOf(error) }));
      },
    );
    return () => control.abort();
    // The address is the whole question.
  }, [address, round]);
  const retry = (): void => {
    hold((before) => ({ ...before, address: '', trouble: null }));
    again();
  };
  if (path === null) return { answer: null, trouble: null, busy: false, again: retry };
  const here = known<T>(address);
  if (here !== undefined) return { answer: here, trouble: null, busy: false, again: retry };
  return { answer: held.answer, trouble: held.address === address ? held.trouble : null, busy: held.address !== address, again: retry };
}
