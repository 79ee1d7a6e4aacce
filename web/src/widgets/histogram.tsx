/** A histogram on a logarithmic scale; a click on a bar leaves what is in it. */

import { axisDuration, count, duration, share } from '../base/format';

export interface Bar {
  readonly min: number;
  /** Belongs to the bar unless `open`. */
  readonly max: number;
  readonly count: number;
}

export function Histogram(props: { readonly label: string; readonly bars: readonly Bar[]; readonly choose?: (bar: Bar) => void; readonly marks?: readonly { readonly at: number; readonly label: string }[] }) {
  const { bars } = props;
  const most = Math.max(...bars.map((bar) => bar.count), 1);
  const total = bars.reduce((sum, bar) => sum + bar.count, 0);
  if (bars.length === 0) return null;
  const every = Math.max(1, Math.ceil(bars.length / 8));
  return (
    <figure class="histogram" role="group" aria-label={props.label}>
      <div class="histogram-bars">
        {bars.map((bar) => {
          const here = marksIn(props.marks ?? [], bar);
          const told = `${duration(bar.min)} to ${duration(bar.max)}: ${count(bar.count)}, ${share(total > 0 ? bar.count / total : 0)}`;
          return (
            <button
              type="button"
              key={bar.min}
              title={told}
              aria-label={[told, ...here.map((mark) => mark.label)].join(', ')}
              disabled={props.choose === undefined || bar.count === 0}
              data-min={bar.min}
              data-max={bar.max}
              data-count={bar.count}
              onClick={() => props.choose?.(bar)}
            >
              {/* What is there is seen, however little. */}
              <i style={{ height: bar.count === 0 ? '0' : `max(2px, ${(bar.count / most) * 100}%)` }} />
              {here.map((mark) => (
                <b key={mark.label}>{mark.label}</b>
              ))}
            </button>
          );
        })}
      </div>
      <div class="histogram-axis" aria-hidden="true">
        {bars.map((bar, i) => (
          <span key={bar.min}>{i % every === 0 ? axisDuration(bar.min) : ''}</span>
        ))}
      </div>
    </figure>
  );
}

const marksIn = (marks: readonly { readonly at: number; readonly label: string }[], bar: Bar): readonly { readonly at: number; readonly label: string }[] => marks.filter((mark) => mark.at >= bar.min && mark.at <= bar.max);
