import { VenueErrors, type VenueRefusal } from '@tradeswarm/broker-kit'

/** What goes wrong at Alpaca. */
export const alpacaErrors = new VenueErrors('Alpaca')

/** What to do about keys that do not hold. */
export const keyRemedy = 'check keyId and secret, and mode where it is given: paper and live have keys of their own'

/** Whether a refusal may say that the client order id was used before: its code, which is that of whatever is odd in an order, stays; its words may not. */
export function mayBeDuplicate({ venueCode }: VenueRefusal): boolean {
  return venueCode === 40010001
}

/** Whether a refusal says in so many words that the client order id was used before. */
export function isDuplicate(refusal: VenueRefusal): boolean {
  return mayBeDuplicate(refusal) && /client_order_id must be unique/i.test(refusal.message)
}
