import type { Logger } from '@tradeswarm/core'

/** Warns, with the code `BAR_NOT_TOLD`, that the bar of a session is left out as its end was not heard; `why` is what asking for it met. */
export function warnOfUnheardDay(logger: Logger, symbol: string, sessionDate: string, why?: string): void {
  logger.warn('the bar of a day was not told, as its end was not heard: whoever needs it asks the history for it', {
    code: 'BAR_NOT_TOLD',
    symbol,
    sessionDate,
    ...(why === undefined ? {} : { why }),
  })
}
