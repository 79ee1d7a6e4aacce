/** A profile as a flame graph. */

import { useEffect, useState } from 'preact/hooks';
import type { Flame, Profile } from '../api/profiles';
import { choose } from '../state/navigate';
import { settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Choice } from '../widgets/choice';
import { FlameGraph, boxOf } from '../widgets/flame_graph';
import { NoAnswer } from '../widgets/no_answer';
import { FunctionActions, Sums, kindOf, sayer, unitOf, viewParameters } from './profile_parts';
import { said } from '../state/words';

/** The server's limit, px. */
const WIDEST = 10_000;

/** The window's width in steps, so that not every window asks anew. */
const screenWidth = (): number => Math.min(4000, Math.ceil(window.innerWidth / 400) * 400);

export function FlameView() {
  const now = settings.value;
  const zoom = now['zoom'] ?? null;
  const [detail, setDetail] = useState(1);
  const [search, setSearch] = useState(now['find'] ?? '');
  const width = Math.min(WIDEST, screenWidth() * detail);
  const inverted = now['from'] === 'leaf';
  const asked = useAnswer<Profile<Flame>>('profile', { ...viewParameters('flame'), width, ...(inverted ? { root: 'leaf' } : {}) });
  const { answer, busy } = asked;
  const boxes = answer?.body.boxes;
  // What is zoomed to is drawn wide: its children shall be as many as fit then.
  useEffect(() => {
    const whole = boxes?.[0]?.value ?? 0;
    const share = boxes === undefined || whole === 0 ? 1 : (boxes[boxOf(boxes, zoom)]?.value ?? whole) / whole;
    setDetail(Math.max(1, Math.min(2 ** Math.ceil(Math.log2(1 / Math.max(share, 1e-6))), Math.floor(WIDEST / screenWidth()))));
  }, [boxes, zoom]);
  if (answer === null || boxes === undefined) return <NoAnswer asked={asked} />;
  const upright = now['root'] === 'foot';
  const order = now['stand'] === 'name' ? 'name' : 'heavy';
  return (
    <div class="profile" data-busy={busy} data-profile="flame">
      <div class="profile-bar">
        <Sums profile={answer} />
        <span class="grow" />
        <input
          class="field"
          type="search"
          spellcheck={false}
          placeholder="Find in the graph"
          aria-label="Find in the graph"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
          onChange={(event) => choose({ find: event.currentTarget.value === '' ? null : event.currentTarget.value })}
        />
        <Choice
          label="Stacks from"
          now={inverted ? 'leaf' : 'root'}
          options={[
            { id: 'root', label: 'from the root', hint: 'What called what' },
            { id: 'leaf', label: 'inverted', hint: 'From where stacks end: who led there' },
          ]}
          choose={(id) => choose({ from: id === 'root' ? null : id, zoom: null })}
        />
        <Choice
          label="Order"
          now={order}
          options={[
            { id: 'heavy', label: 'heaviest left', hint: 'Siblings by their weight' },
            { id: 'name', label: 'by name', hint: 'Siblings by name, to compare two pictures' },
          ]}
          choose={(id) => choose({ stand: id === 'heavy' ? null : id })}
        />
        <Choice
          label="Root"
          now={upright ? 'foot' : 'head'}
          options={[
            { id: 'head', label: 'root above', hint: 'Stacks hang from the root' },
            { id: 'foot', label: 'root below', hint: 'Stacks grow from the root' },
          ]}
          choose={(id) => choose({ root: id === 'head' ? null : id })}
        />
      </div>
      {boxes.length <= 1 ? (
        <p class="view-note">Nothing of this kind passes the filter.</p>
      ) : (
        <FlameGraph
          boxes={boxes}
          say={sayer(unitOf(answer))}
          order={order}
          upright={upright}
          search={search}
          zoom={zoom}
          zoomTo={(next) => choose({ zoom: next })}
          actions={(box) => (box.rest ? null : <FunctionActions name={box.name} />)}
          label={`Flame graph of ${said(kindOf(now).label)}`}
        />
      )}
    </div>
  );
}
