import { VenueErrors, type VenueRefusal } from '@tradeswarm/broker-kit'

/** What goes wrong at Alpaca. */
export const alpacaErrors = new VenueErrors('Alpaca')

/** What to do about keys that do not hold. */
export const keyRemedy = 'check keyId and secret, and mode where it is given: paper and live have keys of their own'

/** Whether a refusal says that the client order id was used before. */
export function isDuplicate({ venueCode, message }: VenueRefusal): boolean {
  return venueCode === 40010001 && /client_order_id must be unique/i.test(message)
}
