/**
 * A profile as a call graph: functions as boxes, calls as arrows, both as strong as they are
 * heavy. The server chooses nodes and edges; only their places are computed here, in a chunk of
 * its own and without WebAssembly, for which the page's security policy would have to be opened.
 */

import { useEffect, useState } from 'preact/hooks';
import type { CallGraph, Profile } from '../api/profiles';
import { share, shortFunction } from '../base/format';
import { packageColor } from '../flame/packages';
import { choose } from '../state/navigate';
import { settings, theme } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Menu } from '../widgets/choice';
import type { Laid } from './graph_layout';
import { Note, Sums, exactly, sayer, unitOf, viewParameters } from './profile_parts';

const SIZES = ['20', '40', '80', '160', '320'];

export function CallGraphView() {
  const nodes = SIZES.find((size) => size === settings.value['nodes']) ?? '40';
  const { answer, trouble, busy } = useAnswer<Profile<CallGraph>>('profile', { ...viewParameters('graph'), nodes });
  const laid = useLayout(answer);
  const [scale, setScale] = useState(1);
  if (answer === null) return <Note busy={busy} trouble={trouble} what="" />;
  const zoom = (by: number): void => setScale((now) => Math.min(3, Math.max(0.2, now * by)));
  return (
    <div class="profile" data-busy={busy} data-profile="graph">
      <div class="profile-bar">
        <Sums profile={answer} />
        <span class="grow" />
        {answer.body.hidden_nodes > 0 ? <span class="dim">{answer.body.hidden_nodes} lighter functions are left out</span> : null}
        <Menu label="At most" now={nodes} options={SIZES.map((id) => ({ id, label: `${id} functions` }))} choose={(id) => choose({ nodes: id })} />
        <button type="button" class="button" onClick={() => zoom(1 / 1.25)} aria-label="Smaller">
          −
        </button>
        <button type="button" class="button" onClick={() => zoom(1.25)} aria-label="Larger">
          +
        </button>
        <button type="button" class="button" onClick={() => void navigator.clipboard.writeText(answer.body.dot)} title="The graph in the language of Graphviz">
          copy DOT
        </button>
      </div>
      {answer.body.nodes.length === 0 ? (
        <Note busy={false} trouble={null} what="Nothing of this kind passes the filter." />
      ) : laid === null ? (
        <Note busy trouble={null} what="" />
      ) : (
        <div class="view-scroll graph-host">
          <Drawing laid={laid} profile={answer} scale={scale} />
        </div>
      )}
    </div>
  );
}

function useLayout(profile: Profile<CallGraph> | null): Laid | null {
  const [laid, setLaid] = useState<Laid | null>(null);
  useEffect(() => {
    if (profile === null) return undefined;
    let current = true;
    void import('./graph_layout').then(({ layOut }) => {
      if (current) setLaid(layOut(profile.body, sayer(unitOf(profile))));
    });
    return () => {
      current = false;
    };
  }, [profile]);
  return laid;
}

function Drawing({ laid, profile, scale }: { readonly laid: Laid; readonly profile: Profile<CallGraph>; readonly scale: number }) {
  const unit = unitOf(profile);
  const say = sayer(unit);
  const whole = Math.max(profile.total[profile.type] ?? 0, 1);
  return (
    <svg class="call-graph" width={laid.width * scale} height={laid.height * scale} viewBox={`0 0 ${laid.width} ${laid.height}`} role="group" aria-label="Call graph">
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
          <path d="M0 0L8 4L0 8z" />
        </marker>
      </defs>
      {laid.edges.map((edge, i) => (
        <g key={i} class="graph-edge">
          <path d={edge.path} stroke-width={0.8 + 4 * Math.sqrt(edge.value / whole)} stroke-dasharray={edge.residual ? '4 3' : undefined} marker-end="url(#arrow)">
            <title>{`${edge.from} → ${edge.to}${edge.residual ? ' (with others between)' : ''}: ${exactly(unit, edge.value)}`}</title>
          </path>
          <text x={edge.x} y={edge.y}>
            {say(edge.value)}
          </text>
        </g>
      ))}
      {laid.nodes.map((node) => (
        <g key={node.id} class="graph-node" transform={`translate(${node.x - node.width / 2} ${node.y - node.height / 2})`}>
          <a
            href="#"
            onClick={(event) => {
              event.preventDefault();
              choose({ mode: 'sandwich', function: node.name });
            }}
            aria-label={`${node.name}: ${say(node.flat)} itself, ${say(node.cum)} in all`}
          >
            <title>{`${node.name}\n${exactly(unit, node.flat)} itself\n${exactly(unit, node.cum)} in all, ${share(node.cum / whole)}`}</title>
            <rect width={node.width} height={node.height} rx="5" fill={packageColor(node.name, theme.value)} />
            <text x={node.width / 2} y={16} font-size={node.font}>
              {shortFunction(node.name)}
            </text>
            <text x={node.width / 2} y={node.height - 8} class="graph-figures">
              {node.flat > 0 && node.flat < node.cum ? `${say(node.flat)} of ` : ''}
              {say(node.cum)} · {share(node.cum / whole)}
            </text>
          </a>
        </g>
      ))}
    </svg>
  );
}
