import { contrast, readableOn, textOn } from '../../core/color';
import type { Look } from '../config';
import type { Theme } from '../frame_protocol';

/** The product's own colour: its shades are chosen by hand in tokens.css. */
const pine = '#0e6656';
const surfaces = { light: '#ffffff', dark: '#171e1b' } as const;

/** Both shades of one token, chosen by the browser. */
const pair = (light: string, dark: string) => `light-dark(${light}, ${dark})`;

/** Makes the organization's colour the accent, in shades that can be read in both themes. */
export function paint(root: HTMLElement, { color, onColor }: Look): void {
  if (color === pine) return;
  const dark = readableOn(color, surfaces.dark);
  const tokens = {
    '--accent': pair(color, dark),
    '--on-accent': pair(contrast(onColor, color) >= 4.5 ? onColor : textOn(color), textOn(dark)),
    '--accent-hover': 'color-mix(in oklab, var(--accent) 86%, var(--ink))',
    '--accent-soft': 'color-mix(in oklab, var(--accent) 12%, var(--surface))',
    // On the soft shade, which takes a little of the contrast away.
    '--accent-ink': pair(readableOn(color, '#e2e2e2'), readableOn(color, '#333a37')),
  };
  for (const [name, value] of Object.entries(tokens)) root.style.setProperty(name, value);
}

/** `light dark` leaves it to the visitor's device. */
export function setTheme(root: HTMLElement, theme: Theme): void {
  if (theme === 'light dark') delete root.dataset.theme;
  else root.dataset.theme = theme;
}
