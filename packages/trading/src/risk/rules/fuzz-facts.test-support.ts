import type { Random } from '@tradeswarm/core'
import { RecentEvents } from '../../kernel/recent-events.js'
import { decimal, zero } from '../../money/decimal.js'
import type { ExitPlan, OrderRequest } from '../../orders/order-request.js'
import { rateKey } from '../activity-view.js'
import { instrumentGrid } from '../instrument-grid.js'
import type { PolicyLimits } from '../policy-limits.js'
import { type ExposureView, type RiskContext, required } from '../risk-context.js'
import { type RiskPolicy, riskPolicy } from '../risk-policy.js'
import type { Facts } from './naive-rules.test-support.js'
import { activityWith, soundInstrument, useOf } from './rule-context.test-support.js'

const now = 1_000_000_000

/** Draws by chance, most of the time something ordinary: an order with three faults tells little about the third. */
export type Draw = {
  chance(probability: number): boolean
  of<T>(...choices: readonly T[]): T
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number
  /** An amount with cents. */
  amount(from: number, to: number): string
}

export function drawFrom(random: Random): Draw {
  const whole = (from: number, to: number): number => from + Math.floor(random.next() * (to - from + 1))
  return {
    chance: (probability) => random.next() < probability,
    of: (...choices) => choices[whole(0, choices.length - 1)] as (typeof choices)[number],
    whole,
    amount: (from, to) => {
      const cents = whole(Math.round(from * 100), Math.round(to * 100))
      const sign = cents < 0 ? '-' : ''
      return `${sign}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`
    },
  }
}

/** A policy with some of its limits stated, near to what the facts come to. */
export function drawPolicy(draw: Draw): RiskPolicy {
  const maybe = <T>(name: string, value: () => T): object => (draw.chance(0.15) ? { [name]: value() } : {})
  const percent = (from: number, to: number): number => draw.whole(from, to) / 100
  const streak = () => ({ count: draw.whole(1, 4), pauseMs: draw.whole(1, 2_000) })
  const window = () => ({ count: draw.whole(1, 4), windowMs: draw.whole(1, 2_000) })
  const bucket = () => ({ burst: draw.whole(1, 4), intervalMs: draw.of(1, 7, 100, 1_000) })
  return riskPolicy({
    maxOrderFraction: percent(3, 40),
    maxPositionFraction: percent(5, 60),
    maxSymbolExposureFraction: percent(5, 60),
    maxCorrelatedExposureFraction: percent(20, 100),
    maxOpenPositions: draw.whole(2, 9),
    maxStressLossFraction: percent(5, 40),
    maxDailyLossFraction: percent(1, 20),
    maxDrawdownFraction: percent(2, 30),
    priceCollarFraction: percent(1, 15),
    ...(draw.chance(0.2) ? { stressShocks: [] } : {}),
    allowShorts: draw.chance(0.5),
    requireProtectiveStop: draw.chance(0.7),
    ...maybe('maximumQuoteAgeMs', () => draw.whole(1, 2_000)),
    ...maybe('minimumRiskReward', () => percent(50, 300)),
    ...maybe('maximumClockSkewMs', () => draw.whole(0, 2_000)),
    ...maybe('deniedSymbols', () => ['CCC']),
    ...maybe('allowedSymbols', () => ['AAA', 'BBB', 'CCC']),
    ...maybe('maxGrossExposureFraction', () => percent(20, 200)),
    ...maybe('maxNetExposureFraction', () => percent(10, 150)),
    ...maybe('maxLeverage', () => percent(20, 200)),
    ...maybe('initialMarginFraction', () => percent(20, 100)),
    ...maybe('contractLeverage', () => draw.of(1, 1.5, 2, 3, 7, 20)),
    ...maybe('maxOpenOrders', () => draw.whole(1, 8)),
    ...maybe('maxOrderRate', bucket),
    ...maybe('maxRepeatedExecutions', window),
    ...maybe('maxDuplicateOrders', window),
    ...maybe('consecutiveLosses', streak),
    ...maybe('stopLossGuard', window),
    ...maybe('lowProfitSymbol', () => ({
      trades: draw.whole(1, 4),
      windowMs: draw.whole(1, 2_000),
      minimumResult: draw.amount(-300, 300),
    })),
    ...maybe('rejectionStreak', streak),
    ...maybe('patternDayTrading', () => ({
      minimumEquity: draw.amount(20_000, 120_000),
      maxDayTrades: draw.whole(0, 4),
      sessions: 5,
    })),
    ...maybe('maxValueAtRiskFraction', () => percent(1, 10)),
    ...maybe('maxConditionalValueAtRiskFraction', () => percent(1, 10)),
    betaBenchmark: 'SPX',
    ...maybe('maxBeta', () => percent(50, 200)),
    ...maybe('approvalAboveNotional', () => draw.amount(1_000, 20_000)),
    ...maybe('approvalAboveFraction', () => percent(2, 30)),
    ...maybe('principals', () => [
      {
        ...(draw.chance(0.5) ? { agent: draw.of('trader', 'another') } : {}),
        ...(draw.chance(0.3) ? { strategy: draw.of('trend', 'mean') } : {}),
        ...(draw.chance(0.2) ? { symbols: ['AAA', 'BBB'] } : {}),
        ...(draw.chance(0.2) ? { sides: [draw.of('buy', 'sell')] } : {}),
        ...(draw.chance(0.6) ? { capital: draw.amount(1_000, 60_000) } : {}),
        ...(draw.chance(0.4) ? { maxDrawdown: draw.amount(10, 800) } : {}),
        ...(draw.chance(0.3) ? { maxOrderRate: bucket() } : {}),
        ...(draw.chance(0.3) ? { modelBudget: draw.amount(1, 10) } : {}),
      },
      ...(draw.chance(0.5) ? [{}] : []),
    ]),
  })
}

