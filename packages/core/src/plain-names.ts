/** What a name must not hold: it is written into a netlist's comments, and a netlist is a program. */
const FORBIDDEN = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  { pattern: /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/, what: 'a line break or control character' },
  { pattern: /["'`]/, what: 'a quote' },
  { pattern: /(^|\s)\.[a-z]/i, what: 'a SPICE command' },
] as const;

/** What a name holds that must not stand in a netlist; undefined where it may. */
export function forbiddenIn(name: string): string | undefined {
  const found = FORBIDDEN.find(({ pattern }) => pattern.test(name));
  return found === undefined
    ? undefined
    : `${JSON.stringify(name)} holds ${found.what}, which must not stand in a netlist`;
}
