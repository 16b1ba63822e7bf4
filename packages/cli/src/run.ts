import pc from 'picocolors';
import type { Argv } from 'yargs';
import { COMMANDS } from '#commands';
import { VERSION, yargs } from '#host';
import type { Entry } from './command.ts';
import { EXIT_INTERRUPTED, InterruptedError } from './interrupted.ts';
import { type Terminal, terminal, withTerminal } from './terminal.ts';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

/** What yargs says of a command line that is no command. */
class WrongUse extends Error {}

/** Runs one command line on a terminal, and returns its exit code. Calls share nothing. */
export function run(args: readonly string[], io: Terminal): Promise<number> {
  return withTerminal(io, args, async () => {
    try {
      return await parse(args);
    } catch (error) {
      return fail(error);
    }
  });
}

async function parse(args: readonly string[]): Promise<number> {
  const { stdout } = terminal();
  let exitCode = 0;
  const add = (to: Argv, { command, describe, ...entry }: Entry): Argv =>
    'among' in entry
      ? to.command(command, describe, (group) => entry.among.reduce(add, group).demandCommand(1, entry.demand).strict())
      : to.command(
          command,
          describe,
          async (own) => (await entry.load()).build(own),
          async (argv) => {
            exitCode = await (await entry.load()).run(argv);
          },
        );
  const parser = COMMANDS.reduce(
    add,
    yargs()
      .scriptName('neuroprint')
      .usage(
        '$0 <command>\n\nCompiles neural networks into printable analog circuits, and proves in ngspice that they work.',
      ),
  )
    .demandCommand(1, 'Say what to do.')
    .strict()
    .recommendCommands()
    .version(VERSION)
    .help()
    .wrap(Math.min(110, stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new WrongUse(message);
    });
  withoutHelpOfEveryRun(parser);
  // help and version; everything else commands write themselves
  await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    if (output !== '') stdout.write(`${output}\n`);
  });
  return exitCode;
}

/** yargs makes the help of every command that runs, a tenth of a second of wrapping, for a failure that here is told without it. */
function withoutHelpOfEveryRun(parser: Argv): void {
  const { getInternalMethods } = parser as Argv & { getInternalMethods?(): Internal };
  const usage = getInternalMethods?.call(parser).getUsageInstance();
  if (usage !== undefined) usage.cacheHelpMessage = () => undefined;
}

/** As much of yargs' inside as is used here. */
interface Internal {
  getUsageInstance(): { cacheHelpMessage: () => void };
}

/** Says once what is wrong and what to do, and returns the exit code. A stack trace is shown for bugs only. */
async function fail(error: unknown): Promise<number> {
  const { stderr, colours, refuse } = terminal();
  const red = pc.createColors(colours).red;
  const say = (before: string, message: string, hint: string | undefined, exitCode: number): number => {
    stderr.write(`${before}${message}${hint === undefined ? '' : `\n${hint}`}\n`);
    const place = error instanceof Error && 'place' in error ? (error.place as { readonly column?: string }) : {};
    refuse?.({ column: place.column, message, hint });
    return exitCode;
  };
  if (error instanceof InterruptedError) return say('\n', error.message, undefined, EXIT_INTERRUPTED);
  const wrong = `${red('error')} `;
  // what a coerce function throws, yargs wraps into an error of its own
  if (error instanceof WrongUse || (error instanceof Error && error.name === 'YError'))
    return say(wrong, error.message, 'See neuroprint --help, or neuroprint <command> --help.', EXIT_WRONG_USE);
  const { NeuroprintError } = await import('@neuroprint/core');
  if (error instanceof NeuroprintError) return say(wrong, error.message, error.hint, error.exitCode);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error)
    return say(wrong, error.message, 'The machine refused it: check space and permissions.', EXIT_FAILED);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const bug = `${red('This is a bug in neuroprint.')} Please report it with the command that you ran.\n`;
  return say(bug, text, undefined, EXIT_FAILED);
}
