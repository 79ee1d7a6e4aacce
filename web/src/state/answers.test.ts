import { afterEach, expect, test, vi } from 'vitest';
import { ask, refusal } from './answers';

afterEach(() => {
  vi.unstubAllGlobals();
  refusal.value = null;
});

/** A server that answers when it is told to. */
function server(): { asked: string[]; answer: (status: number, body: unknown) => void; aborted: () => number } {
  const asked: string[] = [];
  const waiting: ((response: Response) => void)[] = [];
  let aborted = 0;
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    asked.push(address);
    return new Promise<Response>((resolve, reject) => {
      waiting.push(resolve);
      init.signal?.addEventListener('abort', () => {
        aborted++;
        reject(new DOMException('given up', 'AbortError'));
      });
    });
  });
  return {
    asked,
    answer: (status, body) => waiting.splice(0).forEach((resolve) => resolve(new Response(JSON.stringify(body), { status }))),
    aborted: () => aborted,
  };
}

test('who asks the same gets the same answer, and asks once', async () => {
  const { asked, answer } = server();
  const never = new AbortController().signal;
  const both = Promise.all([ask('one', { a: 1 }, never), ask('one', { a: 1 }, never)]);
  answer(200, { n: 7 });
  expect(await both).toEqual([{ n: 7 }, { n: 7 }]);
  expect(await ask('one', { a: 1 }, never)).toEqual({ n: 7 });
  expect(asked).toHaveLength(1);
});

test('a question is given up when nobody waits any more', async () => {
  const { aborted, answer } = server();
  const [first, second] = [new AbortController(), new AbortController()];
  const asked = [ask('two', {}, first.signal), ask('two', {}, second.signal)].map((promise) => promise.catch((error: unknown) => (error as Error).name));
  first.abort();
  expect(aborted()).toBe(0);
  second.abort();
  expect(aborted()).toBe(1);
  answer(200, {});
  expect(await Promise.all(asked)).toEqual(['AbortError', 'AbortError']);
});

test('a refused filter is told until the same question is understood', async () => {
  const never = new AbortController().signal;
  const { answer } = server();
  const asking = async (path: string, status: number, body: unknown): Promise<void> => {
    const promise = ask(path, { filter: String(status) }, never).catch(() => null);
    answer(status, body);
    await promise;
  };
  await asking('three', 400, { error: 'parameter filter: state=x: no such state' });
  expect(refusal.value).toEqual({ path: 'three', text: 'state=x: no such state' });
  await asking('four', 200, {});
  expect(refusal.value?.path).toBe('three');
  await asking('three', 200, {});
  expect(refusal.value).toBeNull();
});