const strange = [
  '0',
  '-5',
  '0.5',
  '1.0000000001',
  'NaN',
  '',
  '1e309',
  '9'.repeat(30),
  `0.${'0'.repeat(29)}1`,
  'Infinity',
  '٣',
]

/** An order and an account, by chance. */
export function drawFacts(draw: Draw, policy: RiskPolicy): Facts {
  const maybe = <T>(probability: number, value: () => T): T | undefined =>
    draw.chance(probability) ? value() : undefined
  const reduceOnly = draw.chance(0.1)
  const isShort = draw.chance(policy.allowShorts ? 0.3 : 0.05)
  const side = isShort === reduceOnly ? 'buy' : 'sell'
  const type = draw.chance(0.02)
    ? draw.of('iceberg', 'LIMIT')
    : reduceOnly && draw.chance(0.9)
      ? 'market'
      : draw.of('market', 'market', 'limit', 'stop')
  const price = draw.amount(80, 120)
  const around = (percent: number): string => draw.amount(Number(price) * (1 - percent), Number(price) * (1 + percent))
  const level = (): string => (draw.chance(0.02) ? draw.of(...strange) : around(draw.of(0.03, 0.15)))
  const withLimit = draw.chance(0.01) ? type !== 'limit' : type === 'limit'
  const withStop = draw.chance(0.01) ? type !== 'stop' : type === 'stop'
  const quantity = draw.chance(0.03) ? draw.of(...strange) : String(draw.whole(1, draw.of(20, 20, 40, 120, 500)))
  const holdings = (['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF'] as const)
    .filter(() => draw.chance(0.35))
    .map((symbol) => {
      const entries = draw.whole(0, 2)
      return {
        symbol,
        worth: draw.amount(policy.allowShorts ? -12_000 : 0, 15_000),
        buys: entries > 0 ? draw.amount(0, 5_000) : '0',
        sells: entries > 1 && policy.allowShorts ? draw.amount(0, 5_000) : '0',
        entries,
        movesAlong: draw.chance(0.4),
      }
    })
  const taken = () =>
    maybe(0.5, () => ({
      count: draw.whole(1, 5),
      at: now - draw.whole(0, 3_000),
      intervalMs: draw.of(1, 7, 100, 1_000),
    }))
  const times = (): number[] =>
    Array.from({ length: draw.whole(0, 5) }, () => now - draw.whole(0, 3_000)).sort((a, b) => a - b)
  const instrument = {
    tick: draw.of('0.01', '0.01', '0.01', '0.01', '0.05'),
    lot: draw.of('1', '1', '1', '1', '1', '1', '1', '5', '0.001'),
    minimumNotional: draw.of('1', '1', '1', '1', '1', '1', '2500'),
    maximumNotional: maybe(0.1, () => draw.amount(1_000, 20_000)),
    minimumQuantity: maybe(0.1, () => draw.of('10', '0.5')),
    maximumQuantity: maybe(0.1, () => draw.of('100', '55.5')),
    multiplier: maybe(0.15, () => draw.of('1', '2', '0.1', '0.01', '100')),
    shortable: maybe(0.2, () => draw.chance(0.5)),
    kind: draw.of('equity', 'equity', 'equity', 'crypto-spot', 'perpetual', 'future'),
  }
  const foreign = maybe(0.25, () => ({
    currency: 'EUR',
    rate: maybe(0.95, () => ({
      price: draw.of('1.1', '0.0107', '1', '1.2345', '97123.5'),
      time: draw.chance(0.03) ? now + draw.of(1_000, 1_001) : now - draw.whole(0, draw.of(50, 3_000)),
      sessionDate: draw.chance(0.03) ? '2014-01-08' : '2014-01-09',
    })),
    cash: draw.chance(0.2) ? draw.amount(0, 5_000) : draw.amount(20_000, 500_000),
    locked: draw.of('0', '0', draw.amount(0, 60_000)),
  }))
  const cash = draw.chance(0.1) ? draw.amount(500, 10_000) : draw.amount(40_000, 120_000)
  const worth = holdings.reduce((sum, holding) => sum + Number(holding.worth), Number(cash))
  const nearEquity = (least: number): string => draw.amount(worth * least, worth * (draw.chance(0.2) ? 1.3 : 1.02))
  const bid = maybe(0.1, () => around(0.001))
  return {
    time: now,
    symbol: draw.of('AAA', 'AAA', 'BBB', 'CCC', 'DDD'),
    side,
    type,
    quantity,
    limitPrice: withLimit ? level() : undefined,
    stopPrice: withStop ? level() : undefined,
    timeInForce: draw.chance(0.01) ? 'gtx' : draw.of('day', 'day', 'gtc', 'ioc'),
    reduceOnly,
    clientOrderId: draw.chance(0.01) ? draw.of('', 'with-dash', 'x'.repeat(33), 'ｆｕｌｌ') : 'abc123',
    idInUse: draw.chance(0.01),
    agent: draw.of('trader', 'trader', 'another'),
    strategy: draw.of('trend', 'mean'),
    exits: maybe(0.9, () => {
      const isLong = side === 'buy'
      const below = draw.chance(0.03) ? draw.of(...strange) : draw.amount(Number(price) * 0.7, Number(price) * 0.99)
      const above = draw.amount(Number(price) * 1.001, Number(price) * 1.4)
      const stray = draw.chance(0.03)
      return {
        stopPrice: isLong !== stray ? below : above,
        targetPrice: isLong !== stray ? above : below,
        maximumSessions: draw.chance(0.01) ? draw.of(0, 1_001, 1.5, Number.NaN) : 5,
      }
    }),
    approved: draw.chance(0.3),
    state: draw.chance(0.04) ? draw.of('halted', 'reducing') : 'active',
    reconciled: !draw.chance(0.02),
    instrument: draw.chance(0.01) ? undefined : instrument,
    marketOpen: draw.chance(0.8),
    closedSessionDate: draw.chance(0.03) ? '2014-01-10' : '2014-01-09',
    clockSkewMs: draw.chance(0.9) ? 'no-clock' : draw.of(undefined, 0, -999, 1_000, 1_001, -2_500),
    last: maybe(0.98, () => ({
      price: draw.chance(0.02) ? draw.of('0.99', '1', '1.01') : price,
      time: draw.chance(0.02) ? now + draw.of(1_000, 1_001, 90_000) : now - draw.whole(0, draw.of(50, 3_000)),
      sessionDate: '2014-01-09',
      bid,
      ask: maybe(bid === undefined ? 0 : 1, () => around(0.001)),
    })),
    averageVolume: maybe(0.98, () => draw.of('1000000', '100000', '99999.999999', '500000')),
    position: draw.of('0', '50', '-50', String(draw.whole(-500, 500))),
    claimed: draw.of('0', '0', String(draw.whole(0, 60))),
    unprotected: draw.chance(0.02),
    openOrders: Array.from({ length: draw.chance(0.15) ? draw.whole(1, 3) : 0 }, () => {
      const otherType = draw.of('market', 'limit', 'stop')
      return {
        side: draw.of('buy', 'sell'),
        type: otherType,
        limitPrice: otherType === 'limit' ? around(0.1) : undefined,
      }
    }),
    cash,
    locked: draw.of('0', '0', draw.amount(0, 2_000), draw.amount(0, 60_000)),
    foreign,
    holdings,
    allPriced: !draw.chance(0.02),
    portfolio: maybe(0.9, () => ({
      valueAtRisk: draw.amount(0, 0.12),
      tail: draw.amount(0, 0.12),
      beta: draw.amount(-2.5, 2.5),
    })),
    entries: times().map((time) => ({ time, side: draw.of('buy', 'sell'), quantity: draw.of(quantity, '1') })),
    executions: times().map((time) => ({ time, side: draw.of('buy', 'sell'), strategy: draw.of('trend', 'mean') })),
    results: times().map((time) => ({ time, result: draw.amount(-200, 200) })),
    accountTaken: taken(),
    principalTaken: taken(),
    lossStreak: draw.whole(0, 5),
    streakLossAt: maybe(0.95, () => now - draw.whole(0, 3_000)),
    stopOuts: times(),
    rejections: draw.whole(0, 5),
    rejectedAt: maybe(0.95, () => now - draw.whole(0, 3_000)),
    dayTrades: draw.whole(0, 5),
    possibleDayTrades: draw.chance(0.5) ? draw.whole(0, 5) : 0,
    uses: Array.from({ length: draw.whole(0, 3) }, () => ({
      agent: draw.of('trader', 'another'),
      strategy: draw.of('trend', 'mean'),
      outstanding: draw.amount(0, 8_000),
      openCost: draw.amount(0, 20_000),
      realised: draw.amount(-400, 400),
      peak: draw.amount(400, 600),
      ofThisOrder: () => zero,
      openResult: draw.amount(-400, 400),
    })),
    modelSpend: maybe(0.9, () => draw.amount(0, 12)),
    dayStart: maybe(0.98, () => nearEquity(0.9)),
    peak: maybe(0.98, () => nearEquity(0.95)),
    lastLossAt: maybe(0.1, () => now - draw.of(0, 1_799_999, 1_800_000, 9_000_000)),
  }
}

