// What the other scripts share.
export const root = document.documentElement;
export const french = root.lang === "fr";
export const say = (en, fr) => (french ? fr : en);
export const $ = (selector, from = document) => from.querySelector(selector);
export const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

export function make(tag, cls, ...content) {
  const element = document.createElement(tag);
  if (cls) element.className = cls;
  element.append(...content);
  return element;
}
