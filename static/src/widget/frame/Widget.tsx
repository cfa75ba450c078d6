import messageCircleOff from 'lucide:message-circle-off';
import { I18nProvider, useI18n } from '../../ui/I18n';
import { Empty, Skeleton } from '../../ui/marks';
import { Toasts } from '../../ui/Toast';
import { type App, AppProvider, useApp } from './context';
import { Footer } from './Footer';
import { useFocus } from './focus';
import { Header } from './Header';
import { StartScreen } from './StartScreen';
import { ThreadScreen } from './ThreadScreen';
import { ThreadsScreen } from './ThreadsScreen';

export function Widget({ app }: { app: App }) {
  return (
    <AppProvider value={app}>
      <I18nProvider value={app.store.i18n.value}>
        <Screens />
        <Toasts of={app.toaster} />
      </I18nProvider>
    </AppProvider>
  );
}

function Screens() {
  const { store } = useApp();
  useFocus(store);
  return (
    <div class="widget">
      <Header />
      <main class="widget-main">
        <Screen />
      </main>
      <Footer />
    </div>
  );
}

function Screen() {
  const { store } = useApp();
  const view = store.view.value;
  if (store.barrier.value) return <Shut />;
  if (store.isResuming.value) return <Resuming />;
  if (view.name === 'thread') return <ThreadScreen key={view.id} id={view.id} />;
  return view.name === 'threads' ? <ThreadsScreen /> : <StartScreen />;
}

function Resuming() {
  return (
    <div class="widget-resuming" aria-busy="true">
      <Skeleton widths={[60, 80, 45]} />
    </div>
  );
}

function Shut() {
  const { store } = useApp();
  const { t } = useI18n();
  const reason = store.barrier.value;
  return (
    <Empty icon={messageCircleOff} title={t(`shut_${reason}`)}>
      <p>{t(`shut_${reason}_text`, { organization: store.config.organizationName })}</p>
    </Empty>
  );
}
