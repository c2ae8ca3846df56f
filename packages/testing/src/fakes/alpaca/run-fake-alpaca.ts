// Runs on Node: a venue in a process of its own, which lives on when a swarm is killed.
import { type CommandOutput, type FakeCommand, runFakeCommand } from '../shared/fake-command.js'
import { createFakeAlpaca } from './create-fake-alpaca.js'

const help = `tradeswarm-fake-alpaca [--port 0] [--key ID] [--secret TEXT] [--cash 100000] [--symbols AAPL:190,BTC/USD:50000] [--every 1000] [--seed 1]
Starts a fake of Alpaca on 127.0.0.1 and prints one line of JSON: { "url", "keyId", "secret" }. Prices walk at random from those given, every
so many milliseconds; 0 leaves the market to POST /fake/market, which takes one market event, and
POST /fake/book, which takes { symbol, bids, asks } of a pair. POST /fake/faults and /fake/conditions make things go wrong.`

const command: FakeCommand = {
  name: 'tradeswarm-fake-alpaca',
  help,
  symbols: 'AAPL:190,MSFT:400,BTC/USD:50000',
  example: 'AAPL:190',
  gridOf: () => ({ decimals: 2, halfSpread: 0.005 }),
  async start({ port, key, secret, cash, walkers }) {
    const fake = await createFakeAlpaca({
      port,
      cash,
      assets: walkers.map(({ symbol }) => ({ symbol })),
      ...(key === undefined ? {} : { keyId: key }),
      ...(secret === undefined ? {} : { secret }),
      requestsPerMinute: 1_000,
    })
    const about = { url: fake.url, keyId: fake.keyId, secret: fake.secret }
    return { market: fake.market, about, close: () => fake.close() }
  },
}

/** Starts the venue that the arguments describe; answers how to stop it. */
export function runFakeAlpaca(args: readonly string[], output: CommandOutput): Promise<() => Promise<void>> {
  return runFakeCommand(command, args, output)
}
