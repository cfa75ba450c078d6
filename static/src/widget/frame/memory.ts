/** What the frame keeps in the browser beside who it is. Only used once there is a session. */
export type Memory = {
  /** the language that the visitor chose here, or "" */
  locale(): string;
  setLocale(locale: string): void;
  readonly draftPrefix: string;
  outboxName(endUser: string): string;
  clear(): void;
};

function quietly<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

export function memoryOf(publicKey: string): Memory {
  const prefix = `livecaller:${publicKey}:`;
  const localeName = `${prefix}locale`;
  const draftPrefix = `${prefix}draft:`;
  return {
    draftPrefix,
    locale: () => quietly(() => localStorage.getItem(localeName) ?? '', ''),
    setLocale: (locale) => quietly(() => localStorage.setItem(localeName, locale), undefined),
    outboxName: (endUser) => `${prefix}outbox:${endUser}`,
    clear() {
      quietly(() => localStorage.removeItem(localeName), undefined);
      quietly(() => {
        for (const name of Object.keys(sessionStorage)) {
          if (name.startsWith(draftPrefix)) sessionStorage.removeItem(name);
        }
      }, undefined);
      quietly(() => {
        void indexedDB.databases().then((all) => {
          for (const { name } of all) if (name?.startsWith(prefix)) indexedDB.deleteDatabase(name);
        });
      }, undefined);
    },
  };
}
