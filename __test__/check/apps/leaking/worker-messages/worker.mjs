import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ id, page }) => {
  const items = page.items.map((item) => `<li>${item}</li>`).join('');
  parentPort.postMessage({ id, html: `<h1>${page.title}</h1><ul>${items}</ul>` });
});
