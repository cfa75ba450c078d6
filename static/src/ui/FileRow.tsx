import download from 'lucide:download';
import file from 'lucide:file';
import fileText from 'lucide:file-text';
import image from 'lucide:image';
import rotateCcw from 'lucide:rotate-ccw';
import x from 'lucide:x';
import { fileSize } from '../core/dates';
import { IconButton } from './Button';
import { useI18n } from './I18n';
import { Icon } from './Icon';

export type FileState =
  | { kind: 'stored' }
  /** 0 to 1 */
  | { kind: 'uploading'; share: number }
  | { kind: 'failed'; reason: string };

type FileRowProps = {
  name: string;
  contentType: string;
  /** bytes */
  size: number;
  state?: FileState;
  onDownload?(): void;
  onRetry?(): void;
  onRemove?(): void;
};

type FileKind = 'image' | 'document' | 'other';

function kindOf(contentType: string): FileKind {
  if (contentType.startsWith('image/')) return 'image';
  return contentType === 'application/pdf' || contentType.startsWith('text/') ? 'document' : 'other';
}

const drawings: Readonly<Record<FileKind, IconShape>> = { image, document: fileText, other: file };

/** One file: its name, its size, how far it is, and what can be done with it. */
export function FileRow(props: FileRowProps) {
  const { name, contentType, size, state = { kind: 'stored' }, onDownload, onRetry, onRemove } = props;
  const i18n = useI18n();
  const kind = kindOf(contentType);
  return (
    <div class="file" data-state={state.kind}>
      <span class="file-mark" data-kind={kind}>
        <Icon of={drawings[kind]} />
      </span>
      <span class="file-words">
        <bdi class="file-name truncate" title={name}>
          {name}
        </bdi>
        <FileStatus state={state} size={size} />
      </span>
      <span class="file-actions">
        {state.kind === 'failed' && onRetry && (
          <IconButton icon={rotateCcw} label={i18n.t('file_retry', { name })} onClick={onRetry} />
        )}
        {state.kind === 'stored' && onDownload && (
          <IconButton icon={download} label={i18n.t('file_download', { name })} onClick={onDownload} />
        )}
        {onRemove && <IconButton icon={x} label={i18n.t('file_remove', { name })} onClick={onRemove} />}
      </span>
      {state.kind === 'uploading' && (
        <progress
          class="progress"
          value={state.share}
          max={1}
          aria-label={i18n.t('file_uploading', { name })}
        />
      )}
    </div>
  );
}

function FileStatus({ state, size }: { state: FileState; size: number }) {
  const i18n = useI18n();
  if (state.kind === 'failed') {
    return (
      <span class="file-state" data-tone="red" role="status">
        {state.reason}
      </span>
    );
  }
  const done = state.kind === 'uploading' ? `${i18n.number(state.share, { style: 'percent' })} · ` : '';
  return (
    <span class="file-state">
      {done}
      {fileSize(i18n, size)}
    </span>
  );
}
