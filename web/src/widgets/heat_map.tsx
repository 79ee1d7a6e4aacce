/** Rows of cells on a canvas, each as strong as its share of one. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { type Surface, channels, surface } from '../base/palette';
import { theme } from '../state/view';

export interface HeatRow {
  readonly label: string;
  /** 0..1; null is where there is nothing to know. */
  readonly cells: readonly (number | null)[];
}

const ROW = 20;
const GUTTER = 84;

export interface HeatMapProps {
  readonly label: string;
  readonly rows: readonly HeatRow[];
  /** What a cell says to the pointer. */
  readonly tell: (row: number, cell: number) => string;
  readonly choose: (row: number, cell: number) => void;
  /** Under the cells, from left to right. */
  readonly axis: readonly string[];
}

export function HeatMap(props: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [tip, setTip] = useState<{ text: string; x: number; y: number } | null>(null);
  const { rows } = props;
  const cells = rows[0]?.cells.length ?? 0;
  const colours = theme.value;
  useEffect(() => {
    const node = canvas.current;
    if (node === null) return undefined;
    const draw = (): void => paint(node, rows, surface(colours));
    const resized = new ResizeObserver(draw);
    resized.observe(node);
    draw();
    return () => resized.disconnect();
  }, [rows, colours]);
  const cellAt = (event: MouseEvent): [number, number] | null => {
    const node = canvas.current;
    if (node === null || cells === 0) return null;
    const row = Math.floor(event.offsetY / ROW);
    const cell = Math.floor((event.offsetX / node.clientWidth) * cells);
    return row >= 0 && row < rows.length && cell >= 0 && cell < cells ? [row, cell] : null;
  };
  return (
    <div class="heat-map" role="group" aria-label={props.label}>
      <div class="heat-rows">
        <div class="heat-names" style={{ width: `${GUTTER}px` }}>
          {rows.map((row) => (
            <span key={row.label} style={{ height: `${ROW}px`, lineHeight: `${ROW}px` }}>
              {row.label}
            </span>
          ))}
        </div>
        <canvas
          ref={canvas}
          style={{ height: `${rows.length * ROW}px` }}
          role="img"
          aria-label={props.label}
          onPointerMove={(event) => {
            const at = cellAt(event);
            setTip(at === null ? null : { text: props.tell(at[0], at[1]), x: event.clientX, y: event.clientY });
          }}
          onPointerLeave={() => setTip(null)}
          onClick={(event) => {
            const at = cellAt(event);
            if (at !== null) props.choose(at[0], at[1]);
          }}
        />
      </div>
      <div class="heat-axis" style={{ marginLeft: `${GUTTER}px` }} aria-hidden="true">
        {props.axis.map((text, i) => (
          <span key={i}>{text}</span>
        ))}
      </div>
      {tip === null ? null : (
        <div class="tooltip" role="tooltip" style={{ left: `${tip.x}px`, top: `${tip.y}px`, transform: `translate(${tip.x > window.innerWidth - 360 ? 'calc(-100% - 12px)' : '14px'}, 14px)`, whiteSpace: 'pre-line' }}>
          {tip.text}
        </div>
      )}
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, rows: readonly HeatRow[], colours: Surface): void {
  const dpr = window.devicePixelRatio;
  const width = Math.round(canvas.clientWidth * dpr);
  const height = Math.round(rows.length * ROW * dpr);
  if (width === 0 || height === 0) return;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.fillStyle = colours.bg;
  context.fillRect(0, 0, width, height);
  const scale = shades(colours);
  rows.forEach((row, y) => {
    const top = Math.round(y * ROW * dpr);
    const high = Math.round((y + 1) * ROW * dpr) - top - Math.round(dpr);
    row.cells.forEach((value, x) => {
      if (value === null) return;
      const left = Math.round((x / row.cells.length) * width);
      context.fillStyle = scale[Math.round(Math.min(1, Math.max(0, value)) * (scale.length - 1))] ?? colours.lane;
      context.fillRect(left, top, Math.round(((x + 1) / row.cells.length) * width) - left, high);
    });
  });
}

/** From the ground of a lane to the accent, even to the eye: one hue, so that no eye is fooled. */
function shades(colours: Surface): string[] {
  const from = channels(colours.lane);
  const to = channels(colours.accent);
  return Array.from({ length: 33 }, (_, i) => `rgb(${from.map((c, k) => Math.round((c + ((to[k] ?? 0) - c) * (i / 32) ** 0.8) * 255)).join(' ')})`);
}
