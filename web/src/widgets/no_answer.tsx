/** What stands where an answer will: that it is on its way, or why there is none and how to ask again. */

import type { Asked } from './answer';

export function NoAnswer({ asked, wait = 'Summing…' }: { readonly asked: Asked<unknown>; readonly wait?: string }) {
  const { trouble, busy, again } = asked;
  if (trouble === null) return <p class="view-note" role="status">{busy ? wait : ''}</p>;
  return (
    <p class="view-note" role="alert">
      <Trouble text={trouble} again={again} />
    </p>
  );
}

/** A trouble in the server's words, and the way to try again. */
export function Trouble({ text, again }: { readonly text: string; readonly again: () => void }) {
  return (
    <>
      {text}{' '}
      <button type="button" class="button" onClick={again}>
        Try again
      </button>
    </>
  );
}
