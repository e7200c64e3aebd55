// Runs vectors/*.json under Node, a second opinion beside QuickJS: `node run-vectors.mjs`. Exits with 1 when one fails.
//
// A vector is {name, function, now_ms, key_values, request, response?, expect: {origin, request | response}}. The expected
// request or response is the whole object that the handler returns, or "unchanged".
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const sources = {
    'viewer-request': read('viewer-request.js'),
    'viewer-response': read('viewer-response.js'),
};

// Runs the handler of a fresh copy of the function with stand-ins for what CloudFront provides.
async function run(vector) {
    let origin = null;
    const store = {
        get: async (key) => {
            if (!Object.hasOwn(vector.key_values, key)) throw new Error(`no key ${key}`);
            return vector.key_values[key];
        },
    };
    const cloudfront = { kvs: () => store, selectRequestOriginById: (id) => (origin = id) };
    const modules = { cloudfront, crypto: { createHmac: crypto.createHmac } };
    class FixedDate extends Date {
        static now() {
            return vector.now_ms;
        }
    }
    const body = sources[vector.function].replace(/^import (\w+) from '(\w+)';$/m, "const $1 = require('$2');");
    const load = new Function('require', 'Date', `'use strict';\n${body}\nreturn handler;`);
    const event = { version: '1.0', context: { eventType: vector.function }, viewer: { ip: '127.0.0.1' } };
    for (const side of ['request', 'response']) {
        if (vector[side]) event[side] = structuredClone(vector[side]);
    }
    const returned = await load((name) => modules[name], FixedDate)(event);
    const side = returned.statusCode === undefined ? 'request' : 'response';
    return { origin, [side]: JSON.parse(JSON.stringify(returned)) };
}

function expected(vector) {
    const whole = { ...vector.expect };
    for (const side of ['request', 'response']) {
        if (whole[side] === 'unchanged') whole[side] = vector[side];
    }
    return whole;
}

let count = 0;
let failures = 0;
for (const file of readdirSync(new URL('vectors/', import.meta.url)).filter((name) => name.endsWith('.json'))) {
    for (const vector of JSON.parse(read(`vectors/${file}`))) {
        count += 1;
        try {
            assert.deepStrictEqual(await run(vector), expected(vector));
        } catch (error) {
            failures += 1;
            console.error(`${file}: ${vector.name}\n${error.message}\n`);
        }
    }
}
console.log(`${count} vectors, ${failures} failed`);
process.exitCode = failures === 0 && count > 0 ? 0 : 1;
