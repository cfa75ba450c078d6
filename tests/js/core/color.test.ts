import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contrast, readableOn, textOn } from '../../../static/src/core/color';

const color = fc
  .integer({ min: 0, max: 0xff_ff_ff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

test('contrast is that of the guidelines', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#ffffff', '#ffffff')).toBe(1);
  expect(contrast('#0e6656', '#ffffff')).toBeCloseTo(6.9, 1);
  expect(contrast('#ffffff', '#0e6656')).toBe(contrast('#0e6656', '#ffffff'));
});

describe('whatever a customer picks', () => {
  test('the text on it can be read, and is white where white can be', () => {
    fc.assert(
      fc.property(color, (background) => {
        expect(contrast(textOn(background), background)).toBeGreaterThanOrEqual(4.5);
        expect(textOn(background) === '#ffffff').toBe(contrast('#ffffff', background) >= 4.5);
      }),
    );
  });

  test('as text it can be read on any background, and is left alone where it could be already', () => {
    fc.assert(
      fc.property(color, color, (text, background) => {
        const shown = readableOn(text, background);
        expect(contrast(shown, background)).toBeGreaterThanOrEqual(4.5);
        if (contrast(text, background) >= 4.5) expect(shown).toBe(text);
      }),
    );
  });
});
