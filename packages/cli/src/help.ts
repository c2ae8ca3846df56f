const overview = [
  'tradeswarm: a swarm of trading agents, from the shell',
  '',
  '  run [CONFIG]           the five agents on the bundled tape, or on --tape DIR',
  '  run --broker NAME      the same at a broker; --fake: at its double on this machine, while a tape plays',
  '  backtest --tape DIR    the five agents on a tape of your own',
  "  fetch                  a broker's historical bars into a folder: --broker, --symbol, --timeframe, --from, --to, --out",
  '  replay RUN             runs a recorded run again; exit 1 at the first difference, named',
  '  explain ORDER          the chain from the fills of an order back to the posts that led to it',
  '  orders RUN             what was ordered, in order of virtual time',
  '  fills RUN              what was executed',
  '  ledger RUN             every entry of the books',
  '  signals RUN            what was known before each session',
  '  verify RUN             checks the hash chain, and that the books balance to 0',
  '',
  'RUN is a run.db or the folder that it lies in; the latest run in runs/ by default. Every command takes --json. tradeswarm COMMAND --help says more.',
] as const

const runOptions = [
  '  --tape DIR        a checkout of the public StockNet dataset, or a folder with posts.jsonl[.gz] and bars-1d.csv',
  '  --out DIR         where run.db and report.html go; default runs/<id>',
  '  --from, --to DAY  the sessions to trade (YYYY-MM-DD); bars before them warm up',
  '  --cash AMOUNT     start capital in USD; default 100000',
  '  --seed NUMBER     default 42',
  '  --lenient         counts and skips rows of the tape that are wrong, in place of refusing it',
  '  --resume          goes on with the run in --out (default: the latest one), to the same final hash',
  '  --overwrite       replaces a run.db that is there already',
  '  --json            one JSON document on standard output, and nothing else there (npm start --silent keeps npm quiet too)',
] as const

const keys = [
  'The keys are in APCA_API_KEY_ID and APCA_API_SECRET_KEY, those of OKX in OKX_API_KEY, OKX_SECRET_KEY and OKX_PASSPHRASE.',
] as const

const liveOptions = [
  'At a broker, alpaca or okx:',
  '  --broker NAME     trades on the paper or demo account until you stop it; the same command goes on with the same books',
  '  --symbols A,B     what is traded, where no CONFIG says it',
  '  --mode MODE       paper (at okx demo) by default; live is real money, and needs --allow-live as well',
  ...keys,
  '',
  'At its double, without keys:',
  '  --fake            a venue in a process of its own plays the tape; after a kill the same command goes on at it',
  '  --pace MS         how long a session and its night take, in milliseconds: 50 to 86400000; default 250',
  '  --from, --to DAY  default: the first 200 sessions of the tape',
  '  --stop-venue      ends the double; it also ends with its run, or when nobody has asked it for anything for ten minutes',
  'Of the options above --tape, --cash, --seed, --lenient and --overwrite are for the double; --out and --json for both.',
] as const

const details: Readonly<Record<string, readonly string[]>> = {
  run: [
    'tradeswarm run [CONFIG] [options]: the five agents on the bundled tape, or on --tape DIR',
    '',
    '  CONFIG            a module such as swarm.config.ts with export default defineTradingSwarm({ … })',
    ...runOptions,
    '',
    ...liveOptions,
  ],
  fetch: [
    'tradeswarm fetch --broker NAME --symbol S --timeframe 1m --from DAY --to DAY --out DIR: historical bars, page by page',
    '',
    '  --broker NAME     alpaca or okx',
    "  --symbol S        as the broker's adapter writes it: AAPL or BTC-USD; at okx BTC-USDT or BTC-USDT-SWAP",
    '  --timeframe T     1m, 5m, 15m, 30m, 1h, 4h or 1d; okx has 3m, 2h, 6h, 12h and 1w as well',
    '  --from, --to DAY  both whole; or instants in UTC such as 2024-01-31T14:30Z: bars that begin before --to',
    '  --out DIR         gets bars-T.csv, with all symbols that were fetched into it; of days a tape for tradeswarm backtest',
    '  --overwrite       fetches anew what is there of the symbol and timeframe, also from another broker',
    '  --json            one JSON document on standard output',
    '',
    'Killed at any moment, the same command goes on where it was. The keys of alpaca are in APCA_API_KEY_ID and APCA_API_SECRET_KEY;',
    'okx asks for none.',
  ],
  backtest: ['tradeswarm backtest [CONFIG] --tape DIR [options]', '', ...runOptions],
  replay: [
    'tradeswarm replay [RUN] [--config CONFIG] [--json]: runs the agents again over what the run took in, and compares entry by entry; a run with agents of your own needs its CONFIG',
  ],
  explain: [
    'tradeswarm explain ORDER [RUN] [--json]: ORDER is the id of an order, as `tradeswarm orders` shows it; default: the latest run',
  ],
  orders: ['tradeswarm orders [RUN] [--json]: what was ordered; default: the latest run'],
  fills: ['tradeswarm fills [RUN] [--json]: what was executed; default: the latest run'],
  ledger: ['tradeswarm ledger [RUN] [--json]: every entry of the books; default: the latest run'],
  signals: [
    'tradeswarm signals [RUN] [--json]: what was known of each symbol before each session, of posts and of the market; default: the latest run',
    '',
    'The end of a run counts these rows as aggregates, and as signals the posts that some of them were made of.',
  ],
  verify: [
    'tradeswarm verify [RUN] [--json]: exit 1 when the hash chain is broken or the books do not balance; default: the latest run',
  ],
}

/** The help of a command, or the overview. */
export function help(command: string | undefined): readonly string[] {
  return (command !== undefined && Object.hasOwn(details, command) ? details[command] : undefined) ?? overview
}
