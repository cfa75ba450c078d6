import download from 'lucide:download';
import imageOff from 'lucide:image-off';
import x from 'lucide:x';
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Attachment } from '../../core/protocol';
import { Button, IconButton } from '../../ui/Button';
import { useI18n } from '../../ui/I18n';
import { Icon } from '../../ui/Icon';
import { useApp } from '../app';
import { addressOf, download as fetchFile } from '../files';

const opened = signal<Attachment | null>(null);
const most = { width: 280, height: 220 };

/** The room that the picture will take, so that nothing moves when it comes. */
export function roomOf(width: number | null, height: number | null): { width: number; height: number } {
  if (!width || !height) return { width: most.width, height: 160 };
  const scale = Math.min(1, most.width / width, most.height / height);
  return { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}

type Address = { url: string | null; isFailed: boolean };

/** A signed address, asked for when the picture comes into sight. */
function useAddress(
  attachment: Attachment,
  place: { current: HTMLElement | null },
  tries: number,
): [Address, () => void] {
  const { desk } = useApp();
  const [address, setAddress] = useState<Address>({ url: null, isFailed: false });
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const fetchAddress = async () => {
      try {
        setAddress({ url: await addressOf(desk.api, attachment.id), isFailed: false });
      } catch {
        setAddress({ url: null, isFailed: true });
      }
    };
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      void fetchAddress();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [attachment.id, tries]);
  return [address, () => setAddress({ url: null, isFailed: true })];
}

/** A picture in the thread; a press shows it large. */
export function Picture({ attachment }: { attachment: Attachment }) {
  const { t } = useI18n();
  const place = useRef<HTMLButtonElement>(null);
  const [tries, setTries] = useState(0);
  const [address, fail] = useAddress(attachment, place, tries);
  const { name } = attachment;
  const { width, height } = roomOf(attachment.width, attachment.height);
  const press = () => {
    if (address.isFailed) setTries(tries + 1);
    else opened.value = attachment;
  };
  return (
    <button
      type="button"
      ref={place}
      class="picture"
      style={{ inlineSize: `${width}px`, aspectRatio: `${width} / ${height}` }}
      aria-label={t(address.isFailed ? 'picture_failed' : 'picture', { name })}
      title={name}
      onClick={press}
    >
      {address.url && <img src={address.url} alt="" width={width} height={height} onError={fail} />}
      {address.isFailed && (
        <span class="picture-failed">
          <Icon of={imageOff} />
          {t('picture_failed')}
        </span>
      )}
    </button>
  );
}

/** One picture, as large as the window. */
export function PictureDialog() {
  const { t } = useI18n();
  const app = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  const attachment = opened.value;
  const close = () => {
    opened.value = null;
  };

  useEffect(() => {
    const element = dialog.current;
    if (!attachment || !element) {
      element?.close();
      setUrl(null);
      return;
    }
    element.showModal();
    addressOf(app.desk.api, attachment.id).then(setUrl, close);
  }, [attachment]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it, and the browser's own.
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={attachment?.name}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      {attachment && (
        <>
          <div class="lightbox-bar">
            <bdi class="truncate">{attachment.name}</bdi>
            <Button size="small" icon={download} onClick={() => void fetchFile(app, attachment)}>
              {t('download')}
            </Button>
            <IconButton icon={x} label={t('close')} onClick={close} />
          </div>
          {url && <img src={url} alt={attachment.name} />}
        </>
      )}
    </dialog>
  );
}
