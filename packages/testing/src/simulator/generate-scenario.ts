import { createSeededRandom } from '@tradeswarm/core'
import type { Instrument, RiskPolicyInput } from '@tradeswarm/trading'
import { actFamilies } from './acts/act-families.js'
import type { ActFamily } from './acts/act-family.js'
import { confineScenario } from './confine-scenario.js'
import { type Dice, diceOf } from './dice.js'
import { enterStep } from './enter-step.js'
import { garbageKinds } from './garbage-intent.js'
import type { RequestFault, Scenario, Step, VenueRules } from './scenario.js'
import { sessionPeriodMs } from './session-calendar.js'
import type { VenueTerms } from './venue-end.js'

/** The scenario of a seed: world, limits, and all that agents, operators and faults will do; `terms` of a venue that is not the simulator's own. */
export function generateScenario(seed: number, terms?: VenueTerms): Scenario {
  const scenario = dealScenario(seed, terms)
  return terms === undefined ? scenario : confineScenario(scenario, terms)
}

/** Families that need a venue in the simulator's own hands are left out where it is another. */
function dealScenario(seed: number, terms: VenueTerms | undefined): Scenario {
  const scenario = plainScenario(seed)
  const random = createSeededRandom(seed)
  const chosen = actFamilies
    .map((family) => ({ family, dice: diceOf(random.fork(`acts ${family.name}`)) }))
    .filter(({ family, dice }) => dice.chance(shareOf(family, terms) / 100))
  if (chosen.length === 0) return scenario
  // A seed costs about as much with them as without.
  const thinning = diceOf(random.fork('thinning'))
  const kept = scenario.steps.filter(() => thinning.chance(keptShare))
  let shaped: Scenario = { ...scenario, features: chosen.map(({ family }) => family.name) }
  for (const { family, dice } of chosen) shaped = family.shape?.(shaped, dice) ?? shaped
  const added = chosen.flatMap(({ family: { steps, stepsAt }, dice }) => [
    ...steps(shaped, dice),
    ...(terms === undefined ? [] : (stepsAt?.(shaped, dice) ?? [])),
  ])
  return { ...shaped, steps: [...kept, ...added].sort((a, b) => a.at - b.at) }
}

function shareOf({ share, shareAt, needsOwnVenue }: ActFamily, terms: VenueTerms | undefined): number {
  if (terms === undefined) return share
  return shareAt?.(terms) ?? (needsOwnVenue === true ? 0 : share)
}

/** Of the ordinary steps so many stay where others are added. */
const keptShare = 0.5

/** What every seed has: instruments, venue, limits, entries and exits, amendments, faults. */
export function plainScenario(seed: number): Scenario {
  const random = createSeededRandom(seed).fork('scenario')
  const dice = diceOf(random)
  const sessions = dice.int(2, 4)
  const lotSize = dice.pick(['1', '1', '1', '0.01', '5'])
  const names = ['AAA', 'BBB', 'CCC'].slice(0, dice.int(1, 3))
  const instruments = names.map(
    (symbol): Instrument => ({
      symbol,
      kind: 'equity',
      asset: symbol,
      currency: 'USD',
      tickSize: '0.01',
      lotSize,
      minimumNotional: '1',
      calendar: 'us-equity',
    }),
  )
  const rules = venueRules(dice, lotSize)
  // Drawn apart, so that what else is drawn stays what it is. Of the venues that do not hold both exits side by side, some take them in one.
  const takesPairs = !rules.holdsStopAndTarget && diceOf(createSeededRandom(seed).fork('pairs')).chance(0.6)
  const keepsNeedless = diceOf(createSeededRandom(seed).fork('overtaken exits')).chance(0.15)
  const venue: VenueRules = {
    ...rules,
    ...(takesPairs ? { takesPairs } : {}),
    ...(keepsNeedless ? { keepsNeedless } : {}),
  }
  const nettingDice = diceOf(createSeededRandom(seed).fork('netting'))
  const nets = nettingDice.chance(0.3)
  const amends = dice.chance(0.5)
  return {
    seed,
    venue,
    instruments,
    policy: { ...policyOf(dice), ...(nets ? { netting: 'internal-cross' } : {}) },
    deposits: dice.pick(['100000', '25000.37']),
    startPrices: names.map(() => dice.int(2_000, 20_000)),
    sessions,
    flushMs: dice.pick([0, 0, 3, 40]),
    // What nobody tells has to be asked for before a position may count as unprotected.
    reconcileEveryMs: venue.replays ? dice.pick([60_000, 10_000]) : 5_000,
    automaticHalts: { clockSkewMs: dice.pick([1_000, 5_000, 5_000]), rejectionStreak: dice.chance(0.5) ? 5 : false },
    ...(dice.chance(0.35) ? { leaseTtlMs: dice.pick([1_500, 3_000]) } : {}),
    amends,
    features: [],
    steps: withMeetings(stepsOf(dice, sessions, amends), nets ? nettingDice : undefined, sessions),
  }
}

