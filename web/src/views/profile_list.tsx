/** Source lines of the functions that match, with what each costs. */

import type { Listing, Profile } from '../api/profiles';
import { choose } from '../state/navigate';
import { settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { NoAnswer } from '../widgets/no_answer';
import { Sums, exactly, sayer, unitOf, viewParameters } from './profile_parts';

export function ListView() {
  const match = settings.value['match'] ?? '';
  const asked = useAnswer<Profile<Listing>>(match === '' ? null : 'profile', { ...viewParameters('list'), match });
  const { answer, busy } = asked;
  return (
    <div class="profile" data-busy={busy} data-profile="list">
      <div class="profile-bar">
        <form
          class="inline-field"
          onSubmit={(event) => {
            event.preventDefault();
            const field = event.currentTarget.elements.namedItem('match');
            if (field instanceof HTMLInputElement) choose({ match: field.value });
          }}
        >
          <label class="dim" for="list-match">
            Functions
          </label>
          <input id="list-match" name="match" type="text" spellcheck={false} placeholder="main\.worker" value={match} />
          <button type="submit" class="button">
            List
          </button>
        </form>
        <span class="grow" />
        {answer === null ? null : <Sums profile={answer} />}
      </div>
      {match === '' ? <p class="view-note">Give a regular expression: the lines of the functions that match show here.</p> : answer === null ? <NoAnswer asked={asked} /> : <Functions answer={answer} />}
    </div>
  );
}

function Functions({ answer }: { readonly answer: Profile<Listing> }) {
  const unit = unitOf(answer);
  const value = (n: number) => (n === 0 ? <span class="faint">·</span> : <span title={exactly(unit, n)}>{sayer(unit)(n)}</span>);
  return (
    <div class="view-scroll">
      {answer.body.functions.length === 0 ? <p class="view-note">No function of this profile matches.</p> : null}
      {answer.body.functions.map((it) => (
        <article class="listing" key={`${it.name} ${it.file}`}>
          <header>
            <strong class="wrap">{it.name}</strong>
            <span class="dim wrap">
              {it.file}
              {it.source ? '' : ' (not on this machine: lines without their text)'}
            </span>
          </header>
          <table>
            <thead>
              <tr>
                <th scope="col" class="num">
                  flat
                </th>
                <th scope="col" class="num">
                  cum
                </th>
                <th scope="col" class="num">
                  line
                </th>
                <th scope="col">source</th>
              </tr>
            </thead>
            <tbody>
              {it.lines.map((line) => (
                <tr key={line.line} class={line.cum > 0 ? 'hot' : undefined}>
                  <td class="num">{value(line.flat)}</td>
                  <td class="num">{value(line.cum)}</td>
                  <td class="num dim">{line.line}</td>
                  <td>
                    <code>{line.text ?? ''}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </article>
      ))}
      {answer.body.more > 0 ? <p class="view-note">And {answer.body.more} more functions that match.</p> : null}
    </div>
  );
}
