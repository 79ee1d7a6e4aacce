/** One goroutine in a view of its own: what the drawer says of it, with more room. */

import type { GoroutineDetails } from '../api/types';
import { choose } from '../state/navigate';
import { settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { GoroutineDetailsOf } from './goroutine_panel';
import { Path, ViewHead } from './view_head';
import { words } from '../state/words';

export function GoroutinePage({ row }: { readonly row: number }) {
  const { answer } = useAnswer<GoroutineDetails>('goroutine', { go: row });
  const steps = [{ label: 'All', go: () => choose({ go: null, of: null }) }];
  const of = settings.value['of'];
  if (of !== undefined) steps.push({ label: of, go: () => choose({ go: null }) });
  return (
    <>
      <ViewHead title={words.value.goroutines_title}>
        <Path steps={[...steps, { label: answer === null ? '…' : `${words.value.goroutine_letter}${answer.go.id}` }]} />
      </ViewHead>
      <div class="view-scroll">
        <div class="sheet columns">
          <GoroutineDetailsOf row={row} room="page" />
        </div>
      </div>
    </>
  );
}
