/**
 * A profile as a call graph: functions as boxes, calls as arrows, both as strong as they are
 * heavy. The server chooses nodes and edges; Graphviz says, in a thread of its own, where they stand.
 */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isAbort } from '../api/client';
import type { CallGraph, Profile } from '../api/profiles';
import { surface } from '../base/palette';
import { layOut } from '../graph/layout';
import { type BoxSize, type Layout, boxesOf, requestOf } from '../graph/picture';
import { choose } from '../state/navigate';
import { settings, theme } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Menu } from '../widgets/choice';
import { NoAnswer } from '../widgets/no_answer';
import { PanZoom } from '../widgets/pan_zoom';
import { copyText } from '../widgets/stack';
import { Drawing, FONT, svgOf, wholeOf } from './graph_drawing';
import { FunctionActions, Sums, kindOf, sayer, unitOf, viewParameters } from './profile_parts';
import { said } from '../state/words';

const SIZES = ['20', '40', '80', '160', '320', '500'];

/** Widths of texts in the font that the picture is drawn with. */
function measurer(): (text: string, size: number) => number {
  const context = document.createElement('canvas').getContext('2d');
  return (text, size) => {
    if (context === null) return text.length * size * 0.62;
    context.font = `${size}px ${FONT}`;
    return context.measureText(text).width;
  };
}

/** A layout, or how far it is. */
type Laying = { readonly stage: 'done'; readonly boxes: readonly BoxSize[]; readonly layout: Layout; readonly of: Profile<CallGraph> } | { readonly stage: 'busy' | 'stopped' } | { readonly stage: 'failed'; readonly why: string };

export function CallGraphView() {
  const now = settings.value;
  const nodes = SIZES.find((size) => size === now['nodes']) ?? '40';
  const asked = useAnswer<Profile<CallGraph>>('profile', { ...viewParameters('graph'), nodes });
  const { answer, busy } = asked;
  const { laying, stop, start } = useLayout(answer);
  const host = useRef<HTMLDivElement>(null);
  if (answer === null) return <NoAnswer asked={asked} />;
  const chosen = answer.body.nodes.find((node) => node.name === now['function']) ?? null;
  const save = (layout: Layout): void => {
    const picture = host.current?.querySelector('[data-picture]');
    if (picture != null) saveText(svgOf(picture, layout, surface(theme.peek()).bg), `${answer.kind}.svg`, 'image/svg+xml');
  };
  return (
    <div class="profile" data-busy={busy || laying.stage === 'busy'} data-profile="graph">
      <div class="profile-bar">
        <Sums profile={answer} />
        <span class="grow" />
        {answer.body.hidden_nodes > 0 ? <span class="dim">{answer.body.hidden_nodes} lighter functions are left out</span> : null}
        <Menu label="At most" now={nodes} options={SIZES.map((id) => ({ id, label: `${id} functions` }))} choose={(id) => choose({ nodes: id })} />
        <button type="button" class="button" onClick={() => void copyText(answer.body.dot, 'DOT text')} title="The graph in the language of Graphviz">
          copy DOT
        </button>
        <button type="button" class="button" disabled={laying.stage !== 'done'} onClick={() => laying.stage === 'done' && save(laying.layout)} title="The whole picture as a file">
          save SVG
        </button>
      </div>
      {chosen === null ? null : (
        <div class="flame-bar" data-field="chosen">
          <strong class="flame-name" title={chosen.name}>
            {chosen.name}
          </strong>
          <span class="num">{sayer(unitOf(answer))(chosen.cum)}</span>
          <span class="num dim">itself {sayer(unitOf(answer))(chosen.flat)}</span>
          <FunctionActions name={chosen.name} />
        </div>
      )}
      {answer.body.nodes.length === 0 ? (
        <p class="view-note">Nothing of this kind passes the filter.</p>
      ) : laying.stage === 'done' ? (
        <div class="graph-host" ref={host}>
          <PanZoom width={laying.layout.width} height={laying.layout.height} of={laying.layout} label={`Call graph of ${said(kindOf(now).label)}`}>
            <Drawing profile={laying.of} boxes={laying.boxes} layout={laying.layout} chosen={chosen?.name ?? null} choose={(name) => choose({ function: name })} />
          </PanZoom>
        </div>
      ) : (
        <p class="view-note" role="status">
          {laying.stage === 'busy' ? (
            <>
              <span class="progress" aria-hidden="true" /> Laying out {answer.body.nodes.length} functions and {answer.body.edges.length} calls…{' '}
              <button type="button" class="button" onClick={stop}>
                Cancel
              </button>
            </>
          ) : (
            <>
              {laying.stage === 'failed' ? `No layout: ${laying.why}.` : 'The layout was cancelled: fewer functions are quicker.'}{' '}
              <button type="button" class="button" onClick={start}>
                Try again
              </button>
            </>
          )}
        </p>
      )}
    </div>
  );
}

function useLayout(profile: Profile<CallGraph> | null): { readonly laying: Laying; stop(): void; start(): void } {
  const [laying, setLaying] = useState<Laying>({ stage: 'busy' });
  const [round, setRound] = useState(0);
  const control = useRef<AbortController | null>(null);
  const measure = useMemo(measurer, []);
  useEffect(() => {
    if (profile === null || profile.body.nodes.length === 0) return undefined;
    const mine = new AbortController();
    control.current = mine;
    const [whole, say] = [wholeOf(profile), sayer(unitOf(profile))];
    const boxes = boxesOf(profile.body, whole, say, measure);
    setLaying({ stage: 'busy' });
    layOut(requestOf(profile.body, boxes, whole, say, measure), mine.signal).then(
      (layout) => setLaying({ stage: 'done', boxes, layout, of: profile }),
      (error: unknown) => {
        if (!isAbort(error)) setLaying({ stage: 'failed', why: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => mine.abort();
  }, [profile, round]);
  return {
    laying,
    stop() {
      control.current?.abort();
      setLaying({ stage: 'stopped' });
    },
    start: () => setRound((n) => n + 1),
  };
}

/** Gives a text to the browser as a file to keep. */
function saveText(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
