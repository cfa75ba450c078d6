import { useEffect, useRef, useState } from 'preact/hooks';
import type { Attachment } from '../../core/protocol';
import { FileRow } from '../../ui/FileRow';
import { useI18n } from '../../ui/I18n';
import { useAttempt } from './attempt';
import { useApp } from './context';

const most = { width: 240, height: 200 };
const least = 48;

/** Types that browsers draw and the server has made anew, so that they hold nothing but a picture. */
const drawn: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);

export const isPicture = ({ content_type }: Attachment): boolean => drawn.has(content_type);

/** The room that it will take, so that nothing moves when it comes. */
export function roomOf({ width, height }: Pick<Attachment, 'width' | 'height'>): {
  width: number;
  height: number;
} {
  if (!width || !height) return { width: most.width, height: 160 };
  const scale = Math.min(1, most.width / width, most.height / height);
  return {
    width: Math.max(least, Math.round(width * scale)),
    height: Math.max(least, Math.round(height * scale)),
  };
}

/** A picture in the thread, fetched when it comes into sight; a press shows it whole. A row where it does not come. */
export function Picture({ attachment }: { attachment: Attachment }) {
  const { addressOf, download } = useApp();
  const { t } = useI18n();
  const attempt = useAttempt();
  const place = useRef<HTMLButtonElement>(null);
  const [address, setAddress] = useState('');
  const [isFailed, setFailed] = useState(false);
  const { id, name, content_type, size } = attachment;
  const open = () => void attempt(() => download(attachment));

  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      addressOf(id).then(setAddress, () => setFailed(true));
    });
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, [id]);

  if (isFailed) return <FileRow name={name} contentType={content_type} size={size} onDownload={open} />;
  const { width, height } = roomOf(attachment);
  return (
    <button
      type="button"
      ref={place}
      class="picture"
      style={{ inlineSize: `${width}px`, aspectRatio: `${width} / ${height}` }}
      aria-label={t('picture', { name })}
      title={name}
      onClick={open}
    >
      {address && <img src={address} alt="" onError={() => setFailed(true)} />}
    </button>
  );
}
