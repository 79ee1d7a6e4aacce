/** Whole stacks of a profile with their labels, the heaviest first. */

import type { Profile, TraceRow, Traces } from '../api/profiles';
import { count, fileName, share, shortFunction } from '../base/format';
import { choose } from '../state/navigate';
import { settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go } from '../widgets/basics';
import { NoAnswer } from '../widgets/no_answer';
import { PlaceActions, Sums, exactly, labelsOf, sayer, stackOf, unitOf, viewParameters } from './profile_parts';

const PAGE = 50;
/** Frames shown of a stack at first. */
const FRAMES = 16;

export function TracesView() {
  const offset = Number(settings.value['first']) || 0;
  const asked = useAnswer<Profile<Traces>>('profile', { ...viewParameters('traces'), offset, limit: PAGE });
  const { answer, busy } = asked;
  if (answer === null) return <NoAnswer asked={asked} />;
  const { total, rows } = answer.body;
  return (
    <div class="profile" data-busy={busy} data-profile="traces">
      <div class="profile-bar">
        <Sums profile={answer} />
        <span class="grow" />
        {total <= PAGE ? null : (
          <span>
            <span class="num dim">
              {count(offset + 1)}–{count(offset + rows.length)} of {count(total)}
            </span>{' '}
            {offset > 0 ? <Go to={() => choose({ first: offset <= PAGE ? null : String(offset - PAGE) })}>before</Go> : null} {offset + rows.length < total ? <Go to={() => choose({ first: String(offset + PAGE) })}>next</Go> : null}
          </span>
        )}
      </div>
      <div class="view-scroll">
        {rows.length === 0 ? <p class="view-note">Nothing of this kind passes the filter.</p> : null}
        {rows.map((row, i) => (
          <OneStack key={i} row={row} profile={answer} />
        ))}
      </div>
    </div>
  );
}

function OneStack({ row, profile }: { readonly row: TraceRow; readonly profile: Profile<Traces> }) {
  const whole = Math.max(profile.shown[profile.type] ?? 0, 1);
  const value = row.values[profile.type] ?? 0;
  return (
    <article class="one-stack">
      <header>
        <strong class="num" title={exactly(unitOf(profile), value)}>
          {sayer(unitOf(profile))(value)}
        </strong>
        <span class="num dim">{share(value / whole)}</span>
        {profile.types.map((type, i) => (i === profile.type ? null : <span class="num dim" key={type.kind}>{`${sayer(type.unit)(row.values[i] ?? 0)} ${type.kind}`}</span>))}
        {row.labels.map((label) => (
          <span class="tag" key={label.key} title={label.key}>
            {label.text}
          </span>
        ))}
        <span class="actions">
          <PlaceActions stack={stackOf(row)} having={labelsOf(row)} />
        </span>
      </header>
      <ol>
        {row.frames.slice(0, FRAMES).map((frame, i) => (
          <li key={i} title={`${frame.name}\n${frame.file}:${frame.line}`}>
            <Go to={() => choose({ mode: 'sandwich', function: frame.name })}>{shortFunction(frame.name)}</Go>
            <span class="loc">{frame.file === '' ? '' : `${fileName(frame.file)}:${frame.line}`}</span>
          </li>
        ))}
        {row.frames.length > FRAMES ? <li class="dim">and {row.frames.length - FRAMES} more</li> : null}
      </ol>
    </article>
  );
}
