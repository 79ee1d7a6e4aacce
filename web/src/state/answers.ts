/**
 * The server's answers about the trace, kept by their address.
 *
 * A trace does not change, so an answer stays true; the ones asked last are kept, and Back shows
 * a view at once. A filter that the server refuses is told by `refusal`, in the server's words.
 */

import { signal } from '@preact/signals';
import { ApiError, type Parameters, isAbort } from '../api/client';
import { api } from './session';
import { connection } from './view';

const KEPT = 120;

const answers = new Map<string, unknown>();

/** What the server says of the filter in the box, and to which question; null when it understood, or was not asked. */
export const refusal = signal<{ readonly path: string; readonly text: string } | null>(null);

const FILTER = 'parameter filter: ';

/** An answer that is already here. */
export function known<T>(address: string): T | undefined {
  return answers.get(address) as T | undefined;
}

export const addressOf = (path: string, parameters: Parameters): string => api.address(path, parameters);

/** A question under way, and how many wait for it. */
interface Underway {
  readonly promise: Promise<unknown>;
  readonly control: AbortController;
  waiting: number;
}

const underway = new Map<string, Underway>();

/** Asks, unless the answer is here; who asks the same meanwhile gets the same answer. */
export async function ask<T>(path: string, parameters: Parameters, signal: AbortSignal): Promise<T> {
  const address = addressOf(path, parameters);
  const old = known<T>(address);
  if (old !== undefined) {
    answers.delete(address);
    answers.set(address, old);
    understood(path);
    return old;
  }
  let question = underway.get(address);
  if (question === undefined) {
    const control = new AbortController();
    const promise = fetchAnswer(path, parameters, address, control.signal).finally(() => {
      if (underway.get(address)?.control === control) underway.delete(address);
    });
    question = { promise, control, waiting: 0 };
    underway.set(address, question);
  }
  const mine = question;
  mine.waiting++;
  const leave = (): void => {
    mine.waiting--;
    if (mine.waiting > 0) return;
    mine.control.abort();
    if (underway.get(address) === mine) underway.delete(address);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    return (await mine.promise) as T;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function fetchAnswer(path: string, parameters: Parameters, address: string, signal: AbortSignal): Promise<unknown> {
  try {
    const answer = await api.answer<unknown>(path, parameters, signal);
    connection.value = 'open';
    understood(path);
    answers.set(address, answer);
    const oldest = answers.keys().next();
    if (answers.size > KEPT && oldest.done !== true) answers.delete(oldest.value);
    return answer;
  } catch (error) {
    if (!isAbort(error) && error instanceof ApiError) {
      if (error.gone) connection.value = 'gone';
      else if (isRefusal(error)) refusal.value = { path, text: error.message.slice(FILTER.length) };
    }
    throw error;
  }
}

function understood(path: string): void {
  if (refusal.peek()?.path === path) refusal.value = null;
}

/** Whether an error is about the filter, which is told under its box. */
export const isRefusal = (error: unknown): boolean => error instanceof ApiError && error.status === 400 && error.message.startsWith(FILTER);
