import type { Connect, EventData, FrameEvent, ToFrame, ToPage } from '../frame_protocol';
import { readConnect, readToFrame } from './guards';

/** The line to the customer's page; a window of its own has none. */
export type Bridge = {
  say(message: ToPage): void;
  event(name: FrameEvent['name'], data: EventData): void;
  /** Hears the page from now on; what came before is delivered first. */
  listen(hear: (message: ToFrame) => void): void;
};

/** For a window of its own, where nobody listens. */
export const silentBridge: Bridge = { say() {}, event() {}, listen() {} };

function bridgeOver(port: MessagePort): Bridge {
  const say = (message: ToPage) => port.postMessage(message);
  return {
    say,
    event: (name, data) => say({ type: 'event', value: { name, data } }),
    listen(hear) {
      // Setting it starts the port.
      port.onmessage = ({ data }) => {
        const message = readToFrame(data);
        if (message) hear(message);
      };
    },
  };
}

export type Connection = { connect: Connect; bridge: Bridge };

/**
 * Waits for the page's greeting and takes its port: once, from the page that frames us, from an allowed origin
 * (which the browser has proved by the policy of frame ancestors, too).
 */
export function awaitPage(view: Window, allowedOrigins: readonly string[]): Promise<Connection> {
  return new Promise((resolve) => {
    const hear = (event: MessageEvent) => {
      const connect = readConnect(event.data);
      const [port] = event.ports;
      const isParent = event.source === view.parent && allowedOrigins.includes(event.origin);
      if (!connect || !port || event.ports.length !== 1 || !isParent) return;
      view.removeEventListener('message', hear);
      resolve({ connect, bridge: bridgeOver(port) });
    };
    view.addEventListener('message', hear);
  });
}
