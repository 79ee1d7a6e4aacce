/** The head of a view: its name, where one is within it, and its choices. */

import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';
import { Go } from '../widgets/basics';

export function ViewHead({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <header class="view-head">
      <h2>{title}</h2>
      {children}
    </header>
  );
}

export interface Step {
  readonly label: string;
  /** Where it leads; the last one leads nowhere. */
  readonly go?: () => void;
}

/** How one came here, each step a way back. */
export function Path({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <nav class="path" aria-label="Path">
      {steps.map((step, i) => (
        <Fragment key={i}>
          {i === 0 ? null : (
            <span class="faint" aria-hidden="true">
              ›
            </span>
          )}
          {step.go === undefined ? (
            <strong aria-current="location" title={step.label}>
              {step.label}
            </strong>
          ) : (
            <Go to={step.go}>{step.label}</Go>
          )}
        </Fragment>
      ))}
    </nav>
  );
}

/** A few figures in a line, each with its name. */
export function Figures({ children }: { readonly children: ComponentChildren }) {
  return <dl class="figures">{children}</dl>;
}

export function Figure({ name, title, children }: { readonly name: string; readonly title?: string; readonly children: ComponentChildren }) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd class="num">{children}</dd>
    </div>
  );
}
