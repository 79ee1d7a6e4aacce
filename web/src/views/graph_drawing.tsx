/** The picture of a call graph. Colours and fonts are attributes of the shapes, so that it is the same in a file. */

import type { CallGraph, Profile } from '../api/profiles';
import { share } from '../base/format';
import { edgeColour, graphText, nodeColours } from '../graph/colours';
import { type BoxSize, EDGE_TEXT, LINE, type Layout } from '../graph/picture';
import { theme } from '../state/view';
import { exactly, sayer, unitOf } from './profile_parts';

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

export interface Drawn {
  readonly profile: Profile<CallGraph>;
  readonly boxes: readonly BoxSize[];
  readonly layout: Layout;
}

interface DrawingProps extends Drawn {
  /** The name of the chosen function. */
  readonly chosen: string | null;
  readonly choose: (name: string) => void;
}

export const wholeOf = (profile: Profile<unknown>): number => Math.max(Math.abs(profile.total[profile.type] ?? 0), 1);

export function Drawing({ profile, boxes, layout, chosen, choose }: DrawingProps) {
  const { nodes } = profile.body;
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  return (
    <g font-family={FONT} text-anchor="middle">
      <Arrows profile={profile} layout={layout} names={names} />
      {nodes.map((node, i) => {
        const [box, place] = [boxes[i], layout.nodes[i]];
        if (box === undefined || place === undefined) return null;
        return <Node key={node.id} node={node} box={box} place={place} profile={profile} here={node.name === chosen} choose={choose} />;
      })}
    </g>
  );
}

function Arrows({ profile, layout, names }: { readonly profile: Profile<CallGraph>; readonly layout: Layout; readonly names: ReadonlyMap<string, string> }) {
  const [unit, whole] = [unitOf(profile), wholeOf(profile)];
  return (
    <g>
      {profile.body.edges.map((edge, i) => {
        const laid = layout.edges[i];
        if (laid === undefined) return null;
        const part = Math.abs(edge.value) / whole;
        const colour = edgeColour(part, theme.value);
        const width = 1 + Math.min(5, 5 * part);
        return (
          <g key={i} class="graph-edge" data-from={edge.from} data-to={edge.to}>
            <title>{`${names.get(edge.from) ?? ''} → ${names.get(edge.to) ?? ''}${edge.residual ? ' (functions between them are left out)' : ''}\n${exactly(unit, edge.value)}, ${share(part)}`}</title>
            {/* Wide and not to be seen: what the pointer finds. */}
            <path d={laid.path} fill="none" stroke="transparent" stroke-width={Math.max(10, width)} />
            <path d={laid.path} fill="none" stroke={colour} stroke-width={width} stroke-dasharray={edge.residual ? '5 4' : undefined} />
            <path d={laid.tip} fill={colour} stroke={colour} stroke-width={Math.min(width, 2)} stroke-linejoin="round" />
            {laid.label === null ? null : (
              <text x={laid.label.x} y={laid.label.y + EDGE_TEXT * 0.36} font-size={EDGE_TEXT} fill={graphText(theme.value)}>
                {sayer(unit)(edge.value)}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

interface NodeProps {
  readonly node: CallGraph['nodes'][number];
  readonly box: BoxSize;
  readonly place: { readonly x: number; readonly y: number };
  readonly profile: Profile<CallGraph>;
  readonly here: boolean;
  readonly choose: (name: string) => void;
}

function Node({ node, box, place, profile, here, choose }: NodeProps) {
  const [unit, whole] = [unitOf(profile), wholeOf(profile)];
  const colours = nodeColours(Math.abs(node.cum) / whole, theme.value);
  let y = place.y - box.height / 2 + 5;
  return (
    <g
      class="graph-node"
      role="button"
      tabindex={0}
      aria-pressed={here}
      data-node={node.id}
      data-name={node.name}
      data-flat={node.flat}
      data-cum={node.cum}
      onClick={() => choose(node.name)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        choose(node.name);
      }}
    >
      <title>{`${node.name}${node.file === '' ? '' : `\n${node.file}`}\n${exactly(unit, node.flat)} itself, ${share(Math.abs(node.flat) / whole)}\n${exactly(unit, node.cum)} in all, ${share(Math.abs(node.cum) / whole)}`}</title>
      <rect x={place.x - box.width / 2} y={place.y - box.height / 2} width={box.width} height={box.height} rx="3" fill={colours.fill} stroke={colours.stroke} stroke-width={here ? 3 : 1} />
      {box.lines.map((line, i) => {
        y += line.size * LINE;
        return (
          <text key={i} x={place.x} y={y - line.size * 0.28} font-size={line.size} fill={graphText(theme.value)}>
            {line.text}
          </text>
        );
      })}
    </g>
  );
}

/** The whole picture as a file: what is on the page, without where one is in it. */
export function svgOf(picture: Element, layout: Layout, ground: string): string {
  const SVG = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('width', String(Math.ceil(layout.width)));
  svg.setAttribute('height', String(Math.ceil(layout.height)));
  svg.setAttribute('viewBox', `0 0 ${Math.ceil(layout.width)} ${Math.ceil(layout.height)}`);
  const back = document.createElementNS(SVG, 'rect');
  back.setAttribute('width', '100%');
  back.setAttribute('height', '100%');
  back.setAttribute('fill', ground);
  const copy = picture.cloneNode(true) as Element;
  copy.removeAttribute('transform');
  for (const node of copy.querySelectorAll('[tabindex]')) for (const name of ['tabindex', 'role', 'aria-pressed']) node.removeAttribute(name);
  svg.append(back, copy);
  return new XMLSerializer().serializeToString(svg);
}
