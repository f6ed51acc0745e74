/** Label values that come from the program. */

const MOST_CHARACTERS = 120;

/** What stands for those that have no place of their own. */
export const OTHER = 'other';

/**
 * A label value of bounded length, well-formed: half a surrogate pair cannot be encoded. What is special in the format
 * is escaped by whoever writes it.
 */
export function clipLabel(text: string): string {
  const clipped = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return clipped.replace(/\p{Surrogate}/gu, '\uFFFD');
}
