// What CloudFront Functions' runtime 2.0 offers beyond the language, as far as the edge functions use it, on QuickJS. The
// engine declares this file as the module `cloudfront` and calls `invoke`, which holds the state of one call.
//
// `host` is Rust: value(key), encode(bytes, encoding), decode(text, encoding), hmac(algorithm, key, chunks, encoding).
// Bytes cross the border as plain arrays.
const host = globalThis.host;
delete globalThis.host;
delete globalThis.eval;

let nowMs = 0;
let origin = null;

// The time stands still during a call, as it does in CloudFront.
const HostDate = Date;
globalThis.Date = class Date extends HostDate {
    constructor(...fields) {
        super(...(fields.length === 0 ? [nowMs] : fields));
    }
    static now() {
        return nowMs;
    }
};

globalThis.Buffer = class Buffer extends Uint8Array {
    static from(source, encoding) {
        return super.from(typeof source === 'string' ? host.decode(source, encoding ?? 'utf8') : source);
    }
    toString(encoding) {
        return host.encode(Array.from(this), encoding ?? 'utf8');
    }
};

class Hmac {
    constructor(algorithm, key) {
        this.algorithm = algorithm;
        this.key = plain(key);
        this.chunks = [];
    }
    update(data) {
        this.chunks.push(plain(data));
        return this;
    }
    digest(encoding) {
        const text = host.hmac(this.algorithm, this.key, this.chunks, encoding ?? 'hex');
        return encoding === undefined ? Buffer.from(text, 'hex') : text;
    }
}

// A text stays one: on the other side of the border it counts as its UTF-8 bytes.
const plain = (data) => (typeof data === 'string' ? data : Array.from(data));

const modules = { crypto: { createHmac: (algorithm, key) => new Hmac(algorithm, key) } };
globalThis.require = (name) => {
    if (!Object.hasOwn(modules, name)) {
        throw new Error(`module '${name}' is not available`);
    }
    return modules[name];
};

const store = {
    async get(key) {
        const value = host.value(key);
        if (value == null) {
            throw new Error(`key '${key}' is not in the key-value store`);
        }
        return value;
    },
    async exists(key) {
        return host.value(key) != null;
    },
};

export default {
    kvs: () => store,
    selectRequestOriginById: (id) => {
        origin = id;
    },
};

// Runs the handler once: event in, {result, origin} out, both as JSON.
globalThis.invoke = async (event, callTimeMs) => {
    nowMs = callTimeMs;
    origin = null;
    const result = await globalThis.handler(JSON.parse(event));
    return JSON.stringify({ result, origin });
};
