/** Unsent words, one text for each key. None of these throws. */
export type DraftStore = {
  get(key: string): string;
  /** An empty text forgets the draft. */
  set(key: string, text: string): void;
};

export function memoryDrafts(): DraftStore {
  const texts = new Map<string, string>();
  return {
    get: (key) => texts.get(key) ?? '',
    set: (key, text) => void (text ? texts.set(key, text) : texts.delete(key)),
  };
}

/** Drafts that survive a reload, where the browser lets them. `storage` is a function: reading it may throw. */
export function storedDrafts(prefix: string, storage: () => Storage): DraftStore {
  const memory = memoryDrafts();
  return {
    get(key) {
      try {
        return memory.get(key) || (storage().getItem(prefix + key) ?? '');
      } catch {
        return memory.get(key);
      }
    },
    set(key, text) {
      memory.set(key, text);
      try {
        if (text) storage().setItem(prefix + key, text);
        else storage().removeItem(prefix + key);
      } catch {
        // Full or forbidden: the copy in memory serves this page.
      }
    },
  };
}
