/**
 * A filter's text as terms, to add, replace and remove one of them.
 *
 * What a term means is known to the server alone; here it is only found where one ends: blanks
 * part terms unless they stand in double quotes, in which `\"` and `\\` stand for themselves.
 */

/** The terms as they are written. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (quoted && letter === '\\') {
      term += letter + text.charAt(++i);
      continue;
    }
    if (letter === '"') quoted = !quoted;
    if (!quoted && /\s/.test(letter)) {
      if (term !== '') terms.push(term);
      term = '';
    } else term += letter;
  }
  return term === '' ? terms : [...terms, term];
}

export const keyOf = (term: string): string => term.slice(0, Math.max(0, term.indexOf('=')));

/** A value as it stands in a filter: in quotes if it needs them. */
export const quoted = (value: string): string => (value === '' || /[\s"]/.test(value) ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value);

/** The text with these terms in place of those of the same keys; null takes a key's term away. */
export function withTerms(text: string, changes: Readonly<Record<string, string | null>>): string {
  const rest = termsOf(text);
  const added: string[] = [];
  for (const [key, value] of Object.entries(changes)) {
    const at = rest.findIndex((term) => keyOf(term) === key);
    const term = value === null ? null : `${key}=${quoted(value)}`;
    if (at >= 0) rest.splice(at, 1, ...(term === null ? [] : [term]));
    else if (term !== null) added.push(term);
  }
  return [...rest, ...added].join(' ');
}

/** A regular expression that matches exactly this text. */
export const exactly = (text: string): string => `^${text.replace(/[\\.+*?()|[\]{}^$#&~-]/g, '\\$&')}$`;
