const compiled = new Map();

function compile(name) {
  const source = `<h1>{{title}}</h1><p class="${name}">visit {{n}}</p><ul>{{items}}</ul>`;
  const body = source
    .split(/\{\{(\w+)\}\}/)
    .map((part, i) => (i % 2 ? `data.${part}` : JSON.stringify(part)));
  return new Function('data', `return [${body.join(',')}].join('')`);
}

/** A template becomes a function when it is used first. */
export function render(name, data) {
  let template = compiled.get(name);
  if (!template) {
    template = compile(name);
    compiled.set(name, template);
  }
  return template({ ...data, items: data.items.map((item) => `<li>${item}</li>`).join('') });
}
