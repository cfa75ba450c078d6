/** The drawing of one icon: element names with their attributes, in painting order. */
type IconShape = readonly (readonly [tag: string, attributes: Record<string, string | number>])[];

declare module 'lucide:*' {
  const shape: IconShape;
  export default shape;
}