/** Agents that meet in the account, besides all else. */
function withMeetings(steps: readonly Step[], dice: Dice | undefined, sessions: number): readonly Step[] {
  if (dice === undefined) return steps
  const meetings = Array.from(
    { length: dice.int(5, 15) },
    (): Step => ({
      at: dice.int(5_500, sessions * sessionPeriodMs - 8_000),
      do: 'meet',
      agent: dice.int(1, 3),
      symbol: dice.int(0, 2),
      part: dice.pick([0.5, 1, 1]),
      size: dice.pick([0.4, 1, 1, 1.5]),
      offsetBasisPoints: dice.pick([undefined, undefined, 10, 80]),
      first: dice.pick(['entry', 'entry', 'exit']),
    }),
  )
  return [...steps, ...meetings].sort((a, b) => a.at - b.at)
}

function venueRules(dice: Dice, lotSize: string): VenueRules {
  const isSlow = dice.chance(0.3)
  const clientOrderIds = dice.pick(['permanent', 'live'])
  const replace = dice.pick(['none', 'same-order', 'new-order'])
  const tellsExecutions = dice.chance(0.7)
  const tellsTime = dice.chance(0.7)
  const requestLifetimeMs = tellsTime && dice.chance(0.6) ? dice.pick([2_000, 10_000]) : undefined
  return {
    clientOrderIds,
    declares: clientOrderIds === 'live' || requestLifetimeMs !== undefined || replace !== 'none' || dice.chance(0.5),
    replace,
    ...(requestLifetimeMs === undefined ? {} : { requestLifetimeMs }),
    tellsExecutions,
    tellsTime,
    replays: !tellsExecutions || dice.chance(0.6),
    holdsStopAndTarget: dice.chance(0.8),
    feeBasisPoints: dice.pick([0, 5, 10]),
    feeInAsset: lotSize.includes('.') && dice.chance(0.5),
    partialFills: dice.pick([0, 0.3, 0.7]),
    latencyMs: isSlow ? { least: 20, most: 400 } : { least: 1, most: 40 },
    timeoutMs: 1_500,
    duplicates: dice.pick([0, 0.2]),
    jitterMs: dice.pick([0, 0, 300, 2_000]),
  }
}

function policyOf(dice: Dice): RiskPolicyInput {
  return {
    maxOrderFraction: dice.pick([0.1, 0.2, 0.3]),
    maxPositionFraction: dice.pick([0.2, 0.4]),
    maxSymbolExposureFraction: dice.pick([0.25, 0.5]),
    maxCorrelatedExposureFraction: dice.pick([0.5, 0.9]),
    maxOpenPositions: dice.int(1, 3),
    maxDailyLossFraction: dice.pick([0.02, 0.5]),
    maxDrawdownFraction: dice.pick([0.15, 0.9]),
    maxStressLossFraction: dice.pick([0.12, 0.5]),
    cooldownAfterLossMs: dice.pick([0, 10_000]),
    averageVolumeSessions: 1,
    permitLifetimeMs: dice.pick([1_000, 5_000]),
    protectMs: 3_000,
  }
}

function stepsOf(dice: Dice, sessions: number, amends: boolean): readonly Step[] {
  const count = dice.int(15, 45)
  const lastMs = sessions * sessionPeriodMs - 8_000
  const hostile = dice.int(0, 3)
  const steps: Step[] = []
  for (let index = 0; index < count; index += 1) {
    const at = dice.int(5_500, lastMs)
    steps.push(dice.chance(0.12 * hostile) ? faultStep(dice, at) : ordinaryStep(dice, at))
    if (amends && dice.chance(0.2)) steps.push(...amendedSteps(dice, at))
    // A burst: several agents at the same moment.
    if (dice.chance(0.15)) for (let more = dice.int(1, 3); more > 0; more -= 1) steps.push(enterStep(dice, at))
    if (dice.chance(0.012)) steps.push(...heldBack(dice, { at: at + dice.int(0, 60), do: 'kill' }, 'reset kill switch'))
    if (dice.chance(0.02))
      steps.push(...heldBack(dice, { at, do: 'halt', state: dice.pick(['reducing', 'halted']) }, 'resume'))
  }
  return steps.sort((a, b) => a.at - b.at)
}