/** The facts as rules see them. */
export function contextOf(policy: RiskPolicy, limits: PolicyLimits, facts: Facts): RiskContext {
  const { last, instrument, exits, foreign } = facts
  const { cash, locked } = foreign ?? facts
  const rate = foreign?.rate
  const listed =
    instrument === undefined
      ? undefined
      : {
          ...soundInstrument,
          ...given({
            kind: instrument.kind as 'equity',
            currency: foreign?.currency,
            symbol: facts.symbol,
            tickSize: instrument.tick,
            lotSize: instrument.lot,
            minimumNotional: instrument.minimumNotional,
            maximumNotional: instrument.maximumNotional,
            minimumQuantity: instrument.minimumQuantity,
            maximumQuantity: instrument.maximumQuantity,
            multiplier: instrument.multiplier,
            shortable: instrument.shortable,
          }),
        }
  const request = given({
    account: 'test',
    clientOrderId: facts.clientOrderId,
    symbol: facts.symbol,
    side: facts.side,
    type: facts.type,
    quantity: facts.quantity,
    limitPrice: facts.limitPrice,
    stopPrice: facts.stopPrice,
    timeInForce: facts.timeInForce,
    reduceOnly: facts.reduceOnly,
  }) as OrderRequest
  return {
    time: facts.time,
    policy,
    limits,
    request,
    purpose: facts.reduceOnly ? 'exit-intent' : 'entry',
    agent: facts.agent,
    strategy: facts.strategy,
    exits: exits as ExitPlan | undefined,
    addsExposure: !facts.reduceOnly,
    approved: facts.approved,
    tradingState: facts.state as 'active',
    tradingStateReasons: ['it was told so'],
    reconciled: facts.reconciled,
    clientOrderIdInUse: facts.idInUse,
    instrument: listed,
    grid: listed === undefined ? undefined : instrumentGrid(listed),
    marketOpen: facts.marketOpen,
    closedSessionDate: facts.closedSessionDate,
    clockSkewMs: facts.clockSkewMs,
    last:
      last === undefined
        ? undefined
        : {
            price: decimal(last.price),
            time: last.time,
            sessionDate: last.sessionDate,
            ...(last.bid === undefined ? {} : { bid: decimal(last.bid) }),
            ...(last.ask === undefined ? {} : { ask: decimal(last.ask) }),
          },
    lastPriceOf: () => undefined,
    averageVolume: facts.averageVolume === undefined ? undefined : decimal(facts.averageVolume),
    position: decimal(facts.position),
    claimed: decimal(facts.claimed),
    unprotected: facts.unprotected,
    possibleDayTrades: facts.possibleDayTrades,
    openOrders: facts.openOrders.map((order) => given(order)) as unknown as RiskContext['openOrders'],
    currency: foreign?.currency,
    rate: rate === undefined ? undefined : { ...rate, price: decimal(rate.price) },
    totalCash: decimal(cash),
    freeCash: decimal(cash).minus(decimal(locked)),
    alreadyReserved: zero,
    exposure: exposureOf(facts),
    portfolioRisk:
      facts.portfolio === undefined
        ? undefined
        : {
            withOrder: () => ({
              valueAtRisk: decimal(facts.portfolio?.valueAtRisk ?? ''),
              conditionalValueAtRisk: decimal(facts.portfolio?.tail ?? ''),
              beta: decimal(facts.portfolio?.beta ?? ''),
            }),
          },
    activity: activityOf(policy, facts),
    modelSpend: () => (facts.modelSpend === undefined ? undefined : decimal(facts.modelSpend)),
    dayStartEquity: facts.dayStart === undefined ? undefined : decimal(facts.dayStart),
    peakEquity: facts.peak === undefined ? undefined : decimal(facts.peak),
    lastLossAt: facts.lastLossAt,
  }
}

