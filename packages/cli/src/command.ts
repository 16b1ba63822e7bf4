import type { Argv, PositionalOptions } from 'yargs';
import { flag, type Option } from './options.ts';
import { terminal } from './terminal.ts';

/** What a command came to: the object that --json prints, the lines for a person, and the exit code. */
export interface Outcome {
  readonly result: object;
  readonly lines: readonly string[];
  /** 0 done (default), 1 the machine failed, 3 done but not as promised. */
  readonly exitCode?: 0 | 1 | 3;
  /** What to say on standard error after the result. */
  readonly remarks?: readonly string[];
  /** What goes on after the result is said, such as a server: the command ends with it. */
  readonly until?: Promise<void>;
}

type OptionTable = Readonly<Record<string, Option<unknown>>>;
type Camel<S> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;
type ValueOf<O> = O extends Option<infer T> ? T : never;

/** The arguments of a command, by the names of its options in camelCase; what was left out and has no default is no key. */
export type ArgumentsOf<O> = {
  readonly [K in keyof O as undefined extends ValueOf<O[K]> ? never : Camel<K>]: ValueOf<O[K]>;
} & {
  readonly [K in keyof O as undefined extends ValueOf<O[K]> ? Camel<K> : never]?: Exclude<ValueOf<O[K]>, undefined>;
};

/** What yargs is told of a command, once its module is loaded. */
export interface Command {
  readonly build: (yargs: Argv) => Argv;
  /** Runs it, prints what it came to, and returns the exit code. */
  readonly run: (argv: Readonly<Record<string, unknown>>) => Promise<number>;
}

/** A command, whose module is loaded when it runs or is asked for its options, or a group of commands. */
export type Entry =
  | { readonly command: string; readonly describe: string; readonly load: () => Promise<Command> }
  | {
      readonly command: string;
      readonly describe: string;
      readonly among: readonly Entry[];
      /** What is said to whoever names none of them. */
      readonly demand: string;
    };

const JSON_OPTION = flag('Print one JSON object');

/**
 * A command of the command line: its arguments have the types of its options. `--json` is an option of every one. Its name and
 * description stand in the table of commands.ts, so that help needs no command to be loaded.
 */
export function defineCommand<
  const O extends OptionTable,
  const P extends OptionTable = Record<never, never>,
>(command: {
  readonly positionals?: P;
  readonly options: O;
  /** Command lines and what they do. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  readonly run: (argv: ArgumentsOf<O & P>) => Outcome | Promise<Outcome>;
}): Command {
  const { positionals = {}, examples } = command;
  const options: OptionTable = { ...command.options, json: JSON_OPTION };
  return {
    build: (yargs) => {
      for (const [name, { settings }] of Object.entries<Option<unknown>>(positionals)) {
        const { requiresArg: _, ...positional } = settings;
        yargs.positional(name, positional as PositionalOptions);
      }
      for (const [name, { settings }] of Object.entries(options)) yargs.option(name, settings);
      for (const [line, does] of examples) yargs.example(line, does);
      return yargs;
    },
    run: async (argv) => {
      const {
        result,
        lines,
        remarks = [],
        exitCode = 0,
        until,
      } = await command.run(valuesOf({ ...positionals, ...command.options }, argv) as ArgumentsOf<O & P>);
      const { stdout, stderr } = terminal();
      stdout.write(`${argv.json === true ? JSON.stringify(result, null, 2) : lines.join('\n')}\n`);
      for (const remark of remarks) stderr.write(`${remark}\n`);
      await until;
      return exitCode;
    },
  };
}

function valuesOf(options: OptionTable, argv: Readonly<Record<string, unknown>>): object {
  const values = Object.entries(options).map(([name, { read }]) => [camelOf(name), read(argv[name], name)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function camelOf(name: string): string {
  return name.replace(/-[a-z]/g, (dash) => dash.charAt(1).toUpperCase());
}

/** What a command came to. */
export function outcome(
  result: object,
  lines: readonly string[],
  exitCode: 0 | 1 | 3 = 0,
  remarks: readonly string[] = [],
): Outcome {
  return { result, lines, exitCode, remarks };
}
