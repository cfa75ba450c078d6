/** Checks of the REST answers that only the console reads. */
import { type Check, isAttachment, isConversation } from '../core/guards';
import type { Attachment, Conversation } from '../core/protocol';

export type Counts = { you: number; open: number; spam: number; unread: number };
export type ConversationPage = { results: Conversation[]; next: string | null };
export type SignedAttachment = Attachment & { url: string; url_expires_at: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isCounts: Check = (value) =>
  isRecord(value) && ['you', 'open', 'spam', 'unread'].every((name) => Number.isSafeInteger(value[name]));

export const isConversationPage: Check = (value) =>
  isRecord(value) &&
  Array.isArray(value.results) &&
  value.results.every(isConversation) &&
  (value.next === null || typeof value.next === 'string');

export const isSignedAttachment: Check = (value) =>
  isRecord(value) &&
  isAttachment(value) &&
  typeof value.url === 'string' &&
  value.url.startsWith('http') &&
  typeof value.url_expires_at === 'string';
