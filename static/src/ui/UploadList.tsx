import { fileSize } from '../core/dates';
import type { I18n } from '../core/i18n';
import { FileRow, type FileState } from './FileRow';
import { useI18n } from './I18n';
import { reasonOf } from './rows';
import type { Upload, Uploads } from './uploads';

function stateOf(upload: Upload, maxSize: number, i18n: I18n): FileState {
  if (upload.state === 'uploading') return { kind: 'uploading', share: upload.share };
  if (upload.state === 'done') return { kind: 'stored' };
  if (upload.sentence) return { kind: 'failed', reason: upload.sentence };
  if (upload.failure === 'too_large') {
    return { kind: 'failed', reason: i18n.t('file_too_large', { size: fileSize(i18n, maxSize) }) };
  }
  return { kind: 'failed', reason: reasonOf(upload.failure, i18n) || i18n.t('file_failed') };
}

/** The files that will go with the message. */
export function UploadList({ of: uploads }: { of: Uploads }) {
  const i18n = useI18n();
  const list = uploads.list.value;
  if (list.length === 0) return null;
  return (
    <div class="composer-files">
      {list.map((upload) => (
        <FileRow
          key={upload.id}
          name={upload.name}
          contentType={upload.type}
          size={upload.size}
          state={stateOf(upload, uploads.maxSize, i18n)}
          {...(upload.failure !== 'too_large' && { onRetry: () => uploads.retry(upload.id) })}
          onRemove={() => uploads.remove(upload.id)}
        />
      ))}
    </div>
  );
}
