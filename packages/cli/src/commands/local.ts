import type { CommandModule } from 'yargs';
import { localNetlistCommand } from './local-netlist.ts';
import { localStudyCommand } from './local-study.ts';
import { localTrainCommand } from './local-train.ts';

/** `neuroprint local`: networks of resistors that learn by themselves. */
export const localCommand: CommandModule<object, object> = {
  command: 'local <what>',
  describe: 'Local learning: networks of resistors that compare a free and a clamped state',
  builder: (yargs) =>
    yargs
      .command(localTrainCommand)
      .command(localNetlistCommand)
      .command(localStudyCommand)
      .demandCommand(1, 'Say which: train, netlist or study.')
      .strict() as never,
  handler: () => {},
};
