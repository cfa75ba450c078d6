import { contrast, readableOn } from '../../core/color';

const white = '#ffffff';
const black = '#000000';
/** Below this contrast black text serves the colour better than darkening it would; the server decides alike. */
const whiteAtLeast = 3;

/** The colour as the widget shows it, and the text that can be read on it. */
export function readablePair(color: string): [background: string, text: string] {
  return contrast(white, color) < whiteAtLeast ? [color, black] : [readableOn(color, white), white];
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
