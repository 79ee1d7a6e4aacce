/** Numbers for people: durations, times, counts, bytes, wall clock. Never more digits than known. */

const MICRO = 1e3;
const MILLI = 1e6;
const SECOND = 1e9;

/** A narrow no-break space between number and unit. */
const GAP = ' ';

/** Thousands apart: 1234567 → "1,234,567". */
export function count(n: number): string {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count in few letters: 1234567 → "1.23M". */
export function shortCount(n: number): string {
  if (n < 10_000) return count(n);
  if (n < 1e6) return `${digits(n / 1e3, 3)}k`;
  if (n < 1e9) return `${digits(n / 1e6, 3)}M`;
  return `${digits(n / 1e9, 3)}G`;
}

/** `value` with about `n` significant digits and no exponent. */
function digits(value: number, n: number): string {
  const whole = Math.max(1, Math.floor(Math.log10(Math.max(1, Math.abs(value)))) + 1);
  return value.toFixed(Math.max(0, n - whole));
}

/** ns → "1.234 ms": exact to the nanosecond below a second where it is short, four digits else. */
export function duration(ns: number): string {
  const size = Math.abs(ns);
  if (size < MICRO) return `${Math.round(ns)}${GAP}ns`;
  if (size < MILLI) return `${digits(ns / MICRO, 4)}${GAP}µs`;
  if (size < SECOND) return `${digits(ns / MILLI, 4)}${GAP}ms`;
  return `${digits(ns / SECOND, 4)}${GAP}s`;
}

/** ns on an axis: "20 ms", no more digits than it takes. */
export function axisDuration(ns: number): string {
  const [text = '', unit = ''] = duration(ns).split(GAP);
  return `${text.includes('.') ? trim(text) : text}${GAP}${unit}`;
}

/** ns in full: 1234567 → "1.234567 ms", no digit dropped. */
export function exactDuration(ns: number): string {
  const size = Math.abs(ns);
  if (size < MICRO) return `${ns}${GAP}ns`;
  if (size < MILLI) return `${trim((ns / MICRO).toFixed(3))}${GAP}µs`;
  if (size < SECOND) return `${trim((ns / MILLI).toFixed(6))}${GAP}ms`;
  return `${trim((ns / SECOND).toFixed(9))}${GAP}s`;
}

const trim = (text: string): string => text.replace(/\.?0+$/, '');

/** A point in time since the trace's start, in full: "0.001 234 567 s". */
export function time(ns: number): string {
  const whole = Math.round(ns);
  const sign = whole < 0 ? '−' : '';
  const rest = Math.abs(whole);
  const seconds = Math.floor(rest / SECOND);
  const fraction = (rest - seconds * SECOND).toString().padStart(9, '0');
  return `${sign}${seconds}.${fraction.slice(0, 3)}${GAP}${fraction.slice(3, 6)}${GAP}${fraction.slice(6)}${GAP}s`;
}

/** A share of one as per cent; what is present never reads as nothing. */
export function share(of: number): string {
  const percent = of * 100;
  if (percent > 0 && percent < 0.01) return `<0.01${GAP}%`;
  if (percent < 10) return `${percent.toFixed(2)}${GAP}%`;
  return `${percent.toFixed(1)}${GAP}%`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${Math.round(n)}${GAP}B`;
  if (n < 1024 ** 2) return `${digits(n / 1024, 3)}${GAP}KiB`;
  if (n < 1024 ** 3) return `${digits(n / 1024 ** 2, 3)}${GAP}MiB`;
  return `${digits(n / 1024 ** 3, 3)}${GAP}GiB`;
}

/** A value with its unit: of bytes, of ns, or a plain number. */
export function amount(n: number, unit: '' | 'bytes' | 'ns'): string {
  if (unit === 'ns') return duration(n);
  if (unit === 'bytes') return n < 0 ? `−${bytes(-n)}` : bytes(n);
  if (!Number.isInteger(n)) return digits(n, 3);
  return Math.abs(n) < 1e9 ? count(n) : shortCount(n);
}

/** The wall clock at trace time `ns`, given one reading of both clocks; in UTC unless told else. */
export function wallClock(clock: { readonly ts: number; readonly sec: number; readonly nsec: number }, ns: number, zone: 'local' | 'utc' = 'local'): string {
  const total = clock.nsec + (Math.round(ns) - clock.ts);
  const seconds = clock.sec + Math.floor(total / SECOND);
  const rest = total - Math.floor(total / SECOND) * SECOND;
  const at = new Date(seconds * 1000);
  const two = (n: number): string => n.toString().padStart(2, '0');
  const utc = zone === 'utc';
  const date = utc
    ? `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const clockText = utc
    ? `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
    : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${date} ${clockText}.${Math.floor(rest / MICRO).toString().padStart(6, '0')}`;
}

/** The last part of a path: "/x/y/main.go" → "main.go". */
export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A function without its package's folders: "a.com/b/c.(*T).Run" → "c.(*T).Run". */
export const shortFunction = (name: string): string => name.slice(name.lastIndexOf('/', bracketAt(name)) + 1);

function bracketAt(name: string): number {
  const at = name.indexOf('[');
  return at < 0 ? name.length : at;
}
