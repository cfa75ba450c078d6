import { Component, type ComponentChildren, type FunctionComponent, h } from 'preact';

function isEqual(one: object, other: object): boolean {
  const left = Object.entries(one);
  const right = other as Record<string, unknown>;
  return (
    left.length === Object.keys(other).length && left.every(([key, value]) => Object.is(right[key], value))
  );
}

/** Draws again only when a prop changed; a long thread lives by it. `same` compares the props, shallowly by default. */
export function memo<P extends object>(
  view: FunctionComponent<P>,
  same: (before: P, after: P) => boolean = isEqual,
): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return !same(this.props, next);
    }
    override render(): ComponentChildren {
      return h(view, this.props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}

export { isEqual };
