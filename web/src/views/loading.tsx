/** What the page shows while the trace is being read: its overview so far, and how far that is. */

import { useEffect, useRef } from 'preact/hooks';
import { DOING, factsOf, loading, percentOf, shareOf } from '../state/loading';
import { type GrowingPane, mountGrowing } from '../timeline/index';

export function Loading() {
  const overview = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (overview.current === null) return;
    const pane: GrowingPane = mountGrowing(overview.current);
    const stop = loading.subscribe((report) => {
      if (report?.progress != null) pane.update(report.progress);
    });
    return () => {
      stop();
      pane.dispose();
    };
  }, []);
  return (
    <main class="loading" aria-busy="true">
      <div class="overview-host" ref={overview} />
      <Progress />
    </main>
  );
}

function Progress() {
  const report = loading.value;
  const progress = report?.progress;
  if (report == null || progress == null) return null;
  const share = shareOf(progress);
  return (
    <div class="loading-card" data-phase={progress.phase}>
      <h2>
        <span>{DOING[progress.phase]}</span> <strong class="wrap">{report.name}</strong>
        {share === null ? null : <span class="num">{percentOf(share)}</span>}
      </h2>
      <div
        class="progress"
        role="progressbar"
        aria-label={`${DOING[progress.phase]} the trace`}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share === null ? {} : { 'aria-valuenow': Math.floor(share * 100) })}
        data-known={share !== null}
      >
        <i style={share === null ? {} : { width: `${share * 100}%` }} />
      </div>
      <ul class="num">
        {factsOf(report, progress).map((fact) => (
          <li key={fact.replace(/[\d.,]+/g, '')}>{fact}</li>
        ))}
      </ul>
    </div>
  );
}
