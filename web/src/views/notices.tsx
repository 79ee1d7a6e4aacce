/** What one must know before trusting the picture: damage, or a server that is gone. */

import { signal } from '@preact/signals';
import { bytes, count, exactDuration } from '../base/format';
import { openFile } from '../state/navigate';
import { api } from '../state/session';
import { noticeClosed, toast } from '../state/shell';
import { connection, meta } from '../state/view';
import { Go, IconButton } from '../widgets/basics';
import { Icon } from '../widgets/icons';

/** Says that part of the file could not be read, and the first place. */
export function DamageNotice() {
  const trace = meta.value;
  if (trace === null || noticeClosed.value) return null;
  const losses = trace.diagnostics.filter((line) => line.severity === 'loss' || line.lost_bytes > 0);
  if (losses.length === 0 && trace.lost.length === 0) return null;
  const lostBytes = losses.reduce((sum, line) => sum + line.lost_bytes, 0);
  const lostTime = trace.lost.reduce((sum, [from, to]) => sum + to - from, 0);
  // The one that lost most names the place; small change beside lost names is not worth a number.
  const worst = losses.reduce<(typeof losses)[number] | undefined>((most, line) => (most === undefined || line.lost_bytes > most.lost_bytes ? line : most), undefined);
  const parts = [lostBytes >= 1024 ? bytes(lostBytes) : null, lostTime > 0 ? exactDuration(lostTime) : null].filter((part) => part !== null);
  return (
    <div class="notice warn" role="status">
      <Icon name="warn" />
      <span class="wrap">
        <strong>Part of this trace could not be read{parts.length === 0 ? '' : ` (${parts.join(', ')})`}.</strong> {worst?.text ?? ''}
        {losses.length > 1 ? `; and ${count(losses.length - 1)} more` : ''}
      </span>
      <Go to={openFile}>what was lost</Go>
      <IconButton icon="close" label="Close this notice" run={() => (noticeClosed.value = true)} />
    </div>
  );
}

/** Says what is missing in the recording of a Rust program. */
export function RecordingNotice() {
  const warnings = meta.value?.recording?.warnings ?? [];
  const worst = warnings[0];
  if (worst === undefined || noticeClosed.value) return null;
  return (
    <div class="notice warn" role="status" data-notice="recording">
      <Icon name="warn" />
      <span class="wrap">
        <strong>This recording is not complete:</strong> {worst.text}
        {warnings.length > 1 ? `; and ${count(warnings.length - 1)} more` : ''}
      </span>
      <Go to={openFile}>how it was recorded</Go>
      <IconButton icon="close" label="Close this notice" run={() => (noticeClosed.value = true)} />
    </div>
  );
}

const trying = signal(false);

async function retry(): Promise<void> {
  trying.value = true;
  try {
    await api.loading(null);
    connection.value = 'open';
    if (meta.peek() === null) location.reload();
  } catch {
    connection.value = 'gone';
  } finally {
    trying.value = false;
  }
}

export function ConnectionNotice() {
  if (connection.value === 'open') return null;
  return (
    <div class="notice gone" role="alert">
      <Icon name="warn" />
      <span class="wrap">
        <strong>The server does not answer.</strong> What is on the screen stays; start goroscope again to see more.
      </span>
      <button type="button" class="button" disabled={trying.value} onClick={() => void retry()}>
        {trying.value ? 'Trying…' : 'Try again'}
      </button>
    </div>
  );
}

export function Toast() {
  return (
    <div class="toast" role="status" aria-live="polite" data-on={toast.value !== null}>
      {toast.value}
    </div>
  );
}
