/**
 * Graphviz, in a thread of its own: the page goes on meanwhile, and a layout that takes too long is ended with it.
 *
 * Its code is WebAssembly, which the page's security policy does not allow. The server gives this
 * one script a policy of its own, that allows it to it alone, and takes everything else away.
 */

import { instance } from '@viz-js/viz';
import { type Answered, type Layout, type LayoutRequest, graphOf, layoutOf } from './picture';

/** What the page hears: a layout, or why there is none. */
export type Reply = { readonly layout: Layout } | { readonly trouble: string };

addEventListener('message', (event: MessageEvent<LayoutRequest>) => {
  void answer(event.data).then((reply) => postMessage(reply));
});

async function answer(request: LayoutRequest): Promise<Reply> {
  try {
    const viz = await instance();
    const text = viz.renderString(graphOf(request), { format: 'json0', engine: 'dot', yInvert: true });
    return { layout: layoutOf(request, JSON.parse(text) as Answered) };
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : String(error) };
  }
}
