const http = require('node:http');
const { documentOf } = require('./documents');

let requests = 0;

const server = http.createServer((_req, res) => {
  const document = documentOf(`document-${++requests}`);
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ title: document.title, words: document.words.length }));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
