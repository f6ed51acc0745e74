//! What a name looks like. Names are what programmers write down; whatever could be a key, an address or a number of
//! somebody's is none.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::globals::is_global;

/// Characters of a property's name, and of a class's.
const LONGEST: usize = 40;
const LONGEST_CLASS: usize = 120;
/// Digits of a property's name.
const DIGITS: usize = 2;

/// How well-known keys and tokens begin.
const TOKENS: [&str; 26] = [
    "sk_",
    "pk_",
    "rk_",
    "sk-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat",
    "xox",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "ya29",
    "npm_",
    "pypi",
    "whsec_",
    "SG.",
    "hf_",
    "dop_v1",
    "shpat_",
    "key-",
    "Bearer",
];

/// What V8 and Node call things, and Node its events: these stay wherever they are names, though nobody's source is seen
/// to have them.
const KNOWN: &str = "__proto__ constructor prototype length name message stack cause code errno syscall value done next \
return throw get set has add delete clear entries forEach keys values size toString valueOf caller arguments callee \
byteLength byteOffset buffer detached lastIndex source flags global input index groups indices raw \
exports require module id path filename loaded children paths parent main cache extensions resolve __filename __dirname \
Object Array Module Math JSON Atomics Reflect Intl WebAssembly Generator AsyncGenerator AsyncFunction Iterator Arguments \
Error Window Navigator Crypto Performance Storage \
default process console env argv argv0 execArgv execPath title pid ppid arch platform version versions release features \
config mainModule domain stdin stdout stderr globalThis queueMicrotask structuredClone fetch crypto performance \
_events _eventsCount _maxListeners _handle _server _readableState _writableState _transformState _destroyed \
prepareStackTrace stackTraceLimit captureStackTrace \
_parent _host _hadError _pendingData _pendingEncoding _closeAfterHandlingError _sockname _peername \
_httpMessage _header _headers _headerSent _contentLength _hasBody _trailer _keepAliveTimeout _last _removedConnection \
_removedContLen _removedTE _defaultKeepAlive _expect_continue _consuming _dumped _onPendingData _isComplete \
_idleTimeout _idlePrev _idleNext _idleStart _onTimeout _timerArgs _repeat _onImmediate _argv _called _destroy _undestroy \
_connections _usingWorkers _workers _unref _connectionKey _pipeName _paused _flowing _stream _read _write _final _flush \
_cache _extensions _pathCache _nodeModulePaths _initPaths _load _preloadModules _resolveFilename _compile \
agent agents requests sockets freeSockets maxSockets maxFreeSockets maxTotalSockets totalSocketCount keepAlive \
keepAliveMsecs scheduler options defaultPort protocol host hostname port method path headers rawHeaders rawTrailers \
trailers httpVersion httpVersionMajor httpVersionMinor statusCode statusMessage url aborted complete upgrade socket \
connection connecting req res request response parser timeout timer listener listeners once emitter signal controller \
reason highWaterMark objectMode ended ending finished finalCalled destroyed closed closeEmitted errored errorEmitted \
autoDestroy emitClose constructed needDrain writing corked sync bufferProcessing onwrite writecb writelen \
afterWriteTickInfo buffered bufferedIndex allBuffers allNoop pendingcb prefinished pipes awaitDrainWriters dataEmitted \
flowing reading readingMore resumeScheduled readableListening emittedReadable needReadable multiAwaitDrain encoding \
decoder defaultEncoding head tail first last list bottom top prev previous capacityMask store callback context handler \
promise promises resolvers reject fulfilled rejected pending state status result results error errors data items map \
queue pool session sessions user users type types target currentTarget fd handle wrap owner async_id trigger_async_id \
allowHalfOpen pauseOnConnect noDelay keepAliveInitialDelay bytesRead bytesWritten remoteAddress remotePort localAddress \
localPort maxConnections headersTimeout requestTimeout keepAliveTimeout maxHeadersCount maxRequestsPerSocket \
connectionsCheckingInterval insecureHTTPParser joinDuplicateHeaders rejectNonStandardBodyWrites \
sha1 sha256 sha384 sha512 x509 utf16le base64url latin1 http2 \
close end finish drain readable pipe unpipe connect lookup ready abort listening message exit disconnect open ping pong \
secureConnect secureConnection free change update warning rename line pause resume online beforeExit rejectionHandled \
uncaughtException unhandledRejection SIGINT SIGTERM SIGHUP SIGUSR1 SIGUSR2 SIGWINCH SIGPIPE removeListener newListener \
clientError checkContinue checkExpectation upgradeReq connection_error keylog tlsClientError newSession OCSPRequest";

static KNOWN_NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| KNOWN.split_ascii_whitespace().collect());

/// What V8 calls values whose content it does not show: no content.
pub(super) fn is_constant(raw: &[u8]) -> bool {
    matches!(
        raw,
        b"" | b"<dummy>"
            | b"(concatenated string)"
            | b"(sliced string)"
            | b"heap number"
            | b"smi number"
            | b"number"
            | b"bigint"
            | b"symbol"
            | b"<symbol>"
    )
}

