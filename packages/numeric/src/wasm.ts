interface Imports {
  readonly env: { readonly memory: WebAssembly.Memory };
  readonly linked?: Readonly<Record<string, unknown>>;
}

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
    constructor(module: Module, imports: Imports);
    readonly exports: object;
  }
}

const PAGE_BYTES = 65536;

/** A module that was made while the program runs, and what it exports to the kernel as `linked.…`. */
export class LinkedModule {
  readonly #compiled: WebAssembly.Module;

  constructor(bytes: Uint8Array) {
    this.#compiled = new WebAssembly.Module(bytes);
  }

  /** What it exports, at work on the given memory. */
  instance(memory: WebAssembly.Memory): Readonly<Record<string, unknown>> {
    return { ...new WebAssembly.Instance(this.#compiled, { env: { memory } }).exports };
  }
}

/** Node 20 knows relaxed SIMD, and decodes it when it is told to; later engines do so by themselves. */
const RELAXED_SIMD_FLAG = '--experimental-wasm-relaxed-simd';

/**
 * A WebAssembly kernel that a package's build makes: read and compiled once, when it is first asked for. Of two builds the one with
 * relaxed SIMD is taken where the engine has it.
 */
export class KernelModule<Exports extends object> {
  readonly #read: () => Uint8Array | undefined;
  readonly #readRelaxed: () => Uint8Array | undefined;
  #compiled: WebAssembly.Module | null | undefined;

  /** `read` gives the bytes, or undefined where the kernel is not there; `readRelaxed` those with relaxed SIMD. */
  constructor(read: () => Uint8Array | undefined, readRelaxed: () => Uint8Array | undefined = () => undefined) {
    this.#read = read;
    this.#readRelaxed = readRelaxed;
  }

  /** Whether the kernel was built and this machine's WebAssembly has the SIMD it needs. */
  isUsable(): boolean {
    return this.#module() !== null;
  }

  /**
   * An instance with a memory of its own of at least so many bytes, and with what `linked` exports. Throws Error where there is
   * none: see isUsable.
   */
  start(bytes: number, linked?: LinkedModule): { readonly kernel: Exports; readonly buffer: ArrayBuffer } {
    const module = this.#module();
    if (module === null) throw new Error('The WebAssembly kernel is not there; npm run build makes it.');
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
    const instance = new WebAssembly.Instance(module, {
      env: { memory },
      ...(linked === undefined ? {} : { linked: linked.instance(memory) }),
    });
    return { kernel: instance.exports as Exports, buffer: memory.buffer };
  }

  #module(): WebAssembly.Module | null {
    if (this.#compiled === undefined) {
      const bytes = relaxed(this.#readRelaxed) ?? valid(this.#read);
      this.#compiled = bytes === undefined ? null : new WebAssembly.Module(bytes);
    }
    return this.#compiled;
  }
}

function valid(read: () => Uint8Array | undefined): Uint8Array | undefined {
  const bytes = read();
  return bytes !== undefined && WebAssembly.validate(bytes) ? bytes : undefined;
}

function relaxed(read: () => Uint8Array | undefined): Uint8Array | undefined {
  const bytes = read();
  if (bytes === undefined) return undefined;
  // a page has no process, and says for itself what it can do
  if (!WebAssembly.validate(bytes))
    globalThis.process?.getBuiltinModule?.('node:v8').setFlagsFromString(RELAXED_SIMD_FLAG);
  return WebAssembly.validate(bytes) ? bytes : undefined;
}
