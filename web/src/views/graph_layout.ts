/** Places of a call graph's boxes and arrows. */

import { Graph, layout } from '@dagrejs/dagre';
import type { CallGraph } from '../api/profiles';
import { shortFunction } from '../base/format';

export interface LaidNode {
  readonly id: string;
  readonly name: string;
  readonly flat: number;
  readonly cum: number;
  /** The middle. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly font: number;
}

export interface LaidEdge {
  readonly from: string;
  readonly to: string;
  readonly value: number;
  readonly residual: boolean;
  readonly path: string;
  /** Where its figure stands. */
  readonly x: number;
  readonly y: number;
}

export interface Laid {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly LaidNode[];
  readonly edges: readonly LaidEdge[];
}

/** Width of a letter in parts of its height, in the middle of what fonts have. */
const LETTER = 0.56;

export function layOut(body: CallGraph, say: (value: number) => string): Laid {
  const graph = new Graph({ directed: true, multigraph: false });
  graph.setGraph({ rankdir: 'TB', nodesep: 22, ranksep: 46, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  const most = Math.max(...body.nodes.map((node) => node.flat), 1);
  const fonts = new Map<string, number>();
  for (const node of body.nodes) {
    // What costs most by itself is written largest, as in pprof's pictures.
    const font = 11 + Math.round(5 * Math.sqrt(node.flat / most));
    fonts.set(node.id, font);
    const figures = `${say(node.flat)} of ${say(node.cum)} · 00.0 %`;
    graph.setNode(node.id, { width: Math.max(shortFunction(node.name).length * font * LETTER, figures.length * 11 * LETTER) + 16, height: 40 });
  }
  for (const edge of body.edges) if (edge.from !== edge.to) graph.setEdge(edge.from, edge.to, { width: say(edge.value).length * 6.5, height: 12, labelpos: 'c' });
  layout(graph);
  const names = new Map(body.nodes.map((node) => [node.id, node.name]));
  const nodes = body.nodes.map((node): LaidNode => {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(node.id) as { x?: number; y?: number; width?: number; height?: number };
    return { id: node.id, name: node.name, flat: node.flat, cum: node.cum, x, y, width, height, font: fonts.get(node.id) ?? 11 };
  });
  const edges = body.edges.flatMap((edge): LaidEdge[] => {
    if (edge.from === edge.to) return [];
    const { points = [], x = 0, y = 0 } = graph.edge(edge.from, edge.to) as { points?: { x: number; y: number }[]; x?: number; y?: number };
    return [{ from: names.get(edge.from) ?? '', to: names.get(edge.to) ?? '', value: edge.value, residual: edge.residual, path: curve(points), x, y }];
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { width, height, nodes, edges };
}

/** A smooth way through points: between them quadratic curves with the points as handles. */
export function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    if (next === undefined) path += `L${point.x} ${point.y}`;
    else path += `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return path;
}