/** Fields that are undefined are left out, as in what agents write. */
function given<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}

function exposureOf(facts: Facts): ExposureView {
  const priced = <T>(value: () => T): T => required(facts.allPriced ? value() : undefined, 'a price') as T
  const sum = (name: 'worth' | 'buys' | 'sells') =>
    facts.holdings.reduce((all, holding) => all.plus(decimal(holding[name])), zero)
  const worth = ({ worth: held, buys, sells }: Facts['holdings'][number]) =>
    decimal(held).abs().plus(decimal(buys)).plus(decimal(sells))
  const own = (symbol: string) => facts.holdings.find((holding) => holding.symbol === symbol)
  return {
    equity: () => priced(() => decimal(facts.cash).plus(sum('worth'))),
    of: (symbol) =>
      priced(() => {
        const holding = own(symbol)
        return holding === undefined ? zero : worth(holding)
      }),
    has: (symbol) => priced(() => own(symbol) !== undefined),
    symbols: () => priced(() => facts.holdings.length),
    gross: () => priced(() => facts.holdings.reduce((all, holding) => all.plus(worth(holding)), zero)),
    net: (side) => priced(() => (side === 'buy' ? sum('worth').plus(sum('buys')) : sum('sells').minus(sum('worth')))),
    movingWith: (symbol) => {
      const along = priced(() => facts.holdings.filter((holding) => holding.symbol !== symbol && holding.movesAlong))
      return along.length === 0 ? undefined : along.reduce((all, holding) => all.plus(worth(holding)), zero)
    },
    openEntries: () => facts.holdings.reduce((all, { entries }) => all + entries, 0),
    ofThisOrder: () => zero,
    openResult: (use) =>
      priced(() =>
        decimal((facts.uses as readonly unknown[] as { openResult: string }[])[indexOf(facts, use)]?.openResult ?? '0'),
      ),
  }
}

