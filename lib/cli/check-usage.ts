/** The help of `plateau check`. */

export const USAGE = `Usage: plateau check [options] -- <command>

Starts the app, loads it over HTTP in rounds, collects its garbage after each, and says whether what it keeps grows
with the requests; where it does, compares three heap snapshots and says what leaks, held by what, made at which line.

  plateau check -- node server.js
  plateau check --url /cart --url /search?q=lamp --abort-ratio 0.1 -- npm start

What is sent:
      --url <path | url>      what is asked for, in turns; may be given several times (default: /)
                              {n} in it, in headers and in the body is another number each time
  -X, --method <name>         GET, with --body POST
  -H, --header <name: value>  sent with each request; may be given several times
  -b, --body <text | @file>   sent with each request
      --connections <n>       requests at a time (10)
      --rate <n>              requests per second; else as fast as they are answered
      --abort-ratio <share>   share of connections cut before the answer is complete (0)
      --har <file>            the requests of a HAR file
      --scenario <file>       a script: its default export is called per iteration with { url, iteration, request, … }
      --websocket <path>      opens WebSockets, says --message (hello), and closes them
      --port <n>              the port, where the app listens on several
What is judged:
      --max-growth <size>     growth per request that is still fine (50B/req)
      --max-errors <share>    share of requests that may fail or be answered with 5xx (5%)
      --requests <n>          requests per round; else as many as take about two seconds
      --rounds <n>            rounds, at least (8)
      --max-rounds <n>        rounds, at most (40)
      --timeout <duration>    for all of it (5m)
      --start-timeout <dur.>  until the app listens (30s)
      --patience <duration>   how long something has to be kept to count as a leak (30s)
What is shown:
      --json [<file>]         the report as JSON, on stdout or in a file
      --html <file>           one self-contained page
      --markdown <file>       for a pull request
      --junit <file>          JUnit XML
      --github                annotations of GitHub Actions, on stdout
      --keep-snapshots <dir>  leaves the heap snapshots there
      --no-snapshots          only the verdict
  -v, --verbose               what the app prints, on stderr
      --no-color              no colours (also: the variable NO_COLOR)
  -h, --help                  this text

Exit codes: 0 no leak, 1 a leak, 2 could not judge or bad usage.
`;
