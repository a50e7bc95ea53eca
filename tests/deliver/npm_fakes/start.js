// Starts a program of node_modules, with its arguments behind it: `node start.js emulate/dist/index.js --port 4610`.
// It ends with whoever holds the other end of its standard input, however that ends.
process.stdin.on("end", () => process.exit()).resume();
const [program] = process.argv.splice(2, 1);
await import(`./node_modules/${program}`);
