/** The page: puts the views around the timeline. */

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { loading } from '../state/loading';
import { api } from '../state/session';
import { meta, page, timelineShown, viewOf } from '../state/view';
import { mountOverview, mountTimeline } from '../timeline/index';
import { Drawer } from '../views/drawer';
import { Help } from '../views/help';
import { AnalysisView } from '../views/analysis_view';
import { Loading } from '../views/loading';
import { ConnectionNotice, DamageNotice, RecordingNotice, Toast } from '../views/notices';
import { PageBar } from '../views/page_bar';
import { StatusBar } from '../views/status_bar';
import { Tooltip } from '../views/tooltip';
import { TopBar } from '../views/top_bar';

/** Why the trace could not be shown. */
export const failure = signal<string | null>(null);

export function App() {
  return (
    <>
      <TopBar />
      <PageBar />
      <ConnectionNotice />
      <DamageNotice />
      <RecordingNotice />
      <Stage />
      <StatusBar />
      <Tooltip />
      <Help />
      <Toast />
    </>
  );
}

function Stage() {
  if (meta.value !== null) {
    const shown = viewOf(page.value);
    return (
      <div class="stage">
        <Workspace />
        {shown === null ? null : <AnalysisView name={shown} />}
      </div>
    );
  }
  return loading.value === null || failure.value !== null ? <Waiting /> : <Loading />;
}

function Waiting() {
  const trouble = failure.value;
  return (
    <main class="waiting" aria-busy={trouble === null}>
      {trouble === null ? (
        <p>Opening the trace…</p>
      ) : (
        <>
          <p>
            <strong>The trace cannot be shown:</strong> {trouble}.
          </p>
          <button type="button" class="button" onClick={() => location.reload()}>
            Try again
          </button>
        </>
      )}
    </main>
  );
}

/**
 * Overview, lanes and drawer. The hosts are filled by framework-free code and never re-rendered;
 * behind another view they keep their size and their state, and rest.
 */
function Workspace() {
  const overview = useRef<HTMLDivElement>(null);
  const timeline = useRef<HTMLDivElement>(null);
  const front = timelineShown.value;
  useEffect(() => {
    if (overview.current === null || timeline.current === null) return;
    const panes = [mountOverview(overview.current, api), mountTimeline(timeline.current, api)];
    timeline.current.focus({ preventScroll: true });
    return () => {
      for (const pane of panes) pane.dispose();
    };
  }, []);
  if (meta.value?.counts.events === 0) {
    return (
      <main class="waiting">
        <p>
          <strong>This trace holds no events.</strong> {meta.value.recording?.warnings[0]?.text ?? "The file's page says what was found."}
        </p>
      </main>
    );
  }
  return (
    <main class="workspace" data-front={front} inert={!front}>
      <div class="lanes-side">
        <div class="overview-host" ref={overview} />
        <div class="timeline-host" ref={timeline} />
      </div>
      <Drawer />
    </main>
  );
}
