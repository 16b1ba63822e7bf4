import type { Entry } from './command.ts';

/** The commands that a page can run too: from a table to a circuit that was verified. */
export const FLOW = {
  train: {
    command: 'train',
    describe: 'Train a network on a table, under printing variation',
    load: async () => (await import('./commands/train.ts')).trainCommand,
  },
  compile: {
    command: 'compile',
    describe: 'Compile a network to a printable netlist; with --data it is calibrated on the exact circuit',
    load: async () => (await import('./commands/compile.ts')).compileCommand,
  },
  layout: {
    command: 'layout',
    describe: 'Place and route a compiled circuit, check it by rules, read it back as the circuit, write GDSII and SVG',
    load: async () => (await import('./commands/layout.ts')).layoutCommand,
  },
  lvs: {
    command: 'lvs',
    describe: 'Parse a netlist back and compare it with circuit.json and network.json',
    load: async () => (await import('./commands/lvs.ts')).lvsCommand,
  },
  verify: {
    command: 'verify',
    describe: 'Simulate a netlist on every case in ngspice and compare every node with what was promised',
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
} satisfies Readonly<Record<string, Entry>>;
