import { refusalIn, VenueErrors, type VenueRefusal } from '@tradeswarm/broker-kit'
import { SwarmError } from '@tradeswarm/core'

/** What goes wrong at OKX. */
export const okxErrors = new VenueErrors('OKX')

/** What an answer's code means for the request. */
export type CodeClass =
  /** Done. */
  | 'done'
  /** A definite no. */
  | 'refused'
  /** Nobody knows whether it was done. */
  | 'unknown'
  /** Too much at once: not done. */
  | 'limited'
  /** Our clock is off: not done. */
  | 'clock'
  /** The keys do not hold: not done. */
  | 'keys'

const unknown: ReadonlySet<string> = new Set(['50001', '50004', '50026', '51054', '51149'])
const limited: ReadonlySet<string> = new Set(['50011', '50013', '50040', '50061'])
const clock: ReadonlySet<string> = new Set(['50102', '50112'])

const remedies: Readonly<Record<string, string>> = {
  '50100': 'the API of the account is frozen; see what OKX says',
  '50101': 'key is of the other environment: check mode; demo trading and live trading have keys of their own',
  '50103': 'key is missing',
  '50104': 'passphrase is missing',
  '50105': 'check passphrase: it is not that of key',
  '50106': 'the signature is missing',
  '50107': 'the timestamp is missing',
  '50110': 'key takes other addresses only: add the one of this machine to its list at OKX',
  '50111': 'check key',
  '50113': 'check secret',
  '50114': 'check key, secret and passphrase',
  '50119': 'check key and site: OKX has no such one there, and keys of one are unknown to others',
  '50120': 'key lacks the permission; it needs to read and to trade',
}

/** What to do about keys that do not hold. */
export function keyRemedy(code: string): string {
  return remedies[code] ?? 'check key, secret and passphrase, and that they belong to mode and site'
}

/** Sorts a code, of an answer or of one of its items. */
export function classOf(code: string): CodeClass {
  if (code === '0') return 'done'
  if (unknown.has(code)) return 'unknown'
  if (limited.has(code)) return 'limited'
  if (clock.has(code)) return 'clock'
  return Object.hasOwn(remedies, code) ? 'keys' : 'refused'
}

/** Whether a refusal says that a live order has the client order id. */
export function isDuplicate({ venueCode }: VenueRefusal): boolean {
  return venueCode === '51016' || venueCode === '50071' || venueCode === '51065'
}

/** Whether an error says that the deadline of a request was over, by the clock of OKX: nothing was done. */
export function isExpired(error: unknown): boolean {
  const code = refusalIn(error)?.venueCode
  return code === '50036' || code === '50037'
}

/** Whether a refusal says that an amendment changes nothing. */
export function isUnchanged({ venueCode }: VenueRefusal): boolean {
  return venueCode === '51500'
}

/** An order was not found among those that were looked through, and there are more. */
export function lookedThroughInPart(clientOrderId: string, count: number): SwarmError {
  return new SwarmError({
    code: 'BROKER_LOOK_UP_INCOMPLETE',
    message: `order ${clientOrderId} is not among the ${count} orders that ended last at OKX, and there are more: name the symbols of the account, and it is asked for by its id`,
    retryability: 'retryable',
    context: { clientOrderId },
  })
}

/** Whether a refusal says that there is no such order. */
export function isUnknownOrder({ venueCode }: VenueRefusal): boolean {
  return venueCode === '51603' || venueCode === '51620'
}
