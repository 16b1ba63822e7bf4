import { readFileSync } from 'node:fs';
import type { Technology } from '@neuroprint/circuit';
import { type CompileOptions, type CompileResult, compile } from '@neuroprint/compiler';
import {
  type ArtifactContent,
  type Dataset,
  readArtifact,
  type TargetDataset,
  TrainedNetworkKind,
  writeArtifact,
} from '@neuroprint/core';
import { type NetlistFolder, readNetlistFolder } from '@neuroprint/verifier';

export interface CompiledNetwork {
  readonly netlist: NetlistFolder;
  readonly manifest: CompileResult['manifest'];
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

type Choices = Partial<Pick<CompileOptions, 'series' | 'calibrationSteps' | 'metalOf'>>;

/** Compiles a network's file into the folder `out`, replaced where it exists, and reads the netlist back as a user's tools do. */
export function compileFile(
  networkFile: string,
  data: Dataset | TargetDataset | undefined,
  technology: Technology,
  out: string,
  choices: Choices = {},
): CompiledNetwork {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const { manifest } = compile({
    network: readArtifact(networkFile, TrainedNetworkKind),
    networkText: readFileSync(networkFile, 'utf8'),
    networkFile,
    technology,
    data,
    out,
    overwrite: true,
    version: 'bench',
    ...choices,
  });
  const used = process.cpuUsage(cpu);
  return {
    netlist: readNetlistFolder(out),
    manifest,
    cpuSeconds: (used.user + used.system) / 1e6,
    wallSeconds: (performance.now() - wall) / 1000,
  };
}

/** The same of a network that was just trained; its file is beside `out`. */
export function compileNetwork(
  network: ArtifactContent<typeof TrainedNetworkKind>,
  data: Dataset | TargetDataset | undefined,
  technology: Technology,
  out: string,
  choices: Choices = {},
): CompiledNetwork {
  const networkFile = `${out}.network.json`;
  writeArtifact(networkFile, TrainedNetworkKind, network);
  return compileFile(networkFile, data, technology, out, choices);
}
