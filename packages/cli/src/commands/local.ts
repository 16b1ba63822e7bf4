import type { CommandModule } from 'yargs';
import { localNetlistCommand } from './localNetlist.ts';
import { localStudyCommand } from './localStudy.ts';
import { localTrainCommand } from './localTrain.ts';

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
