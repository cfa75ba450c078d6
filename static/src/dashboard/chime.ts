/** Two short notes, made on the spot: no file to load. */
export type Chime = {
  /** Call by a click or key press; false where the browser still refuses sound. */
  unlock(): Promise<boolean>;
  play(): void;
};

const notes = [
  { hertz: 784, at: 0 },
  { hertz: 1047, at: 0.13 },
];
const ringSeconds = 0.32;
const restMilliseconds = 1_500;

function ring(context: AudioContext, hertz: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.16, at + 0.012);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + ringSeconds);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + ringSeconds);
}

/** A burst of messages rings once. */
export function createChime(newContext: () => AudioContext = () => new AudioContext()): Chime {
  let context: AudioContext | null = null;
  let rungAt = Number.NEGATIVE_INFINITY;
  return {
    async unlock() {
      context ??= newContext();
      // A refused resume never settles in some browsers, so its state is asked instead.
      context.resume().catch(() => {});
      await Promise.resolve();
      return context.state === 'running' || (await becomesRunning(context));
    },
    play() {
      const now = performance.now();
      if (context?.state !== 'running' || now - rungAt < restMilliseconds) return;
      rungAt = now;
      for (const { hertz, at } of notes) ring(context, hertz, context.currentTime + at);
    },
  };
}

function becomesRunning(context: AudioContext): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = () => resolve(context.state === 'running');
    context.addEventListener('statechange', settle, { once: true });
    setTimeout(settle, 500);
  });
}
