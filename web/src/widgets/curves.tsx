/** Curves over time or over another axis, drawn by uPlot in the page's colours; loaded when first needed. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type Surface, surface } from '../base/palette';
import { theme } from '../state/view';

export interface Curve {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly color: string;
  readonly fill?: string;
  readonly dash?: readonly number[];
  readonly width?: number;
  /** Stays at a value until the next. */
  readonly stepped?: true;
}

export interface CurvesProps {
  readonly label: string;
  readonly x: readonly number[];
  readonly curves: readonly Curve[];
  readonly height: number;
  readonly sayX: (x: number) => string;
  readonly sayY: (y: number) => string;
  /** A logarithmic axis to the right. */
  readonly logX?: true;
  /** Least and most of the upward axis; null is as the curves need. */
  readonly range: readonly [number, number | null];
  /** Steps that the upward axis may have, when tens do not suit. */
  readonly steps?: readonly number[];
  /** A click at a place. */
  readonly choose?: (x: number) => void;
  /** A drag over a part. */
  readonly mark?: (from: number, to: number) => void;
  /** A line across, where something is chosen. */
  readonly at?: number | null;
}

type Charts = typeof uPlot;

let charts: Promise<Charts> | null = null;

/**
 * uPlot asks for number formats of the browser's language as it loads, and fails if that is none
 * that the browser itself knows (`en-US@posix` under a bare system locale).
 */
function loadCharts(): Promise<Charts> {
  charts ??= (() => {
    try {
      new Intl.NumberFormat(navigator.language);
    } catch {
      Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
    }
    return import('uplot').then((module) => module.default);
  })();
  return charts;
}

export function Curves(props: CurvesProps) {
  const [UPlot, setUPlot] = useState<{ readonly make: Charts } | null>(null);
  useEffect(() => void loadCharts().then((make) => setUPlot({ make })), []);
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const { x, curves, height } = props;
  const colours = theme.value;
  useEffect(() => {
    const node = host.current;
    if (UPlot === null || node === null || x.length < 2) return undefined;
    const data = [[...x], ...curves.map((curve) => [...curve.values])] as uPlot.AlignedData;
    const chart = new UPlot.make(options(UPlot.make, latest, node.clientWidth, surface(colours)), data, node);
    const resized = new ResizeObserver(() => {
      if (node.clientWidth > 0 && node.clientWidth !== chart.width) chart.setSize({ width: node.clientWidth, height });
    });
    resized.observe(node);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [UPlot, x, curves, height, colours, props.at]);
  return <div class="curves" ref={host} style={{ height: `${height + 26}px` }} role="img" aria-label={props.label} />;
}

function options(make: Charts, latest: { readonly current: CurvesProps }, width: number, colours: Surface): uPlot.Options {
  const { curves, height, logX, range, sayX, sayY } = latest.current;
  const axis = { stroke: colours.dim, grid: { stroke: colours.grid, width: 1 }, ticks: { stroke: colours.grid, width: 1, size: 4 }, font: '11px system-ui, sans-serif' };
  return {
    width: Math.max(width, 100),
    height,
    pxAlign: true,
    scales: {
      x: { time: false, range: (_, least, most) => [least, most], ...(logX === true ? { distr: 3 as const, log: 10 as const } : {}) },
      y: { range: (_, __, most) => [range[0], range[1] ?? (most > 0 ? most * 1.08 : 1)] },
    },
    axes: [
      { ...axis, size: 28, space: 90, values: (_, splits) => splits.map((split) => (split == null || (logX === true && Math.log10(split) % 1 > 1e-9) ? '' : sayX(split))) },
      { ...axis, size: 72, ...(latest.current.steps === undefined ? {} : { incrs: [...latest.current.steps] }), values: (_, splits) => splits.map((split) => sayY(split)) },
    ],
    series: [
      { label: 'at', value: (_, value) => (value == null ? '–' : sayX(value)) },
      ...curves.map(
        (curve): uPlot.Series => ({
          label: curve.label,
          stroke: curve.color,
          width: curve.width ?? 1.5,
          points: { show: false },
          spanGaps: false,
          value: (_, value) => (value == null ? '–' : sayY(value)),
          ...(curve.fill === undefined ? {} : { fill: curve.fill }),
          ...(curve.dash === undefined ? {} : { dash: [...curve.dash] }),
          ...(curve.stepped === true && make.paths.stepped !== undefined ? { paths: make.paths.stepped({ align: 1 }) } : {}),
        }),
      ),
    ],
    legend: { live: true },
    cursor: { drag: { x: latest.current.mark !== undefined, y: false, setScale: false }, points: { size: 6 } },
    hooks: {
      ready: [
        (chart) => {
          let down = 0;
          chart.over.addEventListener('pointerdown', (event) => (down = event.clientX));
          chart.over.addEventListener('click', (event) => {
            if (Math.abs(event.clientX - down) < 4) latest.current.choose?.(chart.posToVal(event.offsetX, 'x'));
          });
          if (latest.current.choose !== undefined) chart.over.style.cursor = 'pointer';
        },
      ],
      setSelect: [
        (chart) => {
          if (chart.select.width < 4) return;
          latest.current.mark?.(chart.posToVal(chart.select.left, 'x'), chart.posToVal(chart.select.left + chart.select.width, 'x'));
          chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        },
      ],
      draw: [
        (chart) => {
          const at = latest.current.at;
          if (at == null) return;
          const px = chart.valToPos(at, 'x', true);
          chart.ctx.save();
          chart.ctx.strokeStyle = colours.mark;
          chart.ctx.lineWidth = 1.5;
          chart.ctx.beginPath();
          chart.ctx.moveTo(px, chart.bbox.top);
          chart.ctx.lineTo(px, chart.bbox.top + chart.bbox.height);
          chart.ctx.stroke();
          chart.ctx.restore();
        },
      ],
    },
  };
}
