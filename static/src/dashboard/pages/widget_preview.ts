// The widget has colour functions of its own. A module shared with it would become a file of its own, and
// cost every visitor one more request; these few lines cost only this page.
const channels = (color: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

/** WCAG contrast with white, 1 to 21. */
export function contrastWithWhite(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

/** The colour as the server will give it to the widget (`widget.look.readable_pair`), and the text on it. */
export function readablePair(color: string): [background: string, text: string] {
  if (contrastWithWhite(color) < 3) return [color, '#000000'];
  let background = color;
  while (contrastWithWhite(background) < 4.5)
    background = `#${channels(background)
      .map((channel) => Math.max(0, Math.min(channel - 1, Math.floor((channel * 97) / 100))))
      .map((channel) => channel.toString(16).padStart(2, '0'))
      .join('')}`;
  return [background, '#ffffff'];
}

/** `<widget-preview>`: follows the fields of the page's forms by their names while they are changed. */
export class WidgetPreview extends HTMLElement {
  private readonly follow = (event: Event): void => {
    const field = event.target;
    if (
      field instanceof HTMLInputElement ||
      field instanceof HTMLSelectElement ||
      field instanceof HTMLTextAreaElement
    )
      this.show(field.name, field.value);
  };

  connectedCallback(): void {
    this.paint(this.dataset.color ?? '');
    document.addEventListener('input', this.follow);
  }

  disconnectedCallback(): void {
    document.removeEventListener('input', this.follow);
  }

  private show(name: string, value: string): void {
    if (name === 'color') this.paint(value);
    else if (name === 'position' || name === 'launcher' || name === 'theme') this.dataset[name] = value;
    else this.say(name, value);
  }

  private paint(color: string): void {
    if (!/^#[0-9a-f]{6}$/i.test(color)) return;
    const [background, text] = readablePair(color);
    this.style.setProperty('--color', background);
    this.style.setProperty('--on-color', text);
  }

  private say(name: string, value: string): void {
    for (const place of this.querySelectorAll<HTMLElement>('[data-shows]'))
      if (place.dataset.shows === name) place.textContent = value.trim() || (place.dataset.otherwise ?? '');
  }
}