/// Whether a property's name is one that V8 or Node uses.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN_NAMES.contains(name.strip_prefix('#').unwrap_or(name))
}

/// Whether a text looks like an identifier, and not like a key or token.
pub(super) fn is_plain(name: &str) -> bool {
    let name = name.strip_prefix('#').unwrap_or(name);
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$'));
    starts
        && name.len() <= LONGEST
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
        && name.bytes().filter(u8::is_ascii_digit).count() <= DIGITS
        && !is_token(name)
}

/// Whether a symbol's description is one that Node gives, or is plain.
pub(super) fn is_symbol(name: &str, is_source: impl Fn(&str) -> bool) -> bool {
    let dotted = name.len() <= LONGEST && name.split(['.', ':']).all(is_plain);
    let is_nodes = ["nodejs.", "node:", "Symbol."].iter().any(|prefix| name.starts_with(prefix))
        || name.ends_with("_symbol")
        || name.strip_prefix('k').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
    dotted && (is_nodes || is_source(name))
}

/// Whether an object's name is one that V8 or Node give to what is their own.
pub(super) fn is_engines(name: &str) -> bool {
    let name = name.strip_prefix("Detached ").unwrap_or(name);
    let is_iterators = name.strip_suffix(" Iterator").is_some_and(|of| {
        ["Map", "Set", "Array", "String", "RegExp String", "URLSearchParams", "Async-from-Sync"].contains(&of)
    });
    name.starts_with("system / ") || name.starts_with("Node / ") || is_iterators || is_global(name.as_bytes())
}

/// Whether a text looks like the name of a class or function, or like what V8 and Node call their own.
pub(super) fn is_class(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || " _$./:()<>#,-[]*+".contains(c);
    name.chars().count() <= LONGEST_CLASS
        && name.chars().all(fits)
        && !name.contains("://")
        && !is_token(name)
}

fn is_token(name: &str) -> bool {
    TOKENS.iter().any(|token| name.starts_with(token))
}

/// The part of a class's name that stays, where not all does: an element without its attributes, a window without its
/// address.
pub(super) fn part_of_class(name: &str) -> Option<String> {
    let from = if name.starts_with("Detached <") { 10 } else { 0 };
    if name[from..].starts_with('<') || from > 0 {
        let end =
            name[from..].find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '<' | '-' | ':')))?;
        let part = format!("{}>", &name[..from + end]);
        return is_class(&part).then_some(part);
    }
    let (part, _) = name.split_once(" / ").filter(|_| name.contains("://"))?;
    is_class(part).then(|| part.to_owned())
}

/// The name of a script: its path, without a query, and without its text where that is the name.
pub(super) fn script(name: &str) -> String {
    if let Some((scheme, _)) = name.split_once(':').filter(|(scheme, _)| matches!(*scheme, "data" | "blob")) {
        return format!("{scheme}:redacted");
    }
    let end = name.find(['?', '#']).unwrap_or(name.len());
    name[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_keys() {
        for name in
            ["sessions", "_cache", "$scope", "#queue", "utf8", "SessionStore", "sha25", "last_seen_at"]
        {
            assert!(is_plain(name), "{name}");
        }
        for key in [
            "",
            "a@b.c",
            "sk_live_x",
            "ghp_abc",
            "AKIAIOSFODNN",
            "4711",
            "user4711",
            "two words",
            "a-b",
            "über",
            "d41d8cd98f00",
            "key:1",
            "eyJhbGciOi",
            "averyveryveryveryveryveryveryverylongname",
        ] {
            assert!(!is_plain(key), "{key}");
        }
    }

    #[test]
    fn symbols_of_nodes_stay() {
        for name in ["kHandle", "nodejs.util.inspect.custom", "Symbol.iterator", "async_id_symbol"] {
            assert!(is_symbol(name, |_| false), "{name}");
        }
        assert!(is_symbol("express.session", |_| true));
        assert!(!is_symbol("express.session", |_| false));
        assert!(!is_symbol("my secret", |_| true));
    }

    #[test]
    fn classes_and_scripts_stay_as_far_as_they_are_names() {
        for name in [
            "Session",
            "system / Context",
            "Node / TCPSocketWrap",
            "(code for run)",
            "get name",
            "[Symbol.iterator]",
        ] {
            assert!(is_class(name), "{name}");
        }
        assert!(!is_class("a@b.c") && !is_class("Window / https://a.b/?token=c") && !is_class("sk_live_x"));
        assert_eq!(part_of_class("<div id=\"secret\">").as_deref(), Some("<div>"));
        assert_eq!(part_of_class("Detached <a href=\"secret\">").as_deref(), Some("Detached <a>"));
        assert_eq!(part_of_class("Window / https://a.b/?token=c").as_deref(), Some("Window"));
        assert_eq!(part_of_class("a@b.c"), None);
        assert_eq!(script("data:text/javascript,const secret = 1"), "data:redacted");
        assert_eq!(script("file:///app/a.mjs?token=secret"), "file:///app/a.mjs");
        assert_eq!(script("C:\\app\\a.js"), "C:\\app\\a.js");
    }
}
