import type { CommandFrame, HelloAnswer } from '../../../static/src/core/protocol';
import type { Line } from '../../../static/src/core/socket';

/** The browser's end of a line; the test plays the server. */
export class FakeLine implements Line {
  onopen: Line['onopen'] = null;
  onmessage: Line['onmessage'] = null;
  onclose: Line['onclose'] = null;
  readonly sent: CommandFrame[] = [];
  closedWith: number | null | undefined = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as CommandFrame);
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  /** the server's doings */
  accept(): void {
    this.onopen?.();
  }

  push(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  end(code: number): void {
    this.onclose?.({ code });
  }

  get last(): CommandFrame {
    const frame = this.sent.at(-1);
    if (!frame) throw new Error('nothing was sent');
    return frame;
  }

  answer(data: unknown, to: CommandFrame = this.last): void {
    this.push({ re: to.id, ok: true, data });
  }

  refuse(code: string, more: object = {}, to: CommandFrame = this.last): void {
    this.push({ re: to.id, ok: false, error: { code, message: code, ...more } });
  }
}

export function helloAnswer(more: Partial<HelloAnswer> = {}): HelloAnswer {
  return {
    epoch: 'e1',
    heartbeat_seconds: 20,
    me: { id: 'eu', name: 'Ana' },
    syncs: [],
    available: true,
    ...more,
  };
}
