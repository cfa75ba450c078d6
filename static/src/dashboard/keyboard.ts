/** The operator's keys, as the help dialog lists them. */
export type Action =
  | 'search'
  | 'next'
  | 'previous'
  | 'reply'
  | 'note'
  | 'assign'
  | 'transfer'
  | 'close'
  | 'help'
  | 'back';

export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'isComposing' | 'repeat'
>;

const letters: Readonly<Record<string, Action>> = {
  j: 'next',
  k: 'previous',
  r: 'reply',
  n: 'note',
  a: 'assign',
  t: 'transfer',
  e: 'close',
};

const signs: Readonly<Record<string, Action>> = { '/': 'search', '?': 'help' };
/** Holding these down moves on; nothing else may happen twice by a slow finger. */
const repeating: ReadonlySet<Action> = new Set(['next', 'previous']);

/**
 * The letter of a key: what is printed on it where that is Latin (AZERTY included), else its place (Georgian, Arabic),
 * so that the letters in the help are right on every keyboard.
 */
function letterOf({ key, code }: KeyPress): string {
  const printed = key.toLowerCase();
  if (/^[a-z]$/.test(printed)) return printed;
  return /^\p{L}$/u.test(key) && code.startsWith('Key') ? code.slice(3).toLowerCase() : '';
}

/** What a single letter or sign asks for. */
function singleOf(press: KeyPress): Action | undefined {
  // On many layouts `/` and `?` need Shift or AltGr, so the modifiers say nothing about them.
  const sign = signs[press.key];
  if (sign) return sign;
  return press.altKey || press.shiftKey ? undefined : letters[letterOf(press)];
}

/** What a key press asks for outside of fields; `singles`: whether single letters and signs are switched on. */
export function actionOf(press: KeyPress, singles: boolean): Action | null {
  if (press.isComposing || press.ctrlKey || press.metaKey) return null;
  if (press.key === 'Escape') return press.altKey || press.shiftKey ? null : 'back';
  const action = singles ? singleOf(press) : undefined;
  return action && (!press.repeat || repeating.has(action)) ? action : null;
}

const fields = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]';

/** True where letters are text: there only Escape is a shortcut. */
export function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(fields) !== null;
}
