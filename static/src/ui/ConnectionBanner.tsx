import check from 'lucide:check';
import loader from 'lucide:loader-circle';
import wifiOff from 'lucide:wifi-off';
import { useEffect, useRef, useState } from 'preact/hooks';
import { clockTime } from '../core/dates';
import type { ConnectionState } from '../core/socket';
import { Button } from './Button';
import { useI18n } from './I18n';
import { Icon } from './Icon';

type Shown = 'nothing' | 'connecting' | 'offline' | 'catching_up' | 'caught_up' | 'stopped';

/** A connection that comes up at once need not be talked about. */
const patienceMilliseconds = 1_500;
const relaxMilliseconds = 2_500;

function phaseOf(state: ConnectionState): ConnectionState['phase'] {
  return state.phase === 'online' && state.isBehind ? 'catching_up' : state.phase;
}

/** What to say: nothing for a quick start, and a short "caught up" only after a loss was shown. */
function useShown(state: ConnectionState): Shown {
  const [shown, setShown] = useState<Shown>('nothing');
  const wasLost = useRef(false);

  useEffect(() => {
    const phase = phaseOf(state);
    if (phase === 'offline' || phase === 'stopped') {
      wasLost.current = true;
      setShown(phase);
      return;
    }
    if (phase === 'online') {
      setShown(wasLost.current ? 'caught_up' : 'nothing');
      wasLost.current = false;
      const timer = setTimeout(() => setShown('nothing'), relaxMilliseconds);
      return () => clearTimeout(timer);
    }
    if (phase === 'idle') return;
    if (wasLost.current) {
      setShown(phase);
      return;
    }
    const timer = setTimeout(() => setShown(phase), patienceMilliseconds);
    return () => clearTimeout(timer);
  }, [state]);

  return shown;
}

const looks = {
  connecting: { icon: loader, tone: undefined },
  offline: { icon: wifiOff, tone: 'amber' },
  catching_up: { icon: loader, tone: undefined },
  caught_up: { icon: check, tone: 'accent' },
  stopped: { icon: wifiOff, tone: 'red' },
} as const;

type BannerProps = {
  state: ConnectionState;
  onRetry(): void;
  /** words and button for a line that does not come back by itself */
  stopped?: { text: string; action?: string; run?(): void };
};

/** One line about the connection; empty while all is well. Never "please refresh". */
export function ConnectionBanner({ state, onRetry, stopped }: BannerProps) {
  const { t } = useI18n();
  const shown = useShown(state);
  return (
    <div role="status" class="connection">
      {shown !== 'nothing' && (
        <div class="banner" data-tone={looks[shown].tone}>
          <Icon of={looks[shown].icon} class={looks[shown].icon === loader ? 'icon-turning' : ''} />
          <span>
            <Words shown={shown} state={state} stopped={stopped?.text ?? t('connection_stopped')} />
          </span>
          {shown === 'offline' && (
            <Button kind="ghost" size="small" onClick={onRetry}>
              {t('connection_retry')}
            </Button>
          )}
          {shown === 'stopped' && stopped?.action && (
            <Button kind="ghost" size="small" onClick={() => stopped.run?.()}>
              {stopped.action}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Words({ shown, state, stopped }: { shown: Shown; state: ConnectionState; stopped: string }) {
  const i18n = useI18n();
  if (shown === 'stopped') return <>{stopped}</>;
  if (shown === 'offline' && 'since' in state) {
    const time = clockTime(i18n, new Date(state.since).toISOString());
    return <>{i18n.t('connection_offline', { time })}</>;
  }
  return <>{i18n.t(`connection_${shown === 'offline' ? 'connecting' : shown}`)}</>;
}
