import { defineTradingSwarm, type TradingSwarmDefinition } from '@tradeswarm/agents'

const dayMs = 86_400_000
/** Mentions are counted by quarters of their window. */
const shortestBurstWindowMs = 4
/** However fast a tape is, a machine that is busy takes a moment. */
const shortestLagMs = 1_000

const dataScoutAges = { windowMs: 3 * dayMs, halfLifeMs: dayMs, burstWindowMs: dayMs, maximumPostAgeMs: 3 * dayMs }
const cooldownAfterLossMs = 30 * 60_000

/**
 * A swarm for a tape whose days take `sessionMs`: whatever its agents and limits measure in days or hours shrinks with them, unless the
 * definition says itself how long it is. What is technical, such as time-outs and permits, stays as it is.
 */
export function pacedDefinition(
  definition: TradingSwarmDefinition,
  sessionMs: number,
  sources: NonNullable<TradingSwarmDefinition['sources']>,
): TradingSwarmDefinition {
  const scale = sessionMs / dayMs
  const short = (ms: number, least = 1): number => Math.max(least, Math.round(ms * scale))
  const maximumLagMs = Math.max(shortestLagMs, sessionMs)
  const { config = {}, policy = {} } = definition
  const scout = config['data-scout']
  return defineTradingSwarm({
    ...definition,
    sources: [...(definition.sources ?? []), ...sources],
    policy: { cooldownAfterLossMs: short(cooldownAfterLossMs), ...policy },
    config: {
      ...config,
      'data-scout': {
        maximumPostAgeMs: short(dataScoutAges.maximumPostAgeMs),
        maximumLagMs,
        ...scout,
        aggregation: {
          windowMs: short(dataScoutAges.windowMs),
          halfLifeMs: short(dataScoutAges.halfLifeMs),
          burstWindowMs: short(dataScoutAges.burstWindowMs, shortestBurstWindowMs),
          ...scout?.aggregation,
        },
      },
      analyst: { maximumLagMs, ...config.analyst },
      trader: { maximumLagMs, ...config.trader },
    },
  })
}
