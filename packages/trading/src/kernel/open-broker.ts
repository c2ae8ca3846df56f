import { messageOf, SwarmError } from '@tradeswarm/core'
import type { Broker, BrokerContext, BrokerDefinition } from '../orders/broker.js'
import type { AccountLease } from './account-lease.js'
import type { Within } from './within.js'

/** How long a venue is waited for; absent in virtual time, where nothing hangs. */
export type OpeningLimit = { readonly within: Within; readonly limitMs: number }

/**
 * Opens the venue of an account within a limit. One that opens after that is closed at once: nobody would ever close it else. Throws
 * `VENUE_NOT_OPENED` when it takes too long, and what `open` throws; the hold on the account is given back before.
 */
export async function openBroker(
  definition: BrokerDefinition,
  context: BrokerContext,
  lease: AccountLease | undefined,
  limit: OpeningLimit | undefined,
): Promise<Broker> {
  try {
    return await (limit === undefined ? definition.open(context) : openWithin(definition, context, limit))
  } catch (thrown) {
    // Whoever opens it next need not wait for this hold to lapse.
    await lease?.release().catch((released: unknown) => {
      const fields = { account: definition.account, error: messageOf(released) }
      context.logger.warn('the account was not given back', fields)
    })
    throw thrown
  }
}

async function openWithin(
  definition: BrokerDefinition,
  context: BrokerContext,
  { within, limitMs }: OpeningLimit,
): Promise<Broker> {
  let hasEnded = false
  const opening = (async () => {
    try {
      return await definition.open(context)
    } finally {
      hasEnded = true
    }
  })()
  try {
    return await within(limitMs, 'opening', opening)
  } catch (thrown) {
    // An adapter may have limits of its own: what it throws is its own word.
    if (hasEnded) throw thrown
    void closeLate(opening, definition, context)
    throw notOpened(definition, limitMs)
  }
}

async function closeLate(
  opening: Promise<Broker>,
  { name, account }: BrokerDefinition,
  { logger }: BrokerContext,
): Promise<void> {
  try {
    const late = await opening
    await late.close()
    logger.warn('a venue opened after it was given up, and was closed again', { venue: name, account })
  } catch (thrown) {
    logger.warn('a venue that was given up failed to open or to close', {
      venue: name,
      account,
      error: messageOf(thrown),
    })
  }
}

function notOpened({ name, account }: BrokerDefinition, limitMs: number): SwarmError {
  return new SwarmError({
    code: 'VENUE_NOT_OPENED',
    message: `account ${account} was not opened: its venue "${name}" took longer than ${limitMs} ms, and no order was sent; see whether the venue can be reached and start again, or give it more time with venueTimeoutMs`,
    retryability: 'retryable',
    context: { account, venue: name, venueTimeoutMs: limitMs },
  })
}
