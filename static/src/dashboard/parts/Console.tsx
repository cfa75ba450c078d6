import { useEffect } from 'preact/hooks';
import { I18nProvider } from '../../ui/I18n';
import { Toasts } from '../../ui/Toast';
import { type App, AppProvider } from '../app';
import { actionOf, isField } from '../keyboard';
import { DeleteDialog } from './DeleteDialog';
import { DetailsPane } from './Drawer';
import { Help } from './Help';
import { List } from './List';
import { PictureDialog } from './Picture';
import { Rail } from './Rail';
import { SignOutDialog } from './SignOutDialog';
import { Stopped } from './Stopped';
import { ThreadPane } from './ThreadPane';
import { TopBar } from './TopBar';

export function Console({ app }: { app: App }) {
  useShortcuts(app);
  const pane = app.route.value.conversation ? 'thread' : 'list';
  return (
    <AppProvider value={app}>
      <I18nProvider value={app.i18n}>
        <div class="console" data-width={app.width.value} data-pane={pane}>
          <Rail />
          <TopBar />
          <main class="panes" id="main" tabIndex={-1}>
            <List />
            <ThreadPane />
            <DetailsPane />
          </main>
          <Help />
          <DeleteDialog />
          <PictureDialog />
          <SignOutDialog />
          <Stopped />
          <Toasts of={app.toaster} />
        </div>
      </I18nProvider>
    </AppProvider>
  );
}

const layers = 'dialog[open], [popover]:popover-open';

function useShortcuts({ commands, settings }: App): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // What lies over the page has its own keys, Escape first.
      if (event.defaultPrevented || document.querySelector(layers)) return;
      const action = actionOf(event, settings.settings.value.shortcuts);
      if (!action || (isField(event.target) && action !== 'back')) return;
      const run = commands.get(action);
      if (!run) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
