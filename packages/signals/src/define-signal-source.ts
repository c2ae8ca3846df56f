import { durationMs, SwarmError } from '@tradeswarm/core'
import type { SignalSource, SignalSourceOptions } from './signal-source.js'

const kebabCase = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const longestName = 64
const defaultWeight = 0.5

/**
 * An inert description of a source; nothing is polled before a swarm starts.
 * Throws `INVALID_OPTION` naming the option, its value and the range.
 */
export function defineSignalSource(options: SignalSourceOptions): SignalSource {
  const { name, quota, nextDue, poll } = options
  const where = `signal source ${JSON.stringify(name)}`
  if (typeof name !== 'string' || !kebabCase.test(name) || name.length > longestName) {
    throw invalid(
      where,
      'name',
      name,
      `write it in kebab-case, such as "my-feed", with at most ${longestName} characters`,
    )
  }
  if (typeof poll !== 'function')
    throw invalid(where, 'poll', poll, 'give an async function that returns the new items')
  if (nextDue !== undefined && typeof nextDue !== 'function') {
    throw invalid(where, 'nextDue', nextDue, 'give a function from a time to the next time, or leave it out')
  }
  const weight = options.weight ?? defaultWeight
  if (!(Number.isFinite(weight) && weight >= 0 && weight <= 1)) {
    throw invalid(where, 'weight', weight, 'give a number from 0 to 1')
  }
  if (quota !== undefined) checkQuota(where, quota)
  return {
    name,
    everyMs: everyMsOf(where, options.every),
    weight,
    synthetic: options.synthetic ?? false,
    poll: (context) => poll.call(options, context),
    ...(quota === undefined ? {} : { quota: { requests: quota.requests, perMs: quota.perMs } }),
    ...(nextDue === undefined ? {} : { nextDue: (after) => nextDue.call(options, after) }),
  }
}

function everyMsOf(where: string, every: SignalSourceOptions['every']): number {
  try {
    return durationMs(every)
  } catch (cause) {
    throw invalid(
      where,
      'every',
      every,
      'give a positive number of milliseconds or a text such as "30s", "1m" or "2h"',
      cause,
    )
  }
}

function checkQuota(where: string, quota: NonNullable<SignalSourceOptions['quota']>): void {
  for (const field of ['requests', 'perMs'] as const) {
    const value = quota[field]
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw invalid(where, `quota.${field}`, value, 'give a whole number of 1 or more')
    }
  }
}

function invalid(where: string, option: string, value: unknown, range: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${where}: ${option} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; ${range}`,
    context: { option, value },
    ...(cause === undefined ? {} : { cause }),
  })
}
