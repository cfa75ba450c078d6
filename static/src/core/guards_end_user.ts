/** The whole end-user as operators see one. Apart from the rest: the widget need not load it. */
import { briefFields, list, mapOf, maybe, shape, text } from './guards';
import type * as wire from './protocol';

const visit = shape<wire.Visit>({
  id: text,
  started_at: text,
  last_seen_at: text,
  browser: maybe(text),
  device: maybe(text),
  referrer_host: maybe(text),
  pages: list(shape<wire.PageView>({ url: text, title: text, at: text })),
});
export const isEndUser = shape<wire.EndUser>({
  ...briefFields,
  first_name: maybe(text),
  last_name: maybe(text),
  phone: maybe(text),
  external_id: maybe(text),
  attributes: mapOf(text),
  locale: maybe(text),
  created_at: text,
  expires_at: maybe(text),
  notice_accepted_at: maybe(text),
  visits: list(visit),
  conversations: list(
    shape<wire.EarlierConversation>({
      id: text,
      state: text,
      last_message_body: maybe(text),
      created_at: text,
    }),
  ),
});
