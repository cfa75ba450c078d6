type Attributes = Readonly<Record<string, string>>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  attributes: Attributes = {},
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  Object.keys(attributes).forEach((name) => {
    made.setAttribute(name, attributes[name] as string);
  });
  return made;
}

export function text(className: string, content: string): HTMLElement {
  const made = element('span', className, { dir: 'auto' });
  made.textContent = content;
  return made;
}

/** The drawings are clip paths in launcher.css: an image would need a hole in the page's policy. */
export function button(className: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', className, { type: 'button' });
  made.onclick = onClick;
  return made;
}
