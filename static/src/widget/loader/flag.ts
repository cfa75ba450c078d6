/** What the customer's page keeps: that this browser has acted (never who it is), and that the card was sent away. */
type Shelf = 'localStorage' | 'sessionStorage';

/** Reading `localStorage` itself may throw, so nothing here does. */
export function hasFlag(shelf: Shelf, key: string): boolean {
  try {
    return !!window[shelf].getItem(`livecaller:${key}`);
  } catch {
    return false;
  }
}

export function setFlag(shelf: Shelf, key: string, isSet: boolean): void {
  try {
    window[shelf][isSet ? 'setItem' : 'removeItem'](`livecaller:${key}`, '1');
  } catch {
    // Then the next page does not know; nothing else depends on it.
  }
}
