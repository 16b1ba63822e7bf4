import { InputFileError, type TrainedNetwork } from '@neuroprint/core';

/** What a name must not hold: it is written into a netlist's comments, and a netlist is a program. */
const FORBIDDEN = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  { pattern: /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/, what: 'a line break or control character' },
  { pattern: /["'`]/, what: 'a quote' },
  { pattern: /(^|\s)\.[a-z]/i, what: 'a SPICE command' },
] as const;

/** Throws InputFileError where the name of a network, an input or a class holds a quote, a line break or a SPICE command. */
export function checkNames(network: Pick<TrainedNetwork, 'name' | 'inputs' | 'classes'>, file: string): void {
  const names: readonly (readonly [string, string])[] = [
    ['name', network.name],
    ...network.inputs.map(({ name }, i) => [`inputs[${i}].name`, name] as const),
    ...network.classes.map((name, c) => [`classes[${c}]`, name] as const),
  ];
  for (const [place, name] of names) {
    const found = FORBIDDEN.find(({ pattern }) => pattern.test(name));
    if (found === undefined) continue;
    throw new InputFileError(
      { file },
      `${place}: ${JSON.stringify(name)} holds ${found.what}, which must not stand in a netlist`,
      'Give it another name, in the table or in the network file.',
    );
  }
}
