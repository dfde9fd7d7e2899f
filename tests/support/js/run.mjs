// A module of this folder under Node: `node run.mjs hopfield` reads data from standard input, as JSON, and writes what
// the module's `answers` makes of them. Firefox imports the same modules in a page.
import { readFileSync } from "node:fs";

const { answers } = await import(`./${process.argv[2]}.mjs`);
console.log(JSON.stringify(answers(JSON.parse(readFileSync(0, "utf8")))));
