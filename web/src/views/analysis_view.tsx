/** The view that is shown in place of the timeline. */

import { useEffect, useRef } from 'preact/hooks';
import type { FunctionComponent } from 'preact';
import type { ViewName } from '../state/view';
import { BlockingView } from './blocking_view';
import { EventsView } from './events_view';
import { FilePanel } from './file_panel';
import { GcView } from './gc_view';
import { GoroutinesView } from './goroutines_view';
import { ProfilesView } from './profiles_view';
import { RegionsView } from './regions_view';
import { SchedulerView } from './scheduler_view';
import { TasksView } from './tasks_view';
import { TITLES } from './titles';
import { said } from '../state/words';

const VIEWS: Readonly<Record<ViewName, FunctionComponent>> = {
  goroutines: GoroutinesView,
  blocking: BlockingView,
  scheduler: SchedulerView,
  gc: GcView,
  tasks: TasksView,
  regions: RegionsView,
  profiles: ProfilesView,
  file: FileView,
  events: EventsView,
};

export function AnalysisView({ name }: { readonly name: ViewName }) {
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    // The keyboard follows, unless it is in the bar or in a field.
    if (document.activeElement === null || document.activeElement === document.body || main.current?.parentElement?.querySelector('.workspace')?.contains(document.activeElement) === true) main.current?.focus({ preventScroll: true });
  }, [name]);
  const View = VIEWS[name];
  return (
    <main class="view" ref={main} tabIndex={-1} data-view={name} aria-label={said(TITLES.find((title) => title.name === name)?.title ?? name)}>
      <View />
    </main>
  );
}

function FileView() {
  return (
    <div class="view-scroll">
      <div class="sheet">
        <FilePanel />
      </div>
    </div>
  );
}
