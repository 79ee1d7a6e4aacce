/** One function of a profile between all that leads to it and all that it leads to. */

import type { Profile, Sandwich } from '../api/profiles';
import { choose } from '../state/navigate';
import { settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go } from '../widgets/basics';
import { FlameGraph } from '../widgets/flame_graph';
import { NoAnswer } from '../widgets/no_answer';
import { FunctionActions, Sums, sayer, unitOf, viewParameters } from './profile_parts';

export function SandwichView() {
  const name = settings.value['function'] ?? '';
  const asked = useAnswer<Profile<Sandwich>>(name === '' ? null : 'profile', { ...viewParameters('sandwich'), function: name, width: 2000 });
  const { answer, busy } = asked;
  if (name === '')
    return (
      <p class="view-note">
        Choose a function: in the <Go to={() => choose({ mode: 'top' })}>table of functions</Go>, or in the <Go to={() => choose({ mode: null })}>flame graph</Go>.
      </p>
    );
  if (answer === null) return <NoAnswer asked={asked} />;
  const say = sayer(unitOf(answer));
  const { callers, callees } = answer.body;
  const part = (title: string, boxes: Sandwich['callers']['boxes'], upright: boolean, zoom: string) => (
    <section class="sandwich-part" aria-label={title}>
      <h3>{title}</h3>
      <FlameGraph
        boxes={boxes}
        say={say}
        order="heavy"
        upright={upright}
        search=""
        zoom={settings.value[zoom] ?? null}
        zoomTo={(next) => choose({ [zoom]: next })}
        actions={(box) => (box.rest ? null : <Go to={() => choose({ function: box.name, above: null, below: null })}>put in the middle</Go>)}
        label={title}
        whole
      />
    </section>
  );
  return (
    <div class="profile" data-busy={busy} data-profile="sandwich">
      <div class="profile-bar">
        <strong class="wrap" data-field="function">
          {name}
        </strong>
        <FunctionActions name={name} room="row" />
        <span class="grow" />
        <Sums profile={answer} />
      </div>
      <div class="view-scroll">
        {part('Callers', callers.boxes, true, 'above')}
        {part('Callees', callees.boxes, false, 'below')}
      </div>
    </div>
  );
}
