import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'
import { type Decimal, decimal, one, zero } from '@tradeswarm/trading'
import { isCandleBar } from './candle-bars.js'
import { type FakeOkxCandle, type FakeOkxInstrument, type FakeOkxOptions, fakeOkxDefaults } from './fake-okx-options.js'
import { defaultListTime } from './okx-instruments.js'

const place = 'fake OKX'

/** The options with what they leave out. */
export type FakeOkxSettings = FakeOkxOptions &
  Required<Pick<FakeOkxOptions, Exclude<keyof typeof fakeOkxDefaults, 'instruments' | 'cash'>>> & {
    readonly instruments: readonly FakeOkxInstrument[]
    readonly cash: Readonly<Record<string, string>>
  }

const names: readonly string[] = [
  ...Object.keys(fakeOkxDefaults),
  'feeBasisPoints',
  'maximumVolumeFraction',
  'funding',
  'priceLimitFraction',
  'candles',
  'feed',
  'clock',
  'timers',
  'random',
]
const instrumentNames: readonly string[] = [
  'instId',
  'tickSz',
  'lotSz',
  'minSz',
  'ctVal',
  'state',
  'maxLmtSz',
  'maxMktSz',
  'maxLmtAmt',
  'lever',
  'listTime',
]

/** The options with their defaults. Throws `INVALID_OPTION` for one that there is not, naming the nearest, and for a value out of its range. */
export function parseFakeOkxOptions(options: FakeOkxOptions): FakeOkxSettings {
  assertKnownOptions(place, options, names)
  const { feeBasisPoints } = options
  if (feeBasisPoints !== undefined) amount('feeBasisPoints', feeBasisPoints, (value) => value.gte(zero), 'from 0')
  const fees =
    feeBasisPoints === undefined ? {} : { makerBasisPoints: feeBasisPoints, takerBasisPoints: feeBasisPoints }
  const settings: FakeOkxSettings = { ...fakeOkxDefaults, ...fees, ...options }
  for (const option of ['keyId', 'secret', 'passphrase'] as const)
    if (typeof settings[option] !== 'string' || settings[option] === '')
      throw invalid(option, settings[option], 'a text that is not empty')
  choice(settings, 'environment', ['demo', 'live'])
  choice(settings, 'accountLevel', ['1', '2', '3'])
  choice(settings, 'positionMode', ['net_mode', 'long_short_mode'])
  choice(settings, 'feeType', ['0', '1'])
  choice(settings, 'streamTiming', ['before', 'after', 'mixed'])
  choice(settings, 'marketEnds', ['with-fill', 'apart', 'mixed'])
  whole(settings, 'port', 0, 65_535)
  whole(settings, 'idleMs', 1)
  whole(settings, 'cancelDelayMs', 0)
  whole(settings, 'regularPushMs', 0)
  whole(settings, 'quoteFreshMs', 0, 86_400_000)
  whole(settings, 'connectionsPerSecond', 1)
  if (!(settings.rateMultiplier > 0)) throw invalid('rateMultiplier', settings.rateMultiplier, 'a number above 0')
  for (const option of ['makerBasisPoints', 'takerBasisPoints', 'slippageBasisPoints'] as const)
    amount(option, settings[option], (value) => value.gte(zero), 'from 0')
  amount('contractLeverage', settings.contractLeverage, (value) => value.gte(one), 'from 1')
  for (const option of ['priceLimitFraction', 'maximumVolumeFraction'] as const)
    if (settings[option] !== undefined)
      amount(option, settings[option], (value) => value.gt(zero) && value.lte(one), 'above 0, up to 1')
  for (const [currency, text] of Object.entries(settings.cash))
    amount(`cash.${currency}`, text, (value) => value.gte(zero), 'from 0')
  checkInstruments(settings.instruments)
  checkNamed(settings)
  return { ...settings, instruments: settings.instruments.map((one) => listedSince(one, settings.candles)) }
}

/** What has a candle was listed then. */
function listedSince(instrument: FakeOkxInstrument, candles: FakeOkxOptions['candles'] = {}): FakeOkxInstrument {
  const firsts = Object.values(candles[instrument.instId] ?? {}).flatMap(([first]) => first?.[0] ?? [])
  const earliest = Math.min(Number(defaultListTime), ...firsts.map(Number))
  return { listTime: String(earliest), ...instrument }
}

