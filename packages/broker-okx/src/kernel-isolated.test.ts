import { decimal, decimalText } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { type Act, booksAgree, plainOrders, runWithCrash } from './kernel-crash.test-support.js'
import type { OkxLife } from './kernel-life.test-support.js'
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
