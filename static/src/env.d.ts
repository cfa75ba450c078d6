/** The drawing of one icon: element names with their attributes, in painting order. */
type IconShape = readonly (readonly [tag: string, attributes: Record<string, string | number>])[];

declare module 'lucide:*' {
  const shape: IconShape;
  export default shape;
}

/** `locale:widget/de`: the shared components' texts and that side's own, in one flat catalogue. */
declare module 'locale:*' {
  const catalogue: Readonly<Record<string, string>>;
  export default catalogue;
}
