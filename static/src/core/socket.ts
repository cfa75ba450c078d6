import { type Clock, type Random, systemClock } from './clock';
import { Refusal } from './errors';
import { answerChecks, readFrames, type Unreadable } from './guards';
import { KeptTicket } from './kept_ticket';
import type * as wire from './protocol';
import { closeCode } from './protocol';
import { fateOf, retryDelay } from './reconnect';

/** What this program uses of a browser's WebSocket. */
export type Line = {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
};

export type StopReason = 'unauthenticated' | 'refused' | 'closed';

/** `since` and `retryAt` are milliseconds since the epoch. `isBehind`: something is missing and being fetched. */
export type ConnectionState =
  | { phase: 'idle' }
  | { phase: 'connecting'; since: number }
  | { phase: 'catching_up'; since: number }
  | { phase: 'online'; isBehind?: true }
  | { phase: 'offline'; since: number; retryAt: number }
  | { phase: 'stopped'; reason: StopReason };

export type SocketOptions = {
  url: string;
  /**
   * Fetches a ticket of one use, where the line has not handed out one itself.
   * A Refusal `unauthenticated` or `forbidden` stops the socket.
   */
  ticket(): Promise<string>;
  /** What to resume: asked for at each hello. */
  resume(): Pick<wire.HelloData, 'epoch' | 'cursors'>;
  /** The hello was answered; called before the state becomes `online`. */
  onHello(answer: wire.HelloAnswer): void;
  onEvent(event: wire.ServerEvent | Unreadable): void;
  /** The newest versions as the server's heartbeat tells them. */
  onHeads(heads: Record<wire.Id, wire.Head>): void;
  onState(state: ConnectionState): void;
  connect?: (url: string) => Line;
  clock?: Clock;
  random?: Random;
};

type Waiting = {
  type: wire.CommandType;
  resolve: (data: never) => void;
  reject: (error: Refusal) => void;
  cancel: () => void;
};

const openMilliseconds = 10_000;
const answerMilliseconds = 10_000;
// 20 s between beats and 15 s for the answer: a half-open line is noticed within 35 s.
const beatAnswerMilliseconds = 15_000;
const tooManyMilliseconds = 30_000;

/**
 * One live line that keeps itself alive: ticket, hello with cursors, heartbeat, and back again after a loss.
 * It never gives up by itself except where the server says so: who asks is not known any more, even with a ticket
 * fetched anew, or may not come in (4403).
 */
