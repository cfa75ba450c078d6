import user from 'lucide:user';
import type { PresenceStatus } from '../core/protocol';
import { useI18n } from './I18n';
import { Icon } from './Icon';

const tones = ['accent', 'blue', 'amber', 'red', 'violet'] as const;

/** One or two letters as people abbreviate the name; empty where it holds none ("Visitor 7F3A" has a V). */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word));
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  // Georgian capitals exist in Unicode and in no writing habit: leave those letters as they are.
  return chosen.map((word) => upper(Array.from(word ?? '')[0] ?? '')).join('');
}

function upper(letter: string): string {
  return /\p{Script=Georgian}/u.test(letter) ? letter : letter.toLocaleUpperCase();
}

/** The same person has the same colour everywhere. */
export function toneOf(seed: string): (typeof tones)[number] {
  let sum = 0;
  for (const letter of seed) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return tones[sum % tones.length] ?? 'accent';
}

type AvatarProps = {
  name: string;
  /** what the colour comes from: an id; without it the accent */
  seed?: string;
  size?: 'small' | 'medium' | 'large';
  status?: PresenceStatus | null;
  /** nobody known: a drawn person instead of letters */
  isAnonymous?: boolean;
};

/** Decoration beside a written name; only the status is spoken. */
export function Avatar({ name, seed, size = 'medium', status, isAnonymous }: AvatarProps) {
  const initials = isAnonymous ? '' : initialsOf(name);
  const tone = initials ? (seed ? toneOf(seed) : 'accent') : 'none';
  return (
    <span class={size === 'medium' ? 'avatar' : `avatar avatar-${size}`} data-tone={tone}>
      {initials ? <span aria-hidden="true">{initials}</span> : <Icon of={user} />}
      {status && status !== 'offline' && <Presence status={status} />}
    </span>
  );
}

export function Presence({ status, isSilent }: { status: PresenceStatus; isSilent?: boolean }) {
  const { t } = useI18n();
  return (
    <span class="presence" data-status={status}>
      {!isSilent && <span class="visually-hidden">{t(`presence_${status}`)}</span>}
    </span>
  );
}
