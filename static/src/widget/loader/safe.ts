/** Says something to the developer of the page. */
export function tell(message: string, detail: unknown = ''): void {
  // biome-ignore lint/suspicious/noConsole: the only way to reach whoever put the widget on the page
  console.warn(`LiveCaller: ${message}`, detail);
}

/** A function that cannot hurt the customer's page, whatever goes wrong in it. */
export function safe<A extends unknown[], R>(work: (...values: A) => R): (...values: A) => R | undefined {
  return (...values) => {
    try {
      return work(...values);
    } catch (error) {
      return void tell('error', error);
    }
  };
}
