/** The minimum mutator utilisation over windows of all lengths, and the worst windows of one. */

import { useMemo } from 'preact/hooks';
import type { Parameters } from '../api/client';
import type { Mmu, WorstWindow } from '../api/answers';
import { axisDuration, count, duration, share } from '../base/format';
import { classColors, surface } from '../base/palette';
import { choose, goToFramed } from '../state/navigate';
import { filter, settings, theme } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Choice } from '../widgets/choice';
import { placeColumn } from '../widgets/cells';
import { type Column, shareColumn, sortedIf, timeColumn } from '../widgets/columns';
import { Curves } from '../widgets/curves';
import { NoAnswer } from '../widgets/no_answer';
import { local } from '../widgets/sources';
import { Table } from '../widgets/table';
import { nanoseconds } from '../state/carry';
import { Figure, Figures } from './view_head';

const SWITCHES = [
  { id: 'background', label: 'background workers', on: true },
  { id: 'assist', label: 'assists', on: true },
  { id: 'sweep', label: 'sweeps', on: false },
] as const;

function parametersOf(): Parameters {
  const now = settings.value;
  const parameters: Record<string, string> = { filter: filter.value };
  for (const name of ['stw', 'background', 'assist', 'sweep'] as const) {
    const value = now[name];
    if (value !== undefined) parameters[name] = value;
  }
  if (now['of'] !== undefined) parameters['view'] = now['of'];
  if (now['window'] !== undefined) parameters['window'] = nanoseconds(Number(now['window']));
  return parameters;
}

export function MmuView() {
  const asked = useAnswer<Mmu>('mmu', { ...parametersOf(), points: 200 });
  const { answer } = asked;
  const now = settings.value;
  return (
    <>
      <div class="profile-bar">
        <Choice
          label="Utilisation of"
          now={now['of'] === 'proc' ? 'proc' : 'system'}
          options={[
            { id: 'system', label: 'all procs', hint: 'Share of all procs together' },
            { id: 'proc', label: 'each proc', hint: 'The worst of the procs, each by itself' },
          ]}
          choose={(id) => choose({ of: id === 'system' ? null : id })}
        />
        <Choice
          label="Stops of the world that count"
          now={now['stw'] === 'all' || now['stw'] === 'none' ? now['stw'] : 'gc'}
          options={[
            { id: 'gc', label: "collector's stops", hint: 'Stops of the world for collection count' },
            { id: 'all', label: 'all stops', hint: 'All stops of the world count' },
            { id: 'none', label: 'no stops', hint: 'Stops of the world do not count' },
          ]}
          choose={(id) => choose({ stw: id === 'gc' ? null : id })}
        />
        {SWITCHES.map(({ id, label, on }) => {
          const value = (now[id] ?? (on ? 'on' : 'off')) === 'on';
          return (
            <label class="switch" key={id}>
              <input type="checkbox" checked={value} onChange={(event) => choose({ [id]: event.currentTarget.checked === on ? null : event.currentTarget.checked ? 'on' : 'off' })} />
              {label}
            </label>
          );
        })}
      </div>
      {answer === null ? <NoAnswer asked={asked} wait="Computing…" /> : <Curve answer={answer} />}
    </>
  );
}

function Curve({ answer }: { readonly answer: Mmu }) {
  const colours = surface(theme.value);
  const classes = classColors(theme.value);
  const points = useMemo(() => answer.curve.filter((point) => point.window > 0), [answer]);
  const x = useMemo(() => points.map((point) => point.window), [points]);
  const curves = useMemo(
    () => [
      { label: 'MMU', values: points.map((point) => point.mmu), color: colours.accent, width: 2.2 },
      { label: '99.9 % of windows reach', values: points.map((point) => point.p99_9), color: classes[5] ?? '', dash: [6, 3] },
      { label: '99 %', values: points.map((point) => point.p99), color: classes[6] ?? '', dash: [6, 3] },
      { label: '95 %', values: points.map((point) => point.p95), color: classes[1] ?? '', dash: [6, 3] },
    ],
    [points, colours],
  );
  const near = (window: number): number => points.reduce((best, point) => (Math.abs(Math.log(point.window / window)) < Math.abs(Math.log(best / window)) ? point.window : best), points[0]?.window ?? window);
  return (
    <>
      <Figures>
        <Figure name="mean utilisation">
          <span data-field="mean" data-value={answer.mean ?? undefined}>
            {answer.mean === null ? '–' : share(answer.mean)}
          </span>
        </Figure>
        <Figure name="procs">
          {answer.gomaxprocs.value}
          {answer.gomaxprocs.known ? '' : ' seen'}
        </Figure>
        <Figure name="changes">{count(answer.changes)}</Figure>
      </Figures>
      <section class="chart" aria-label="Minimum mutator utilisation">
        <Curves
          label="Minimum mutator utilisation by length of the window"
          x={x}
          curves={curves}
          height={260}
          logX
          sayX={axisDuration}
          sayY={(y) => `${Math.round(y * 1000) / 10}\u202f%`}
          range={[0, 1]}
          at={answer.worst?.window ?? null}
          choose={(window) => choose({ window: String(near(window)), 'worst.order': null })}
        />
      </section>
      {answer.worst === null ? <p class="view-note">Click on the curve: the worst windows of that length show here, and lead to the timeline.</p> : <Worst answer={answer} />}
    </>
  );
}

const show = (row: WorstWindow): void => goToFramed(row.key, { from: row.start, to: row.end });

/** The server gives the worst of them, in their order. */
const COLUMNS: readonly Column<WorstWindow>[] = sortedIf(false, [
  shareColumn<WorstWindow>('utilisation', 'Left for the program', (row) => row.utilisation, { width: 160 }),
  timeColumn<WorstWindow>('start', 'From', (row) => row.start, show),
  timeColumn<WorstWindow>('end', 'To', (row) => row.end, show),
  { id: 'proc', title: (w) => w.proc_title, cell: (row) => (row.proc === null ? <span class="dim">all</span> : `Proc ${row.proc.id}`), value: (row) => row.proc?.id ?? null },
  placeColumn<WorstWindow>(show),
]);

function Worst({ answer }: { readonly answer: Mmu }) {
  const worst = answer.worst;
  const source = useMemo(() => local(`worst ${JSON.stringify([worst?.window, worst?.rows[0]?.start, filter.value])}`, worst?.rows ?? [], () => undefined), [answer]);
  return <Table id="worst" title={`Worst windows of ${duration(worst?.window ?? 0)}`} columns={COLUMNS} source={source} order="utilisation" open={show} empty="No stretch of the trace is as long." />;
}
