import { expect, test } from 'vitest';
import { ApiError } from '../api/client';
import type { LoadingProgress, LoadingReport } from '../api/types';
import { PATIENCE, factsOf, percentOf, shareOf, untilRead } from './loading';

const progress = (part: Partial<LoadingProgress>): LoadingProgress => ({ phase: 'reading', bytes: 0, total: 4 << 20, events: 0, generations: 0, overview: null, ...part });
const report = (part: Partial<LoadingReport>): LoadingReport => ({ name: 'x', stage: 'loading', number: 0, error: null, elapsed_ms: 1234, progress: progress({}), ...part });

/** A server that answers these reports, one after the other; what the page was told of them. */
async function watch(reports: readonly LoadingReport[]): Promise<{ told: LoadingReport[]; asked: (number | null)[]; pauses: number; error: unknown }> {
  const left = [...reports];
  const told: LoadingReport[] = [];
  const asked: (number | null)[] = [];
  let pauses = 0;
  let error: unknown = null;
  await untilRead((after) => (asked.push(after), Promise.resolve(left.shift() ?? null)), (one) => told.push(one), () => Promise.resolve(void pauses++)).catch((reason: unknown) => (error = reason));
  expect(left).toEqual([]);
  return { told, asked, pauses, error };
}

test('the page waits until the trace is ready', async () => {
  const stages = [report({ elapsed_ms: 200, number: 3 }), report({ elapsed_ms: 400, number: 7 }), report({ stage: 'ready', progress: null })];
  expect(await watch(stages)).toEqual({ told: stages.slice(0, 2), asked: [null, 3, 7], pauses: 2, error: null });
  expect(await watch(stages.slice(2))).toEqual({ told: [], asked: [null], pauses: 0, error: null });
});

test('nothing is told of a trace that is read at once', async () => {
  const stages = [report({ elapsed_ms: PATIENCE - 1 }), report({ stage: 'ready', progress: null })];
  expect(await watch(stages)).toEqual({ told: [], asked: [null, 0], pauses: 1, error: null });
});

test('a trace that cannot be read says why', async () => {
  const { error, told } = await watch([report({}), report({ stage: 'failed', error: 'the disk gave up', progress: null })]);
  expect(told).toHaveLength(1);
  expect(error).toBeInstanceOf(ApiError);
  expect((error as ApiError).message).toBe('the disk gave up');
});

test('a share is known while bytes are counted', () => {
  expect(shareOf(progress({ bytes: 1 << 20 }))).toBe(0.25);
  expect(shareOf(progress({ phase: 'receiving', bytes: 9, total: null }))).toBeNull();
  expect(shareOf(progress({ phase: 'indexing', bytes: 4 << 20 }))).toBeNull();
  expect(shareOf(progress({ bytes: 0, total: 0 }))).toBeNull();
  expect(percentOf(0.999)).toBe('99\u202f%');
});

test('facts are those that are known', () => {
  const facts = (part: Partial<LoadingProgress>): string => factsOf(report({}), progress(part)).join('; ').replaceAll('\u202f', ' ');
  expect(facts({ phase: 'receiving', bytes: 2048, total: null })).toBe('2.00 KiB; 1.2 s');
  expect(facts({ phase: 'unpacking', bytes: 1 << 20 })).toBe('1.00 MiB of 4.00 MiB; 1.2 s');
  expect(facts({ bytes: 1 << 20, events: 12345, generations: 1 })).toBe('1.00 MiB of 4.00 MiB; 12,345 events; 1 generation; 1.2 s');
  expect(facts({ phase: 'indexing', bytes: 4 << 20, events: 12345, generations: 3 })).toBe('4.00 MiB; 12,345 events; 3 generations; 1.2 s');
});
