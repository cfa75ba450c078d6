import type { Attachment, Id } from '../../core/protocol';
import { Uploads } from '../../ui/uploads';
import type { VisitorApi } from './visitor_api';

/** The server's own limit: said here before anything is sent. */
const maxSize = 20 * 1024 * 1024;

/** The chosen files of each thread; they stay while the visitor looks at another. */
export function uploadsBy(api: VisitorApi): (conversation: Id) => Uploads {
  const known = new Map<Id, Uploads>();
  return (conversation) => {
    const found = known.get(conversation);
    if (found) return found;
    const send: ConstructorParameters<typeof Uploads>[0]['send'] = (file, options) =>
      api.upload(conversation, file, options);
    const fresh = new Uploads({ maxSize, send });
    known.set(conversation, fresh);
    return fresh;
  };
}

function follow(address: string, name: string, isApart: boolean): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.rel = 'noopener noreferrer';
  // Within a customer's page the frame may not go elsewhere: their policy names our host only.
  if (isApart) link.target = '_blank';
  link.click();
}

export async function download(api: VisitorApi, { id, name }: Attachment): Promise<void> {
  const { url } = await api.signed(id);
  follow(url, name, true);
}

export async function saveTranscript(api: VisitorApi, conversation: Id): Promise<void> {
  const address = URL.createObjectURL(await api.transcript(conversation));
  follow(address, `${conversation}.txt`, false);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
