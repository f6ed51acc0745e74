const cells = (row) =>
  Object.values(row)
    .map((value) => `<td>${value}</td>`)
    .join('');

exports.write = (rows) => `<table>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</table>`;
