// Evaluates flags of a flag file with flagd's own evaluator, which is resolved from the directory named in
// QUARTERDECK_TEST_FLAGD (npm i @openfeature/flagd-core@4.0.1 @openfeature/core).
//   node flagd-eval.mjs FILE FLAG TYPE CONTEXT...     one line of JSON for each context (a JSON object): value, variant, reason
//   node flagd-eval.mjs FILE FLAG TYPE users=N        one line: the variants of N users, in a list
//   node flagd-eval.mjs FILE                          one line: fit or unfit, by flagd's schema
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { FlagdCore } = createRequire(join(process.env.QUARTERDECK_TEST_FLAGD, 'x.js'))('@openfeature/flagd-core');
const [, , file, flag, type, ...contexts] = process.argv;
// a file that breaks the schema is only remarked upon
let unfit = false;
const remark = (words) => {
  unfit ||= String(words).startsWith('invalid flagd flag configuration');
};
const core = new FlagdCore(undefined, { error() {}, warn() {}, info() {}, debug: remark });
core.setConfigurations(readFileSync(file, 'utf8'));
if (!flag) {
  console.log(unfit ? 'unfit' : 'fit');
} else {
  const codeDefault = { boolean: true, number: -1, string: 'code default', object: { code: 'default' } }[type];
  const resolve = (context) => core.resolve(type, flag, codeDefault, context);
  const users = contexts[0]?.match(/^users=(\d+)$/)?.[1];
  if (users) {
    console.log(JSON.stringify(Array.from({ length: Number(users) }, (_, i) => resolve({ targetingKey: `u${i}` }).variant ?? null)));
  } else {
    for (const context of contexts) {
      const { value, variant, reason } = resolve(JSON.parse(context));
      console.log(JSON.stringify({ value, variant: variant ?? null, reason }));
    }
  }
}
