import x from 'lucide:x';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Clock, systemClock } from '../core/clock';
import { Button, IconButton } from './Button';
import { useI18n } from './I18n';

export type ToastAction = { label: string; run(): void };
export type Toast = { id: number; text: string; action: ToastAction | null };

export type Toaster = {
  readonly toasts: ReadonlySignal<readonly Toast[]>;
  /** Stays 6 s, with an action 10 s. */
  show(text: string, action?: ToastAction): void;
  dismiss(id: number): void;
};

const most = 3;

export function createToaster(clock: Clock = systemClock): Toaster {
  const toasts = signal<readonly Toast[]>([]);
  let last = 0;
  const dismiss = (id: number) => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  };
  return {
    toasts,
    dismiss,
    show(text, action) {
      last += 1;
      const id = last;
      toasts.value = [...toasts.value, { id, text, action: action ?? null }].slice(-most);
      clock.after(action ? 10_000 : 6_000, () => dismiss(id));
    },
  };
}

/** Stands in the page from the start, so that what comes is spoken. */
export function Toasts({ of: toaster }: { of: Toaster }) {
  const { t } = useI18n();
  return (
    <div class="toasts" role="status">
      {toaster.toasts.value.map(({ id, text, action }) => (
        <div class="toast" key={id}>
          <span>{text}</span>
          {action && (
            <Button
              kind="ghost"
              size="small"
              onClick={() => {
                toaster.dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </Button>
          )}
          <IconButton icon={x} label={t('close')} onClick={() => toaster.dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
