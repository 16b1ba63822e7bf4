import type { FaultSpec } from '@neuroprint/circuit';

/** What a fault does; `factor`: a resistor that came out at a multiple of its ohms. */
export type FaultKind = FaultSpec['kind'];

/** A single physical fault of a printed sheet. */
export interface Fault {
  /** The same for the same circuit, whatever the list it stands in: `r_l0_i1_c2 open`. */
  readonly name: string;
  readonly kind: FaultKind;
  /**
   * The broken parts: a crossbar resistor `r_l0_i1_c2`, a stage's resistor by its value `act_l0_c1.R1`, a transistor by its name in the
   * cell `act_l0_c1.drive`. Up to the dot it is the device of circuit.json. None of faults of lines and contacts.
   */
  readonly components: readonly string[];
  /** The nodes between which the fault lies, as in circuit.json and netlist.cir. */
  readonly nodes: readonly string[];
  /** Of an open, a short and a contact. */
  readonly ohms?: number;
  /** Of `factor`: times the resistor's ohms. */
  readonly factor?: number;
}
