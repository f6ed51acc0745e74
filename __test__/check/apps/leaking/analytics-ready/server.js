const express = require('express');
const analytics = require('./analytics');

const app = express();

app.get('/article', (req, res) => {
  const article = { title: 'On lamps', words: 'A lamp is a lamp. '.repeat(20), read: new Date() };
  analytics.track('read', { title: article.title, agent: req.get('user-agent') }).catch(console.error);
  res.json(article);
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
