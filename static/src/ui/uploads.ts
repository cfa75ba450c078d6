import { type ReadonlySignal, signal } from '@preact/signals';
import type { UploadOptions } from '../core/api';
import { type FailureCode, Refusal } from '../core/errors';
import { type Attachment, limits } from '../core/protocol';

export type Upload = {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  /** bytes */
  readonly size: number;
  readonly state: 'uploading' | 'done' | 'failed';
  /** 0 to 1 */
  readonly share: number;
  readonly failure: FailureCode | null;
  /** what the server said about this very file, in the reader's language; empty when it said nothing */
  readonly sentence: string;
  readonly attachment: Attachment | null;
};

export type UploadsOptions = {
  send(file: File, options: UploadOptions): Promise<Attachment>;
  /** bytes */
  maxSize: number;
  maxCount?: number;
};

/** The files of one unsent message, uploaded as soon as they are chosen. */
export class Uploads {
  readonly maxSize: number;
  readonly #options: UploadsOptions;
  readonly #list = signal<readonly Upload[]>([]);
  readonly #files = new Map<number, { file: File; abort: AbortController }>();
  #last = 0;

  constructor(options: UploadsOptions) {
    this.#options = options;
    this.maxSize = options.maxSize;
  }

  get list(): ReadonlySignal<readonly Upload[]> {
    return this.#list;
  }

  /** Those that are stored on the server. */
  get attachments(): Attachment[] {
    return this.#list.value.flatMap((upload) => upload.attachment ?? []);
  }

  /** Answers how many did not fit beside those that are here. */
  add(files: readonly File[]): number {
    const room = (this.#options.maxCount ?? limits.attachments) - this.#list.value.length;
    for (const file of files.slice(0, Math.max(0, room))) this.#start(file);
    return Math.max(0, files.length - room);
  }

  retry(id: number): void {
    const kept = this.#files.get(id);
    if (kept) void this.#send(id, kept.file);
  }

  remove(id: number): void {
    this.#files.get(id)?.abort.abort();
    this.#files.delete(id);
    this.#list.value = this.#list.value.filter((upload) => upload.id !== id);
  }

  /** The message took them along. */
  clear(): void {
    for (const upload of this.#list.value) this.remove(upload.id);
  }

  #start(file: File): void {
    this.#last += 1;
    const id = this.#last;
    const fresh: Upload = {
      id,
      name: file.name,
      type: file.type,
      size: file.size,
      state: 'uploading',
      share: 0,
      failure: null,
      sentence: '',
      attachment: null,
    };
    this.#list.value = [...this.#list.value, fresh];
    if (file.size > this.maxSize) this.#change(id, { state: 'failed', failure: 'too_large' });
    else void this.#send(id, file);
  }

  async #send(id: number, file: File): Promise<void> {
    const abort = new AbortController();
    this.#files.set(id, { file, abort });
    this.#change(id, { state: 'uploading', share: 0, failure: null, sentence: '' });
    try {
      const onProgress = (share: number) => this.#change(id, { share });
      const attachment = await this.#options.send(file, { onProgress, signal: abort.signal });
      this.#change(id, { state: 'done', share: 1, attachment });
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal('internal');
      this.#change(id, { state: 'failed', failure: refusal.code, sentence: refusal.sentence });
    }
  }

  #change(id: number, change: Partial<Upload>): void {
    this.#list.value = this.#list.value.map((upload) =>
      upload.id === id ? { ...upload, ...change } : upload,
    );
  }
}
