/** Asks the thread that lays graphs out. Each question has a thread of its own, which ends with it. */

import type { Reply } from './layout.worker';
import type { Layout, LayoutRequest } from './picture';

/** Lays a graph out; rejects with an `AbortError` as soon as it is not wanted any more. */
export function layOut(request: LayoutRequest, signal: AbortSignal): Promise<Layout> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    const end = (): void => {
      worker.terminate();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      end();
      reject(new DOMException('no longer wanted', 'AbortError'));
    };
    signal.addEventListener('abort', onAbort);
    worker.addEventListener('message', (event: MessageEvent<Reply>) => {
      end();
      if ('layout' in event.data) resolve(event.data.layout);
      else reject(new Error(event.data.trouble));
    });
    worker.addEventListener('error', (event) => {
      end();
      reject(new Error(event.message === '' ? 'the layout could not be started' : event.message));
    });
    worker.postMessage(request);
  });
}
