import { Chat, type ChatOptions } from '../../../static/src/core/chat';
import { memoryStore } from '../../../static/src/core/outbox_store';
import type { Conversation, LogEvent, Message, SignalEvent } from '../../../static/src/core/protocol';
import type { ConnectionState } from '../../../static/src/core/socket';
import { type FakeClock, fakeClock, settle } from './clock';
import { ModelServer, ServerLine } from './server';

/** One operator's browser on a model server. */
export class Browser {
  readonly clock: FakeClock = fakeClock();
  readonly server = new ModelServer();
  readonly lines: ServerLine[] = [];
  readonly changed: string[] = [];
  readonly news: Message[] = [];
  readonly signals: SignalEvent[] = [];
  readonly gone: string[] = [];
  readonly states: ConnectionState[] = [];
  readonly chat: Chat<Conversation>;
  isReachable = true;
  /** The test answers the hello itself. */
  holdsHello = false;
  earlier: ChatOptions<Conversation>['fetchEarlier'] = async () => ({ results: [], has_earlier: false });
  #ids = 0;
  #heard = 0;

  constructor() {
    this.chat = new Chat<Conversation>({
      url: 'wss://site/ws/inbox',
      ticket: async () => 'ticket',
      store: memoryStore(),
      fetchEarlier: (id, seq) => this.earlier(id, seq),
      onState: (state) => this.states.push(state),
      onConversation: (id) => this.changed.push(id),
      onHello: () => {},
      onSignal: (event) => this.signals.push(event),
      onNews: (messages) => this.news.push(...messages),
      onGone: (id) => this.gone.push(id),
      connect: () => this.#connect(),
      newId: () => {
        this.#ids += 1;
        return `client ${this.#ids}`;
      },
      clock: this.clock,
      random: () => 0.5,
    });
  }

  get line(): ServerLine {
    const last = this.lines.at(-1);
    if (!last) throw new Error('no line');
    return last;
  }

  get log() {
    const log = this.chat.log('c');
    if (!log) throw new Error('not open');
    return log;
  }

  async start(): Promise<void> {
    this.chat.start();
    this.chat.open('c');
    await settle();
  }

  cut(): void {
    if (this.line.isOpen) this.line.end(1006);
  }

  /** Sends out what happened on the server since the last time; `keep` says what gets through. */
  async publish(keep: (event: LogEvent) => boolean = () => true): Promise<void> {
    const fresh = this.server.events.slice(this.#heard);
    this.#heard = this.server.events.length;
    await settle();
    for (const event of fresh) if (this.line.isOpen && keep(event)) this.line.push(event);
    await settle();
  }

  #connect(): ServerLine {
    const line = new ServerLine(this.server);
    this.lines.push(line);
    if (this.holdsHello) line.losses.push({ question: true, answer: true });
    queueMicrotask(() => (this.isReachable ? line.accept() : line.end(1006)));
    return line;
  }
}
