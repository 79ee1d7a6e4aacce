/** From what is marked or selected on the timeline into every view: as terms of the filter. */

import { openView } from '../state/navigate';
import { Go } from '../widgets/basics';
import { offered } from './titles';
import { said } from '../state/words';

export function CarryLinks({ what, terms }: { readonly what: string; readonly terms: () => string }) {
  return (
    <p class="analyse" data-field="analyse">
      <span class="dim">Analyse {what}:</span>
      {offered().map(({ name, title, about }) =>
        name === 'timeline' || name === 'file' ? null : (
          <Go key={name} to={() => openView(name, {}, terms())} title={said(about)}>
            {said(title)}
          </Go>
        ),
      )}
    </p>
  );
}
