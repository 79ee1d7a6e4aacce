/** What stands in the cells of tables: names that lead somewhere, bars of states, little histograms. */

import type { TaskRef } from '../api/answers';
import type { GoRef } from '../api/types';
import { classColors, classKeys } from '../base/palette';
import { duration, share, shortFunction } from '../base/format';
import { choose, goToWholeLane, openGoroutine, openView } from '../state/navigate';
import { page, theme, timelineShown, viewOf } from '../state/view';
import { Go, IconButton } from './basics';
import { classLabel } from './shares';
import type { Column } from './columns';
import { words } from '../state/words';

/** A function's name: the package's folders are there for the pointer, not in the way. */
export function FunctionName({ name }: { readonly name: string }) {
  return <span title={name}>{shortFunction(name) || '(no name)'}</span>;
}

/** A goroutine, which leads to what is known of it: beside the timeline in the drawer, else on its page. */
export function GoLink({ go }: { readonly go: GoRef | null }) {
  if (go === null) return <span class="faint">–</span>;
  return (
    <Go to={() => (timelineShown.peek() ? openGoroutine(go.row) : openGoroutinePage(go.row))} title={go.function}>
      {words.value.goroutine_letter}
      {go.id} <span class="dim">{shortFunction(go.function)}</span>
    </Go>
  );
}

/** Within the goroutines, what one came through stays the way back. */
export const openGoroutinePage = (row: number): void => (viewOf(page.peek()) === 'goroutines' ? choose({ go: String(row) }) : openView('goroutines', { go: String(row) }));

export function TaskLink({ task }: { readonly task: TaskRef | null }) {
  if (task === null) return <span class="faint">–</span>;
  return (
    <Go to={() => openTaskPage(task.key)} title={task.name}>
      {task.name} <span class="dim">#{task.id}</span>
    </Go>
  );
}

export const openTaskPage = (key: string): void => openView('tasks', { task: key });

/** States in the order of a bar: work first, then the wish to, then waiting. */
const BAR: readonly string[] = ['running', 'running_gc', 'running_runtime', 'syscall', 'syscall_blocked', 'runnable', 'network', 'channel', 'sync', 'select', 'sleep', 'gc_wait', 'other_wait', 'scheduler', 'idle', 'unknown'];

/** Times by state in one bar; `time` may hold other numbers, too. */
export function StateBar({ time, total }: { readonly time: Readonly<Record<string, unknown>>; readonly total: number }) {
  const colors = classColors(theme.value);
  const parts = BAR.map((key) => ({ key, id: classKeys.indexOf(key), ns: Number(time[key] ?? 0) })).filter(({ ns }) => ns > 0);
  const whole = Math.max(total, 1);
  const told = parts.map(({ id, ns }) => `${classLabel(id)} ${share(ns / whole)} (${duration(ns)})`);
  return (
    <span class="state-bar" role="img" title={told.join('\n')} aria-label={told.join(', ')}>
      {parts.map(({ key, id, ns }) => (
        <i key={key} style={{ width: `${(ns / whole) * 100}%`, background: colors[id] ?? 'transparent' }} />
      ))}
    </span>
  );
}

/** So many bars have room at least: one alone shall not look like a wall. */
const FEWEST = 10;

/** A histogram of a few letters' size. */
export function Spark({ counts, label }: { readonly counts: readonly number[]; readonly label: string }) {
  const most = Math.max(...counts, 1);
  const wide = counts.length;
  // A bar that is there is seen, however small.
  const path = counts.map((n, i) => (n === 0 ? '' : `M${i} 16v${-Math.max(1.5, (n / most) * 15)}h.86V16z`)).join('');
  return (
    <svg class="spark" viewBox={`0 0 ${Math.max(wide, FEWEST)} 16`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <path d={path} />
    </svg>
  );
}

/** Buckets without gaps: those that are missing between others are empty. */
export const span = (buckets: readonly { readonly count: number }[]): number[] => buckets.map((bucket) => bucket.count);

export function statesColumn<R>(time: (row: R) => Readonly<Record<string, unknown>>, total: (row: R) => number): Column<R> {
  return {
    id: 'states',
    title: 'Where the time went',
    width: 160,
    cell: (row) => <StateBar time={time(row)} total={total(row)} />,
    value: (row) =>
      BAR.map((key) => [key, Number(time(row)[key] ?? 0)] as const)
        .filter(([, ns]) => ns > 0)
        .map(([key, ns]) => `${key} ${ns}`)
        .join(', '),
  };
}

/** Where a row is on the timeline, one click away. */
export function placeColumn<R>(to: (row: R) => void): Column<R> {
  return {
    id: 'place',
    title: '',
    width: 40,
    cell: (row) => <IconButton icon="target" label="Show it on the timeline" run={() => to(row)} />,
    value: () => null,
  };
}

/** Shows a lane that a row is about, with all of its stretch. */
export const showLane = (row: { readonly key: string; readonly start: number; readonly end: number }): void => goToWholeLane(row.key, { from: row.start, to: row.end });
