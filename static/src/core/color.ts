/** Colours that can be read, whatever colour a customer picks. All are #rrggbb. */

type Rgb = [number, number, number];

function parse(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function luminance(hex: string): number {
  const [red, green, blue] = parse(hex).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG contrast, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [first, second] = [luminance(one), luminance(other)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

/** White where it can be read on `background`, else black; one of them always reaches 4.5:1. */
export function textOn(background: string): '#ffffff' | '#000000' {
  return contrast('#ffffff', background) >= 4.5 ? '#ffffff' : '#000000';
}

function mix(from: string, to: string, share: number): string {
  const target = parse(to);
  const parts = parse(from).map((part, at) => Math.round(part + ((target[at] ?? 0) - part) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** `color`, moved towards black or white until it is readable as text on `background`. */
export function readableOn(color: string, background: string): string {
  const goal = textOn(background);
  for (let step = 0; step < 20; step += 1) {
    const tried = mix(color, goal, step / 20);
    if (contrast(tried, background) >= 4.5) return tried;
  }
  return goal;
}
