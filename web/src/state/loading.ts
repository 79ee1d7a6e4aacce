/** A trace that the server still reads: how far it is, and waiting for it. */

import { signal } from '@preact/signals';
import { ApiError } from '../api/client';
import type { LoadingProgress, LoadingReport } from '../api/types';
import { bytes, count } from '../base/format';

/** How far the reading is; null if the trace was ready when the page asked. */
export const loading = signal<LoadingReport | null>(null);

/** Most traces are read before this, ms: nothing shall flash up for them. */
export const PATIENCE = 150;

/** Answers once the server has read the trace, and tells how far it is until then; an answer of null gives up. */
export async function untilRead(ask: (after: number | null) => Promise<LoadingReport | null>, tell: (report: LoadingReport) => void, pause: () => Promise<void>): Promise<void> {
  for (let after: number | null = null; ; ) {
    const report = await ask(after);
    if (report === null || report.stage === 'ready') return;
    if (report.stage === 'failed') throw new ApiError(500, report.error ?? 'it could not be read');
    if (report.elapsed_ms >= PATIENCE) tell(report);
    after = report.number;
    await pause();
  }
}

/** What is being done, in a word. */
export const DOING: Readonly<Record<LoadingProgress['phase'], string>> = {
  receiving: 'Receiving',
  unpacking: 'Unpacking',
  reading: 'Reading',
  indexing: 'Indexing',
};

/** The part of the phase that is done, 0..1; null if nobody knows. */
export function shareOf({ phase, bytes, total }: LoadingProgress): number | null {
  if (phase === 'indexing' || total === null || total <= 0) return null;
  return Math.min(bytes / total, 1);
}

/** The share in whole per cent, never ahead of it. */
export const percentOf = (share: number): string => `${Math.floor(share * 100)}\u202f%`;

/** The numbers under the bar, those that say something. */
export function factsOf({ elapsed_ms }: LoadingReport, progress: LoadingProgress): string[] {
  const { events, generations, phase, total } = progress;
  const size = phase === 'indexing' ? bytes(progress.bytes) : total === null ? bytes(progress.bytes) : `${bytes(progress.bytes)} of ${bytes(total)}`;
  const facts = [size];
  if (events > 0) facts.push(`${count(events)} events`);
  if (generations > 0) facts.push(generations === 1 ? '1 generation' : `${count(generations)} generations`);
  facts.push(`${(elapsed_ms / 1000).toFixed(1)}\u202fs`);
  return facts;
}
