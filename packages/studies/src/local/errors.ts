import { NeuroprintError } from '@neuroprint/core';

/** A graph that falls apart: some nodes have no path to what drives it. */
export class DisconnectedGraphError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** Nodes of a resistor network that cannot be what they were named: repeated, outside of the graph, or driven and read at once. */
export class TerminalError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** More levels than the resistor can tell apart. */
export class ResolutionError extends NeuroprintError {
  override readonly exitCode = 2;
}
