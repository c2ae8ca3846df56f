import type { MarketEvent } from '@tradeswarm/trading'
import type { StepDesk } from '../carry-out-step.js'
import { exact, exactText, times } from '../exact.js'
import { pickInstrument, type Step, tradedInstruments } from '../scenario.js'
import { simulatedSession, simulationStart } from '../session-calendar.js'
import type { ActFamily } from './act-family.js'

/** What a company does in a night, and how much later the feed tells of it: whatever is sent and executed meanwhile, and whoever dies. */
export type LateNewsStep = {
  readonly do: 'late news'
  readonly symbol: number
  /** Before the open of this session. */
  readonly session: number
  readonly of:
    | { readonly split: readonly [numerator: number, denominator: number] }
    | { readonly amountPerUnit: string }
  readonly toldAfterMs: number
}

/** So long before the open it happens. */
const aheadMs = 10_000
/** It is told again so often until all is well, since nobody can tell whether somebody heard. */
const againMs = 5_000

/** Splits and dividends that are told when others have traded on them already. */
export const lateNews: ActFamily = {
  name: 'late news',
  share: 8,
  needsOwnVenue: true,
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let session = 1; session < scenario.sessions; session += 1) {
      if (dice.chance(0.3)) continue
      const at = simulatedSession(session).open - simulationStart - aheadMs
      const split = dice.pick<readonly [number, number]>([
        [2, 1],
        [4, 1],
        [1, 2],
      ])
      const symbol = dice.int(0, tradedInstruments(scenario).length - 1)
      const amountPerUnit = dice.pick(['0.37', '1.25', '0.0421'])
      const isSplit = dice.chance(0.6)
      const toldAfterMs = dice.pick([0, 4_000, dice.int(aheadMs, 45_000), dice.int(aheadMs, 45_000)])
      steps.push({ at, do: 'late news', symbol, session, of: isSplit ? { split } : { amountPerUnit }, toldAfterMs })
      // In new units, and told while those are news to come.
      if (isSplit && dice.chance(0.5))
        steps.push({ at: at + 1_000, do: 'late news', symbol, session, of: { amountPerUnit }, toldAfterMs: 0 })
    }
    return steps
  },
  carryOut(desk, step) {
    if (step.do !== 'late news') return false
    const { world } = desk
    const { symbol, currency } = pickInstrument(world.scenario, step.symbol)
    const isSecond = 'split' in step.of && desk.splits.has(`${symbol} ${simulatedSession(step.session).date}`)
    if (world.venue.isOpen || isSecond || world.venue.books.isContract(symbol)) return true
    const told = happened(desk, step, symbol, currency)
    desk.untold += 1
    desk.disturb()
    keepTelling(desk, step, told)
    return true
  },
  covers: {
    'split told late': 'market data, after executions in new units',
    'dividend told late': 'market data, in the session after its ex-date',
    'dividend in the night of a split told late': 'market data',
  },
}

type News = { readonly event: MarketEvent; readonly last: () => void }

/** What the venue makes of it at once. */
function happened(desk: StepDesk, { of, session }: LateNewsStep, symbol: string, currency: string): News {
  const { world } = desk
  const { venue } = world
  const time = world.time.now()
  const sessionDate = simulatedSession(session).date
  if ('split' in of) {
    const [numerator, denominator] = of.split
    const price = (exact(venue.price(symbol)) * BigInt(denominator)) / BigInt(numerator)
    venue.split(symbol, numerator, denominator)
    venue.setPrice(symbol, Number(exactText(price)).toFixed(2))
    const note = { symbol, sessionDate, numerator, denominator }
    desk.restated.push(note)
    return {
      event: { type: 'split', symbol, sessionDate, time, numerator, denominator },
      last: () => void desk.restated.splice(desk.restated.indexOf(note), 1),
    }
  }
  const { amountPerUnit } = of
  const quantity = venue.position(symbol)
  venue.books.addCash(currency, times(quantity, exact(amountPerUnit)))
  return {
    event: { type: 'dividend', symbol, sessionDate, time, amountPerUnit, currency },
    // An operator who reads of it before would book what the kernel is yet to hear.
    last: () => desk.statements.paid({ symbol, time, amountPerUnit, currency, quantity }),
  }
}

function keepTelling(desk: StepDesk, { toldAfterMs }: LateNewsStep, { event, last }: News): void {
  const { world } = desk
  const { time, scenario } = world
  const end = simulatedSession(scenario.sessions).open - 4_000
  let isTold = false
  const tell = (): void => {
    const life = desk.current()
    if (!isTold && life?.running === true && !life.failed) {
      isTold = true
      if (event.type === 'dividend' && world.venue.isOpen) world.cover('dividend told late')
      if (event.type === 'dividend' && desk.restated.some(({ symbol }) => symbol === event.symbol))
        world.cover('dividend in the night of a split told late')
      desk.untold -= 1
      desk.disturb()
    }
    desk.announce(event)
    if (time.now() < end) time.at(Math.min(end, time.now() + againMs), tell)
    else last()
  }
  time.at(Math.min(end, time.now() + toldAfterMs), tell)
}
