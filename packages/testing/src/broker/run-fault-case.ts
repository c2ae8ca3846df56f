import { createSystemClock } from '@tradeswarm/core'
import { AwaitedCalls } from './awaited-calls.js'
import type { BrokerHarness } from './broker-harness.js'
import { type FaultBench, openFaultBench } from './fault-bench.js'
import type { FaultCase } from './fault-case.js'

/** How long one wait of a case may take, and how long all of it: `limitMs`, none by default. */
export type FaultCaseLimits = { readonly patienceMs?: number; readonly limitMs?: number | undefined }

/** Runs a case at a venue of its own. Where it has not ended within its limit, throws what it was waiting for. */
export async function runFaultCase(
  harness: BrokerHarness,
  one: FaultCase,
  { patienceMs, limitMs }: FaultCaseLimits = {},
): Promise<void> {
  const machine = createSystemClock()
  const awaited = new AwaitedCalls()
  const endsAt = machine.now() + (limitMs ?? Number.POSITIVE_INFINITY)
  let bench: FaultBench | undefined
  const run = async (): Promise<void> => {
    bench = await openFaultBench(harness, one.setup, {
      awaited,
      endsAt,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    })
    try {
      await one.run(bench)
    } finally {
      await bench.venue.close()
    }
  }
  if (limitMs === undefined) return run()
  const overdue = Promise.withResolvers<never>()
  const cancel = machine.at(endsAt, () => {
    overdue.reject(
      new Error(`${one.id}: it did not come about within ${limitMs} ms: ${awaited.last ?? 'the case has ended'}`),
    )
    // Whatever hangs may never let go of it.
    bench?.venue.close().catch(() => undefined)
  })
  try {
    await Promise.race([run(), overdue.promise])
  } finally {
    cancel()
  }
}

/** What is left of a test's time limit to say what was waited for; undefined where it has none. */
export function caseLimitMs(testTimeoutMs: number): number | undefined {
  if (!Number.isFinite(testTimeoutMs) || testTimeoutMs <= 0) return undefined
  return Math.round(testTimeoutMs * shareOfLimit)
}

/** A machine that is busy takes a while to say it. */
const shareOfLimit = 0.9
