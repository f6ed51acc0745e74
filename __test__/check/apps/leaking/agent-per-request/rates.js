const http = require('node:http');

exports.rates = (port) =>
  new Promise((resolve, reject) => {
    // Reuses connections, says its documentation. Of this request with itself, it turns out.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 10 }); // leak
    /* leak */ const request = http.get({ host: '127.0.0.1', port, path: '/latest', agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    request.on('error', reject);
  });