const usesOf = new WeakMap<Facts, ReturnType<typeof useOf>[]>()

function indexOf(facts: Facts, use: ReturnType<typeof useOf>): number {
  return usesOf.get(facts)?.indexOf(use) ?? -1
}

function activityOf(policy: RiskPolicy, facts: Facts) {
  const uses = facts.uses.map((use) => useOf(use.agent, use.strategy, use))
  usesOf.set(facts, uses)
  const level = (taken: Facts['accountTaken']) =>
    taken === undefined
      ? undefined
      : { level: taken.count * taken.intervalMs, at: taken.at, intervalMs: taken.intervalMs }
  const keys = new Set((policy.principals ?? []).map(rateKey))
  return activityWith({
    symbol: () => ({
      entries: new RecentEvents(facts.entries) as never,
      executions: new RecentEvents(facts.executions) as never,
      results: facts.results.map(({ time, result }) => ({ time, result: decimal(result) })),
    }),
    rate: (key) => (key === '' ? level(facts.accountTaken) : keys.has(key) ? level(facts.principalTaken) : undefined),
    lossStreak: facts.lossStreak,
    lastLossAt: facts.streakLossAt,
    stopOuts: facts.stopOuts,
    rejectionStreak: facts.rejections,
    lastRejectionAt: facts.rejectedAt,
    dayTrades: () => facts.dayTrades,
    principals: uses,
  })
}
