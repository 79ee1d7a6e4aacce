/** A flame graph on the page: the canvas, the tip beside the pointer, and what is told of the chosen box. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { Box } from '../api/profiles';
import { share } from '../base/format';
import { FlameCanvas } from '../flame/flame';
import { ROW } from '../flame/paint';
import { type FlameOrder, matchesOf, pathTo, plant } from '../flame/tree';
import { theme } from '../state/view';
import { Go } from './basics';

export interface FlameProps {
  readonly boxes: readonly Box[];
  /** A value with its unit. */
  readonly say: (value: number) => string;
  readonly order: FlameOrder;
  /** The root is at the foot. */
  readonly upright: boolean;
  readonly search: string;
  /** The box that is zoomed to, as `zoomOf` names it. */
  readonly zoom: string | null;
  readonly zoomTo: (zoom: string | null) => void;
  /** What can be done with a box. */
  readonly actions: (box: Box) => ComponentChildren;
  readonly label: string;
  /** As high as its rows, instead of what room there is. */
  readonly whole?: true;
}

/** Names a box by its place in the whole, which stays when more of its children are asked for. */
export const zoomOf = (box: Box): string => `${box.depth}:${box.x}:${box.value}`;

export const boxOf = (boxes: readonly Box[], zoom: string | null): number => (zoom === null ? 0 : Math.max(0, boxes.findIndex((box) => !box.rest && zoomOf(box) === zoom)));

export function FlameGraph(props: FlameProps) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<FlameCanvas | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [chosen, choose] = useState<string | null>(null);
  const [tip, setTip] = useState<{ box: number; x: number; y: number } | null>(null);
  const { boxes, order } = props;
  const tree = useMemo(() => plant(boxes, order), [boxes, order]);
  const matches = useMemo(() => (props.search === '' ? null : matchesOf(tree, props.search)), [tree, props.search]);
  const zoomed = boxOf(boxes, props.zoom);
  const at = chosen === null ? null : boxOf(boxes, chosen);

  // With the render, not after the paint: the next key must find what the page says.
  useLayoutEffect(() => {
    if (host.current === null) return undefined;
    const mounted = new FlameCanvas(host.current, {
      zoom: (box) => {
        const { boxes: now, zoomTo } = latest.current;
        const target = now[box];
        if (target === undefined || target.rest) return;
        choose(zoomOf(target));
        zoomTo(box === 0 ? null : zoomOf(target));
      },
      choose: (box) => choose(box === null ? null : zoomOf(latest.current.boxes[box] ?? latest.current.boxes[0]!)),
      hover: (box, x, y) => setTip(box === null ? null : { box, x, y }),
      out: () => {
        const now = latest.current;
        const parent = now.boxes[boxOf(now.boxes, now.zoom)]?.parent ?? null;
        const box = parent === null ? null : now.boxes[parent];
        now.zoomTo(parent === null || parent === 0 || box == null ? null : zoomOf(box));
      },
    });
    canvas.current = mounted;
    return () => mounted.dispose();
  }, []);
  useLayoutEffect(() => {
    canvas.current?.show({
      tree,
      theme: theme.value,
      from: tree.left[zoomed] ?? 0,
      share: Math.max(tree.width[zoomed] ?? 1, 1e-12),
      depth: boxes[zoomed]?.depth ?? 0,
      upright: props.upright,
      chosen: at,
      matches,
    });
  }, [tree, theme.value, zoomed, props.upright, at, matches]);
  // The foot is where an upright graph begins.
  useEffect(() => {
    if (host.current !== null) host.current.scrollTop = props.upright ? host.current.scrollHeight : 0;
  }, [props.upright, tree.rows]);

  const whole = boxes[0]?.value ?? 0;
  const told = boxes[at ?? zoomed];
  return (
    <div class="flame">
      <div class="flame-bar">
        {told === undefined ? null : <Told box={told} whole={whole} say={props.say} actions={told.parent === null ? null : props.actions(told)} />}
        <span class="grow" />
        {matches === null ? null : (
          <span data-field="matched" data-value={matches.value}>
            {matches.boxes.size === 0 ? 'nothing matches' : `matches hold ${props.say(matches.value)}, ${share(whole > 0 ? matches.value / whole : 0)}`}
          </span>
        )}
        {props.zoom === null ? null : <Go to={() => props.zoomTo(null)}>show all</Go>}
      </div>
      <div
        class="flame-host"
        ref={host}
        tabIndex={0}
        role="application"
        aria-label={`${props.label}: arrow keys move, Enter zooms in, Escape out`}
        aria-description={told === undefined ? '' : `${told.name} ${props.say(told.value)}`}
        style={props.whole === true ? { height: `${tree.rows * ROW + 2}px`, flex: 'none' } : {}}
      />
      {tip === null || boxes[tip.box] === undefined ? null : <Tip box={boxes[tip.box]!} depthPath={pathTo(tree, tip.box).length} whole={whole} zoomed={boxes[zoomed]?.value ?? whole} say={props.say} x={tip.x} y={tip.y} />}
    </div>
  );
}

function Told({ box, whole, say, actions }: { readonly box: Box; readonly whole: number; readonly say: (value: number) => string; readonly actions: ComponentChildren }) {
  return (
    <>
      <strong class="flame-name" title={box.name} data-field="box">
        {box.parent === null && box.name === 'root' ? 'All' : box.rest ? 'more, too narrow to draw' : box.name}
      </strong>
      <span class="num" data-value={box.value}>
        {say(box.value)}
      </span>
      <span class="num dim">{share(whole > 0 ? box.value / whole : 0)}</span>
      {box.self > 0 && box.self < box.value ? <span class="num dim">itself {say(box.self)}</span> : null}
      {actions}
    </>
  );
}

function Tip(props: { readonly box: Box; readonly depthPath: number; readonly whole: number; readonly zoomed: number; readonly say: (value: number) => string; readonly x: number; readonly y: number }) {
  const { box, whole, zoomed, say } = props;
  const right = props.x > window.innerWidth - 460;
  const below = props.y < window.innerHeight - 140;
  return (
    <div
      class="tooltip"
      role="tooltip"
      style={{ transform: `translate(${right ? 'calc(-100% - 12px)' : '14px'}, ${below ? '16px' : 'calc(-100% - 12px)'})`, left: `${props.x}px`, top: `${props.y}px` }}
    >
      <div class="tip-head">
        <strong>{box.rest ? 'more, too narrow to draw: zoom in' : box.parent === null && box.name === 'root' ? 'all' : box.name}</strong>
        <span class="num">{say(box.value)}</span>
      </div>
      <div class="tip-foot">
        <span>
          {share(whole > 0 ? box.value / whole : 0)} of all{zoomed !== whole ? `, ${share(zoomed > 0 ? box.value / zoomed : 0)} of what is shown` : ''}
        </span>
        {box.self > 0 ? <span>itself {say(box.self)}</span> : null}
      </div>
      {box.file === '' ? null : <div class="dim wrap">{box.file}</div>}
    </div>
  );
}
