import type { Plugin } from 'vite';

const DATA_URL = /new URL\("data:application\/wasm;base64,([^"]+)", "" \+ import\.meta\.url\)/g;

/** Takes ngspice out of the text of its package, where it stands twice in base64, into a file of its own. */
export function simulator(): Plugin {
  return {
    name: 'simulator',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      if (!/eecircuit-engine\.mjs$/.test(id)) return undefined;
      let reference: string | undefined;
      const made = code.replace(DATA_URL, (_, base64: string) => {
        reference ??= this.emitFile({ type: 'asset', name: 'ngspice.wasm', source: Buffer.from(base64, 'base64') });
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
      });
      if (reference === undefined) this.error('the package of the simulator no longer has it in a data URL');
      return made;
    },
  };
}
