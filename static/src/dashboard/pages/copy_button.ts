const shownMilliseconds = 2_000;

/** `<copy-button data-from="<id>" data-done="Copied"><button hidden>…`: the button shows where copying works. */
export class CopyButton extends HTMLElement {
  connectedCallback(): void {
    const button = this.querySelector('button');
    const label = button?.querySelector('span');
    if (!button || !label || !navigator.clipboard) return;
    button.hidden = false;
    // What a screen reader announces when the word changes.
    label.setAttribute('aria-live', 'polite');
    button.addEventListener('click', () => void this.copy(label));
  }

  private async copy(label: HTMLElement): Promise<void> {
    const text = document.getElementById(this.dataset.from ?? '')?.textContent ?? '';
    const word = label.textContent;
    if (word === this.dataset.done) return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The browser refused: the text can still be marked and copied by hand.
      return;
    }
    label.textContent = this.dataset.done ?? word;
    setTimeout(() => {
      label.textContent = word;
    }, shownMilliseconds);
  }
}
