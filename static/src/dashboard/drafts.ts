import type { Id } from '../core/protocol';
import type { DraftStore } from '../ui/drafts';

export type Lane = 'message' | 'note';

export function draftKey(conversation: Id, lane: Lane): string {
  return `${conversation} ${lane}`;
}

/** The corrected text of a message that was sent. */
export function editKey(message: Id): string {
  return `edit ${message}`;
}

/** Something is written in this conversation and not sent. */
export function hasDraft(drafts: DraftStore, conversation: Id): boolean {
  return [draftKey(conversation, 'message'), draftKey(conversation, 'note')].some(
    (key) => drafts.get(key).trim() !== '',
  );
}
