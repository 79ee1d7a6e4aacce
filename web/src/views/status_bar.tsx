/** The line at the foot: what the colours mean, and where one is. */

import { duration, time, wallClock } from '../base/format';
import { explained } from '../state/shell';
import { connection, hover, meta, timelineShown, viewport } from '../state/view';
import { IconButton, Swatch } from '../widgets/basics';
import { classLabel } from '../widgets/shares';
import { EXPLANATIONS, legend } from './explanations';
import { said } from '../state/words';

export function StatusBar() {
  return (
    <footer class="status-bar">
      <ul class="legend" aria-label="Colours">
        {/* The trace says what its states are called. */}
        {(meta.value === null ? [] : legend()).map((id) => (
          <li key={id}>
            <button type="button" aria-expanded={explained.value === id} onClick={() => (explained.value = explained.peek() === id ? null : id)}>
              <Swatch id={id} />
              {classLabel(id)}
            </button>
          </li>
        ))}
      </ul>
      <span class="grow" />
      {timelineShown.value ? <Where /> : null}
      {explained.value === null ? null : <Explanation id={explained.value} />}
    </footer>
  );
}

/** The pointer's time, else the viewport's. Its own component, so that only it follows the pointer. */
function Where() {
  const trace = meta.value;
  if (trace === null) return null;
  const pointer = hover.value;
  const { from, to } = viewport.value;
  const at = pointer?.ts ?? from;
  return (
    <span class="where">
      {connection.value === 'gone' ? <span class="tag">offline</span> : null}
      <span class="num" data-field="where">
        {time(at)}
      </span>
      {trace.wall === null ? null : <span class="num dim clock">{wallClock(trace.wall, at).slice(11)}</span>}
      <span class="num dim" title="Width of the view" data-field="width">
        ↔ {duration(to - from)}
      </span>
    </span>
  );
}

function Explanation({ id }: { readonly id: number }) {
  return (
    <div class="explanation" role="note">
      <Swatch id={id} />
      <div>
        <strong>{classLabel(id)}</strong>
        <p>{said(EXPLANATIONS[id] ?? '')}</p>
      </div>
      <IconButton icon="close" label="Close" run={() => (explained.value = null)} />
    </div>
  );
}
