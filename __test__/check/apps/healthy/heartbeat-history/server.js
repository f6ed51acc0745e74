const http = require('node:http');

const beats = [];
setInterval(() => {
  beats.push({ at: Date.now(), rss: process.memoryUsage.rss() });
  if (beats.length > 120) beats.shift();
}, 100);

const server = http.createServer((_req, res) => {
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ healthy: true, beats: beats.length }));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
