import { type Decimal, decimalText } from '../money/decimal.js'
import { breachedLimits } from '../risk/loss-limits.js'
import { commit, equityOf, type KernelRuntime } from './kernel-runtime.js'
import { raiseHalt } from './raise-halt.js'

/** Follows equity, as it stands at the last prices, to its peak, and sets `reducing` when it has passed a loss limit. */
export function checkLosses(runtime: KernelRuntime): void {
  const equity = equityOf(runtime)
  if (equity === undefined) return
  notePeak(runtime, runtime.peaks.take(runtime.state.risk, equity))
  for (const { cause, reason } of breachedLimits(runtime.state.risk, equity)) raiseHalt(runtime, cause, reason)
}

/** Notes a peak that was seen and not noted: before a baseline changes for another reason. */
export function noteLatestPeak(runtime: KernelRuntime): void {
  notePeak(runtime, runtime.peaks.latest(runtime.state.risk))
}

function notePeak(runtime: KernelRuntime, peak: Decimal | undefined): void {
  if (peak === undefined) return
  commit(runtime, { type: 'peak-reached', time: runtime.clock.now(), equity: decimalText(peak) })
}
