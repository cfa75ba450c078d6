/**
 * How the server knows this browser: by a cookie that no script can read, else by a token in storage, else by a
 * token in memory, and then everything ends with the page.
 */
export type Identity = {
  headers(): Record<string, string>;
  /** A session began or got a new token. */
  keep(token: string): void;
  /** The server did not see the cookie. True when there is another way, so that the request may be tried again. */
  fallBack(): boolean;
  /** This browser is nobody any more. Where the server could not be told, that is owed from now on. */
  forget(isTold: boolean): void;
  /** A session that was to be forgotten still lives behind the cookie: end it before anything else is asked. */
  readonly owesForgetting: boolean;
  /** No way to be known on the next page. */
  readonly endsWithPage: boolean;
};

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Texts in storage, or in memory where the browser refuses it; reading `localStorage` itself may throw. */
function kept(storage: () => Store, name: string) {
  let held: string | null = null;
  try {
    held = storage().getItem(name);
  } catch {
    // Then memory has to do.
  }
  return {
    get: () => held,
    /** True when the next page will find it. */
    set(value: string | null): boolean {
      held = value;
      try {
        if (value === null) storage().removeItem(name);
        else storage().setItem(name, value);
        return storage().getItem(name) === value;
      } catch {
        return false;
      }
    },
  };
}

export function openIdentity(publicKey: string, storage: () => Store): Identity {
  const stored = kept(storage, `livecaller:${publicKey}:token`);
  const debt = kept(storage, `livecaller:${publicKey}:forget`);
  let token = stored.get();
  let usesCookie = token === null;
  let isStored = token !== null;

  return {
    headers: (): Record<string, string> =>
      usesCookie || token === null ? {} : { Authorization: `Visitor ${token}` },
    keep(next) {
      token = next;
      if (!usesCookie) isStored = stored.set(token);
    },
    fallBack() {
      if (!usesCookie || token === null) return false;
      usesCookie = false;
      isStored = stored.set(token);
      return true;
    },
    forget(isTold) {
      token = null;
      usesCookie = true;
      isStored = false;
      stored.set(null);
      debt.set(isTold ? null : '1');
    },
    get owesForgetting() {
      return debt.get() !== null;
    },
    get endsWithPage() {
      return !usesCookie && token !== null && !isStored;
    },
  };
}
