const { URLSearchParams } = require('node:url');

exports.write = (rows) => rows.map((row) => `<row q="${new URLSearchParams(row)}"/>`).join('');
