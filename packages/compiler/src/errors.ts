import { type Place, placeInWords } from '@neuroprint/circuit';
import { NeuroprintError } from '@neuroprint/core';

/** What a pass refuses, and where in the network; without a place it is the circuit as a whole. */
abstract class PlacedError extends NeuroprintError {
  readonly place: Place | undefined;

  constructor(place: Place | undefined, message: string, hint?: string, file?: string) {
    const where = place === undefined ? 'the circuit' : placeInWords(place);
    super(
      file === undefined ? `${where[0]!.toUpperCase()}${where.slice(1)}: ${message}` : `${file}: ${where}: ${message}`,
      hint,
    );
    this.place = place;
  }
}

/** A shape or sign in a network file that no circuit of the technology has. */
export class NetworkLayerError extends PlacedError {
  override readonly exitCode = 2;
}

/** A column that no choice of resistances can print. */
export class UnprintableColumnError extends PlacedError {
  override readonly exitCode = 2;
}

/** A column whose node runs away from its operating point, as the eigenvalues of the linearised circuit say. */
export class UnstableColumnError extends PlacedError {
  override readonly exitCode = 2;
}

/** A column whose op-amp would have to give more than its supplies. */
export class SuppliesExceededError extends PlacedError {
  override readonly exitCode = 2;
}

/** A pass gave something that the next one must not get: a fault of the compiler or of a technology. */
export class PassCheckError extends PlacedError {
  override readonly exitCode = 1;

  constructor(place: Place | undefined, message: string) {
    super(place, message, 'This should not happen; please report it with the network file.');
  }
}