export class Socket {
  readonly #options: SocketOptions;
  readonly #clock: Clock;
  #line: Line | null = null;
  #state: ConnectionState = { phase: 'idle' };
  #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #attempt = 0;
  #offlineSince: number | null = null;
  #beatSeconds = 20;
  #isBeating = false;
  #cancelTimer: () => void = () => {};
  /** Counts the tries; what belongs to an older one is ignored. */
  #generation = 0;
  readonly #kept: KeptTicket;
  /** The ticket of this line came over HTTPS: nothing is better known about who asks. */
  #isFetched = false;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#kept = new KeptTicket(this.#clock);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isOnline(): boolean {
    return this.#state.phase === 'online';
  }

  /** Connects, also after a stop. Does nothing on a line that is up or coming up. */
  start(): void {
    if (this.#state.phase === 'idle' || this.#state.phase === 'stopped') {
      this.#attempt = 0;
      void this.#open();
    }
  }

  /** Closes for good, until `start`. */
  stop(): void {
    this.#kept.forget();
    this.#drop(1000);
    this.#become({ phase: 'stopped', reason: 'closed' });
  }

  /** The network or the tab came back: try at once, or find out at once whether the line still lives. */
  wake(): void {
    if (this.#state.phase === 'offline') {
      this.#cancelTimer();
      void this.#open();
    } else if (this.isOnline) {
      this.#cancelTimer();
      void this.#beat();
    }
  }

  /** Sends a command. Rejects with a Refusal: `offline`, `timeout`, or what the server says. */
  request<T extends wire.CommandType>(
    type: T,
    data: wire.CommandData<T>,
    timeout = answerMilliseconds,
  ): Promise<wire.CommandAnswer<T>> {
    return this.isOnline ? this.#ask(type, data, timeout) : Promise.reject(new Refusal('offline'));
  }

  #ask<T extends wire.CommandType>(
    type: T,
    data: wire.CommandData<T>,
    timeout: number,
  ): Promise<wire.CommandAnswer<T>> {
    const line = this.#line;
    if (!line) return Promise.reject(new Refusal('offline'));
    this.#lastId += 1;
    const id = this.#lastId;
    const frame: wire.CommandFrame<T> = { id, type, data };
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeout, () => {
        this.#waiting.delete(id);
        reject(new Refusal('timeout'));
      });
      this.#waiting.set(id, { type, resolve, reject, cancel });
      line.send(JSON.stringify(frame));
    });
  }

  async #open(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#become({ phase: 'connecting', since: this.#offlineSince ?? this.#clock.now() });
    const kept = this.#kept.take();
    this.#isFetched = kept === null;
    let ticket: string;
    try {
      ticket = kept ?? (await this.#options.ticket());
    } catch (error) {
      if (generation === this.#generation) this.#notLetIn(error);
      return;
    }
    if (generation === this.#generation) this.#connect(ticket);
  }

  /** No ticket was given, or the hello was refused. */
  #notLetIn(error: unknown): void {
    const refusal = error instanceof Refusal ? error : null;
    if (refusal?.code === 'unauthenticated') this.#unknown();
    else if (refusal?.code === 'forbidden' || refusal?.code === 'not_live') this.#halt('refused');
    else this.#retry((refusal?.retryAfter ?? 0) * 1000);
  }

  /** What the line handed out may have been overtaken: only a ticket fetched anew tells for sure who is not known. */
  #unknown(): void {
    if (this.#isFetched) {
      this.#halt('unauthenticated');
      return;
    }
    this.#drop();
    void this.#open();
  }

  #connect(ticket: string): void {
    const line = this.#dial();
    if (!line) {
      this.#retry(0);
      return;
    }
    this.#line = line;
    this.#cancelTimer = this.#clock.after(openMilliseconds, () => this.#lose());
    line.onopen = () => void this.#hello(ticket);
    line.onmessage = (event) => this.#receive(event.data);
    line.onclose = (event) => this.#closed(event.code);
  }

  /** Null where the browser refuses the address outright. */
  #dial(): Line | null {
    try {
      return this.#options.connect?.(this.#options.url) ?? (new WebSocket(this.#options.url) as Line);
    } catch {
      return null;
    }
  }

  async #hello(ticket: string): Promise<void> {
    const generation = this.#generation;
    this.#cancelTimer();
    this.#become({ phase: 'catching_up', since: this.#offlineSince ?? this.#clock.now() });
    try {
      const answer = await this.#ask('hello', { ticket, ...this.#options.resume() }, answerMilliseconds);
      if (generation !== this.#generation) return;
      this.#welcome(answer);
    } catch (error) {
      // The code of a refusal says more than that of the close that follows it.
      if (generation === this.#generation) this.#notLetIn(error);
    }
  }

  #welcome(answer: wire.HelloAnswer): void {
    this.#attempt = 0;
    this.#offlineSince = null;
    this.#kept.keep(answer.ticket);
    this.#options.onHello(answer);
    this.#become({ phase: 'online' });
    this.#beatSeconds = answer.heartbeat_seconds;
    this.#scheduleBeat();
  }

  #scheduleBeat(): void {
    this.#cancelTimer = this.#clock.after(this.#beatSeconds * 1000, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const generation = this.#generation;
    let outcome: wire.CommandAnswer<'heartbeat'> | Refusal;
    try {
      outcome = await this.#ask('heartbeat', {}, beatAnswerMilliseconds);
    } catch (error) {
      outcome = error as Refusal;
    }
    if (generation !== this.#generation) return;
    this.#isBeating = false;
    if (outcome instanceof Refusal && outcome.code === 'timeout') return this.#lose();
    if (!(outcome instanceof Refusal)) {
      this.#kept.keep(outcome.ticket);
      this.#options.onHeads(outcome.heads);
    }
    this.#scheduleBeat();
  }

  #receive(raw: unknown): void {
    const generation = this.#generation;
    for (const frame of readFrames(raw)) {
      // What a frame leads to may end this line.
      if (generation !== this.#generation) return;
      if ('re' in frame) this.#answer(frame);
      else this.#options.onEvent(frame);
    }
  }

  #answer(answer: wire.Answer): void {
    const waiting = answer.re === null ? undefined : this.#waiting.get(answer.re);
    if (answer.re === null || !waiting) return;
    this.#waiting.delete(answer.re);
    waiting.cancel();
    if (!answer.ok) waiting.reject(Refusal.of(answer.error));
    else if (answerChecks[waiting.type](answer.data)) waiting.resolve(answer.data as never);
    else waiting.reject(new Refusal('internal', `unreadable answer to ${waiting.type}`));
  }

  #closed(code: number): void {
    const fate = fateOf(code);
    if (fate === 'identify') this.#kept.forget();
    if (fate === 'stop') this.#halt('refused');
    else this.#retry(code === closeCode.tooMany ? tooManyMilliseconds : 0);
  }

  /** The line is dead though nobody closed it. */
  #lose(): void {
    this.#drop(closeCode.heartbeat);
    this.#retry(0);
  }

  #retry(atLeast: number): void {
    this.#drop();
    const now = this.#clock.now();
    this.#offlineSince ??= now;
    const wait = Math.max(atLeast, retryDelay(this.#attempt, this.#options.random));
    this.#attempt += 1;
    this.#cancelTimer = this.#clock.after(wait, () => void this.#open());
    this.#become({ phase: 'offline', since: this.#offlineSince, retryAt: now + wait });
  }

  #halt(reason: StopReason): void {
    this.#drop();
    this.#become({ phase: 'stopped', reason });
  }

  #drop(code?: number): void {
    this.#generation += 1;
    this.#isBeating = false;
    this.#cancelTimer();
    const line = this.#line;
    this.#line = null;
    if (line) {
      line.onopen = line.onmessage = line.onclose = null;
      line.close(code);
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { cancel, reject } of waiting) {
      cancel();
      reject(new Refusal('offline'));
    }
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
