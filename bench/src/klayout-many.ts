import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs each script on each file in one process of KLayout, whose start takes longer than its work. */
const DRIVER = `
File.readlines($list).each do |line|
  script, $input = line.strip.split("\\t")
  puts "== next"
  begin
    RBA::Macro::new(script).run
  rescue => e
    puts "failed: #{e}"
  end
end
`;

/** The last line that each script says: `LVS clean`, `0 violations`, … */
export function klayoutSays(
  folder: string,
  runs: readonly { readonly script: string; readonly input: string }[],
): string[] {
  const [list, driver] = [join(folder, 'list.txt'), join(folder, 'driver.rb')];
  writeFileSync(list, runs.map(({ script, input }) => `${script}\t${input}\n`).join(''));
  writeFileSync(driver, DRIVER);
  const { stdout } = spawnSync('klayout', ['-b', '-rd', `list=${list}`, '-r', driver], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, QT_QPA_PLATFORM: 'offscreen' },
  });
  return stdout
    .split('== next\n')
    .slice(1)
    .map((text) => text.trim().split('\n').at(-1) ?? '');
}
