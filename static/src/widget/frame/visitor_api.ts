import { Api, type UploadOptions } from '../../core/api';
import type { EarlierPage } from '../../core/chat';
import { Refusal } from '../../core/errors';
import { type Check, isAttachment, isMessage, isThread } from '../../core/guards';
import type { Attachment, Id, Message, Thread } from '../../core/protocol';
import type { Page } from '../frame_protocol';
import type { Person } from './guards';
import type { Identity } from './identity';

export type Me = { id: Id; name: string; email: string | null; is_verified: boolean };
export type Session = { token: string; end_user: Me; threads: Thread[]; available: boolean };
export type Identified = { token: string; end_user: Me };
export type Opening = {
  client_id: Id;
  body: string;
  attachments: Id[];
  form: { name?: string; email?: string; phone?: string; topic?: string };
};
export type Started = { thread: Thread; message: Message };
export type SignedAttachment = Attachment & { url: string; url_expires_at: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isThreads: Check = (value) => Array.isArray(value) && value.every(isThread);
const isMe: Check = (value) =>
  isRecord(value) &&
  typeof value.id === 'string' &&
  typeof value.name === 'string' &&
  (value.email === null || typeof value.email === 'string') &&
  typeof value.is_verified === 'boolean';
const isIdentified: Check = (value) =>
  isRecord(value) && typeof value.token === 'string' && isMe(value.end_user);
const isSession: Check = (value) =>
  isIdentified(value) && isRecord(value) && isThreads(value.threads) && typeof value.available === 'boolean';
const isStarted: Check = (value) => isRecord(value) && isThread(value.thread) && isMessage(value.message);
const isTicket: Check = (value) => isRecord(value) && typeof value.ticket === 'string';
const isEarlierPage: Check = (value) =>
  isRecord(value) &&
  Array.isArray(value.results) &&
  value.results.every(isMessage) &&
  typeof value.has_earlier === 'boolean';
const isSigned: Check = (value) =>
  isRecord(value) &&
  isAttachment(value) &&
  typeof value.url === 'string' &&
  /^https?:/.test(value.url) &&
  typeof value.url_expires_at === 'string';

/** What the server refuses, it says in the language of the frame. */
function spoken(): Record<string, string> {
  const { lang } = document.documentElement;
  return lang ? { 'Accept-Language': lang } : {};
}

/** The end-user's REST door. Every failure is a Refusal. */
export class VisitorApi {
  readonly #api: Api;
  readonly #base: string;
  readonly #identity: Identity;

  constructor(base: string, identity: Identity, options: Partial<ConstructorParameters<typeof Api>[0]> = {}) {
    this.#base = base;
    this.#identity = identity;
    this.#api = new Api({ ...options, base, headers: () => ({ ...identity.headers(), ...spoken() }) });
  }

  /** Begins or takes up the browser's session: the first thing that stores anything. */
  async begin(opening: { jwt: string | null; locale: string; page: Page | null }): Promise<Session> {
    await this.#payDebt();
    const session = await this.#api.post<Session>('session', opening, isSession);
    this.#identity.keep(session.token);
    return session;
  }

  async identify(jwt: string): Promise<Identified> {
    const identified = await this.#known(() => this.#api.post<Identified>('identify', { jwt }, isIdentified));
    this.#identity.keep(identified.token);
    return identified;
  }

  /** Ends the session here and on the server. Rejects where the server could not be told; it is told later. */
  async forget(): Promise<void> {
    try {
      await this.#api.delete('session');
    } catch (error) {
      this.#identity.forget(false);
      throw error;
    }
    this.#identity.forget(true);
  }

  async ticket(): Promise<string> {
    const answer = await this.#known(() =>
      this.#api.post<{ ticket: string }>('socket-tickets', {}, isTicket),
    );
    return answer.ticket;
  }

  threads(): Promise<Thread[]> {
    return this.#known(() => this.#api.get<Thread[]>('conversations', {}, isThreads));
  }

  /** The same `client_id` starts one conversation, however often it is sent. */
  start(opening: Opening): Promise<Started> {
    const data = { ...opening, notice_accepted: true };
    return this.#known(() => this.#api.post<Started>('conversations', data, isStarted));
  }

  earlier(conversation: Id, beforeSeq: number): Promise<EarlierPage> {
    const path = `conversations/${conversation}/messages`;
    return this.#known(() => this.#api.get<EarlierPage>(path, { before_seq: beforeSeq }, isEarlierPage));
  }

  async close(conversation: Id): Promise<void> {
    await this.#known(() => this.#api.post(`conversations/${conversation}/close`));
  }

  async describe(person: Person): Promise<Me> {
    return this.#known(() => this.#api.patch<Me>('end-user', person, isMe));
  }

  async visit({ url, title }: Page): Promise<void> {
    await this.#known(() => this.#api.post('pages', { url, title }));
  }

  upload(conversation: Id, file: File, options: UploadOptions): Promise<Attachment> {
    const form = new FormData();
    form.set('conversation', conversation);
    form.set('file', file);
    return this.#known(() => this.#api.upload<Attachment>('attachments', form, options, isAttachment));
  }

  signed(attachment: Id): Promise<SignedAttachment> {
    return this.#known(() => this.#api.get<SignedAttachment>(`attachments/${attachment}`, {}, isSigned));
  }

  /** The thread as a text file. */
  async transcript(conversation: Id): Promise<Blob> {
    return this.#known(async () => {
      const address = `${this.#base}conversations/${conversation}/transcript`;
      const response = await fetch(address, { headers: this.#identity.headers() }).catch(() => null);
      if (!response) throw new Refusal('offline');
      if (response.status === 401) throw new Refusal('unauthenticated');
      if (!response.ok) throw new Refusal('internal');
      return response.blob();
    });
  }

  /** A browser that keeps no cookie of a frame is known by its token instead; found out by the first refusal. */
  async #known<T>(ask: () => Promise<T>): Promise<T> {
    await this.#payDebt();
    const shown = this.#identity.headers().Authorization;
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'unauthenticated') throw error;
      // Another request may have found it out, or have got a new token, while this one was on its way.
      const hasOther = this.#identity.fallBack() || this.#identity.headers().Authorization !== shown;
      if (!hasOther) throw error;
      return ask();
    }
  }

  async #payDebt(): Promise<void> {
    if (this.#identity.owesForgetting) await this.forget();
  }
}
