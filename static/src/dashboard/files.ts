import type { Api } from '../core/api';
import { isAttachment } from '../core/guards';
import type { Attachment, Id } from '../core/protocol';
import { Uploads } from '../ui/uploads';
import { isSignedAttachment, type SignedAttachment } from './answers';
import { type App, attempt } from './app';

/** The server's own limit: said here before anything is sent. */
const maxSize = 20 * 1024 * 1024;
/** A signed address that has less life left than this is asked for anew. */
const reserveMilliseconds = 20_000;

const uploads = new Map<Id, Uploads>();

/** The chosen files of one thread: they stay while the operator looks at another. */
export function uploadsOf(api: Api, conversation: Id): Uploads {
  const known = uploads.get(conversation);
  if (known) return known;
  const fresh = new Uploads({
    maxSize,
    send(file, options) {
      const form = new FormData();
      form.set('conversation', conversation);
      form.set('file', file);
      return api.upload<Attachment>('attachments', form, options, isAttachment);
    },
  });
  uploads.set(conversation, fresh);
  return fresh;
}

const signed = new Map<Id, Promise<SignedAttachment>>();

/** An address of the file that is good for some minutes. Rejects with a Refusal. */
export async function addressOf(api: Api, attachment: Id): Promise<string> {
  const known = await signed.get(attachment)?.catch(() => null);
  if (known && Date.parse(known.url_expires_at) - Date.now() > reserveMilliseconds) return known.url;
  const asked = api.get<SignedAttachment>(`attachments/${attachment}`, {}, isSignedAttachment);
  signed.set(attachment, asked);
  return (await asked).url;
}

/** The files host answers with `attachment` when it is asked so, and the page stays where it is. */
export async function download(app: App, { id, name }: Attachment): Promise<void> {
  await attempt(app, async () => {
    const link = document.createElement('a');
    link.href = `${await addressOf(app.desk.api, id)}?download=1`;
    link.download = name;
    link.rel = 'noopener noreferrer';
    link.click();
  });
}

/** Types that browsers draw and the server has made anew, so that they hold nothing but a picture. */
export function isPicture({ content_type }: Attachment): boolean {
  return ['image/png', 'image/jpeg', 'image/webp', 'image/gif'].includes(content_type);
}
