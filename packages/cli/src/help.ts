const overview = [
  'tradeswarm: a swarm of trading agents, from the shell',
  '',
  '  run [CONFIG]           the five agents on the bundled tape, or on --tape DIR',
  '  backtest --tape DIR    the same, on a tape of your own',
  '  replay RUN             runs a recorded run again; exit 1 at the first difference, named',
  '  explain ORDER          the chain from the fills of an order back to the posts that led to it',
  '  orders RUN             what was ordered, in order of virtual time',
  '  fills RUN              what was executed',
  '  ledger RUN             every entry of the books',
  '  signals RUN            what was known before each session',
  '  verify RUN             checks the hash chain, and that the books balance to 0',
  '',
  'RUN is a run.db or the folder that it lies in. Every command takes --json. tradeswarm COMMAND --help says more.',
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

const details: Readonly<Record<string, readonly string[]>> = {
  run: [
    'tradeswarm run [CONFIG] [options]: the five agents on the bundled tape, or on --tape DIR',
    '',
    '  CONFIG            a module such as swarm.config.ts with export default defineTradingSwarm({ … })',
    ...runOptions,
  ],
  backtest: ['tradeswarm backtest [CONFIG] --tape DIR [options]', '', ...runOptions],
  replay: [
    'tradeswarm replay RUN [--config CONFIG] [--json]: runs the agents again over what the run took in, and compares entry by entry; a run with agents of your own needs its CONFIG',
  ],
  explain: [
    'tradeswarm explain ORDER [--run RUN] [--json]: ORDER is the id of an order, as `tradeswarm orders` shows it; default: the latest run',
  ],
  orders: ['tradeswarm orders RUN [--json]'],
  fills: ['tradeswarm fills RUN [--json]'],
  ledger: ['tradeswarm ledger RUN [--json]'],
  signals: ['tradeswarm signals RUN [--json]'],
  verify: ['tradeswarm verify RUN [--json]: exit 1 when the hash chain is broken or the books do not balance'],
}

/** The help of a command, or the overview. */
export function help(command: string | undefined): readonly string[] {
  return (command !== undefined && Object.hasOwn(details, command) ? details[command] : undefined) ?? overview
}
