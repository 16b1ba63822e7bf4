import { compile, readTable, train, verify } from 'neuroprint';

// numbers, a column of classes, and a column `split`; without that one the seed splits the rows. `table.data.notes` says what was understood
const table = readTable('iris.csv', { seed: 0 });

// three hidden neurons that survive 10 % variation of every printed component
const network = await train(table, { hidden: [3], variation: 0.1, epochs: 100, restarts: 4 });

// a netlist of printable values, calibrated on the exact circuit
const { manifest } = compile(network, { out: 'iris', table });
console.log(`${manifest.components.resistors} resistors, ${manifest.components.transistors} transistors`);

// every node of every test row in ngspice, and twenty printed copies
const report = await verify('iris', { monteCarlo: 20, engine: 'embedded' });
console.log(`${report.cases} cases, ${report.nodes} nodes, largest difference ${report.maxErrorVolts} V`);
console.log(`accuracy ${report.accuracy.ngspice}, of printed copies ${report.monteCarlo?.meanAccuracy}`);
