/**
 * Text that fits: widths measured once, labels cropped with an ellipsis.
 */

/** Measures a text in px of its own canvas. */
export type Measure = (text: string) => number;

const ELLIPSIS = '…';
/** Fewer characters than this say nothing: the label is left away. */
const FEWEST = 2;
const MOST_KEPT = 20_000;

export class LabelFit {
  private readonly widths = new Map<string, number>();
  private readonly chars = new Map<string, number>();
  private readonly cropped = new Map<string, string>();
  private readonly ellipsis: number;

  constructor(private readonly measure: Measure) {
    this.ellipsis = measure(ELLIPSIS);
  }

  width(text: string): number {
    let width = this.widths.get(text);
    if (width === undefined) {
      if (this.widths.size > MOST_KEPT) this.widths.clear();
      this.widths.set(text, (width = this.measure(text)));
    }
    return width;
  }

  /** `text`, or as much of it as `room` px hold with an ellipsis, or '' when that says nothing. */
  fit(text: string, room: number): string {
    if (this.width(text) <= room) return text;
    const key = `${Math.floor(room / 4)} ${text}`;
    let crop = this.cropped.get(key);
    if (crop === undefined) {
      if (this.cropped.size > MOST_KEPT) this.cropped.clear();
      this.cropped.set(key, (crop = this.crop(text, Math.floor(room / 4) * 4)));
    }
    return crop;
  }

  private crop(text: string, room: number): string {
    let used = this.ellipsis;
    let kept = 0;
    for (const char of text) {
      used += this.char(char);
      if (used > room) break;
      kept += char.length;
    }
    const head = text.slice(0, kept).trimEnd();
    return head.length < FEWEST ? '' : head + ELLIPSIS;
  }

  private char(char: string): number {
    let width = this.chars.get(char);
    if (width === undefined) this.chars.set(char, (width = this.measure(char)));
    return width;
  }
}
