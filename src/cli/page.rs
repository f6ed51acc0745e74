//! The frame of every HTML page: self-contained, no scripts, and a policy under which nothing could be loaded or run even
//! if something were not escaped. Everything that is shown goes through the template engine, which escapes it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The only style of a page. Its checksum is in [`POLICY`]; a test of the packaged command compares the two.
const STYLE: &str = ":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#667;--line:#d8dce2;--bad:#b3261e;--floor:#0b6bcb;--used:#9db8d2;--rss:#a05a00}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--paper:#15181c;--quiet:#9aa4b0;--line:#343a42;--bad:#ff8a80;--floor:#6cb6ff;--used:#44617d;--rss:#e0a458}}\
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:0 auto;padding:1rem}\
h1{font-size:1.4rem}h2{font-size:1.1rem;border-top:1px solid var(--line);padding-top:1rem;overflow-wrap:anywhere}\
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}th,td{text-align:left;padding:.25rem .75rem .25rem 0;vertical-align:top;border-bottom:1px solid var(--line)}\
th{color:var(--quiet);font-weight:normal;white-space:nowrap}td{overflow-wrap:anywhere}\
.quiet{color:var(--quiet)}.bad{color:var(--bad);font-weight:600}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;font-size:.85rem}\
svg{width:100%;height:auto;display:block}.floor{stroke:var(--floor);stroke-width:2;fill:none}.used{stroke:var(--used);fill:none}.rss{stroke:var(--rss);stroke-width:1.5;fill:none}\
.axis{stroke:var(--line)}text{fill:var(--quiet);font:11px system-ui,sans-serif}.key-floor{fill:var(--floor)}.key-used{fill:var(--used)}.key-rss{fill:var(--rss)}\
.bar{fill:var(--floor)}.number{text-align:right;white-space:nowrap}.tree{font-size:.9rem;overflow-wrap:anywhere}summary{cursor:pointer}details>details,details>.leaf{margin-left:1.1rem}.leaf{padding-left:1.1rem}";

/// Nothing but the one style.
const POLICY: &str = "default-src 'none'; style-src 'sha256-2W29T5GRSC4QvCwgK4iUKl/CrAPM7iGsihDt+Lek+kU='; base-uri 'none'; form-action 'none'";

/// A whole page.
#[must_use]
pub(super) fn page(title: &str, body: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (body)
            }
        }
    };
    markup.into_string()
}
