import { Refusal } from '../../core/errors';
import type { Page } from '../frame_protocol';
import type { Bridge } from './bridge';
import type { Identified, Session, VisitorApi } from './visitor_api';

const patienceMilliseconds = 10_000;

/** Who the visitor is: a stranger, or the customer for whom the Client's server vouches by a token. */
export class SignIn {
  /** The page can give a token. */
  hasIdentity: boolean;
  readonly #api: VisitorApi;
  readonly #bridge: Bridge;
  #waiting: ((jwt: string | null) => void)[] = [];

  constructor(api: VisitorApi, bridge: Bridge, hasIdentity: boolean) {
    this.#api = api;
    this.#bridge = bridge;
    this.hasIdentity = hasIdentity;
  }

  /** The page's answer to `identity.wanted`. */
  hear(jwt: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(jwt);
  }

  /** Begins or takes up the session of whoever is there. A token that is refused is reported, and then left out. */
  async open(where: { locale: string; page: Page | null }): Promise<Session> {
    const jwt = await this.#ask();
    try {
      return await this.#api.begin({ ...where, jwt });
    } catch (error) {
      if (jwt === null || !(error instanceof Refusal) || error.code !== 'invalid') throw error;
      this.#report(error);
    }
    const session = await this.#api.begin({ ...where, jwt: null });
    if (!session.end_user.is_verified) return session;
    // This browser was somebody's whom nobody vouches for now: they may be gone, and another person sits here.
    await this.#api.forget();
    return this.#api.begin({ ...where, jwt: null });
  }

  /** Makes the person of a running session the customer; null where there is no token or it is refused. */
  async identify(): Promise<Identified | null> {
    const jwt = await this.#ask();
    if (jwt === null) return null;
    try {
      return await this.#api.identify(jwt);
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  #ask(): Promise<string | null> {
    if (!this.hasIdentity) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(() => resolve(null), patienceMilliseconds);
      this.#bridge.say({ type: 'identity.wanted', value: null });
    });
  }

  #report(error: unknown): void {
    const message = error instanceof Error ? error.message : '';
    this.#bridge.event('error', { code: 'identity', message });
  }
}
