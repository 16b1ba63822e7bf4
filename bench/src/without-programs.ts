import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A PATH like this process's own, in which some programs are not found: folders that hold them are replaced by links to the rest. */
export function withoutPrograms(programs: readonly string[], scratch: string): string {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && existsSync(folder))
    .map((folder, i) => {
      const names = readdirSync(folder);
      if (!programs.some((name) => names.includes(name))) return folder;
      const rest = join(scratch, String(i));
      mkdirSync(rest, { recursive: true });
      for (const name of names) if (!programs.includes(name)) symlinkSync(join(folder, name), join(rest, name));
      return rest;
    })
    .join(delimiter);
}
