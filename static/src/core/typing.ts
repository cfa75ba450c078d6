import type { Clock } from './clock';
import { type Author, type Id, limits, type TypingEvent } from './protocol';

/** Who is typing where. Forgets by itself when nothing more is heard. */
export class Typists {
  readonly #clock: Clock;
  readonly #onChange: (conversation: Id) => void;
  readonly #heard = new Map<string, { conversation: Id; author: Author; cancel: () => void }>();

  constructor(clock: Clock, onChange: (conversation: Id) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  in(conversation: Id): Author[] {
    const here = [...this.#heard.values()].filter((typist) => typist.conversation === conversation);
    return here.map((typist) => typist.author);
  }

  hear({ type, data: { conversation, author } }: TypingEvent): void {
    if (type === 'typing.stopped') {
      this.forget(conversation, author);
      return;
    }
    const key = keyOf(conversation, author);
    const known = this.#heard.get(key);
    known?.cancel();
    const cancel = this.#clock.after(limits.typingSeconds * 1000, () => this.forget(conversation, author));
    this.#heard.set(key, { conversation, author, cancel });
    if (!known) this.#onChange(conversation);
  }

  /** They stopped, or their message is here. */
  forget(conversation: Id, author: Author): void {
    const key = keyOf(conversation, author);
    const known = this.#heard.get(key);
    if (!known) return;
    known.cancel();
    this.#heard.delete(key);
    this.#onChange(conversation);
  }
}

function keyOf(conversation: Id, author: Author): string {
  return `${conversation} ${author.kind} ${author.id ?? author.name}`;
}

/** Says that this person types: once every few seconds while they do, and once when they stop. */
export class OwnTyping {
  readonly #clock: Clock;
  readonly #say: (isTyping: boolean, conversation: Id) => void;
  #conversation: Id | null = null;
  #saidAt = 0;
  #cancel: () => void = () => {};

  constructor(clock: Clock, say: (isTyping: boolean, conversation: Id) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** Call at each change of the text. */
  touch(conversation: Id): void {
    if (this.#conversation !== null && this.#conversation !== conversation) this.stop();
    const now = this.#clock.now();
    if (this.#conversation === null || now - this.#saidAt >= (limits.typingSeconds - 2) * 1000) {
      this.#conversation = conversation;
      this.#saidAt = now;
      this.#say(true, conversation);
    }
    this.#cancel();
    this.#cancel = this.#clock.after((limits.typingSeconds - 1) * 1000, () => this.stop());
  }

  /** Call when the text was sent or emptied. */
  stop(): void {
    this.#cancel();
    const conversation = this.#conversation;
    this.#conversation = null;
    if (conversation !== null) this.#say(false, conversation);
  }
}
