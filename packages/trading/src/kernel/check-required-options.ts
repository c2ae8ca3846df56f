import { SwarmError } from '@tradeswarm/core'
import { assertCalendar } from '../instruments/assert-calendar.js'
import { isCurrencyName } from '../ledger/ledger-amounts.js'
import type { TradingKernelOptions } from './kernel-options.js'

type Required = { readonly methods: readonly string[]; readonly what: string }

/** What a kernel cannot do without, by the path of the option: what is called on it, and what it is. */
const required: Readonly<Record<string, Required>> = {
  definition: { methods: ['open'], what: 'the definition of a broker, such as what createPaperBroker(…) gives' },
  brokerContext: { methods: [], what: 'what the broker is opened with: clock, ids, random, logger and feed' },
  'brokerContext.clock': { methods: ['now'], what: 'a clock, with now()' },
  'brokerContext.ids': { methods: ['next'], what: 'a source of ids, such as createSequentialIds()' },
  'brokerContext.random': { methods: ['next', 'fork'], what: 'a source of randomness, such as createSeededRandom(1)' },
  journal: { methods: ['append', 'durable'], what: 'an object with append(entry) and durable()' },
  logger: { methods: ['warn', 'error'], what: 'a logger, such as createSilentLogger()' },
}

const currencyWanted = "a currency's name in letters, digits and signs of ASCII, such as 'USD'"

/** Refuses options without which there is no kernel, where they are left out or something else. Throws `INVALID_OPTION`. */
export function checkRequiredOptions(options: TradingKernelOptions): void {
  for (const option of ['account', 'currency'] as const) {
    const value: unknown = options[option]
    if (typeof value !== 'string' || value === '')
      throw invalid(option, value, option === 'account' ? "the account's name" : currencyWanted)
  }
  if (!isCurrencyName(options.currency)) throw invalid('currency', options.currency, currencyWanted)
  for (const [option, { methods, what }] of Object.entries(required)) {
    const value = at(options, option)
    if (!has(value, methods)) throw invalid(option, value, what)
  }
  assertCalendar('createTradingKernel', 'calendar', options.calendar)
  const stores: unknown = options.killSwitchStore
  const isStored = Array.isArray(stores) ? stores.every(isStore) : isStore(stores)
  if (!isStored)
    throw invalid('killSwitchStore', stores, 'an object with load() and save(record), or a list of such objects')
  // With a history they are not used.
  const { deposits, history, snapshot } = options
  if (history !== undefined && !isListed(history))
    throw invalid(
      'history',
      history,
      'what an earlier kernel appended to its journal, in order: a list, or what iterates over one',
    )
  if (snapshot !== undefined && typeof snapshot !== 'string')
    throw invalid('snapshot', snapshot, "a text, as an earlier kernel's snapshot() gave it")
  if (deposits !== undefined || (history === undefined && snapshot === undefined))
    assertDeposits('createTradingKernel', 'deposits', deposits)
}

/** Refuses what is no cash that an account could start with, in the name of whoever was given it. Throws `INVALID_OPTION`. */
export function assertDeposits(
  where: string,
  option: string,
  deposits: unknown,
): asserts deposits is TradingKernelOptions['deposits'] {
  if (typeof deposits === 'string') return
  const what = "a decimal text such as '100000', or one by currency: { USD: '100000' }"
  if (typeof deposits !== 'object' || deposits === null || Array.isArray(deposits))
    throw invalid(option, deposits, what, where)
  for (const currency of Object.keys(deposits))
    if (!isCurrencyName(currency)) throw invalid(option, currency, `by currency, each ${currencyWanted}`, where)
  for (const [currency, amount] of Object.entries(deposits))
    if (typeof amount !== 'string')
      throw invalid(`${option}.${currency}`, amount, "a decimal text such as '100000'", where)
}

function at(options: object, path: string): unknown {
  let value: unknown = options
  for (const name of path.split('.')) value = (value as Readonly<Record<string, unknown>>)[name]
  return value
}

function has(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function')
}

/** A text iterates too, over its letters. */
function isListed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

function isStore(value: unknown): boolean {
  return has(value, ['load', 'save'])
}

function invalid(option: string, value: unknown, what: string, where = 'createTradingKernel'): SwarmError {
  const fault = value === undefined ? 'is not given' : `is ${named(value)}`
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${where}: ${option} ${fault}; it must be ${what}`,
    context: { option },
  })
}

/** Nothing of an object is repeated: it may hold a secret. */
function named(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'something else' : String(value)
}
