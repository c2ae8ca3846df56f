// Requests: replicas that share them, deadlines that are handed on, a call that is given up, and who can be found.
import { Agent, defineRequest, SwarmError } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const symbol = z.object({ symbol: z.string() })
const GetPrice = defineRequest('price.get', {
  input: symbol,
  output: z.object({ price: z.number(), by: z.string() }),
  idempotent: true, // asking twice does no harm: then another replica may be asked when one does not answer
  selection: 'consistent-hash', // the same symbol goes to the same replica, which may keep what it knows of it
  key: (input) => input.symbol,
  timeoutMs: 1_000,
})
const GetSpread = defineRequest('spread.get', {
  input: symbol,
  output: z.object({ spread: z.number() }),
  idempotent: true,
})

class Pricer extends Agent<typeof Pricer> {
  static readonly role = 'pricer'
  static readonly capabilities = ['prices']
  static readonly tags = ['us-stocks']
  static readonly responds = [GetPrice]

  protected override onStart() {
    this.respond(GetPrice, async ({ symbol }, { signal, deadlineAt = 0, clock }) => {
      if (symbol !== 'SLOW') return { price: symbol.length * 10, by: this.id }
      console.log(`${this.id} has ${deadlineAt - clock.now()} ms`)
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          console.log(
            `${this.id} is told: ${SwarmError.isInstance(signal.reason) ? signal.reason.code : signal.reason}`,
          )
          reject(signal.reason as Error)
        })
      })
    })
  }
}

class Spreads extends Agent<typeof Spreads> {
  static readonly role = 'spreads'
  static readonly requests = [GetPrice]
  static readonly responds = [GetSpread]

  protected override onStart() {
    console.log(
      'prices from',
      this.discover({ capability: 'prices', tag: 'us-stocks' })
        .map(({ id }) => id)
        .join(', '),
    )
    this.respond(GetSpread, async ({ symbol }, { request }) => {
      const { price } = await request(GetPrice, { symbol })
      return { spread: price / 1_000 }
    })
  }
}

const test = createTestSwarm({ agents: [{ agent: Pricer, replicas: 3 }, Spreads] })
await test.start()
for (const symbol of ['AAPL', 'MSFT', 'AAPL', 'SPX']) console.log(symbol, await test.request(GetPrice, { symbol }))
console.log(await test.request(GetSpread, { symbol: 'AAPL' }))

const late = test.request(GetSpread, { symbol: 'SLOW' }, { timeoutMs: 300 })
await test.advance('300ms')
await late.catch((error: Error) => console.log(error.message))

const abort = new AbortController()
const aborted = test.request(GetPrice, { symbol: 'SLOW' }, { signal: abort.signal })
await test.settle()
abort.abort('not needed any more')
await aborted.catch((reason: unknown) => console.log('gave up:', reason))
await test.stop()
