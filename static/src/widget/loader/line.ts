import { type Connect, readToPage, type ToFrame, type ToPage } from '../frame_protocol';
import { element } from './draw';
import { life } from './life';
import { safe } from './safe';

const patienceMilliseconds = 15_000;
/** What calls need, for our origin and no other. */
const permissions = ['microphone', 'camera', 'display-capture', 'autoplay', 'fullscreen', 'clipboard-write'];

export let frame: HTMLIFrameElement | null = null;
let port: MessagePort | undefined;
/** The frame runs and hears. Before that a keyboard given to it would be lost. */
export let isReady = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Dropped until the frame is ready: `connect` tells it everything that matters. */
export function send(message: ToFrame): void {
  if (isReady) port?.postMessage(message);
}

/**
 * Makes the frame and hands it one end of a channel. Nothing is heard but what comes through that channel.
 * `connect` is asked at each load of the frame; `onBlocked` is called when it does not come up.
 */
export function openFrame(
  address: string,
  title: string,
  connect: () => Connect,
  onMessage: (message: ToPage) => void,
  onBlocked: () => void,
): HTMLIFrameElement {
  const { origin } = new URL(address);
  const made = element('iframe', '', {
    title,
    allow: permissions.map((name) => `${name} ${origin}`).join('; '),
    referrerpolicy: 'strict-origin',
    src: address,
  });
  const receive = safe((event: MessageEvent) => {
    const message = readToPage(event.data);
    if (message?.type === 'ready') {
      isReady = true;
      clearTimeout(timer);
    }
    if (message) onMessage(message);
  });
  made.onload = safe(() => {
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = receive;
    made.contentWindow?.postMessage(connect(), origin, [channel.port2]);
  });
  const refused = safe(({ blockedURI, effectiveDirective }: SecurityPolicyViolationEvent) => {
    const isOurs = frame === made && blockedURI.startsWith(origin);
    if (isOurs && /frame|child|default/.test(effectiveDirective)) onBlocked();
  });
  document.addEventListener('securitypolicyviolation', refused, life);
  timer = setTimeout(safe(onBlocked), patienceMilliseconds);
  frame = made;
  return made;
}

export function closeFrame(): void {
  clearTimeout(timer);
  isReady = false;
  port?.close();
  frame?.remove();
  frame = null;
}
