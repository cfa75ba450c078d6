import type { HelloAnswer, ServerEvent } from '../../../static/src/core/protocol';
import { type ConnectionState, Socket } from '../../../static/src/core/socket';
import { type FakeClock, fakeClock, settle } from './clock';
import { FakeLine, helloAnswer } from './line';

/** A socket, every line that it opens, and everything that it tells. The test plays the server. */
export class Wired {
  readonly clock: FakeClock = fakeClock();
  readonly lines: FakeLine[] = [];
  readonly states: ConnectionState[] = [];
  readonly events: ServerEvent['type'][] = [];
  readonly heads: unknown[] = [];
  /** How often a ticket was asked for. */
  fetched = 0;
  ticket = async (): Promise<string> => `ticket ${this.fetched}`;
  readonly socket: Socket;

  constructor() {
    this.socket = new Socket({
      url: 'wss://site/ws/inbox',
      ticket: () => {
        this.fetched += 1;
        return this.ticket();
      },
      resume: () => ({ epoch: 'e1', cursors: { c: { version: 3, note_version: 1 } } }),
      onHello: () => {},
      onEvent: (event) => this.events.push(event.type as ServerEvent['type']),
      onHeads: (told) => this.heads.push(told),
      onState: (state) => this.states.push(state),
      connect: () => {
        this.lines.push(new FakeLine());
        return this.line;
      },
      clock: this.clock,
      random: () => 0.5,
    });
  }

  get line(): FakeLine {
    const last = this.lines.at(-1);
    if (!last) throw new Error('no line was opened');
    return last;
  }

  async connect(more: Partial<HelloAnswer> = {}): Promise<void> {
    this.socket.start();
    await settle();
    await this.welcome(more);
  }

  /** Lets the line that comes up be up. */
  async welcome(more: Partial<HelloAnswer> = {}): Promise<void> {
    this.line.accept();
    this.line.answer(helloAnswer(more));
    await settle();
  }

  /** Ends the line and lets the next one be opened. */
  async comeBack(code: number): Promise<void> {
    this.line.end(code);
    await this.clock.advance(4_000);
    this.line.accept();
  }
}
