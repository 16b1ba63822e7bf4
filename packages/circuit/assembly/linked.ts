/**
 * Adds every transistor's current and its derivatives. What stands in this file comes from a module that is made from the laws of the kinds
 * of transistors (src/law/kernel) when a circuit is laid out; `laws` is the address of their blocks.
 */
export declare function stamp(laws: usize): void;
