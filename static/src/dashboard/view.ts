import type { Log } from '../core/conversation';
import type { Outgoing } from '../core/outbox';
import type { Author, Conversation, Id } from '../core/protocol';

/** The thread on the screen, in one piece: everything of one moment. */
export type ThreadView = {
  id: Id;
  /** null until something is known of it */
  conversation: Conversation | null;
  log: Log<Conversation> | null;
  outgoing: readonly Outgoing[];
  /** who types at this moment, without this operator */
  typists: readonly Author[];
  /** names of colleagues who have lately been writing here */
  colleagues: readonly string[];
  /** It does not exist, or not for this operator. */
  isGone: boolean;
};

export function emptyView(id: Id): ThreadView {
  return { id, conversation: null, log: null, outgoing: [], typists: [], colleagues: [], isGone: false };
}
