import { createTradingKernel, type Execution } from '@tradeswarm/trading'
import type { PlantedBug } from './planted-bugs.test-support.js'
import { createSessionBroker } from './session-broker.js'
import type { VenueSession } from './venue-session.js'

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
  {
    name: 'a correction of which the price alone is heard',
    feature: 'corrected units',
    foundBy: ['I02', 'I18', 'I21'],
    subject: {
      adapter(session, context, account) {
        const { executions, ...broker } = createSessionBroker(session, context, account)
        const told = new Map<string, string>()
        /** With as many units as its trade was first told with. */
        const asTold = (execution: Execution): Execution => {
          const quantity = told.get(execution.tradeId) ?? execution.quantity
          told.set(execution.tradeId, quantity)
          return { ...execution, quantity }
        }
        return {
          ...broker,
          ...(executions === undefined
            ? {}
            : {
                executions: async (since) =>
                  (await executions(since)).map((each) => ({ ...each, execution: asTold(each.execution) })),
              }),
          subscribe: (listener) =>
            broker.subscribe((event) =>
              listener('execution' in event ? { ...event, execution: asTold(event.execution) } : event),
            ),
        }
      },
    },
  },
  {
    name: 'an amount that goes out as so many units',
    feature: 'amounts',
    foundBy: ['I10'],
    subject: {
      adapter(session, context, account) {
        const place: VenueSession['place'] = (request) => {
          const { sizedIn: _, ...units } = request
          return session.place(units)
        }
        return createSessionBroker({ ...session, place }, context, account)
      },
    },
  },
]
