import { memoryStore, type OutboxStore } from '../../../static/src/core/outbox_store';
import type { Message, Thread } from '../../../static/src/core/protocol';
import type { WidgetConfig } from '../../../static/src/widget/config';
import type { Bridge } from '../../../static/src/widget/frame/bridge';
import { type Identity, openIdentity } from '../../../static/src/widget/frame/identity';
import { speak } from '../../../static/src/widget/frame/locales';
import type { StoreOptions } from '../../../static/src/widget/frame/options';
import { Store } from '../../../static/src/widget/frame/store';
import { VisitorApi } from '../../../static/src/widget/frame/visitor_api';
import type { ToFrame, ToPage } from '../../../static/src/widget/frame_protocol';
import { settle as settlePromises } from '../support/clock';
import { FakeLine, helloAnswer } from '../support/line';
import { message, sync, thread } from '../support/shapes';

export const widgetConfig: WidgetConfig = {
  publicKey: 'pk_test',
  name: 'Shop',
  organizationName: 'Meridian Furniture',
  look: { color: '#0e6656', onColor: '#ffffff', position: 'end', launcher: 'bubble', theme: 'light dark' },
  texts: {},
  form: { name: 'optional', email: 'optional', phone: 'hidden', topic: 'hidden' },
  noticeUrl: 'https://meridian.example/privacy',
  locales: ['en', 'de', 'ar'],
  defaultLocale: 'en',
  storageDays: 90,
  retentionDays: 365,
  allowedOrigins: ['https://shop.example'],
  apiUrl: 'https://widget.example/api/v1/widget/pk_test/',
  socketUrl: 'wss://widget.example/ws/widget',
  filesUrl: 'https://files.example',
  available: true,
};

export type Asked = { method: string; path: string; body: unknown; authorization: string | null };
type Answer = [status: number, body?: unknown];
type Rule = (asked: Asked) => Answer;

const refusal = (status: number, code: string, more: object = {}): Answer => [
  status,
  { error: { code, message: code, ...more } },
];

/** The widget host as the document describes it, for one browser. It keeps the cookie, or not. */
export class Backend {
  readonly asked: Asked[] = [];
  readonly lines: FakeLine[] = [];
  readonly rules = new Map<string, Rule>();
  threads: Thread[] = [];
  messages: Message[] = [];
  /** the token of the living session */
  token: string | null = null;
  keepsCookie = true;
  available = true;
  isVerified = false;
  #cookie: string | null = null;
  #tokens = 0;

  /** A browser that was here before. */
  remember(): void {
    this.token = 'token 0';
    this.#cookie = this.token;
  }

  /** What happens to the next requests of that kind, such as `POST session`. */
  on(what: string, rule: Rule | Answer): void {
    this.rules.set(what, typeof rule === 'function' ? rule : () => rule);
  }

