import { pathToFileURL } from 'node:url'
import { defineTradingSwarm, type TradingSwarmDefinition } from '@tradeswarm/agents'
import { messageOf } from '@tradeswarm/core'
import { usageError } from '../usage-error.js'
import { kindOf } from './find-run.js'

/**
 * The definition that a module such as `swarm.config.ts` exports as its default. Throws wrong usage that names the file when there
 * is none, when it cannot be loaded or when what it exports is not made by `defineTradingSwarm`.
 */
export async function loadDefinition(path: string): Promise<TradingSwarmDefinition> {
  if ((await kindOf(path)) !== 'file') throw usageError(`${path}: there is no such file`)
  let exported: unknown
  try {
    exported = ((await import(pathToFileURL(path).href)) as { readonly default?: unknown }).default
  } catch (error) {
    throw usageError(`${path}: it could not be loaded: ${messageOf(error)}`)
  }
  if (isDefinition(exported)) return defineTradingSwarm(exported)
  throw usageError(
    `${path}: it has no definition as its default export: write export default defineTradingSwarm({ … })`,
  )
}

function isDefinition(value: unknown): value is TradingSwarmDefinition {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'trading-swarm'
}
