import { messageOf } from '@tradeswarm/core'
import type { DividendEvent, FundingEvent, StockSplitEvent } from '../market/market-event.js'
import { alert, type KernelRuntime } from './kernel-runtime.js'

/** No venue can be asked for it once more, and no feed tells it again after a crash: it survives one from here on. */
export async function kept(
  runtime: KernelRuntime,
  { type, symbol }: DividendEvent | FundingEvent | StockSplitEvent,
): Promise<void> {
  try {
    await runtime.journal.durable()
  } catch (thrown) {
    const message = `the ${type} of ${symbol} is booked, and a restart may lose it: ${messageOf(thrown)}`
    alert(runtime, 'JOURNAL_NOT_DURABLE', message, symbol)
  }
}
