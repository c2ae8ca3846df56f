import type { TradingSwarm, TradingSwarmDefinition } from '@tradeswarm/agents'
import { assertKnownOptions, type Logger, type StorageDefinition, SwarmError, shown } from '@tradeswarm/core'
import type { SignalSource } from '@tradeswarm/signals'
import { type Decimal, decimal, decimalText, type SessionDate } from '@tradeswarm/trading'
import type { Tape } from '../tape/tape.js'
import type { RunTally } from './run-counts.js'

/** How far a run has come, at the close of a session. */
export type BacktestProgress = {
  readonly sessionDate: SessionDate
  /** Cash and positions at the close; undefined while something has no price. */
  readonly equity: number | undefined
  /** Fraction of the tape's trading sessions that are done. */
  readonly done: number
  readonly tally: RunTally
}

/** What `backtest` takes: a tape and a swarm, and the terms of the account. */
export type BacktestOptions = {
  readonly tape: Tape
  /** Its brokers and sources are replaced by a paper broker and the tape. */
  readonly swarm: TradingSwarmDefinition
  /** Sources polled beside the tape. A poll is given the virtual time and must give nothing that is later. */
  readonly sources?: readonly SignalSource[]
  /** Start capital by currency: decimal texts above 0. One currency so far, USD. */
  readonly cash: Readonly<Record<string, string>>
  /** A whole number from 0 to 2^53 - 1; default 42. */
  readonly seed?: number
  /** Default: in memory. */
  readonly storage?: StorageDefinition
  /** Takes up a run that was stopped: the recorded part is run again and compared, then it goes on. */
  readonly resume?: boolean
  /** Basis points of each fill's notional, a decimal text from 0 to 1000; default 5. */
  readonly feeBasisPoints?: string
  /** Basis points by which a market or stop order fills worse, a decimal text from 0 to 1000; default 5. */
  readonly slippageBasisPoints?: string
  readonly logger?: Logger
  /** Stops the run between two instants; what was done is kept. */
  readonly signal?: AbortSignal
  /** Called at the close of each session. */
  readonly onProgress?: (progress: BacktestProgress) => void
  /** Called when the swarm runs. To look, not to act: what is done to it here would be done twice when the run is resumed. */
  readonly onStarted?: (swarm: TradingSwarm) => void
  /**
   * Awaited at the close of each session, before the next one, to look or to act as an operator. In the recorded part of a
   * resumed run it is not called: what it did there is done again from the record.
   */
  readonly onSessionClosed?: (sessionDate: SessionDate, swarm: TradingSwarm) => void | Promise<void>
}

/** The options that are part of what a run is, checked, with defaults and amounts as canonical texts. */
export type RunTerms = {
  readonly cash: { readonly USD: string }
  readonly fees: { readonly basisPoints: string }
  readonly slippage: { readonly basisPoints: string }
  readonly seed: number
}

type Range = { readonly above: string; readonly to: string } | { readonly from: string; readonly to: string }

const cashRange: Range = { above: '0', to: '1000000000000' }
/** The paper broker's own range. */
const basisPointsRange: Range = { from: '0', to: '1000' }
const defaultBasisPoints = '5'
const defaultSeed = 42

/** By the type, so that none is forgotten. */
const optionNames: Readonly<Record<keyof BacktestOptions, true>> = {
  tape: true,
  swarm: true,
  sources: true,
  cash: true,
  seed: true,
  storage: true,
  resume: true,
  feeBasisPoints: true,
  slippageBasisPoints: true,
  logger: true,
  signal: true,
  onProgress: true,
  onStarted: true,
  onSessionClosed: true,
}

/**
 * Refuses an option that there is not, for with a misspelt seed another run would be taken for it, and what is no tape, no swarm or no
 * sources. Throws `INVALID_OPTION`.
 */
export function checkOptionNames(options: BacktestOptions): void {
  assertKnownOptions('backtest', options, Object.keys(optionNames))
  const { tape, swarm, sources } = options
  if (!hasList(tape, 'bars'))
    throw invalid(`tape: it is ${kindOf(tape)}; give what loadTape or bundledTape resolves to`)
  if (!hasList(swarm, 'symbols')) throw invalid(`swarm: it is ${kindOf(swarm)}; give what defineTradingSwarm returns`)
  if (sources === undefined) return
  const example = 'write sources: [defineSignalSource(…)]'
  if (!Array.isArray(sources)) throw invalid(`sources: it is ${kindOf(sources)} and no list; ${example}`)
  const place = sources.findIndex(
    (source: unknown) => typeof (source as { poll?: unknown } | null)?.poll !== 'function',
  )
  if (place >= 0) throw invalid(`sources[${place}]: it is no source; ${example}`)
}

function hasList(value: unknown, name: string): boolean {
  return (
    typeof value === 'object' && value !== null && Array.isArray((value as Readonly<Record<string, unknown>>)[name])
  )
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (value instanceof Promise) return 'a promise that was not awaited'
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`
}

/** Checks seed, cash, fees and slippage. Throws `INVALID_OPTION`, naming the option, its value and the range. */
export function checkedTerms(
  options: Pick<BacktestOptions, 'cash' | 'seed' | 'feeBasisPoints' | 'slippageBasisPoints'>,
): RunTerms {
  const { cash, feeBasisPoints, slippageBasisPoints, seed = defaultSeed } = options
  const currencies = Object.keys(cash ?? {})
  if (currencies.length !== 1 || currencies[0] !== 'USD') {
    throw invalid(`cash: give the start capital in USD, such as { USD: '100000' }, not ${shown(cash)}`)
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw invalid(`seed: ${shown(seed)} is no whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
  }
  return {
    cash: { USD: amountIn('cash.USD', cash.USD, cashRange) },
    fees: { basisPoints: amountIn('feeBasisPoints', feeBasisPoints ?? defaultBasisPoints, basisPointsRange) },
    slippage: {
      basisPoints: amountIn('slippageBasisPoints', slippageBasisPoints ?? defaultBasisPoints, basisPointsRange),
    },
    seed,
  }
}

function amountIn(option: string, text: unknown, range: Range): string {
  const least = 'above' in range ? `above ${range.above}` : `from ${range.from}`
  const amount = amountOf(text)
  const isBelow =
    amount !== undefined && ('above' in range ? amount.lte(decimal(range.above)) : amount.lt(decimal(range.from)))
  if (amount === undefined || isBelow || amount.gt(decimal(range.to))) {
    throw invalid(`${option}: ${shown(text)} is no decimal text ${least} to ${range.to}, such as "12.50"`)
  }
  return decimalText(amount)
}

function amountOf(text: unknown): Decimal | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return decimal(text)
  } catch {
    return undefined
  }
}

/** A number as it is, since JSON has no NaN; anything else as JSON. */
function invalid(message: string): SwarmError {
  return new SwarmError({ code: 'INVALID_OPTION', message: `backtest: ${message}` })
}
