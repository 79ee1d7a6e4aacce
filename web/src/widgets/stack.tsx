/** A stack, innermost frame first, with its copy button. */

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

export function Stack({ frames, title }: { readonly frames: readonly Frame[]; readonly title: string }) {
  if (frames.length === 0) return <p class="empty">no stack recorded</p>;
  return (
    <div class="stack">
      <div class="stack-head">
        <span>{title}</span>
        <IconButton icon="copy" label="Copy this stack" run={() => void copyText(stackText(frames), 'stack')} />
      </div>
      <ol>
        {frames.map((frame, i) => (
          <li key={i} title={`${frame.function}\n${frame.file}:${frame.line}`}>
            <span class="fn">{shortFunction(frame.function) || '(unknown function)'}</span>
            <span class="loc">{frame.file === '' ? '' : `${fileName(frame.file)}:${frame.line}`}</span>
          </li>
        ))}
      </ol>
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
