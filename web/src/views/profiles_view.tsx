/** Profiles: which kind, of what, in which of seven views. */

import type { ComponentChildren } from 'preact';
import type { FunctionComponent } from 'preact';
import { api } from '../state/session';
import { choose } from '../state/navigate';
import { filter, settings } from '../state/view';
import { Choice, Menu } from '../widgets/choice';
import { CallGraphView } from './profile_graph';
import { FlameView } from './profile_flame';
import { ListView } from './profile_list';
import { OptionsButton, ProfileOptions } from './profile_options';
import { commonParameters, kindOf, kinds } from './profile_parts';
import { PlacesView } from './profile_places';
import { SandwichView } from './profile_sandwich';
import { TopView } from './profile_top';
import { TracesView } from './profile_traces';
import { ViewHead } from './view_head';

type Mode = 'flame' | 'top' | 'sandwich' | 'graph' | 'traces' | 'list' | 'places';

const MODES: readonly { readonly id: Mode; readonly label: string; readonly hint: string; readonly view: FunctionComponent }[] = [
  { id: 'flame', label: 'Flame graph', hint: 'Stacks as boxes, as wide as they are heavy', view: FlameView },
  { id: 'top', label: 'Top', hint: 'Functions by what they cost, themselves and with all they call', view: TopView },
  { id: 'sandwich', label: 'Callers & callees', hint: 'One function, with all that leads to it and all that it leads to', view: SandwichView },
  { id: 'graph', label: 'Call graph', hint: 'Functions and who calls whom', view: CallGraphView },
  { id: 'traces', label: 'Stacks', hint: 'Whole stacks, the heaviest first', view: TracesView },
  { id: 'list', label: 'Source', hint: 'Lines of the functions that match', view: ListView },
  { id: 'places', label: 'One by one', hint: 'What was summed up, each with its place on the timeline', view: PlacesView },
];

export function ProfilesView() {
  const now = settings.value;
  const kind = kindOf(now);
  const mode = MODES.find((option) => option.id === now['mode']) ?? MODES[0]!;
  const View = mode.view;
  return (
    <>
      <ViewHead title="Profiles">
        <Menu label="Of" now={kind.id} options={kinds()} choose={(id) => choose({ kind: id, zoom: null, type: null, by: null, stack: null, having: null })} />
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
        <Choice label="View" now={mode.id} options={MODES} choose={(id) => choose({ mode: id === 'flame' ? null : id })} />
        <span class="grow" />
        <OptionsButton />
        <Download />
      </ViewHead>
      <ProfileOptions />
      <View />
    </>
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
