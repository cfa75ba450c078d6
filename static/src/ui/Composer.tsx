import arrowUp from 'lucide:arrow-up';
import cornerDownLeft from 'lucide:corner-down-left';
import paperclip from 'lucide:paperclip';
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Attachment, limits } from '../core/protocol';
import { Button, IconButton } from './Button';
import type { DraftStore } from './drafts';
import { EmojiPicker } from './EmojiPicker';
import { useI18n } from './I18n';
import { UploadList } from './UploadList';
import type { Uploads } from './uploads';

export type ComposerHandle = {
  focus(): void;
  /** Puts text in place of what stands between two positions, and the caret after it. */
  replace(from: number, to: number, text: string): void;
};

export type ComposerProps = {
  /** the name of the text area */
  label: string;
  placeholder: string;
  /** whose words these are: a change of the key changes the text */
  draftKey: string;
  drafts: DraftStore;
  /** Enter alone sends, or only together with Ctrl or Command */
  sendOn?: 'enter' | 'modified_enter';
  lane?: 'message' | 'note';
  /** null: no files here */
  uploads?: Uploads | null;
  isDisabled?: boolean;
  /** `inline`: buttons beside the text, round send; `stacked`: buttons below, send with a word */
  layout?: 'inline' | 'stacked';
  /** above the text, such as tabs */
  top?: ComponentChildren;
  /** further buttons beside attach and emoji */
  tools?: ComponentChildren;
  handle?: RefObject<ComposerHandle | null>;
  onSend(body: string, attachments: Attachment[]): void;
  onText?(text: string, caret: number): void;
  /** Answers true when it took the key. */
  onKey?(event: KeyboardEvent): boolean;
};

type Text = {
  text: string;
  area: RefObject<HTMLTextAreaElement | null>;
  change(text: string, caret?: number): void;
  insert(text: string): void;
  replace: ComposerHandle['replace'];
};

/** The words, kept as a draft at each change. */
function useText({ draftKey, drafts, onText }: ComposerProps): Text {
  const area = useRef<HTMLTextAreaElement>(null);
  const caretAfter = useRef<number | null>(null);
  const [kept, keep] = useState({ key: draftKey, text: drafts.get(draftKey) });
  const text = kept.key === draftKey ? kept.text : drafts.get(draftKey);

  useLayoutEffect(() => {
    const caret = caretAfter.current;
    caretAfter.current = null;
    if (caret !== null) area.current?.setSelectionRange(caret, caret);
  });

  const change = (next: string, caret = next.length) => {
    drafts.set(draftKey, next);
    keep({ key: draftKey, text: next });
    onText?.(next, caret);
  };
  const replace = (from: number, to: number, piece: string) => {
    caretAfter.current = from + piece.length;
    change(text.slice(0, from) + piece + text.slice(to), from + piece.length);
    area.current?.focus();
  };
  const insert = (piece: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = area.current ?? {};
    replace(selectionStart, selectionEnd, piece);
  };
  return { text, area, change, insert, replace };
}

/** For browsers that do not size a field by its content. */
function useAutosize({ area, text }: Text): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (!element || CSS.supports('field-sizing', 'content')) return;
    element.style.blockSize = 'auto';
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [text]);
}

function filesOf(transfer: DataTransfer | null): File[] {
  return transfer ? [...transfer.files] : [];
}

function isSendKey(event: KeyboardEvent, sendOn: ComposerProps['sendOn']): boolean {
  if (event.key !== 'Enter' || event.isComposing || event.shiftKey || event.altKey) return false;
  return event.ctrlKey || event.metaKey || sendOn !== 'modified_enter';
}

type Sending = {
  text: Text;
  /** characters up to the limit; negative above it */
  left: number;
  /** files that were too many */
  rejected: number;
  canSend: boolean;
  attach(files: readonly File[]): void;
  send(): void;
};

function useSending(props: ComposerProps): Sending {
  const { uploads, isDisabled, onSend } = props;
  const text = useText(props);
  const [rejected, setRejected] = useState(0);
  useAutosize(text);
  useEffect(() => setRejected(0), [props.draftKey]);

  const left = limits.body - text.text.length;
  const hasWords = text.text.trim() !== '';
  const files = uploads?.list.value ?? [];
  // A file that failed is not left behind silently: it is tried again or taken out first.
  const areFilesReady = files.every((upload) => upload.state === 'done');
  const canSend = !isDisabled && left >= 0 && areFilesReady && (hasWords || files.length > 0);
  return {
    text,
    left,
    rejected,
    canSend,
    attach(files) {
      if (files.length > 0 && uploads) setRejected(uploads.add(files));
    },
    send() {
      if (!canSend) return;
      onSend(text.text.trim(), uploads?.attachments ?? []);
      uploads?.clear();
      setRejected(0);
      text.change('');
      text.area.current?.focus();
    },
  };
}

