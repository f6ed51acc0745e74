const { gzipSync } = require('node:zlib');

exports.write = (rows) => gzipSync(JSON.stringify(rows)).toString('base64');
