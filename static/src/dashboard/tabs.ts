import type { Id } from '../core/protocol';

type Word =
  | { kind: 'who_watches'; question: string; conversation: Id }
  | { kind: 'here'; question: string; isWatched: boolean; isVisible: boolean };

/** What of the browser is used, so that tests can put several tabs side by side. */
export type TabsOptions = {
  channel: Pick<BroadcastChannel, 'postMessage' | 'close'> & {
    onmessage: ((event: MessageEvent<Word>) => void) | null;
  };
  locks: Pick<LockManager, 'request'> | undefined;
  /** The conversation that the operator looks at in this tab, and whether the tab can be seen at all. */
  look(): { conversation: Id | null; isVisible: boolean; isFocused: boolean };
  wait?: (milliseconds: number) => Promise<void>;
};

export type Watch = { isWatched: boolean; isVisible: boolean };

const lockName = 'livecaller.console.ringer';
/** Long enough for the other tabs of one machine, short enough for a ring. */
const answerMilliseconds = 150;

/** The console's tabs in one browser: which one rings, and what they show. */
export class Tabs {
  readonly #options: TabsOptions;
  readonly #answers = new Map<string, Watch>();
  #release: (() => void) | null = null;
  #isCandidate = false;
  #questions = 0;
  readonly #name = crypto.randomUUID();

  constructor(options: TabsOptions) {
    this.#options = options;
    options.channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** True for one of all tabs that stepped up; always true where the browser has no locks. */
  get isLeader(): boolean {
    return this.#release !== null || (this.#isCandidate && !this.#options.locks);
  }

  /** Takes part in the election: the first tab leads until it is closed or steps down. */
  stepUp(): void {
    if (this.#isCandidate) return;
    this.#isCandidate = true;
    void this.#options.locks?.request(lockName, () => this.#lead());
  }

  stepDown(): void {
    this.#isCandidate = false;
    this.#release?.();
    this.#release = null;
  }

  /** Whether the operator looks at the conversation, and whether any tab can be seen. */
  async whoWatches(conversation: Id): Promise<Watch> {
    const own = this.#watch(conversation);
    if (own.isWatched) return own;
    this.#questions += 1;
    const question = `${this.#name} ${this.#questions}`;
    this.#answers.set(question, own);
    this.#say({ kind: 'who_watches', question, conversation });
    await (this.#options.wait ?? pause)(answerMilliseconds);
    const answer = this.#answers.get(question) ?? own;
    this.#answers.delete(question);
    return answer;
  }

  close(): void {
    this.stepDown();
    this.#options.channel.close();
  }

  /** Holds the lock for as long as this promise is open. */
  #lead(): Promise<void> {
    if (!this.#isCandidate) return Promise.resolve();
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  #hear(word: Word): void {
    if (word.kind === 'who_watches') {
      this.#say({ kind: 'here', question: word.question, ...this.#watch(word.conversation) });
      return;
    }
    const sofar = this.#answers.get(word.question);
    if (!sofar) return;
    this.#answers.set(word.question, {
      isWatched: sofar.isWatched || word.isWatched,
      isVisible: sofar.isVisible || word.isVisible,
    });
  }

  #watch(conversation: Id): Watch {
    const look = this.#options.look();
    const isWatched = look.isVisible && look.isFocused && look.conversation === conversation;
    return { isWatched, isVisible: look.isVisible };
  }

  #say(word: Word): void {
    this.#options.channel.postMessage(word);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
