import { createTradingKernel } from '@tradeswarm/trading'
import type { PlantedBug } from './planted-bugs.test-support.js'
import { createSessionBroker } from './session-broker.js'

/** Mistakes with what is told late, or changed afterwards. */
export const plantedNewsBugs: readonly PlantedBug[] = [
  {
    name: 'a split that holds from when it is told',
    feature: 'late news',
    foundBy: ['I21', 'I29'],
    subject: {
      createKernel(options) {
        const kernel = createTradingKernel(options)
        return {
          ...kernel,
          onMarket(event) {
            const time = options.brokerContext.clock.now()
            return kernel.onMarket(event.type === 'split' ? { ...event, time } : event)
          },
        }
      },
    },
  },
  {
    name: 'a dividend that is paid on what is held when it is told',
    feature: 'late news',
    foundBy: ['I19', 'I18'],
    subject: {
      createKernel(options) {
        const kernel = createTradingKernel(options)
        return {
          ...kernel,
          onMarket(event) {
            const time = options.brokerContext.clock.now()
            return kernel.onMarket(event.type === 'dividend' ? { ...event, time } : event)
          },
        }
      },
    },
  },
  {
    name: 'a correction that nobody hears of',
    feature: 'corrections',
    foundBy: ['I18'],
    subject: {
      adapter(session, context, account) {
        const { executions, ...broker } = createSessionBroker(session, context, account)
        return {
          ...broker,
          ...(executions === undefined
            ? {}
            : {
                executions: async (since) =>
                  (await executions(since)).map(({ change, ...each }) =>
                    change === undefined || change.type === 'corrected' ? each : { ...each, change },
                  ),
              }),
          subscribe: (listener) =>
            broker.subscribe((event) => (event.type === 'corrected' ? undefined : listener(event))),
        }
      },
    },
  },
]
