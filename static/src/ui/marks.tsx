import type { ComponentChildren } from 'preact';
import { useI18n } from './I18n';
import { Icon } from './Icon';

export type Tone = 'accent' | 'amber' | 'red' | 'blue';

type PillProps = { tone?: Tone; icon?: IconShape; children: ComponentChildren };

export function Pill({ tone, icon, children }: PillProps) {
  return (
    <span class="pill" data-tone={tone}>
      {icon && <Icon of={icon} />}
      <span class="truncate">{children}</span>
    </span>
  );
}

type BadgeProps = {
  count: number;
  /** what is counted, spoken with the number: a plural key such as `unread` */
  countKey: string;
  isAlert?: boolean;
};

/** Nothing for 0; "99+" above 99. */
export function Badge({ count, countKey, isAlert }: BadgeProps) {
  const i18n = useI18n();
  if (count < 1) return null;
  return (
    <span class={isAlert ? 'badge badge-alert' : 'badge'}>
      <span aria-hidden="true">{count > 99 ? `${i18n.number(99)}+` : i18n.number(count)}</span>
      <span class="visually-hidden">{i18n.n(countKey, count)}</span>
    </span>
  );
}

type EmptyProps = { icon?: IconShape; title: string; children?: ComponentChildren };

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      {icon && <Icon of={icon} />}
      <h2 class="empty-title">{title}</h2>
      {children}
    </div>
  );
}

/** Grey lines where text will be, in percent of the width. The place that holds them says `aria-busy`. */
export function Skeleton({ widths = [60, 85, 40] }: { widths?: readonly number[] }) {
  return (
    <span class="skeletons" aria-hidden="true">
      {widths.map((width, index) => (
        <span key={`${index} ${width}`} class="skeleton" style={{ inlineSize: `${width}%` }} />
      ))}
    </span>
  );
}
