import type { Socket } from '../core/socket';

/** Lets the line come back as soon as the network or the tab does, and notice a loss. Answers how to stop. */
export function wakeWith(socket: Socket): () => void {
  const wake = () => socket.wake();
  const onVisible = () => {
    if (!document.hidden) wake();
  };
  addEventListener('online', wake);
  addEventListener('offline', wake);
  addEventListener('pageshow', wake);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    removeEventListener('online', wake);
    removeEventListener('offline', wake);
    removeEventListener('pageshow', wake);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
