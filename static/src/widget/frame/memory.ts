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

async function deleteDatabases(prefix: string): Promise<void> {
  try {
    for (const { name } of await indexedDB.databases()) {
      if (name?.startsWith(prefix)) indexedDB.deleteDatabase(name);
    }
  } catch {
    // A browser that refuses to list them has refused to keep them, too.
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
      void deleteDatabases(prefix);
    },
  };
}
