/** A stack, innermost frame first, with its copy button. */

import { useState } from 'preact/hooks';
import type { Frame } from '../api/types';
import { fileName, shortFunction } from '../base/format';
import { say } from '../state/shell';
import { IconButton } from './basics';

/** As Go prints it. */
export const stackText = (frames: readonly Frame[]): string => frames.map((frame) => `${frame.function}\n\t${frame.file}:${frame.line}`).join('\n');

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    say('this browser does not let the page copy');
  }
}

/** Frames shown before "all": the innermost tell most, and what follows stays in reach. */
const FIRST = 12;

export function Stack({ frames, title }: { readonly frames: readonly Frame[]; readonly title: string }) {
  const [whole, setWhole] = useState(false);
  const shown = whole || frames.length <= FIRST + 2 ? frames : frames.slice(0, FIRST);
  if (frames.length === 0) return <p class="empty">no stack recorded</p>;
  return (
    <div class="stack">
      <div class="stack-head">
        <span>{title}</span>
        <IconButton icon="copy" label="Copy this stack" run={() => void copyText(stackText(frames), 'stack')} />
      </div>
      <ol>
        {shown.map((frame, i) => (
          <li key={i} title={`${frame.function}\n${frame.file}:${frame.line}`}>
            <span class="fn">{shortFunction(frame.function) || '(unknown function)'}</span>
            <span class="loc">{frame.file === '' ? '' : `${fileName(frame.file)}:${frame.line}`}</span>
          </li>
        ))}
      </ol>
      {shown.length === frames.length ? null : (
        <button type="button" class="go more" onClick={() => setWhole(true)}>
          all {frames.length} frames
        </button>
      )}
    </div>
  );
}

/** The first frames only, for a tooltip. */
export function TopFrames({ frames, count }: { readonly frames: readonly Frame[]; readonly count: number }) {
  return (
    <ol class="top-frames">
      {frames.slice(0, count).map((frame, i) => (
        <li key={i}>
          <span class="fn">{shortFunction(frame.function)}</span> <span class="loc">{`${fileName(frame.file)}:${frame.line}`}</span>
        </li>
      ))}
    </ol>
  );
}
