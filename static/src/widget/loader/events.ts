import { safe } from './safe';

export type Handler = (data: unknown) => unknown;
type Entry = [name: string, run: Handler, isOnce: boolean];

let entries: Entry[] = [];
let isReady = false;

function call(entry: Entry, data: object): void {
  if (entry[2]) entries = entries.filter((other) => other !== entry);
  safe(entry[1])(data);
}

/** Calls `run` at each event of the name; the answer ends it. A late `ready` is called at once. */
export function on(name: string, run: Handler, isOnce = false): () => void {
  const entry: Entry = [name, run, isOnce];
  entries = entries.concat([entry]);
  if (name === 'ready' && isReady) setTimeout(() => call(entry, {}));
  return () => {
    entries = entries.filter((other) => other !== entry);
  };
}

/** Ends one handler, or all of that name. */
export function off(name: string, run?: Handler): void {
  entries = entries.filter((entry) => entry[0] !== name || (run && entry[1] !== run));
}

export function emit(name: string, data: object = {}): void {
  isReady ||= name === 'ready';
  entries.forEach((entry) => {
    if (entry[0] === name) call(entry, data);
  });
}
