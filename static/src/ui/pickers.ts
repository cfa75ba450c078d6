/** Native `<details class="picker">` that close like menus: by Escape, by a click elsewhere, by tabbing out. */
export function closePickers(page: Document): void {
  const openOnes = () => page.querySelectorAll<HTMLDetailsElement>('details.picker[open]');
  const closeWithout = (target: EventTarget | null) => {
    for (const picker of openOnes()) {
      if (!(target instanceof Node && picker.contains(target))) picker.open = false;
    }
  };
  page.addEventListener('click', (event) => closeWithout(event.target));
  page.addEventListener('focusin', (event) => closeWithout(event.target));
  page.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const picker of openOnes()) {
      picker.open = false;
      picker.querySelector('summary')?.focus();
    }
  });
}
