//! Names of Node's own classes, and of packages that everybody has.

/// Requests and responses, of Node's and of the frameworks'.
pub(super) const REQUESTS: &[&str] = &[
    "IncomingMessage",
    "ServerResponse",
    "Http2ServerRequest",
    "Http2ServerResponse",
    "ClientRequest",
    "Request",
    "Response",
    "Reply",
    "FastifyRequest",
    "FastifyReply",
    "_Request",
    "_Reply",
    "NodeRequest",
    "Context",
];

pub(super) const SOCKETS: &[&str] = &[
    "Socket",
    "TLSSocket",
    "Agent",
    "WebSocket",
    "Http2Session",
    "ServerHttp2Session",
    "ClientHttp2Session",
    "TCP",
    "Pipe",
    "TLSWrap",
    "Client",
    "Pool",
];

pub(super) const STREAMS: &[&str] = &[
    "ReadStream",
    "WriteStream",
    "Readable",
    "Writable",
    "Duplex",
    "Transform",
    "PassThrough",
    "Gzip",
    "Gunzip",
    "Deflate",
    "DeflateRaw",
    "Inflate",
    "InflateRaw",
    "Unzip",
    "BrotliCompress",
    "BrotliDecompress",
    "ZstdCompress",
    "ZstdDecompress",
    "Zlib",
    "BrotliEncoder",
    "BrotliDecoder",
    "FileHandle",
    "ReadableStream",
    "WritableStream",
    "TransformStream",
    "ReadFileContext",
];

pub(super) const TIMERS: &[&str] = &["Timeout", "Immediate"];

pub(super) const BUFFERS: &[&str] = &[
    "Buffer",
    "FastBuffer",
    "ArrayBuffer",
    "SharedArrayBuffer",
    "Uint8Array",
    "Int8Array",
    "Uint8ClampedArray",
    "Uint16Array",
    "Int16Array",
    "Uint32Array",
    "Int32Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
    "DataView",
    "Blob",
];

/// Where Node's emitters and event targets have their listeners.
pub(super) const NODES_LISTS: &[&str] = &["_events", "kEvents"];

/// What listeners are kept in, by anybody.
pub(super) const LISTS_OF_LISTENERS: &[&str] = &[
    "_events",
    "kEvents",
    "kEventsMap",
    "kDependantSignals",
    "kSourceSignals",
    "events.kEvents",
    "_listeners",
    "listeners",
    "_eventHandlers",
    "kHandlers",
    "_handlers",
];
