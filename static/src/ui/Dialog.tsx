import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

type DialogProps = {
  isOpen: boolean;
  title: string;
  text?: string;
  /** by Escape, by the backdrop or by a button: the owner then sets `isOpen` to false */
  onClose(): void;
  /** buttons, the main one last */
  actions?: ComponentChildren;
  children?: ComponentChildren;
};

/** A modal `<dialog>`: the browser keeps the focus inside and gives it back. */
export function Dialog({ isOpen, title, text, onClose, actions, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  // With the drawing itself: a frame later, an emptied dialog would still hold the keys of the page.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element || element.open === isOpen) return;
    if (isOpen) element.showModal();
    else element.close();
  }, [isOpen]);

  const onBackdrop = (event: MouseEvent) => {
    // The backdrop is the dialog itself; everything else lies in the padding box of a child.
    const element = dialog.current;
    if (element && event.target === element && isOutside(event, element)) onClose();
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it, and the browser's own.
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={text ? `${id}-text` : undefined}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={() => isOpen && onClose()}
      onClick={onBackdrop}
    >
      {isOpen && (
        <>
          <h2 class="dialog-title" id={`${id}-title`}>
            {title}
          </h2>
          {text && (
            <p class="dialog-text" id={`${id}-text`}>
              {text}
            </p>
          )}
          {children && <div class="dialog-body">{children}</div>}
          {actions && <div class="dialog-actions">{actions}</div>}
        </>
      )}
    </dialog>
  );
}

function isOutside({ clientX, clientY }: MouseEvent, element: Element): boolean {
  const box = element.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
