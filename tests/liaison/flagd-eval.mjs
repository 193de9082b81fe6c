// Evaluates flags of a flag file with flagd's own evaluator, which is resolved from the directory named in
// QUARTERDECK_TEST_FLAGD (npm i @openfeature/flagd-core@4.0.1 @openfeature/core).
//   node flagd-eval.mjs FILE FLAG TYPE [TARGETING-KEY]     prints one line of JSON: value, variant, reason
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { FlagdCore } = createRequire(join(process.env.QUARTERDECK_TEST_FLAGD, 'x.js'))('@openfeature/flagd-core');
const [, , file, flag, type, targetingKey] = process.argv;
const quiet = { error() {}, warn() {}, info() {}, debug() {} };
const core = new FlagdCore(undefined, quiet);
core.setConfigurations(readFileSync(file, 'utf8'), true);
const codeDefault = { boolean: true, number: -1, string: 'code default', object: { code: 'default' } }[type];
const { value, variant, reason } = core.resolve(type, flag, codeDefault, targetingKey ? { targetingKey } : {});
console.log(JSON.stringify({ value, variant: variant ?? null, reason }));