  of(what: string): Asked[] {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === what);
  }

  get line(): FakeLine {
    const line = this.lines.at(-1);
    if (!line) throw new Error('nothing is connected');
    return line;
  }

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    const asked: Asked = {
      method: init.method ?? 'GET',
      path: address.replace(widgetConfig.apiUrl, ''),
      body: typeof init.body === 'string' ? JSON.parse(init.body) : null,
      authorization: headers.get('Authorization'),
    };
    this.asked.push(asked);
    const [status, body] = this.#answer(asked);
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  };

  readonly connect = (): FakeLine => {
    const line = new FakeLine();
    this.lines.push(line);
    return line;
  };

  /** Lets the newest line come up and answers what it asks. */
  async accept(): Promise<void> {
    await settle();
    this.line.accept();
    this.line.answer(helloAnswer({ available: this.available }));
    await settle();
    for (const frame of this.line.sent) {
      if (frame.type === 'conversation.open') this.line.answer(this.syncOf(frame.data), frame);
    }
    await settle();
  }

  syncOf(data: unknown) {
    const { conversation } = data as { conversation: string };
    const snapshot = this.threads.find((one) => one.id === conversation) ?? thread({ id: conversation });
    const messages = this.messages.filter((one) => one.conversation === conversation);
    return sync({
      conversation,
      version: snapshot.version,
      messages,
      snapshot: snapshot as never,
      note_version: null,
    });
  }

  #knows({ authorization }: Asked): boolean {
    const shown = authorization?.replace('Visitor ', '') ?? this.#cookie;
    return this.token !== null && shown === this.token;
  }

  #answer(asked: Asked): Answer {
    const what = `${asked.method} ${asked.path}`;
    const rule = this.rules.get(what);
    if (rule) return rule(asked);
    if (what === 'POST session') return this.#begin(asked);
    if (what === 'DELETE session') return this.#forget();
    if (!this.#knows(asked)) return refusal(401, 'unauthenticated');
    return this.#known(what, asked);
  }

  #known(what: string, asked: Asked): Answer {
    switch (what) {
      case 'POST socket-tickets':
        return [201, { ticket: 'ticket' }];
      case 'GET conversations':
        return [200, this.threads];
      case 'POST conversations':
        return this.#start(asked);
      case 'PATCH end-user':
        return [200, { ...this.#me, ...(asked.body as object) }];
      case 'POST identify':
        this.isVerified = true;
        return [200, { token: this.#issue(), end_user: this.#me }];
      default:
        return [204];
    }
  }

  get #me() {
    return {
      id: this.isVerified ? 'customer' : 'eu',
      name: 'Visitor 7F3A',
      email: null,
      is_verified: this.isVerified,
    };
  }

  #issue(): string {
    this.#tokens += 1;
    this.token = `token ${this.#tokens}`;
    if (this.keepsCookie) this.#cookie = this.token;
    return this.token;
  }

  #begin(asked: Asked): Answer {
    if ((asked.body as { jwt: string | null }).jwt) this.isVerified = true;
    const token = this.#knows(asked) ? (this.token as string) : this.#issue();
    return [
      200,
      { token, end_user: this.#me, threads: this.threads, available: this.available, storage_days: 90 },
    ];
  }

  #forget(): Answer {
    this.token = null;
    this.#cookie = null;
    this.isVerified = false;
    this.threads = [];
    return [204];
  }

  #start({ body }: Asked): Answer {
    const { client_id, body: words } = body as { client_id: string; body: string };
    const known = this.messages.find((one) => one.client_id === client_id);
    if (known) return [200, { thread: this.threads[0], message: known }];
    const id = `c${this.threads.length + 1}`;
    const first = message(1, { id: `${id}m1`, conversation: id, client_id, body: words });
    this.messages.push(first);
    this.threads = [thread({ id, version: 1, last_seq: 1 }), ...this.threads];
    return [201, { thread: this.threads[0], message: first }];
  }
}

export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await settlePromises();
};

export type Scene = {
  backend: Backend;
  store: Store;
  identity: Identity;
  /** what the customer's page was told */
  told: ToPage[];
  /** the public events among it */
  events(name: string): object[];
  hear(message: ToFrame): Promise<void>;
  outbox: OutboxStore;
  remembered: string[];
};

export type SceneOptions = Partial<StoreOptions> & { storage?: () => Storage };

/** A frame on a customer's page. */
export async function scene(backend: Backend, options: SceneOptions = {}): Promise<Scene> {
  const { storage = () => localStorage, ...more } = options;
  const told: ToPage[] = [];
  const bridge: Bridge = {
    say: (said) => void told.push(said),
    event: (name, data) => void told.push({ type: 'event', value: { name, data } }),
    listen() {},
  };
  const identity = openIdentity('pk_test', storage);
  const outbox = memoryStore();
  const remembered: string[] = [];
  let ids = 0;
  const store = new Store({
    config: widgetConfig,
    api: new VisitorApi(widgetConfig.apiUrl, identity, { fetch: backend.fetch as typeof fetch }),
    identity,
    bridge,
    outboxOf: () => outbox,
    remember: (locale) => remembered.push(locale),
    clear: () => remembered.splice(0),
    speak: (tag) => speak([tag], widgetConfig.locales, 'en'),
    i18n: await speak(['en'], widgetConfig.locales, 'en'),
    page: { url: 'https://shop.example/sofas', title: 'Sofas', referrer: '' },
    profile: {},
    isOpen: true,
    hasIdentity: false,
    connect: backend.connect,
    newId: () => {
      ids += 1;
      return `client ${ids}`;
    },
    ...more,
  });
  return {
    backend,
    store,
    identity,
    told,
    events: (name) =>
      told.flatMap((said) => (said.type === 'event' && said.value.name === name ? [said.value.data] : [])),
    async hear(said) {
      store.hear(said);
      await settle();
    },
    outbox,
    remembered,
  };
}

/** The pages of one browser and its server, ended together. */
export class Browser {
  readonly backend = new Backend();
  readonly #scenes: Scene[] = [];

  constructor() {
    localStorage.clear();
  }

  readonly open = async (options: SceneOptions = {}): Promise<Scene> => {
    const opened = await scene(this.backend, options);
    this.#scenes.push(opened);
    return opened;
  };

  end(): void {
    for (const { store } of this.#scenes) store.chat?.stop();
  }
}
