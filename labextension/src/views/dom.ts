/** Elements in one expression. Texts become text nodes: nothing is ever read as HTML. */

type Attributes = Readonly<Record<string, string | number | boolean | null>>;
type Child = Node | string | null;

const SVG = 'http://www.w3.org/2000/svg';

/** Return an element of the page; attributes that are null or false are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** Return an element of a drawing. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Return a button that does something. */
export function button(
  text: string,
  action: () => void,
  attributes: Attributes = {}
): HTMLButtonElement {
  const made = h('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', action);
  return made;
}

/** Return a button of the looks that JupyterLab gives those of its toolbars. */
export function toolbarButton(
  text: string,
  action: () => void,
  attributes: Attributes = {}
): HTMLButtonElement {
  const look = 'jp-ToolbarButtonComponent jp-mod-minimal jp-Reactive-button';
  return button(text, action, { class: look, ...attributes });
}

function filled<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly Child[]
): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.filter(child => child !== null));
  return element;
}
