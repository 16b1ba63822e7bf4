import { findCell, printedElements, type Technology } from '@neuroprint/circuit';
import type { Circuit, ErrorMonteCarlo, VerificationReport } from '@neuroprint/core';

/** Σ W·L and the ink of the resistors of a circuit, and how many falling stages it has. */
export function printedParts(circuit: Pick<Circuit, 'devices'>, technology: Technology) {
  return {
    printedSquareMetres: printedElements(circuit, technology).reduce((sum, part) => sum + part.areaSquareMetres, 0),
    inverters: circuit.devices.filter(
      (device) => device.kind === 'stage' && findCell(technology, device.cell).curve === 'falling',
    ).length,
  };
}

/** What a circuit takes in ngspice, beside the budget of its network. */
export function takenOf({
  watts,
  simulatedWatts,
  printedSquareMetres,
  inverters,
  monteCarlo: copies,
  regression,
}: Pick<VerificationReport, 'watts' | 'simulatedWatts' | 'monteCarlo'> & {
  readonly printedSquareMetres: number;
  readonly inverters: number;
  readonly regression?: { readonly monteCarlo?: ErrorMonteCarlo };
}) {
  const copyWatts = (copies ?? regression?.monteCarlo)?.power?.p95Watts;
  return { watts: simulatedWatts ?? watts, copyWatts, printedSquareMetres, inverters };
}
