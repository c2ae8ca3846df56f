import type { Instrument } from '@tradeswarm/trading'
import type { Scenario, Step, VenueRules } from './scenario.js'
import type { VenueTerms } from './venue-end.js'

/** What only a venue does that the simulator has in its own hands. */
const ownVenueActs: ReadonlySet<Step['do']> = new Set(['late fill', 'bust'])

/** A scenario as a venue allows it of which an adapter tells: its instruments, its rules, and nothing that it cannot be made to do. */
export function confineScenario(scenario: Scenario, terms: VenueTerms): Scenario {
  const { venue, instruments, second, steps } = scenario
  const mine = instruments.flatMap(({ kind }, index): readonly Instrument[] => {
    const contract = kind === 'perpetual' ? terms.contracts?.instruments[index] : undefined
    return [contract ?? terms.instruments[index]].filter((one) => one !== undefined)
  })
  return {
    ...scenario,
    venue: confineRules(venue, terms),
    instruments: mine,
    steps: steps.filter((step) => !ownVenueActs.has(step.do)),
    ...(second === undefined ? {} : { second: confineScenario(second, terms) }),
  }
}

function confineRules(rules: VenueRules, terms: VenueTerms): VenueRules {
  const {
    requestLifetimeMs: _,
    takesAll: __,
    lendsAt: ___,
    feeCurrency: ____,
    keepsNeedless: _____,
    tellsMovements: ______,
    ...rest
  } = rules
  const { capabilities, tellsExecutions, tellsTime, tellsMovements, feeBasisPoints, feeInAsset } = terms
  const { requestLifetimeMs: lifetimeMs, requestLifetimeOf: types } = capabilities ?? {}
  return {
    ...rest,
    clientOrderIds: capabilities?.clientOrderIds ?? 'permanent',
    declares: capabilities !== undefined,
    ...(lifetimeMs === undefined ? {} : { requestLifetimeMs: lifetimeMs }),
    ...(types === undefined ? {} : { requestLifetimeOf: types }),
    tellsExecutions,
    tellsTime,
    ...(tellsMovements === true ? { tellsMovements: 'asked' } : {}),
    replays: true,
    holdsStopAndTarget: capabilities?.holdsExitPairs ?? true,
    replace: capabilities?.replace ?? 'none',
    feeBasisPoints,
    feeInAsset,
  }
}
