import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createI18n, type I18n } from '../core/i18n';

const context = createContext<I18n>(createI18n('en', {}));

/** Everything inside speaks `value`'s language. */
export const I18nProvider = context.Provider;

export function useI18n(): I18n {
  return useContext(context);
}
