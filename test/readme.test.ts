import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, spawnNeuroprint, temporaryFolder } from './cli.ts';

const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
const commands = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.split('\n'))
  .filter((line) => line.startsWith('npx neuroprint '));

describe('the commands of the README', () => {
  // as a user in the project's folder would, but without leaving anything there
  const cwd = temporaryFolder();
  for (const name of ['examples', 'surrogates']) symlinkSync(join(ROOT, name), join(cwd, name));

  it('are there', () => {
    expect(commands.length).toBeGreaterThan(8);
  });

  it.each(commands)('%s', (command) => {
    const { code, err } = spawnNeuroprint(command.split(/\s+/).slice(2), { cwd });
    expect(code, err).toBe(0);
  });

  it('are followed by the example of the library, on its page, as it is', () => {
    const page = readFileSync(join(ROOT, 'docs', 'manual', 'library.md'), 'utf8');
    expect(page).toContain(`\`\`\`ts\n${readFileSync(join(ROOT, 'examples', 'library.ts'), 'utf8')}\`\`\``);
  });

  it('stand beside links to pages and folders that exist', () => {
    const links = [...text.matchAll(/\]\(((?!http)[^)#]+)\)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
  });
});
