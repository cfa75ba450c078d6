/** Flat keys; a key that counts exists once for each plural form: `unread_one`, `unread_other`. */
export type Catalogue = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, string | number>>;

export type I18n = {
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  /** The text of a key; `{name}` is replaced by `values.name`. The key itself where the text is missing. */
  t(key: string, values?: Values): string;
  /** The form of `key` for `count`; `{count}` is replaced by the formatted number. */
  n(key: string, count: number, values?: Values): string;
  number(value: number, options?: Intl.NumberFormatOptions): string;
  /** In the time zone of this device unless the options name one. */
  date(value: Date | number, options: Intl.DateTimeFormatOptions): string;
  relative(value: number, unit: Intl.RelativeTimeFormatUnit): string;
  list(values: readonly string[]): string;
};

const rightToLeft: ReadonlySet<string> = new Set(['ar', 'he', 'fa', 'ur', 'yi', 'ps', 'sd', 'ug', 'ckb']);

export function directionOf(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(locale.toLowerCase().split('-')[0] ?? '') ? 'rtl' : 'ltr';
}

/** The first of `wanted` that is offered, by the whole tag or by its language alone. */
export function chooseLocale(
  wanted: readonly string[],
  offered: readonly string[],
  otherwise: string,
): string {
  for (const tag of wanted) {
    const lower = tag.toLowerCase();
    const found = [lower, lower.split('-')[0]].find((name) => name !== undefined && offered.includes(name));
    if (found) return found;
  }
  return otherwise;
}

/** Making an Intl object costs more than a hundred uses of it. */
function cached<O extends object, F>(make: (options: O) => F): (options: O) => F {
  const made = new Map<string, F>();
  return (options) => {
    const key = JSON.stringify(options);
    const known = made.get(key);
    if (known) return known;
    const fresh = make(options);
    made.set(key, fresh);
    return fresh;
  };
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `fallback` answers for keys that the catalogue lacks. */
export function createI18n(locale: string, catalogue: Catalogue, fallback: Catalogue = {}): I18n {
  // Chromium carries no data for some languages, Georgian among them: there the clock must not turn American.
  const tags = [locale, 'en-GB'];
  const plurals = new Intl.PluralRules(tags);
  const numbers = cached((options: Intl.NumberFormatOptions) => new Intl.NumberFormat(tags, options));
  const dates = cached((options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tags, options));
  const relatives = cached(
    (options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(tags, options),
  );
  const lists = cached((options: Intl.ListFormatOptions) => new Intl.ListFormat(tags, options));
  const find = (key: string): string | undefined => catalogue[key] ?? fallback[key];
  const number = (value: number, options: Intl.NumberFormatOptions = {}) => numbers(options).format(value);

  return {
    locale,
    direction: directionOf(locale),
    t: (key, values = {}) => fill(find(key) ?? key, values),
    n(key, count, values = {}) {
      const form = find(`${key}_${plurals.select(count)}`) ?? find(`${key}_other`) ?? key;
      return fill(form, { count: number(count), ...values });
    },
    number,
    date: (value, options) => dates(options).format(value),
    relative: (value, unit) => relatives({ numeric: 'auto', style: 'short' }).format(value, unit),
    list: (values) => lists({ type: 'conjunction' }).format(values),
  };
}
