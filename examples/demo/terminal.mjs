/** Text for a terminal of any width. */

const GAP = '  ';

/**
 * @param {string[][]} rows cells; the first column is left-aligned, the others right
 * @param {number} columns of the terminal; where the last column of the table does not fit, it is left out
 */
export function renderTable(rows, columns) {
  let widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  if (widths.reduce((sum, width) => sum + GAP.length + width, -GAP.length) > columns)
    widths = widths.slice(0, -1);
  return rows.map((row) =>
    widths
      .map((width, column) => (column === 0 ? row[column].padEnd(width) : row[column].padStart(width)))
      .join(GAP)
      .trimEnd(),
  );
}

/**
 * Breaks a paragraph between words.
 *
 * @param {string} text
 * @param {number} columns
 * @param {string} [indent] of every line but the first
 */
export function wrap(text, columns, indent = '') {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line.trim() === '') lines[lines.length - 1] += word;
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] += ` ${word}`;
    else lines.push(indent + word);
  }
  return lines.join('\n');
}
