// A CloudFront Function, runtime 2.0, on Node: the deployed source in a context of its own, called for each request.
//
// A call sees the key-value store as it is when the call begins. Not imitated: the limits of time and memory, and which parts
// of the language the runtime lacks (run-vectors.mjs and QuickJS look after that).
import crypto from 'node:crypto';
import querystring from 'node:querystring';
import vm from 'node:vm';

// The function threw; the viewer gets 503.
export class ExecutionError extends Error {}

// CloudFront refuses to publish a larger function.
const MAX_SOURCE_BYTES = 10240;
const IMPORT = /^import\s+(\w+)\s+from\s+'cloudfront';?[ \t]*$/m;
const MODULES = { crypto: { createHash: crypto.createHash, createHmac: crypto.createHmac }, querystring };

export class EdgeFunction {
    #instantiate;

    constructor(name, source) {
        const bytes = Buffer.byteLength(source);
        if (bytes > MAX_SOURCE_BYTES) throw new Error(`${name} has ${bytes} bytes, CloudFront takes ${MAX_SOURCE_BYTES}`);
        const context = vm.createContext(
            { Buffer, TextEncoder, TextDecoder, atob, btoa, console },
            { codeGeneration: { strings: false, wasm: false } },
        );
        const binding = IMPORT.exec(source)?.[1] ?? '_';
        const body = source.replace(IMPORT, '');
        // JSON crosses the border, so that the handler sees objects of its own context only.
        const whole = `'use strict'; (function (${binding}, require) { ${body}
            return async (event) => JSON.stringify(await handler(JSON.parse(event))); })`;
        this.#instantiate = new vm.Script(whole, { filename: name }).runInContext(context);
    }

    // Calls the handler: {result, origin}, where `origin` is what it chose, {id} or {update}, or null.
    async call(event, keyValues) {
        const chosen = { origin: null };
        const cloudfront = cloudfrontModule(event.context.eventType, keyValues, chosen);
        try {
            const handle = this.#instantiate(cloudfront, requireModule);
            const result = JSON.parse(await handle(JSON.stringify(event)));
            return { result, origin: chosen.origin };
        } catch (error) {
            throw new ExecutionError(error.message, { cause: error });
        }
    }
}

function requireModule(name) {
    if (!Object.hasOwn(MODULES, name)) throw new Error(`module '${name}' is not available`);
    return MODULES[name];
}

function cloudfrontModule(eventType, keyValues, chosen) {
    const choose = (origin) => {
        if (eventType !== 'viewer-request') throw new Error('an origin is chosen in viewer-request only');
        chosen.origin = origin;
    };
    return {
        kvs: () => {
            if (keyValues === null) throw new Error('no key-value store is associated with this function');
            return keyValueStore(keyValues);
        },
        selectRequestOriginById: (id) => choose({ id }),
        updateRequestOrigin: (update) => choose({ update }),
        createRequestOriginGroup: () => {
            throw new Error('origin groups are not imitated here');
        },
    };
}

function keyValueStore(keyValues) {
    return {
        get: async (key, options) => {
            if (!Object.hasOwn(keyValues, key)) throw new Error(`key '${key}' is not in the key-value store`);
            const format = options?.format ?? 'string';
            if (format === 'string') return keyValues[key];
            if (format === 'json') return JSON.parse(keyValues[key]);
            throw new Error(`format '${format}' is not imitated here`);
        },
        exists: async (key) => Object.hasOwn(keyValues, key),
        count: async () => Object.keys(keyValues).length,
    };
}
