// Runs on Node: a venue in a process of its own, which lives on when a swarm is killed.
import { type CommandOutput, type FakeCommand, runFakeCommand, type Walker } from '../shared/fake-command.js'
import { createFakeOkx } from './create-fake-okx.js'
import { type FakeOkxInstrument, fakeOkxDefaults } from './fake-okx-options.js'

const help = `tradeswarm-fake-okx [--port 0] [--key ID] [--secret TEXT] [--passphrase TEXT] [--cash 100000] [--symbols BTC-USDT:50000,BTC-USDT-SWAP:50000] [--every 1000] [--seed 1]
Starts a fake of OKX on 127.0.0.1 with a demo account and prints one line of JSON: { "url", "streamUrl", "keyId", "secret", "passphrase" }. Prices
walk at random from those given, every so many milliseconds; 0 leaves the market to POST /fake/market, which takes one market event, and
POST /fake/book, which takes { instId, bids, asks }. POST /fake/faults and /fake/conditions make things go wrong.`

const command: FakeCommand = {
  name: 'tradeswarm-fake-okx',
  help,
  symbols: 'BTC-USDT:50000,ETH-USDT:3000,BTC-USDT-SWAP:50000',
  example: 'BTC-USDT:50000',
  more: ['passphrase'],
  gridOf(symbol) {
    const tick = instrumentOf({ symbol, price: 1 }).tickSz
    return { decimals: (tick.split('.')[1] ?? '').length, halfSpread: Number(tick) }
  },
  async start({ port, key, secret, cash, walkers, more }) {
    const { passphrase } = more
    const fake = await createFakeOkx({
      port,
      cash: { USDT: cash },
      instruments: walkers.map(instrumentOf),
      ...(key === undefined ? {} : { keyId: key }),
      ...(secret === undefined ? {} : { secret }),
      ...(passphrase === undefined ? {} : { passphrase }),
      rateMultiplier: 5,
    })
    const { url, streamUrl, keyId } = fake
    const about = { url, streamUrl, keyId, secret: fake.secret, passphrase: fake.passphrase }
    return { market: fake.market, about, close: () => fake.close() }
  },
}

/** As it is listed by default; others with a fine grid. */
function instrumentOf({ symbol }: Walker): FakeOkxInstrument {
  const known = fakeOkxDefaults.instruments.find(({ instId }) => instId === symbol)
  return known ?? { instId: symbol, tickSz: '0.0001', lotSz: '0.0001', minSz: '0.0001' }
}

/** Starts the venue that the arguments describe; answers how to stop it. */
export function runFakeOkx(args: readonly string[], output: CommandOutput): Promise<() => Promise<void>> {
  return runFakeCommand(command, args, output)
}
