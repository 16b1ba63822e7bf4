import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** As much of the standard interface as is used here; it is not among the types of Node's own. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Memory {
    constructor(descriptor: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: object;
  }
}

/** What assembly/ exports. `plan` is the address of a Plan; see there. */
export interface KernelExports {
  solveRows(plan: number, count: number, keep: number): void;
  clearGradient(plan: number): void;
  adjoint(plan: number, pair: number): void;
}

const FILE = fileURLToPath(new URL('../../dist/kernel.wasm', import.meta.url));
const PAGE_BYTES = 65536;

let compiled: WebAssembly.Module | null | undefined;

/** The compiled kernel; null where it was not built or this machine's WebAssembly has no SIMD. */
function kernelModule(): WebAssembly.Module | null {
  if (compiled === undefined) {
    const bytes = existsSync(FILE) ? readFileSync(FILE) : undefined;
    compiled = bytes !== undefined && WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  return compiled;
}

/** Whether the `simd` kernel can run here. */
export function hasSolverKernel(): boolean {
  return kernelModule() !== null;
}

/** A kernel with a memory of its own of at least so many bytes. Throws Error where there is no kernel: see hasSolverKernel. */
export function startKernel(bytes: number): { readonly kernel: KernelExports; readonly buffer: ArrayBuffer } {
  const module = kernelModule();
  if (module === null) throw new Error('The WebAssembly kernel is not there; npm run build makes it.');
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { kernel: instance.exports as unknown as KernelExports, buffer: memory.buffer };
}
