import type { Technology } from '@neuroprint/circuit';
import { biasVoltsOf, InputFileError, inputVolts, type TrainedNetwork } from '@neuroprint/core';

/** Volts that are meant to be the same, read from two files. */
const SAME_VOLTS = 1e-9;

/**
 * A network is a circuit of a technology only at the volts for which it was trained: those of the bias, and the inputs within theirs.
 * Throws InputFileError.
 */
export function checkVolts(network: TrainedNetwork, technology: Technology, file: string): void {
  const { name, bias, inputVolts: taken } = technology;
  const hint = `Train for ${name}, or compile for the technology that the network was trained for.`;
  const trained = biasVoltsOf(network);
  if (Math.abs(trained - bias.volts) > SAME_VOLTS)
    throw new InputFileError(
      { file },
      `was trained with a bias of ${trained} V, and the bias ${bias.node} of ${name} is ${bias.volts} V`,
      hint,
    );
  for (const input of network.inputs) {
    const { minimum, maximum } = inputVolts(input);
    if (minimum < taken.minimum - SAME_VOLTS || maximum > taken.maximum + SAME_VOLTS)
      throw new InputFileError(
        { file },
        `the input ${input.name} takes ${minimum} to ${maximum} V, and inputs of ${name} take ${taken.minimum} to ${taken.maximum} V`,
        hint,
      );
  }
}
