import { h } from 'preact';
import { memo } from './memo';

type IconProps = {
  /** from `import phone from 'lucide:phone'` */
  of: IconShape;
  /** turns over where the script runs from right to left: arrows and send, never phones or clocks */
  flips?: boolean;
  class?: string;
};

/** Decoration: the name stands on the control that holds it. */
export const Icon = memo(({ of, flips = false, class: extra = '' }: IconProps) => (
  <svg
    class={`icon ${flips ? 'flip ' : ''}${extra}`.trim()}
    viewBox="0 0 24 24"
    aria-hidden="true"
    focusable="false"
  >
    {of.map(([tag, attributes]) => h(tag, attributes))}
  </svg>
));