function checkInstruments(instruments: readonly FakeOkxInstrument[]): void {
  const isList: boolean = Array.isArray(instruments)
  if (!isList || instruments.length === 0) throw invalid('instruments', instruments, 'a list of at least one')
  const seen = new Set<string>()
  for (const one of instruments) {
    assertKnownOptions(`${place}: instruments`, one, instrumentNames)
    const { instId } = one
    if (typeof instId !== 'string' || !/^[A-Z0-9]+-[A-Z0-9]+(-SWAP)?$/.test(instId))
      throw invalid('instruments.instId', instId, 'such as BTC-USDT or BTC-USDT-SWAP')
    if (seen.has(instId)) throw invalid('instruments.instId', instId, 'listed once')
    seen.add(instId)
    for (const field of ['tickSz', 'lotSz', 'minSz', 'ctVal', 'maxLmtSz', 'maxMktSz', 'maxLmtAmt', 'lever'] as const)
      if (one[field] !== undefined || ['tickSz', 'lotSz', 'minSz'].includes(field))
        amount(`instruments.${field}`, one[field], (value) => value.gt(zero), 'above 0')
    if (one.listTime !== undefined && !/^\d{1,15}$/.test(one.listTime))
      throw invalid('instruments.listTime', one.listTime, 'milliseconds since 1970 as a text, such as "1611916828000"')
    if (one.state !== undefined && !['live', 'suspend', 'preopen'].includes(one.state))
      throw invalid('instruments.state', one.state, 'live, suspend or preopen')
  }
}

/** What is said of single instruments must be about listed ones. */
function checkNamed({ instruments, candles, funding }: FakeOkxSettings): void {
  const listed = new Set(instruments.map(({ instId }) => instId))
  for (const [instId, bars] of Object.entries(candles ?? {})) {
    if (!listed.has(instId)) throw invalid('candles', instId, 'of a listed instrument')
    for (const [bar, rows] of Object.entries(bars)) {
      if (!isCandleBar(bar)) throw invalid(`candles.${instId}`, bar, 'of a bar such as 1m, 4H or 1Dutc')
      checkRows(`candles.${instId}.${bar}`, rows)
    }
  }
  if (funding === undefined) return
  assertKnownOptions(`${place}: funding`, funding, ['intervalMs', 'rates'])
  const { intervalMs } = funding
  if (intervalMs !== undefined && !(Number.isSafeInteger(intervalMs) && intervalMs > 0))
    throw invalid('funding.intervalMs', intervalMs, 'a whole number above 0')
  for (const [instId, rate] of Object.entries(funding.rates)) {
    if (!listed.has(instId) || !instId.endsWith('-SWAP')) throw invalid('funding.rates', instId, 'of a listed swap')
    amount(`funding.rates.${instId}`, rate, (value) => value.abs().lt(one), 'between -1 and 1')
  }
}

function checkRows(option: string, rows: readonly FakeOkxCandle[]): void {
  let last = -1
  for (const row of rows) {
    const isWhole = row.length === 8 && row.every((text) => typeof text === 'string' && /^\d+(\.\d+)?$/.test(text))
    if (!isWhole || Number(row[0]) <= last)
      throw invalid(
        option,
        row,
        'eight numbers as texts (ts, open, high, low, close, vol, volCcy, volCcyQuote, without the confirm of the API), each row later than the one before',
      )
    last = Number(row[0])
  }
}

function choice(settings: FakeOkxSettings, option: keyof FakeOkxSettings, values: readonly string[]): void {
  if (!values.includes(settings[option] as string))
    throw invalid(option, settings[option], `one of ${values.join(', ')}`)
}

function whole(settings: FakeOkxSettings, option: keyof FakeOkxSettings, least: number, most?: number): void {
  const value = settings[option]
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value) && value >= least
  if (isWhole && (most === undefined || value <= most)) return
  throw invalid(option, value, `a whole number from ${least}${most === undefined ? '' : ` to ${most}`}`)
}

function amount(option: string, text: string | undefined, isRight: (value: Decimal) => boolean, range: string): void {
  let isFine = false
  try {
    isFine = typeof text === 'string' && isRight(decimal(text, option))
  } catch {
    // It is no decimal text.
  }
  if (!isFine) throw invalid(option, text, `a decimal text ${range}`)
}

function invalid(option: string, value: unknown, wanted: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${place}: ${option}: ${shown(value)} is not ${wanted}`,
    context: { option },
  })
}
