import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createChime } from '../../../static/src/dashboard/chime';

/** As much of an audio context as two notes need. */
class FakeContext extends EventTarget {
  state: AudioContextState = 'suspended';
  currentTime = 0;
  readonly destination = {};
  tones = 0;
  readonly allows: boolean;

  constructor(allows: boolean) {
    super();
    this.allows = allows;
  }

  async resume(): Promise<void> {
    if (!this.allows) throw new DOMException('no gesture', 'NotAllowedError');
    this.state = 'running';
    this.dispatchEvent(new Event('statechange'));
  }

  createOscillator() {
    this.tones += 1;
    return { frequency: { value: 0 }, connect: (next: unknown) => next, start() {}, stop() {} };
  }

  createGain() {
    const gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect() {} };
  }
}

describe('createChime', () => {
  beforeEach(() => void vi.useFakeTimers());

  test('is silent before it is unlocked', () => {
    const context = new FakeContext(true);
    const chime = createChime(() => context as unknown as AudioContext);
    chime.play();
    expect(context.tones).toBe(0);
  });

  test('rings two notes once it is', async () => {
    const context = new FakeContext(true);
    const chime = createChime(() => context as unknown as AudioContext);
    expect(await chime.unlock()).toBe(true);
    chime.play();
    expect(context.tones).toBe(2);
  });

  test('a burst of messages rings once, a later one again', async () => {
    const context = new FakeContext(true);
    const chime = createChime(() => context as unknown as AudioContext);
    await chime.unlock();
    for (let count = 0; count < 20; count += 1) chime.play();
    expect(context.tones).toBe(2);
    vi.advanceTimersByTime(1_500);
    chime.play();
    expect(context.tones).toBe(4);
  });

  test('says so where the browser refuses, and works after a later gesture', async () => {
    const contexts = [new FakeContext(false), new FakeContext(true)];
    let made = 0;
    const chime = createChime(() => {
      const context = contexts[made] ?? contexts[1];
      made += 1;
      return context as unknown as AudioContext;
    });
    const refused = chime.unlock();
    await vi.advanceTimersByTimeAsync(500);
    expect(await refused).toBe(false);
    chime.play();
    expect(contexts[0]?.tones).toBe(0);
    Object.assign(contexts[0] ?? {}, { allows: true });
    expect(await chime.unlock()).toBe(true);
    expect(made).toBe(1);
  });
});
