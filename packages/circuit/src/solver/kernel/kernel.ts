import { bundledFile } from '@neuroprint/core';
import { KernelModule, type LinkedModule } from '@neuroprint/numeric';

/** What assembly/ exports. `plan` is the address of a Plan; see there. */
export interface KernelExports {
  solveRows(plan: number, count: number, keep: number): void;
  clearGradient(plan: number): void;
  adjoint(plan: number, pair: number): void;
}

const solverKernel = new KernelModule<KernelExports>(
  bundledFile(new URL('../../../dist/kernel.wasm', import.meta.url)),
);

/** Whether the `simd` kernel can run here. */
export function hasSolverKernel(): boolean {
  return solverKernel.isUsable();
}

/** A kernel with a memory of its own of at least so many bytes and the laws of its transistors. Throws Error where there is no kernel: see hasSolverKernel. */
export function startKernel(
  bytes: number,
  laws: LinkedModule,
): { readonly kernel: KernelExports; readonly buffer: ArrayBuffer } {
  return solverKernel.start(bytes, laws);
}
