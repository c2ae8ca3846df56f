// Runs on Node: a venue in a process of its own, which lives on when a swarm is killed.
import { parseArgs } from 'node:util'
import { createSeededRandom, createSystemClock, messageOf } from '@tradeswarm/core'
import { createFakeAlpaca, type FakeAlpaca } from './create-fake-alpaca.js'

/** Where a command speaks. */
export type CommandOutput = { out(line: string): void; fail(line: string): void }

const help = `tradeswarm-fake-alpaca [--port 0] [--key ID] [--secret TEXT] [--cash 100000] [--symbols AAPL:190,BTC/USD:50000] [--every 1000] [--seed 1]
Starts a fake of Alpaca on 127.0.0.1 and prints one line of JSON: { "url", "keyId", "secret" }. Prices walk at random from those given, every
so many milliseconds; 0 leaves the market to POST /fake/market, which takes one market event. POST /fake/faults and /fake/conditions make things go wrong.`

const options = {
  port: { type: 'string', default: '0' },
  key: { type: 'string' },
  secret: { type: 'string' },
  cash: { type: 'string', default: '100000' },
  symbols: { type: 'string', default: 'AAPL:190,MSFT:400,BTC/USD:50000' },
  every: { type: 'string', default: '1000' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const

type Walker = { readonly symbol: string; price: number }

/** Starts the venue that the arguments describe; answers how to stop it. */
export async function runFakeAlpaca(args: readonly string[], output: CommandOutput): Promise<() => Promise<void>> {
  const none = async (): Promise<void> => undefined
  try {
    const { values } = parseArgs({ args: [...args], options })
    if (values.help) {
      output.out(help)
      return none
    }
    const walkers = readSymbols(values.symbols)
    const every = whole('every', values.every)
    const fake = await createFakeAlpaca({
      port: whole('port', values.port),
      cash: values.cash,
      assets: walkers.map(({ symbol }) => ({ symbol })),
      ...(values.key === undefined ? {} : { keyId: values.key }),
      ...(values.secret === undefined ? {} : { secret: values.secret }),
      requestsPerMinute: 1_000,
    })
    output.out(JSON.stringify({ url: fake.url, keyId: fake.keyId, secret: fake.secret }))
    const stopWalk = every === 0 ? () => undefined : walk(fake, walkers, every, whole('seed', values.seed))
    return async () => {
      stopWalk()
      await fake.close()
    }
  } catch (thrown) {
    output.fail(`tradeswarm-fake-alpaca: ${messageOf(thrown)}; see --help`)
    return none
  }
}

function readSymbols(text: string): readonly Walker[] {
  return text.split(',').map((part) => {
    const [symbol = '', price = ''] = part.split(':')
    if (symbol === '' || !(Number(price) > 0))
      throw new Error(`--symbols: "${part}" is not SYMBOL:PRICE, such as AAPL:190`)
    return { symbol, price: Number(price) }
  })
}

function whole(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`--${option}: "${text}" is not a whole number from 0`)
}

/** Quotes a cent wide, and a trade between them, whose middle moves by up to a thousandth each time. */
function walk(fake: FakeAlpaca, walkers: readonly Walker[], every: number, seed: number): () => void {
  const clock = createSystemClock()
  const random = createSeededRandom(seed)
  let cancel = (): void => undefined
  const step = async (): Promise<void> => {
    for (const walker of walkers) {
      walker.price *= 1 + (random.next() - 0.5) / 500
      const [bid, ask] = [walker.price - 0.005, walker.price + 0.005].map((price) => price.toFixed(2)) as [
        string,
        string,
      ]
      await fake.market.quote(walker.symbol, bid, ask)
      await fake.market.trade(walker.symbol, random.next() < 0.5 ? bid : ask)
    }
    cancel = clock.at(clock.now() + every, step)
  }
  cancel = clock.at(clock.now(), step)
  return () => cancel()
}
