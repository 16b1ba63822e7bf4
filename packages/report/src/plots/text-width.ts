/** Text as vega lays it out: its size in pixels, its weight, and the width it is cut at. */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: number | string;
  readonly limit?: number;
}

/** Widths of characters in em, on the generous side of the common system fonts. */
const CLASSES: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;|!'’()[\]ftrI\s·]/, 0.38],
  [/[mwMW%@→Ω]/, 0.94],
  [/[A-Z]/, 0.69],
];
const OTHER_EM = 0.61;

/** The width of a line of text in pixels, estimated without a font. */
export function textWidth({ fontSize = 11, fontWeight, limit = 0 }: TextItem, text: unknown): number {
  const bold = fontWeight === 'bold' || Number(fontWeight) >= 600 ? 1.08 : 1;
  let em = 0;
  for (const character of String(text ?? '').trim()) {
    em += CLASSES.find(([pattern]) => pattern.test(character))?.[1] ?? OTHER_EM;
  }
  const width = Math.ceil(em * fontSize * bold);
  return limit > 0 ? Math.min(width, limit) : width;
}
