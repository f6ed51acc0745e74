/**
 * What puts text into the page. All of it goes in as text nodes: nothing here, nor anywhere in this folder, makes markup
 * out of a string.
 */

/** An element that the page has. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** Sets a text where it differs, so that nothing is announced or selected away without need. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** An element with text or other elements in it. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...content);
  return element;
}

/** Says whether something is other than it was the last time. */
export function changes(): (value: unknown) => boolean {
  let last = '';
  return (value) => {
    const now = JSON.stringify(value);
    if (now === last) return false;
    last = now;
    return true;
  };
}
