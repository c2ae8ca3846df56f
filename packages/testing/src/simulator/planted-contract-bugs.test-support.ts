import {
  type Broker,
  createTradingKernel,
  decimal,
  defineRiskRule,
  divide,
  type TradingKernelOptions,
} from '@tradeswarm/trading'
import type { PlantedBug } from './planted-bugs.test-support.js'
import type { SimulationSubject } from './run-scenario.js'

/** The kernel with other options. */
function planting(change: (options: TradingKernelOptions) => TradingKernelOptions): SimulationSubject {
  return { createKernel: (options) => createTradingKernel(change(options)) }
}

/** What a unit stands for counts as one, in the limit of a position alone. */
const forgettingMultipliers = defineRiskRule({
  code: 'MAX_POSITION',
  binds: 'entry',
  check({ instrument, policy }, { symbolExposure, equity }) {
    const worth = divide(symbolExposure, decimal(instrument?.multiplier ?? '1'), 18, 'half-even')
    return worth.gt(equity.times(decimal(String(policy.maxPositionFraction))))
      ? 'the position would be worth too much'
      : undefined
  },
})

/** The venue is never heard of what it moves without an order. */
function withoutMovements(broker: Broker): Broker {
  const { movements, subscribeMovements, ...rest } = broker
  return {
    ...rest,
    ...(movements === undefined ? {} : { movements: async () => [] }),
    ...(subscribeMovements === undefined ? {} : { subscribeMovements: () => () => undefined }),
  }
}

/** Mistakes that only show where contracts are traded. */
export const plantedContractBugs: readonly PlantedBug[] = [
  {
    name: 'a limit that forgets what a unit stands for',
    feature: 'contracts',
    foundBy: ['I11'],
    subject: planting((options) => ({ ...options, rules: { replace: [forgettingMultipliers] } })),
  },
  {
    name: 'a contract that sets half of its margin aside',
    feature: 'contracts',
    foundBy: ['I11'],
    subject: planting((options) => ({
      ...options,
      policy: { ...options.policy, contractLeverage: 2 * (options.policy?.contractLeverage ?? 1) },
    })),
  },
  {
    name: 'funding that nobody hears of',
    feature: 'contracts',
    foundBy: ['I18'],
    subject: planting(({ definition, ...options }) => ({
      ...options,
      definition: { ...definition, open: async (context) => withoutMovements(await definition.open(context)) },
    })),
  },
]
