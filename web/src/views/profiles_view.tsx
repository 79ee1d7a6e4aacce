/** Profiles: which kind, of what, in which of six views. */

import type { ComponentChildren } from 'preact';
import type { FunctionComponent } from 'preact';
import { keyOf, termsOf } from '../base/terms';
import { api } from '../state/session';
import { choose } from '../state/navigate';
import { filter, settings } from '../state/view';
import { Choice, Menu } from '../widgets/choice';
import { CallGraphView } from './profile_graph';
import { FlameView } from './profile_flame';
import { ListView } from './profile_list';
import { KINDS, commonParameters, kindOf } from './profile_parts';
import { SandwichView } from './profile_sandwich';
import { TopView } from './profile_top';
import { TracesView } from './profile_traces';
import { ViewHead } from './view_head';

type Mode = 'flame' | 'top' | 'sandwich' | 'graph' | 'traces' | 'list';

const MODES: readonly { readonly id: Mode; readonly label: string; readonly hint: string; readonly view: FunctionComponent }[] = [
  { id: 'flame', label: 'Flame graph', hint: 'Stacks as boxes, as wide as they are heavy', view: FlameView },
  { id: 'top', label: 'Top', hint: 'Functions by what they cost, themselves and with all they call', view: TopView },
  { id: 'sandwich', label: 'Callers & callees', hint: 'One function, with all that leads to it and all that it leads to', view: SandwichView },
  { id: 'graph', label: 'Call graph', hint: 'Functions and who calls whom', view: CallGraphView },
  { id: 'traces', label: 'Stacks', hint: 'Whole stacks, the heaviest first', view: TracesView },
  { id: 'list', label: 'Source', hint: 'Lines of the functions that match', view: ListView },
];

export function ProfilesView() {
  const now = settings.value;
  const kind = kindOf(now);
  const mode = MODES.find((option) => option.id === now['mode']) ?? MODES[0]!;
  const View = mode.view;
  return (
    <>
      <ViewHead title="Profiles">
        <Menu label="Of" now={kind.id} options={KINDS} choose={(id) => choose({ kind: id, zoom: null, type: null, by: null })} />
        {kind.id === 'sched' ? (
          <Choice
            label="Stack of"
            now={now['by'] === 'waker' ? 'waker' : 'waiter'}
            options={[
              { id: 'waiter', label: 'who waited', hint: 'Where it last blocked, yielded or was created' },
              { id: 'waker', label: 'who woke', hint: 'Where it was made ready' },
            ]}
            choose={(id) => choose({ by: id === 'waker' ? 'waker' : null, zoom: null })}
          />
        ) : null}
        <Slowest />
        <Choice label="View" now={mode.id} options={MODES} choose={(id) => choose({ mode: id === 'flame' ? null : id })} />
        <span class="grow" />
        <Focus />
        <Download />
      </ViewHead>
      <View />
    </>
  );
}

const PARTS = ['', '10%', '5%', '3%', '1%'];

/** Of regions or tasks that the filter names, those that took longest. */
function Slowest() {
  if (!termsOf(filter.value).some((term) => keyOf(term) === 'task' || keyOf(term) === 'region')) return null;
  return <Menu label="In" now={settings.value['slowest'] ?? ''} options={PARTS.map((id) => ({ id, label: id === '' ? 'all of them' : `the slowest ${id}` }))} choose={(id) => choose({ slowest: id === '' ? null : id, zoom: null })} />;
}

/** Only stacks with a function that matches. */
function Focus() {
  return (
    <form
      class="inline-field"
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.elements.namedItem('focus');
        if (field instanceof HTMLInputElement) choose({ focus: field.value === '' ? null : field.value, zoom: null });
      }}
    >
      <input name="focus" type="text" spellcheck={false} placeholder="only stacks with…" title="A regular expression on functions and files; Enter applies it" aria-label="Only stacks with a function that matches" value={settings.value['focus'] ?? ''} />
    </form>
  );
}

function Download(): ComponentChildren {
  const parameters = { ...commonParameters(settings.value, filter.value) };
  return (
    <a class="button" download="" href={api.address('profile.pb.gz', parameters)} title="The profile as a file for go tool pprof">
      .pb.gz
    </a>
  );
}
