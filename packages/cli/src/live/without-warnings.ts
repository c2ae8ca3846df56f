import type { LogFields, Logger } from '@tradeswarm/core'

/** What a venue's feed says of a day whose end it did not hear: a session feed asks for its bar, and says where there is none. */
export const missingBar = 'BAR_NOT_TOLD'
/** What it says of a symbol that it has never heard a price of: at a double it is on the tape, which has not begun. */
export const noPriceYet = 'NO_PRICE_YET'

/** A log without warnings of these codes. */
export function withoutWarnings(logger: Logger, codes: readonly string[]): Logger {
  const isNews = (fields?: LogFields): boolean => !codes.includes(String(fields?.['code']))
  return {
    debug: (message, fields) => logger.debug(message, fields),
    info: (message, fields) => logger.info(message, fields),
    warn: (message, fields) => (isNews(fields) ? logger.warn(message, fields) : undefined),
    error: (message, fields) => logger.error(message, fields),
    child: (fields) => withoutWarnings(logger.child(fields), codes),
  }
}
