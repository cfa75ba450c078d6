import { Refusal } from '../../core/errors';
import type { I18n } from '../../core/i18n';
import { useI18n } from '../../ui/I18n';
import { reasonOf } from '../../ui/rows';
import { useApp } from './context';

/** Why it did not work, in the visitor's language. */
export function sentenceOf(error: unknown, i18n: I18n): string {
  const code = error instanceof Refusal ? error.code : null;
  return reasonOf(code, i18n) || i18n.t(code === 'offline' ? 'failed_offline' : 'failed');
}

/** Runs something that the visitor asked for, and says when it did not work; `done` is the text of a success. */
export function useAttempt(): (work: () => Promise<void>, done?: string) => Promise<void> {
  const { toaster } = useApp();
  const i18n = useI18n();
  return async (work, done) => {
    try {
      await work();
      if (done) toaster.show(i18n.t(done));
    } catch (error) {
      toaster.show(sentenceOf(error, i18n));
    }
  };
}
