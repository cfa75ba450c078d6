/** A field of the value itself, never one that somebody has hung on the prototype of all objects. */
export function own(value: unknown, name: string): unknown {
  return Object.getOwnPropertyDescriptor(Object(value), name)?.value as unknown;
}
