import type { StepDesk } from '../carry-out-step.js'
import { exact, exactText } from '../exact.js'
import { pickInstrument, type Step, tradedInstruments } from '../scenario.js'
import { sessionPeriodMs, simulatedSession, simulationStart } from '../session-calendar.js'
import type { ActFamily } from './act-family.js'

/** What a company does to those who hold its units, before the open of a session. */
export type CorporateStep =
  | { readonly do: 'split'; readonly symbol: number; readonly numerator: number; readonly denominator: number }
  | { readonly do: 'dividend'; readonly symbol: number; readonly amountPerUnit: string; readonly currency?: string }
  /** An operator reads the venue's statements. */
  | { readonly do: 'read statements' }

/** So long before the open they are told: what trades before a split is heard of is counted in other units than the venue's. */
const aheadMs = 16_000
/** For so long nothing breaks. */
const calmMs = 16_000

/** Splits and dividends over what is held, ordered and executed late. */
export const corporateActions: ActFamily = {
  name: 'corporate actions',
  share: 12,
  needsOwnVenue: true,
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let session = 1; session < scenario.sessions; session += 1) {
      const open = simulatedSession(session).open - simulationStart
      const traded = tradedInstruments(scenario).length
      // One a night: the kernel withdraws what rests, one order after the other.
      const split = dice.int(0, 2 * traded)
      for (let symbol = 0; symbol < traded; symbol += 1) {
        const at = open - aheadMs
        const [numerator, denominator] = dice.pick<readonly [number, number]>([
          [2, 1],
          [4, 1],
          [1, 2],
        ])
        if (symbol === split) steps.push({ at, do: 'split', symbol, numerator, denominator })
        const amountPerUnit = dice.pick(['0.37', '1.25', '0.0421'])
        if (dice.chance(0.35)) steps.push({ at, do: 'dividend', symbol, amountPerUnit })
      }
      steps.push({ at: open + sessionPeriodMs - 12_000, do: 'read statements' })
    }
    return steps
  },
  carryOut(desk, step) {
    const { world, statements } = desk
    const { venue, scenario, time } = world
    if (step.do === 'read statements') {
      const life = desk.current()
      if (life?.running === true) statements.read(life)
      return true
    }
    if (step.do !== 'split' && step.do !== 'dividend') return false
    const { symbol, currency } = pickInstrument(scenario, step.symbol)
    // A contract is not split, and pays nothing.
    if (venue.books.isContract(symbol) || venue.isOpen || !isCalm(desk, symbol)) return true
    desk.calmUntil = world.time.now() + calmMs
    desk.disarm()
    const now = time.now()
    const sessionDate = simulatedSession(Math.floor((now - simulationStart + aheadMs) / sessionPeriodMs)).date
    const held = venue.position(symbol)
    const isHeld = held === 0n ? '' : ' of what is held'
    world.cover(`${step.do}${isHeld}`)
    if (step.do === 'split') {
      const { numerator, denominator } = step
      const price = exact(venue.price(symbol))
      venue.split(symbol, numerator, denominator)
      desk.splits.add(`${symbol} ${sessionDate}`)
      const cents = ((price * BigInt(denominator)) / BigInt(numerator)) * 100n
      venue.setPrice(symbol, (Number(exactText(cents)) / 100).toFixed(2))
      desk.announce({ type: 'split', symbol, sessionDate, time: now, numerator, denominator })
    } else {
      const paidIn = step.currency ?? currency
      const quantity = held
      venue.books.addCash(paidIn, (held * exact(step.amountPerUnit)) / exact('1'))
      world.observe({ type: 'entitled', symbol, time: now, quantity: exactText(quantity), isKnown: true })
      statements.paid({ symbol, time: now, amountPerUnit: step.amountPerUnit, currency: paidIn, quantity })
      desk.announce({
        type: 'dividend',
        symbol,
        sessionDate,
        time: now,
        amountPerUnit: step.amountPerUnit,
        currency: paidIn,
      })
    }
    return true
  },
  covers: {
    'split of what is held': 'venue and market data, before an open',
    'dividend of what is held': 'venue and market data, before an open',
    'split booked': 'seen in the journal',
    'dividend booked': 'seen in the journal',
  },
}

/** A kernel runs that has heard of every execution, and nothing stands in its way. */
export function isCalm({ world, current, state }: StepDesk, symbol: string): boolean {
  const life = current()
  if (life?.running !== true || state.reachableSince === undefined || life.failed) return false
  const held = life.kernel.portfolio().positions.find((position) => position.symbol === symbol)?.quantity ?? '0'
  return exact(held) === world.venue.position(symbol)
}
