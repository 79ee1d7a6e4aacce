/**
 * A call graph as Graphviz is asked to lay it out, and what it answers as a picture.
 *
 * 1. Texts are measured in the page's own font, and the boxes are given to Graphviz with their sizes:
 *    so a name never stands beyond its box, whatever fonts there are.
 * 2. What weighs more is larger and keeps its arrows shorter and straighter, as in pprof's pictures.
 * 3. The answer's places become shapes; names and figures never go through a text that is parsed.
 */

import type { CallGraph } from '../api/profiles';
import { share, shortFunction } from '../base/format';

/** A line of text within a box. */
export interface Line {
  readonly text: string;
  /** CSS px. */
  readonly size: number;
}

export interface BoxSize {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

/** What the layout is computed from: sizes in px, no names. */
export interface LayoutRequest {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly weight: number; readonly width: number; readonly height: number }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Places, y downwards; nodes and edges in the order of the request. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Point[];
  readonly edges: readonly { readonly path: string; readonly tip: string; readonly label: Point | null }[];
}

/** Least and most size of names, px. */
const SMALL = 10;
const LARGE = 24;
export const EDGE_TEXT = 11;
const FIGURES = 0.82;

/** How wide a text is at a size, px. */
export type Measure = (text: string, size: number) => number;

/** A name in lines: the package, then what is in it; pprof breaks names in the same way. */
export function nameLines(name: string): string[] {
  const short = shortFunction(name);
  const dot = short.search(/\.(?=[^.])/);
  if (dot < 0) return [short];
  return [short.slice(0, dot), short.slice(dot + 1)];
}

/** The box of each function, sized by what it is worth itself. */
export function boxesOf(body: CallGraph, whole: number, say: (value: number) => string, measure: Measure): BoxSize[] {
  const most = Math.max(...body.nodes.map((node) => Math.abs(node.flat)), 1);
  return body.nodes.map((node) => {
    const size = SMALL + Math.round((LARGE - SMALL) * Math.sqrt(Math.abs(node.flat) / most));
    const small = Math.max(SMALL, Math.round(size * FIGURES));
    const of = (value: number): string => `${say(value)} (${share(value / whole)})`;
    const lines: Line[] = nameLines(node.name).map((text) => ({ text, size }));
    if (node.flat !== 0) lines.push({ text: of(node.flat), size: small });
    if (node.cum !== node.flat) lines.push({ text: `${node.flat === 0 ? '0 ' : ''}of ${of(node.cum)}`, size: small });
    return {
      lines,
      width: Math.ceil(Math.max(...lines.map((line) => measure(line.text, line.size)))) + 16,
      height: Math.ceil(lines.reduce((sum, line) => sum + line.size * LINE, 0)) + 10,
    };
  });
}

/** Height of a line in parts of its size. */
export const LINE = 1.22;

export function requestOf(body: CallGraph, boxes: readonly BoxSize[], whole: number, say: (value: number) => string, measure: Measure): LayoutRequest {
  return {
    nodes: body.nodes.map((node, i) => ({ id: node.id, width: boxes[i]?.width ?? 10, height: boxes[i]?.height ?? 10 })),
    edges: body.edges.map((edge) => ({
      from: edge.from,
      to: edge.to,
      weight: 1 + Math.min(100, Math.floor((100 * Math.abs(edge.value)) / whole)),
      width: Math.ceil(measure(say(edge.value), EDGE_TEXT)) + 6,
      height: EDGE_TEXT + 4,
    })),
  };
}

const INCH = 72;

/** The request as `@viz-js/viz` takes it. */
export function graphOf(request: LayoutRequest) {
  return {
    directed: true,
    graphAttributes: { nodesep: 0.3, ranksep: 0.45 },
    nodeAttributes: { shape: 'box', fixedsize: true, label: '' },
    edgeAttributes: { arrowsize: 0.8 },
    nodes: request.nodes.map((node) => ({ name: node.id, attributes: { width: node.width / INCH, height: node.height / INCH } })),
    edges: request.edges.map((edge, i) => ({
      tail: edge.from,
      head: edge.to,
      // A table without content is the one label that has exactly this size.
      attributes: { id: String(i), weight: edge.weight, label: { html: `<table border="0" fixedsize="true" width="${edge.width}" height="${edge.height}"><tr><td></td></tr></table>` } },
    })),
  };
}

/** Graphviz's answer in its format `json0`, as far as it is used. */
export interface Answered {
  readonly bb: string;
  readonly objects?: readonly { readonly name: string; readonly pos: string }[];
  readonly edges?: readonly { readonly id: string; readonly pos: string; readonly lp?: string }[];
}

const numbers = (text: string): number[] => text.split(/[ ,]/).map(Number);

export function layoutOf(request: LayoutRequest, answer: Answered): Layout {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = numbers(answer.bb);
  const [left, top] = [Math.min(x0, x1) - MARGIN, Math.min(y0, y1) - MARGIN];
  const place = (text: string): Point => {
    const [x = 0, y = 0] = numbers(text);
    return { x: x - left, y: y - top };
  };
  const nodes = new Map((answer.objects ?? []).map((node) => [node.name, place(node.pos)]));
  const edges = new Map((answer.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    width: Math.abs(x1 - x0) + 2 * MARGIN,
    height: Math.abs(y1 - y0) + 2 * MARGIN,
    nodes: request.nodes.map((node) => nodes.get(node.id) ?? { x: 0, y: 0 }),
    edges: request.edges.map((_, i) => {
      const edge = edges.get(String(i));
      if (edge === undefined) return { path: '', tip: '', label: null };
      return { ...curveOf(edge.pos, place), label: edge.lp === undefined ? null : place(edge.lp) };
    }),
  };
}

const MARGIN = 12;
/** Half the width of an arrow's head, in parts of its length. */
const BREADTH = 0.36;

/** `e,x,y x,y x,y …`: the tip of the arrow, then the control points of Bézier curves. */
export function curveOf(text: string, place: (text: string) => Point): { path: string; tip: string } {
  let end: Point | null = null;
  const points: Point[] = [];
  for (const part of text.split(' ')) {
    if (part.startsWith('e,')) end = place(part.slice(2));
    else if (part !== '' && !part.startsWith('s,')) points.push(place(part));
  }
  const [first, ...rest] = points;
  if (first === undefined) return { path: '', tip: '' };
  const say = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
  const path = `M${say(first)}C${rest.map(say).join(' ')}`;
  const last = rest.at(-1) ?? first;
  if (end === null) return { path, tip: '' };
  const [dx, dy] = [(end.x - last.x) * BREADTH, (end.y - last.y) * BREADTH];
  return { path, tip: `M${say(end)}L${say({ x: last.x - dy, y: last.y + dx })} ${say({ x: last.x + dy, y: last.y - dx })}z` };
}

const round = (value: number): number => Math.round(value * 100) / 100;
