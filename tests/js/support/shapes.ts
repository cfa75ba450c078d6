import type { Author, Conversation, Message, Note, Sync, Thread } from '../../../static/src/core/protocol';

export const operator: Author = { kind: 'operator', id: 'op', name: 'Nino Kapanadze' };
export const endUser: Author = { kind: 'end_user', id: 'eu', name: 'Ana Beridze' };
export const nobody: Author = { kind: 'system', id: null, name: '' };

const at = '2026-11-23T14:00:00.000Z';

export function message(seq: number, more: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    conversation: 'c',
    seq,
    version: seq,
    kind: 'text',
    author: endUser,
    client_id: null,
    body: `message ${seq}`,
    attachments: [],
    created_at: at,
    edited_at: null,
    deleted_at: null,
    ...more,
  };
}

export function note(seq: number, more: Partial<Note> = {}): Note {
  const { kind: _kind, attachments: _attachments, ...rest } = message(seq);
  return { ...rest, id: `n${seq}`, author: operator, body: `note ${seq}`, ...more };
}

export function thread(more: Partial<Thread> = {}): Thread {
  return {
    id: 'c',
    version: 0,
    floor_version: 0,
    state: 'open',
    last_seq: 0,
    unread: 0,
    end_user_read_seq: 0,
    operator_read_seq: 0,
    operator: null,
    created_at: at,
    expires_at: null,
    ...more,
  };
}

export function conversation(more: Partial<Conversation> = {}): Conversation {
  const { operator: _operator, ...rest } = thread();
  return {
    ...rest,
    note_version: 0,
    channel: 'widget',
    widget: { id: 'w', name: 'Shop' },
    end_user: { id: 'eu', name: 'Ana Beridze', email: null, is_verified: false, is_online: true },
    assignee: null,
    last_message: null,
    waiting_since: null,
    page_url: null,
    page_title: null,
    updated_at: at,
    closed_at: null,
    ...more,
  };
}

export function sync(more: Partial<Sync<Conversation>> = {}): Sync<Conversation> {
  const version = more.version ?? 0;
  return {
    conversation: 'c',
    epoch: 'e1',
    version,
    note_version: 0,
    floor_version: 0,
    mode: 'reload',
    has_earlier: false,
    messages: [],
    notes: [],
    snapshot: conversation({ version, note_version: more.note_version ?? 0 }),
    ...more,
  };
}