/** An entry that rests for a while, and what is made of it. */
function amendedSteps(dice: Dice, at: number): readonly Step[] {
  const entry = enterStep(dice, at)
  const isRising = dice.chance(0.3)
  const steps: Step[] = [
    {
      ...entry,
      type: isRising ? 'stop' : 'limit',
      timeInForce: dice.pick(['day', 'gtc']),
      offsetBasisPoints: isRising ? dice.int(50, 400) : dice.int(-400, -50),
    },
  ]
  for (let more = dice.int(1, 3); more > 0; more -= 1)
    steps.push({
      at: at + dice.int(20, 8_000),
      do: 'amend',
      pick: dice.chance(0.7) ? 0 : dice.int(0, 3),
      size: dice.pick([1, 1, 0.5, 0.8, 1.5, 3]),
      offsetBasisPoints: dice.int(-200, 200),
    })
  return steps
}

function ordinaryStep(dice: Dice, at: number): Step {
  const roll = dice.int(1, 100)
  const symbol = dice.int(0, 2)
  const agent = dice.int(1, 3)
  if (roll <= 40) return enterStep(dice, at)
  if (roll <= 75)
    return {
      at,
      do: 'price',
      symbol,
      moveBasisPoints: dice.pick([-1, 1]) * dice.int(5, dice.chance(0.15) ? 1_500 : 250),
    }
  if (roll <= 83) return { at, do: 'leave', agent, symbol, part: dice.pick([0.3, 0.5, 1, 1]) }
  if (roll <= 88) return { at, do: 'cancel', pick: dice.int(0, 4) }
  if (roll <= 92) return { at, do: 'garbage', agent, symbol, kind: dice.int(0, garbageKinds - 1) }
  if (roll <= 94) return { at, do: 'resume' }
  if (roll <= 95) return { at, do: 'reduce' }
  if (roll <= 96) return { at, do: 'reset kill switch' }
  if (roll <= 99) return { at, do: 'policy', maxOpenPositions: dice.int(1, 3), maxOrderFraction: dice.pick([0.1, 0.2]) }
  return { at, do: 'bad price', symbol, price: dice.pick(['NaN', '-3', '0', '1e308', '0.01', '9999999']) }
}

/** Most of the time somebody lets trading go on a while later. */
function heldBack(dice: Dice, step: Step, undo: 'reset kill switch' | 'resume'): readonly Step[] {
  return dice.chance(0.8) ? [step, { at: step.at + dice.int(10, 12_000), do: undo }] : [step]
}

const requestFaults: readonly [RequestFault, ...RequestFault[]] = [
  'request-lost',
  'reply-lost',
  'reply-lost',
  'late',
  'rate-limited',
  'server-error-before',
  'server-error-after',
  'refused',
]

function faultStep(dice: Dice, at: number): Step {
  const roll = dice.int(1, 100)
  const forMs = dice.int(200, 9_000)
  if (roll <= 30) {
    const on = dice.pick(['place', 'place', 'cancel', 'replace', 'lookup'])
    return {
      at,
      do: 'fault',
      on,
      fault: dice.pick(requestFaults),
      times: dice.int(1, 3),
      lateMs: dice.int(10, dice.chance(0.2) ? 30_000 : 5_000),
    }
  }
  if (roll <= 42) return { at, do: 'outage', of: dice.pick(['requests', 'stream', 'everything', 'prices']), forMs }
  if (roll <= 62)
    return {
      at,
      do: 'crash',
      afterPoints: dice.int(1, 25),
      downMs: dice.int(1, 9_000),
      torn: dice.pick([0, 0, 0.5, 1]),
    }
  if (roll <= 70) return { at, do: 'take over', forMs }
  if (roll <= 78) return { at, do: 'journal', fault: dice.pick(['full', 'failing', 'slow']), forMs }
  if (roll <= 80) return { at, do: 'lease store', fault: dice.pick(['failing', 'deaf', 'slow']), forMs }
  if (roll <= 83) return { at, do: 'kill switch store', fault: dice.pick(['failing', 'slow']), forMs }
  if (roll <= 86) return { at, do: 'clock skew', ms: dice.int(-3_000, 3_000) }
  if (roll <= 93) return { at, do: 'late fill', pick: dice.int(0, 3) }
  return { at, do: 'bust', pick: dice.int(0, 3) }
}
