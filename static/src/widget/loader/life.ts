/** From boot to shutdown. Every listener on something that is not ours ends with it. */
export let life = new AbortController();

export function beginLife(): void {
  life = new AbortController();
}
