import type { Argv, Options } from 'yargs';
import { jsonOption } from './options.ts';
import { terminal } from './terminal.ts';

/** What a command came to: the object that --json prints, the lines for a person, and the exit code. */
export interface Outcome {
  readonly result: object;
  readonly lines: readonly string[];
  /** What to say on standard error after the result. */
  readonly remarks?: readonly string[];
  /** 0 done (default), 1 the machine failed, 3 done but not as promised. */
  readonly exitCode?: number;
}

type Camel<S> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;

/** What an option gives, where it is given. */
type Given<O> = O extends { readonly coerce: (text: never) => infer T }
  ? Exclude<T, undefined>
  : O extends { readonly choices: readonly (infer C)[] }
    ? C
    : O extends { readonly array: true }
      ? string[]
      : O extends { readonly type: 'boolean' }
        ? boolean
        : string;

/** Nothing is undefined that is demanded or has a default. */
type ValueOf<O> = O extends { readonly demandOption: true } | { readonly default: string | number | boolean }
  ? Given<O>
  : Given<O> | undefined;

type OptionTable = Readonly<Record<string, Options>>;

/** The arguments of a command, by the names of its options in camelCase. */
export type ArgumentsOf<O> = { readonly [K in keyof O as Camel<K>]: ValueOf<O[K]> };

/** Positional arguments are always there. */
type PositionalsOf<P> = { readonly [K in keyof P as Camel<K>]: Given<P[K]> };

/** What yargs is told of a command, once its module is loaded. */
export interface Command {
  readonly build: (yargs: Argv) => Argv;
  /** Runs it, prints what it came to, and returns the exit code. */
  readonly run: (argv: object) => Promise<number>;
}

/**
 * A command of the command line: its arguments have the types of its options. `--json` is an option of every one. Its name and
 * description stand in the table of main.ts, so that help needs no command to be loaded.
 */
export function defineCommand<
  const O extends OptionTable,
  const P extends Readonly<Record<string, Parameters<Argv['positional']>[1]>> = Record<never, never>,
>(command: {
  readonly positionals?: P;
  readonly options: O;
  /** Command lines and what they do. */
  readonly examples?: readonly (readonly [line: string, does: string])[];
  readonly run: (argv: ArgumentsOf<O> & PositionalsOf<P>) => Outcome | Promise<Outcome>;
}): Command {
  return {
    build: (yargs) => {
      for (const [name, positional] of Object.entries(command.positionals ?? {})) yargs.positional(name, positional);
      yargs.options({ ...command.options, json: jsonOption });
      for (const [line, does] of command.examples ?? []) yargs.example(line, does);
      return yargs;
    },
    run: async (argv) => {
      // yargs has checked them against the options that the type is inferred from
      const {
        result,
        lines,
        remarks = [],
        exitCode = 0,
      } = await command.run(argv as ArgumentsOf<O> & PositionalsOf<P>);
      const { stdout, stderr } = terminal();
      const json = 'json' in argv && argv.json === true;
      stdout.write(`${json ? JSON.stringify(result, null, 2) : lines.join('\n')}\n`);
      for (const remark of remarks) stderr.write(`${remark}\n`);
      return exitCode;
    },
  };
}

/** What a command came to. */
export function outcome(
  result: object,
  lines: readonly string[],
  exitCode = 0,
  remarks: readonly string[] = [],
): Outcome {
  return { result, lines, exitCode, remarks };
}
