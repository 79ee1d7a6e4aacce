/**
 * Finds commands by a few of their letters.
 *
 * The letters must appear in order. Letters that begin a word or follow the one before score
 * more, so that "zr" finds "Zoom to range" before "Freeze order".
 */

export interface Match {
  readonly score: number;
  /** Places of the letters in the text. */
  readonly at: readonly number[];
}

/** How well `query` fits `text`, or null when it does not. */
export function fuzzy(query: string, text: string): Match | null {
  const wanted = query.toLowerCase().replace(/\s+/g, '');
  const low = text.toLowerCase();
  if (wanted === '') return { score: 0, at: [] };
  let best: Match | null = null;
  for (let start = low.indexOf(wanted[0] ?? ''); start >= 0; start = low.indexOf(wanted[0] ?? '', start + 1)) {
    const match = from(wanted, low, start);
    if (match === null) break;
    if (best === null || match.score > best.score) best = match;
  }
  return best;
}

/** Takes each letter at a word's start when there is one ahead, else at the next place. */
function from(wanted: string, low: string, start: number): Match | null {
  const at = [start];
  let score = startsWord(low, start) ? 8 : 1;
  for (const letter of wanted.slice(1)) {
    const last = at[at.length - 1] ?? 0;
    let next = low.indexOf(letter, last + 1);
    if (next < 0) return null;
    if (next !== last + 1) {
      for (let word = next; word >= 0; word = low.indexOf(letter, word + 1)) {
        if (startsWord(low, word) && restFits(wanted, at.length + 1, low, word)) {
          next = word;
          break;
        }
      }
    }
    score += next === last + 1 ? 6 : startsWord(low, next) ? 7 : 1;
    at.push(next);
  }
  return { score: score - low.length / 100 - (at[0] ?? 0) / 50, at };
}

const startsWord = (text: string, at: number): boolean => at === 0 || /[\s(/.:-]/.test(text[at - 1] ?? '');

function restFits(wanted: string, done: number, low: string, at: number): boolean {
  let place = at;
  for (const letter of wanted.slice(done)) {
    place = low.indexOf(letter, place + 1);
    if (place < 0) return false;
  }
  return true;
}

/** Those that fit, best first; the order given breaks ties. */
export function rank<T>(query: string, items: readonly T[], textOf: (item: T) => string): { readonly item: T; readonly match: Match }[] {
  return items
    .flatMap((item) => {
      const match = fuzzy(query, textOf(item));
      return match === null ? [] : [{ item, match }];
    })
    .sort((a, b) => b.match.score - a.match.score);
}
