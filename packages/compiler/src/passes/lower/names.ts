import { forbiddenIn, InputFileError, type TrainedNetwork } from '@neuroprint/core';

/** Throws InputFileError where the name of a network, an input or a class holds a quote, a line break or a SPICE command. */
export function checkNames(network: Pick<TrainedNetwork, 'name' | 'inputs' | 'classes'>, file: string): void {
  const names: readonly (readonly [string, string])[] = [
    ['name', network.name],
    ...network.inputs.map(({ name }, i) => [`inputs[${i}].name`, name] as const),
    ...network.classes.map((name, c) => [`classes[${c}]`, name] as const),
  ];
  for (const [place, name] of names) {
    const found = forbiddenIn(name);
    if (found !== undefined)
      throw new InputFileError(
        { file },
        `${place}: ${found}`,
        'Give it another name, in the table or in the network file.',
      );
  }
}
