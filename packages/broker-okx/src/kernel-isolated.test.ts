import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import { createFakeOkx, type FakeOkx } from '@tradeswarm/testing/fakes'
import { decimal, decimalText, type MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { createOkxBroker } from './create-okx-broker.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import {
  type Act,
  beginning,
  booksAgree,
  end,
  first,
  plainOrders,
  quote,
  runWithCrash,
} from './kernel-crash.test-support.js'
import { beginLife, calendar, type OkxLife, tellMarket } from './kernel-life.test-support.js'
import { btc, eth, fundingBookedOnce, type Leaving, noneBare, program, swaps } from './kernel-swaps.test-support.js'

afterEach(stopAll)

const isolated = { ...swaps, marginMode: 'isolated' } as const
/** Each is entered, and fills in parts; both pay or are paid funding; then both are left. */
const stopped: Leaving = { bid: '47400.1', ask: '47400.2' }
const left: Leaving = { bid: '50700.1', ask: '50700.2', byAgent: true }

/** The program, with something that is looked at after each of its steps. */
function watched(leaving: Leaving, look: Act): ReturnType<typeof program> {
  return program(leaving).flatMap((step) => [step, look])
}

const run = (crashAt: number, steps: ReturnType<typeof program>, leaving: Leaving, look: Look): Promise<boolean> =>
  runWithCrash({
    program: steps,
    market: isolated,
    faults: [],
    outcomeWaitsMs: [1, 2],
    crashAt,
    settlesAt: [
      [btc, leaving.bid, leaving.ask],
      [eth, '2399.5', '2399.9'],
    ],
    look,
  })

type Look = NonNullable<Parameters<typeof runWithCrash>[0]['look']>

/** Somebody else on the account, on cross margin; answers how they trade. */
async function openBeside(fake: FakeOkx): Promise<(side: 'buy' | 'sell') => Promise<void>> {
  const { keyId: key, secret, passphrase, url: rest, market: clock } = fake
  const guard = createOpenGuard()
  const [ids, random, logger] = [createSequentialIds(), createSeededRandom(5), createSilentLogger()]
  const definition = createOkxBroker({ key, secret, passphrase, symbols: [btc], urls: { rest }, rateMultiplier: 1_000 })
  const broker = await definition.open({ clock, ids, random, logger, feed: createManualFeed(), guard })
  stopLater(() => broker.close())
  return async (side) => {
    const terms = { symbol: btc, side, type: 'market', quantity: '2', timeInForce: 'gtc', reduceOnly: false } as const
    await broker.place(guard.permit({ account: 'okx', clientOrderId: 'byHand', ...terms }))
    await broker.settled()
  }
}

describe('a kernel over OKX that holds swaps on isolated margin', () => {
  it.each([
    ['a stop of the venue leaves', stopped],
    ['an agent leaves', left],
  ])('agrees with the venue to the last digit after each step: %s', async (_name, leaving) => {
    const seen = new Set<string>()
    const heard = new Set<OkxLife>()
    const look: Act = async (life) => {
      if (!heard.has(life))
        life.broker()?.subscribeAccount(({ positions }) => {
          for (const { symbol, margin } of positions) seen.add(`${symbol} ${margin?.amount}`)
        })
      heard.add(life)
      await life.kernel.reconcile()
      await booksAgree(life, isolated)
    }
    await run(0, watched(leaving, look), leaving, async (life, fake) => {
      await fundingBookedOnce(life)
      expect(await life.broker()?.movements(0)).toHaveLength(4)
      expect(life.kernel.portfolio().positions).toEqual([])
      const orders = plainOrders(fake)
      expect(orders.length).toBeGreaterThanOrEqual(4)
      expect(new Set(fake.orders().map(({ tdMode }) => tdMode))).toEqual(new Set(['isolated']))
    })
    // A third of 11.07 × 0.1 × 2500.03, and what funding of the first day has made of it.
    const entered = decimal('922.51107')
    expect(seen).toContain(`${eth} ${decimalText(entered)}`)
    expect(seen).toContain(`${eth} ${decimalText(entered.minus(decimal('0.1946494557')))}`)
    expect(seen).toContain(`${eth} 0`)
  })

  it('lets nothing more in once somebody holds one on cross margin besides, takes it for nobody’s, and leaves its own', async () => {
    let now = calendar.previousSession(first.open).open
    const clock = { now: () => now }
    const { instruments, fees, prices, symbols, currency } = isolated
    const fast = { rateMultiplier: 1_000, connectionsPerSecond: 1_000 }
    const fake = await createFakeOkx({ instruments, cash: { [currency]: '100000' }, ...fees, ...fast, clock })
    stopLater(() => fake.close())
    const common = { outcomeWaitsMs: [1, 2], symbols, currency, marginMode: 'isolated' } as const
    const fate = { left: -1, onDeath: () => undefined }
    const life = await beginLife({ ...common, fake, now: clock.now, number: 1, history: [], fate })
    const tell = async (...events: readonly MarketEvent[]): Promise<void> => {
      for (const event of events) {
        now = event.time
        await tellMarket(fake, life, event)
      }
    }
    const before = calendar.previousSession(first.open)
    await tell(...beginning(before, prices), ...end(before, prices), ...beginning(first, prices))
    await tell(quote(btc, first.open + 60_000, '49999.9', '50000.1'))
    const byHand = await openBeside(fake)
    await life.enter({ quantity: '2', exits: { stopPrice: '47500', targetPrice: '53000', maximumSessions: 5 } })
    await byHand('sell')
    await life.kernel.reconcile()
    await life.kernel.reconcile()
    expect(life.kernel.halts()).toMatchObject([{ cause: 'drift', state: 'reducing' }])
    await expect(life.enter({ quantity: '1' })).rejects.toThrow(/denied/)
    const adoption = { symbol: btc, price: '50000' }
    await expect(life.kernel.adopt(adoption, { operator: 'Ada', reason: 'is it ours?' })).rejects.toMatchObject({
      code: 'NOTHING_TO_ADOPT',
    })
    const leaving = { side: 'sell', quantity: '2', reduceOnly: true, exits: undefined } as const
    await life.enter(leaving as unknown as Parameters<OkxLife['enter']>[0])
    expect(life.kernel.portfolio().positions).toEqual([])
    expect(await life.broker()?.balances()).toMatchObject([{ asset: `${btc} on cross margin`, total: '-2' }, {}])
    await life.end()
  })

  it('dies at some of its steps, and agrees with the venue all the same', async () => {
    let deaths = 0
    const look: Look = async (life) => {
      await fundingBookedOnce(life)
      noneBare(life)
    }
    for (let crashAt = 3; await run(crashAt, program(stopped), stopped, look); crashAt += 5) deaths += 1
    expect(deaths).toBeGreaterThan(4)
  })
})
