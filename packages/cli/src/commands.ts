import type { Entry } from './command.ts';
import { FLOW } from './flow-commands.ts';

/** Every command, in the order of --help. */
export const COMMANDS: readonly Entry[] = [
  {
    command: 'doctor',
    describe: 'Say which simulators and files are there, and what to do about what is not',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    command: 'demo',
    describe: 'Do the whole job once on Iris: sample, train, compile, verify, report',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  {
    command: 'sample',
    describe: 'Simulate designs of a cell in ngspice and fit their transfer curves; goes on where it stopped',
    load: async () => (await import('./commands/sample.ts')).sampleCommand,
  },
  {
    command: 'test-patterns',
    describe: 'Inputs that reveal what is broken in a printed sheet, with the limits of a good one',
    load: async () => (await import('./commands/test-patterns.ts')).testPatternsCommand,
  },
  {
    command: 'fault-tolerance',
    describe: 'Accuracy of a compiled circuit under every single fault, and of copies in which parts are broken',
    load: async () => (await import('./commands/fault-tolerance.ts')).faultToleranceCommand,
  },
  {
    command: 'samples <action>',
    describe: 'Look into samples, export them, or join the parts of several runs',
    demand: 'Say inspect, export or merge.',
    among: [
      {
        command: 'inspect',
        describe: 'How well samples cover their design space, which rows failed, and where the fit is poor',
        load: async () => (await import('./commands/samples.ts')).inspectCommand,
      },
      {
        command: 'export',
        describe: 'Write samples as CSV or Parquet',
        load: async () => (await import('./commands/samples.ts')).exportTableCommand,
      },
      {
        command: 'merge',
        describe: 'Join the parts that several runs have made (--shard I/N) into one folder',
        load: async () => (await import('./commands/samples.ts')).mergeCommand,
      },
    ],
  },
  {
    command: 'technology <action>',
    describe: 'Look over the folder of a process, or fit it to measurements',
    demand: 'Say check or fit.',
    among: [
      {
        command: 'fit',
        describe: 'From measured curves, resistors and their ageing to the numbers of technology.json',
        load: async () => (await import('./commands/technology-fit.ts')).fitCommand,
      },
      {
        command: 'check',
        describe: 'Validate technology.json and the templates, and simulate every cell at the corners of its ranges',
        load: async () => (await import('./commands/technology.ts')).checkCommand,
      },
    ],
  },
  {
    command: 'surrogate <action>',
    describe: 'Train or evaluate the surrogate of a cell',
    demand: 'Say train or evaluate.',
    among: [
      {
        command: 'train',
        describe: 'Train a surrogate on samples, and write it as JSON and ONNX',
        load: async () => (await import('./commands/surrogate.ts')).trainCommand,
      },
      {
        command: 'evaluate',
        describe: 'Compare a surrogate with samples it has not seen',
        load: async () => (await import('./commands/surrogate.ts')).evaluateCommand,
      },
    ],
  },
  {
    command: 'surrogates <action>',
    describe: 'Make the surrogates of a technology',
    demand: 'Say make or regenerate.',
    among: [
      {
        command: 'make',
        describe: 'Make the surrogates that a technology lacks: sample, train, write',
        load: async () => (await import('./commands/surrogates.ts')).makeCommand,
      },
      {
        command: 'regenerate',
        describe: 'Make every surrogate of a technology again, in place of those that there are',
        load: async () => (await import('./commands/surrogates.ts')).regenerateCommand,
      },
    ],
  },
  {
    command: 'generate <what>',
    describe: 'Write a table that is made by a published rule, as CSV for every other command',
    load: async () => (await import('./commands/generate.ts')).generateCommand,
  },
  {
    command: 'baselines',
    describe: 'What a table gives without any circuit: readout alone, linear maps, perceptron, digital network',
    load: async () => (await import('./commands/baselines.ts')).baselinesCommand,
  },
  FLOW.train,
  {
    command: 'import',
    describe: 'Make a network of an ONNX perceptron: weights become conductance ratios, tanh and sigmoid stages',
    load: async () => (await import('./commands/import.ts')).importNetworkCommand,
  },
  FLOW.compile,
  FLOW.layout,
  FLOW.lvs,
  {
    command: 'local <what>',
    describe: 'Local learning: networks of resistors that compare a free and a clamped state',
    demand: 'Say which: train, netlist or study.',
    among: [
      {
        command: 'train',
        describe: 'Let a network of resistors learn a regression or a table of classes',
        load: async () => (await import('./commands/local-train.ts')).trainCommand,
      },
      {
        command: 'netlist',
        describe: 'Write the free or the clamped state of a network of resistors as a netlist that verify takes',
        load: async () => (await import('./commands/local-netlist.ts')).netlistCommand,
      },
      {
        command: 'study',
        describe: 'The tables and figures of local learning: rules, training rows, size, gradient, stages',
        load: async () => (await import('./commands/local-study.ts')).studyCommand,
      },
    ],
  },
  {
    command: 'diff <before> <after>',
    describe: 'Say which components changed between two compiles, and by how much',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  FLOW.verify,
  {
    command: 'copies',
    describe: 'Judge very many printed copies of a compiled circuit, on one machine or many; goes on where it stopped',
    load: async () => (await import('./commands/copies.ts')).copiesCommand,
  },
  {
    command: 'report',
    describe: 'Make the HTML report of a compiled (and verified) netlist',
    load: async () => (await import('./commands/report.ts')).reportCommand,
  },
  {
    command: 'web',
    describe: 'Serve the page that does all this in a browser, from this machine to this machine',
    load: async () => (await import('./commands/web.ts')).webCommand,
  },
  {
    command: 'bench <what>',
    describe: 'Tables of published work, computed anew',
    demand: 'Say which: date23, physical.',
    among: [
      {
        command: 'date23',
        describe: "The ablation of the DATE'23 paper: nominal or variation-aware, fixed or learned activation",
        load: async () => (await import('./commands/bench.ts')).date23Command,
      },
      {
        command: 'physical',
        describe:
          'Networks whose nodes obey Kirchhoff beside what their readout reaches alone, and what constraints cost',
        load: async () => (await import('./commands/bench-physical.ts')).physicalCommand,
      },
    ],
  },
  {
    command: 'jobs <folder>',
    describe: 'How the jobs of a folder stand: what is done, what is left, what failed and why',
    load: async () => (await import('./commands/jobs.ts')).jobsCommand,
  },
  {
    command: 'sweep',
    describe: 'Train sizes and prices over seeds or folds; accuracy against components, power or area',
    load: async () => (await import('./commands/sweep.ts')).sweepCommand,
  },
  {
    command: 'pareto',
    describe: 'The front of accuracy against static power, over sizes and prices of power',
    load: async () => (await import('./commands/sweep.ts')).paretoCommand,
  },
  {
    command: 'bayesmulti',
    describe:
      'Find multinomial noise for every layer by Bayesian optimisation, so that a dense network bears log-normal drift',
    load: async () => (await import('./commands/bayesmulti.ts')).bayesmultiCommand,
  },
  {
    command: 'activations',
    describe: 'Test error of regression networks against activation noise and uneven activations, and after retraining',
    load: async () => (await import('./commands/activations.ts')).activationsCommand,
  },
  {
    command: 'diagnose',
    describe: 'Say from the volts measured on a printed sheet what is broken, and what to measure next',
    load: async () => (await import('./commands/diagnose.ts')).diagnoseCommand,
  },
  {
    command: 'after-print',
    describe: 'Tune the crossbars that are still to be printed or trimmed to the measured curves of printed stages',
    load: async () => (await import('./commands/after-print.ts')).afterPrintCommand,
  },
  {
    command: 'usability <files..>',
    describe: 'How well measured devices can hold weights: monotone range and spread of current–voltage cycles',
    load: async () => (await import('./commands/usability.ts')).usabilityCommand,
  },
  {
    command: 'optimise',
    describe: 'Suggest the next experiments from a table of past ones (Bayesian optimisation)',
    load: async () => (await import('./commands/optimise.ts')).optimiseCommand,
  },
];
