/** The legend left of an overview: what is stacked, in its colours, and numbers. */

import type { Overview } from '../api/types';
import { bytes, shortCount } from '../base/format';
import type { Colours } from './colours';
import { STACK } from './overview_paint';
import { hasCollector, words } from '../state/words';

/** Gives an overview's element the theme. */
export function dress(host: HTMLElement, colours: Colours): void {
  for (const name of ['accent', 'bg', 'header', 'border', 'text', 'dim', 'faint'] as const) host.style.setProperty(`--tl-${name}`, colours[name]);
  for (const { key, cls } of STACK) host.style.setProperty(`--tl-${key}`, colours.classes[cls]!);
}

export class OverviewLegend {
  readonly element = document.createElement('div');
  private readonly values = new Map<string, HTMLElement>();

  /** `stack` is told whether the waiting goroutines are to be stacked upon the others. */
  constructor(stack: (waiting: boolean) => void) {
    this.element.className = 'tl-legend';
    const goroutines = this.row('goroutines');
    const waiting = this.row('waiting');
    const toggle = this.toggle(stack);
    for (const { key, label } of STACK) {
      const item = key === 'waiting' ? toggle : document.createElement('span');
      item.className = `tl-key tl-key-${key}`;
      item.append(document.createElement('i'), `${key === 'syscall' ? words.value.syscall_title.toLowerCase() : label} `, this.value(key));
      (key === 'waiting' ? waiting : goroutines).append(item);
    }
    const procs = document.createElement('span');
    procs.className = 'tl-key tl-key-procs';
    procs.append(document.createElement('i'), `${words.value.proc_count_title} `, this.value('procs'));
    goroutines.append(procs);
    this.element.classList.toggle('tl-legend-rust', !hasCollector.value);
    if (!hasCollector.value) return;
    this.row('heap').append('Heap ', this.value('heap'));
    this.row('gc').append('GC, stop the world ', this.value('gc'));
  }

  /** The numbers of a cell, or the peaks. */
  show(data: Overview, cell: number | null): void {
    this.showGoroutines(data, cell);
    const procs = data.gomaxprocs[cell ?? data.cells - 1];
    this.say('procs', procs == null ? '' : String(Math.round(procs)));
    const heap = cell === null ? null : data.heap[cell];
    const goal = cell === null ? null : data.goal[cell];
    this.say('heap', heap == null ? (data.heap_max > 0 ? `max ${bytes(data.heap_max)}` : 'not recorded') : `${bytes(heap)}${goal == null ? '' : ` of ${bytes(goal)}`}`);
    this.say('gc', data.gc.length === 0 ? 'none' : '');
  }

  /** Those of them that are of goroutines. */
  showGoroutines(data: Overview, cell: number | null): void {
    for (const { key } of STACK) {
      const value = cell === null ? null : (data[key][cell] ?? 0);
      const peak = key === 'waiting' ? `max ${shortCount(Math.round(data.waiting_max))}` : '';
      this.say(key, value === null ? peak : value < 10 ? value.toFixed(1) : shortCount(value));
    }
  }

  private row(name: string): HTMLElement {
    const element = document.createElement('div');
    element.className = `tl-legend-${name}`;
    this.element.append(element);
    return element;
  }

  private value(key: string): HTMLElement {
    const value = document.createElement('b');
    this.values.set(key, value);
    return value;
  }

  private toggle(stack: (waiting: boolean) => void): HTMLButtonElement {
    const toggle = document.createElement('button');
    let waiting = false;
    toggle.type = 'button';
    toggle.title = `Stack the waiting ${words.value.goroutines} upon the others, too`;
    toggle.setAttribute('aria-pressed', 'false');
    toggle.addEventListener('click', () => {
      waiting = !waiting;
      toggle.setAttribute('aria-pressed', String(waiting));
      stack(waiting);
    });
    return toggle;
  }

  private say(key: string, text: string): void {
    const element = this.values.get(key);
    if (element !== undefined && element.textContent !== text) element.textContent = text;
  }
}
