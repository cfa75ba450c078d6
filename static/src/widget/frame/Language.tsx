import chevronDown from 'lucide:chevron-down';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useI18n } from '../../ui/I18n';
import { Menu } from '../../ui/Menu';
import { useApp } from './context';
import { languageNames } from './locales';

const nameOf = (tag: string) => languageNames[tag] ?? tag;

/** The language in use; a press offers the others. */
export function LanguageMenu() {
  const { store } = useApp();
  const { t, locale } = useI18n();
  const { locales } = store.config;
  if (locales.length < 2) return null;
  const items = locales.map((tag) => ({
    id: tag,
    label: nameOf(tag),
    isChecked: tag === locale,
    onSelect: () => void store.setLocale(tag, true),
  }));
  return (
    <Menu label={t('language')} items={items}>
      {(button) => (
        <Button
          {...button}
          kind="ghost"
          size="small"
          endIcon={chevronDown}
          aria-label={`${t('language')}: ${nameOf(locale)}`}
        >
          {nameOf(locale)}
        </Button>
      )}
    </Menu>
  );
}

export function LanguageDialog({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  const { store } = useApp();
  const { t, locale } = useI18n();
  const choose = (tag: string) => {
    onClose();
    void store.setLocale(tag, true);
  };
  return (
    <Dialog isOpen={isOpen} title={t('language')} onClose={onClose}>
      <ul class="languages">
        {store.config.locales.map((tag) => (
          <li key={tag}>
            <Button
              kind={tag === locale ? 'primary' : 'secondary'}
              isBlock
              lang={tag}
              aria-pressed={tag === locale}
              onClick={() => choose(tag)}
            >
              {nameOf(tag)}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