/** Where words are written. Keeps them until they are sent. */
export function Composer(props: ComposerProps) {
  const { lane = 'message', uploads, layout = 'inline', handle } = props;
  const { t } = useI18n();
  const sending = useSending(props);
  const { text, canSend, send } = sending;
  const drop = useFileDrop(uploads ? sending.attach : null);
  useImperativeHandle(handle ?? null, () => ({
    focus: () => text.area.current?.focus(),
    replace: text.replace,
  }));

  const tools = <Tools props={props} sending={sending} />;
  return (
    <div {...drop} class={`composer composer-${layout}`} data-lane={lane}>
      {props.top}
      {uploads && <UploadList of={uploads} />}
      {layout === 'inline' ? (
        <div class="composer-row">
          <Area props={props} sending={sending} />
          {tools}
          <IconButton icon={arrowUp} label={t('send')} isSolid disabled={!canSend} onClick={send} />
        </div>
      ) : (
        <>
          <div class="composer-row">
            <Area props={props} sending={sending} />
          </div>
          <div class="composer-row composer-tools">
            {tools}
            <Button kind="primary" endIcon={cornerDownLeft} disabled={!canSend} onClick={send}>
              {t(lane === 'note' ? 'send_note' : 'send')}
            </Button>
          </div>
        </>
      )}
      <Notices left={sending.left} rejected={sending.rejected} />
    </div>
  );
}

function useFileDrop(take: ((files: readonly File[]) => void) | null) {
  const [isDropping, setDropping] = useState(false);
  const hasFiles = (event: DragEvent) =>
    take !== null && (event.dataTransfer?.types.includes('Files') ?? false);
  return {
    'data-dropping': isDropping || undefined,
    onDragOver(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDropping(true);
    },
    onDragLeave: () => setDropping(false),
    onDrop(event: DragEvent) {
      setDropping(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      take?.(filesOf(event.dataTransfer));
    },
  };
}

type PartProps = { props: ComposerProps; sending: Sending };

function Area({ props, sending }: PartProps) {
  const { text, attach, send } = sending;
  const { label, placeholder, sendOn = 'enter', isDisabled, uploads } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    if (props.onKey?.(event) || !isSendKey(event, sendOn)) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = filesOf(event.clipboardData);
    if (files.length === 0 || !uploads) return;
    event.preventDefault();
    attach(files);
  };
  return (
    <textarea
      ref={text.area}
      class="composer-text"
      rows={1}
      // While it is empty, caret and placeholder stand where the page's script begins.
      {...(text.text && { dir: 'auto' as const })}
      aria-label={label}
      placeholder={placeholder}
      value={text.text}
      disabled={isDisabled}
      enterkeyhint={sendOn === 'enter' ? 'send' : 'enter'}
      onInput={({ currentTarget }) => text.change(currentTarget.value, currentTarget.selectionStart)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    />
  );
}

function Tools({ props, sending }: PartProps) {
  const { uploads, isDisabled = false, tools } = props;
  return (
    <span class="composer-tools-start">
      {uploads && <AttachButton isDisabled={isDisabled} onFiles={sending.attach} />}
      <EmojiPicker onPick={sending.text.insert} />
      {tools}
    </span>
  );
}

/** What stands in the way of sending: too many files, or words near and over the limit. */
function Notices({ left, rejected }: { left: number; rejected: number }) {
  const i18n = useI18n();
  const isNear = left < limits.body / 10;
  return (
    <div role="status" class="composer-notices">
      {rejected > 0 && <p class="composer-count">{i18n.n('file_too_many', limits.attachments)}</p>}
      {isNear && (
        <p class="composer-count" data-tone={left < 0 ? 'red' : undefined}>
          {left < 0 ? i18n.n('characters_over', -left) : i18n.n('characters_left', left)}
        </p>
      )}
    </div>
  );
}

function AttachButton({ isDisabled, onFiles }: { isDisabled: boolean; onFiles(files: File[]): void }) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton
        icon={paperclip}
        label={t('attach')}
        disabled={isDisabled}
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          // The same file may be chosen again after it was removed.
          currentTarget.value = '';
        }}
      />
    </>
  );
}
