/** A picture that is larger than its place: the wheel and +/− zoom, dragging and the arrow keys move, 0 fits it in. */

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from './basics';

/** Where the picture stands: its origin in the host, CSS px, and its scale. */
export interface Sight {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const LEAST = 0.05;
const MOST = 4;
const STEP = 1.3;
const ARROW = 60;

/** All of a picture in the middle of its host, never larger than life. */
export function fit(picture: Size, host: Size): Sight {
  const scale = Math.min(1, host.width / Math.max(picture.width, 1), host.height / Math.max(picture.height, 1));
  return { scale, x: (host.width - picture.width * scale) / 2, y: Math.max(0, (host.height - picture.height * scale) / 2) };
}

/** Larger or smaller, with one point of the host standing still. */
export function zoomed(sight: Sight, by: number, at: { readonly x: number; readonly y: number }): Sight {
  const scale = Math.min(MOST, Math.max(LEAST, sight.scale * by));
  const ratio = scale / sight.scale;
  return { scale, x: at.x - (at.x - sight.x) * ratio, y: at.y - (at.y - sight.y) * ratio };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface PanZoomProps {
  readonly width: number;
  readonly height: number;
  readonly label: string;
  /** Another picture, which is fitted in anew. */
  readonly of: unknown;
  readonly children: ComponentChildren;
}

export function PanZoom(props: PanZoomProps) {
  const host = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState<Sight>({ x: 0, y: 0, scale: 1 });
  const drag = useRef<{ id: number; x: number; y: number; moved: boolean } | null>(null);
  const size = (): Size => ({ width: host.current?.clientWidth ?? 1, height: host.current?.clientHeight ?? 1 });
  const middle = (): { x: number; y: number } => ({ x: size().width / 2, y: size().height / 2 });
  const fitIn = (): void => setSight(fit(props, size()));

  useLayoutEffect(fitIn, [props.of]);
  // Preact would listen passively, and the page would scroll.
  useEffect(() => {
    const node = host.current;
    if (node === null) return undefined;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const box = node.getBoundingClientRect();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      setSight((now) => zoomed(now, Math.exp(-Math.max(-150, Math.min(150, event.deltaY * lines)) / 300), { x: event.clientX - box.left, y: event.clientY - box.top }));
    };
    node.addEventListener('wheel', onWheel, { passive: false });
    return () => node.removeEventListener('wheel', onWheel);
  }, []);

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = { ArrowLeft: [ARROW, 0], ArrowRight: [-ARROW, 0], ArrowUp: [0, ARROW], ArrowDown: [0, -ARROW] }[event.key];
    if (move !== undefined) setSight((now) => ({ ...now, x: now.x + (move[0] ?? 0), y: now.y + (move[1] ?? 0) }));
    else if (event.key === '+' || event.key === '=') setSight((now) => zoomed(now, STEP, middle()));
    else if (event.key === '-') setSight((now) => zoomed(now, 1 / STEP, middle()));
    else if (event.key === '0') fitIn();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  /** What the keyboard reaches comes into sight. */
  const onFocus = (event: FocusEvent): void => {
    const node = host.current;
    if (node === null || !(event.target instanceof SVGElement) || !event.target.matches(':focus-visible')) return;
    // The browser scrolls to what has the focus, which is not how this moves.
    node.scrollTo(0, 0);
    const [box, mine] = [node.getBoundingClientRect(), event.target.getBoundingClientRect()];
    const into = (from: number, to: number, low: number, high: number): number => (from < low ? low - from + 20 : to > high ? high - to - 20 : 0);
    const [dx, dy] = [into(mine.left, mine.right, box.left, box.right), into(mine.top, mine.bottom, box.top, box.bottom)];
    if (dx !== 0 || dy !== 0) setSight((now) => ({ ...now, x: now.x + dx, y: now.y + dy }));
  };
  const onMove = (event: PointerEvent): void => {
    const from = drag.current;
    if (from === null || from.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.moved && Math.hypot(dx, dy) < 4) return;
    if (!from.moved) host.current?.setPointerCapture(event.pointerId);
    drag.current = { id: from.id, x: event.clientX, y: event.clientY, moved: true };
    setSight((now) => ({ ...now, x: now.x + dx, y: now.y + dy }));
  };
  return (
    <div class="pan-zoom">
      <div
        class="pan-host"
        ref={host}
        tabIndex={0}
        role="group"
        aria-label={`${props.label}: plus and minus zoom, arrow keys move, 0 shows all`}
        data-scale={sight.scale}
        onKeyDown={onKey}
        onFocusIn={onFocus}
        onPointerDown={(event) => {
          if (event.button === 0) drag.current = { id: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
        }}
        onPointerMove={onMove}
        onPointerUp={() => (drag.current = null)}
        onPointerCancel={() => (drag.current = null)}
      >
        <svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%">
          <g data-picture transform={`translate(${sight.x} ${sight.y}) scale(${sight.scale})`}>
            {props.children}
          </g>
        </svg>
      </div>
      <div class="pan-buttons">
        <IconButton icon="plus" label="Larger (+)" run={() => setSight((now) => zoomed(now, STEP, middle()))} />
        <IconButton icon="minus" label="Smaller (−)" run={() => setSight((now) => zoomed(now, 1 / STEP, middle()))} />
        <IconButton icon="fit" label="Show all of it (0)" run={fitIn} />
      </div>
    </div>
  );
}
