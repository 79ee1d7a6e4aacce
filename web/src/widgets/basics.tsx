/** Small pieces that every panel is made of. */

import type { ComponentChildren } from 'preact';
import { classColors } from '../base/palette';
import { duration, exactDuration, time } from '../base/format';
import { keyLabel } from '../state/commands';
import { theme } from '../state/view';
import { Icon, type IconName } from './icons';

/** A button that is an icon; `label` is what it does, for the tooltip and the screen reader. */
export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly run: () => void;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
}) {
  return (
    <button
      type="button"
      class="icon-button"
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.pressed}
      disabled={props.disabled}
      onClick={props.run}
    >
      <Icon name={props.icon} />
    </button>
  );
}

/** A text that leads somewhere on this page. */
export function Go(props: { readonly to: () => void; readonly title?: string; readonly children: ComponentChildren }) {
  return (
    <button type="button" class="go" title={props.title} onClick={props.to}>
      {props.children}
    </button>
  );
}

/** A duration in few digits; the exact one on hover. */
export function Duration({ ns }: { readonly ns: number }) {
  return (
    <span class="num" title={exactDuration(ns)} data-ns={ns}>
      {duration(ns)}
    </span>
  );
}

/** A duration with every digit. */
export function Exact({ ns }: { readonly ns: number }) {
  return (
    <span class="num" data-ns={ns}>
      {exactDuration(ns)}
    </span>
  );
}

/** A time since the trace's start, in full. */
export function Time({ ns }: { readonly ns: number }) {
  return (
    <span class="num" data-ns={ns}>
      {time(ns)}
    </span>
  );
}

/** The square in a state's colour. */
export function Swatch({ id }: { readonly id: number }) {
  return <span class="swatch" style={{ background: classColors(theme.value)[id] ?? 'transparent' }} />;
}

export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span class="keys">
      {keyLabel(keys)
        .split(' ')
        .map((part) => (
          <kbd key={part}>{part}</kbd>
        ))}
    </span>
  );
}

/** A part of a panel under its heading. */
export function Part(props: { readonly title: string; readonly aside?: ComponentChildren; readonly children: ComponentChildren }) {
  return (
    <section class="part">
      <h3>
        <span>{props.title}</span>
        {props.aside === undefined ? null : <span class="aside">{props.aside}</span>}
      </h3>
      {props.children}
    </section>
  );
}

/** Name and value, side by side. */
export function Row(props: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="row">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
