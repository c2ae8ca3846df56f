import type { LogFields, Logger } from '@tradeswarm/core'

/** What a venue's feed says of a day whose end it did not hear: a {@link SessionFeed} asks for its bar, and says where there is none. */
const missingBar = 'BAR_NOT_TOLD'

/** A log for a feed whose missing bars are asked for: what it says of them is left out. */
export function withoutMissingBars(logger: Logger): Logger {
  const isNews = (fields?: LogFields): boolean => fields?.['code'] !== missingBar
  return {
    debug: (message, fields) => logger.debug(message, fields),
    info: (message, fields) => logger.info(message, fields),
    warn: (message, fields) => (isNews(fields) ? logger.warn(message, fields) : undefined),
    error: (message, fields) => logger.error(message, fields),
    child: (fields) => withoutMissingBars(logger.child(fields)),
  }
}
