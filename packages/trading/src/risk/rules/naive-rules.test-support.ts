import type { RiskPolicy } from '../risk-policy.js'

/** A fraction of two whole numbers: all that this page computes with. */
type Ratio = { readonly up: bigint; readonly down: bigint }

const text = /^-?\d{1,30}(\.\d{1,30})?$/

function ratio(value: string | number): Ratio {
  const plain = typeof value === 'number' ? (Object.is(value, -0) ? '0' : String(value)) : value
  if (!text.test(plain)) throw new Error(`${plain} is no number`)
  const [whole = '', decimals = ''] = plain.split('.')
  return { up: BigInt(whole + decimals), down: 10n ** BigInt(decimals.length) }
}
const add = (a: Ratio, b: Ratio): Ratio =>
  a.down === b.down ? { up: a.up + b.up, down: a.down } : { up: a.up * b.down + b.up * a.down, down: a.down * b.down }
const negative = (a: Ratio): Ratio => ({ up: -a.up, down: a.down })
const subtract = (a: Ratio, b: Ratio): Ratio => add(a, negative(b))
const multiply = (a: Ratio, b: Ratio): Ratio => ({ up: a.up * b.up, down: a.down * b.down })
const size = (a: Ratio): Ratio => (a.up < 0n ? negative(a) : a)
const isMore = (a: Ratio, b: Ratio): boolean => a.up * b.down > b.up * a.down
const isMultiple = (a: Ratio, step: Ratio): boolean => (a.up * step.down) % (step.up * a.down) === 0n
const nothing = ratio('0')
const one = ratio('1')
const divided = (a: Ratio, b: Ratio): Ratio => ({ up: a.up * b.down, down: a.down * b.up })
/** Of an amount above 0: to so many decimals, rounded up. */
const ceiling = (a: Ratio, places: number): Ratio => {
  const down = 10n ** BigInt(places)
  return { up: (a.up * down + a.down - 1n) / a.down, down }
}

/** The whole multiple of a step at or below (above) an amount. */
function onStep(a: Ratio, step: Ratio, way: 'down' | 'up'): Ratio {
  const [up, down] = [a.up * step.down, a.down * step.up]
  const below = up / down - (up % down < 0n ? 1n : 0n)
  const steps = way === 'up' && up % down !== 0n ? below + 1n : below
  return multiply({ up: steps, down: 1n }, step)
}

/** What is known of one order and of the account, as plain texts. */
export type Facts = {
  readonly time: number
  readonly symbol: string
  readonly side: string
  readonly type: string
  readonly quantity: string
  readonly limitPrice?: string | undefined
  readonly stopPrice?: string | undefined
  readonly timeInForce: string
  readonly reduceOnly: boolean
  readonly clientOrderId: string
  readonly idInUse: boolean
  readonly agent: string
  readonly strategy: string
  readonly exits?:
    | { readonly stopPrice: string; readonly targetPrice: string; readonly maximumSessions: number }
    | undefined
  readonly approved: boolean
  readonly state: string
  readonly reconciled: boolean
  readonly instrument?:
    | {
        readonly tick: string
        readonly lot: string
        readonly minimumNotional: string
        readonly maximumNotional?: string | undefined
        readonly minimumQuantity?: string | undefined
        readonly maximumQuantity?: string | undefined
        readonly multiplier?: string | undefined
        readonly shortable?: boolean | undefined
        readonly kind: string
      }
    | undefined
  readonly marketOpen: boolean
  readonly closedSessionDate: string
  readonly clockSkewMs: number | 'no-clock' | undefined
  readonly last?:
    | {
        readonly price: string
        readonly time: number
        readonly sessionDate: string
        readonly bid?: string | undefined
        readonly ask?: string | undefined
      }
    | undefined
  readonly averageVolume?: string | undefined
  readonly position: string
  readonly claimed: string
  readonly unprotected: boolean
  readonly openOrders: readonly {
    readonly side: string
    readonly type: string
    readonly limitPrice?: string | undefined
  }[]
  /** In the currency of the account: part of equity. */
  readonly cash: string
  readonly locked: string
  /** Where the symbol settles in another currency: what is known of its rate, and the cash in it, which alone pays for the order. */
  readonly foreign?:
    | {
        readonly currency: string
        readonly rate?: { readonly price: string; readonly time: number; readonly sessionDate: string } | undefined
        readonly cash: string
        readonly locked: string
      }
    | undefined
  /** Positions and open entries; of a holding without a price nothing is known. */
  readonly holdings: readonly {
    readonly symbol: string
    readonly worth: string
    readonly buys: string
    readonly sells: string
    readonly entries: number
    readonly movesAlong: boolean
  }[]
  readonly allPriced: boolean
  readonly portfolio?: { readonly valueAtRisk: string; readonly tail: string; readonly beta: string } | undefined
  readonly entries: readonly { readonly time: number; readonly side: string; readonly quantity: string }[]
  readonly executions: readonly { readonly time: number; readonly side: string; readonly strategy: string }[]
  readonly results: readonly { readonly time: number; readonly result: string }[]
  /** Orders taken of the account and of a principal: how many, when last, at one token every so many ms. */
  readonly accountTaken?: { readonly count: number; readonly at: number; readonly intervalMs: number } | undefined
  readonly principalTaken?: { readonly count: number; readonly at: number; readonly intervalMs: number } | undefined
  readonly lossStreak: number
  readonly streakLossAt?: number | undefined
  readonly stopOuts: readonly number[]
  readonly rejections: number
  readonly rejectedAt?: number | undefined
  readonly dayTrades: number
  readonly possibleDayTrades: number
  readonly uses: readonly {
    readonly agent: string
    readonly strategy: string
    readonly outstanding: string
    readonly openCost: string
    readonly realised: string
    readonly peak: string
    readonly openResult: string
  }[]
  readonly modelSpend?: string | undefined
  readonly dayStart?: string | undefined
  readonly peak?: string | undefined
  readonly lastLossAt?: number | undefined
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not known')
  return value
}

/**
 * The codes under which an order is denied, straight from the prose of the policy and with whole numbers only: the slow way to what the
 * rules say. A check that cannot be made denies.
 */
export function naiveDenials(policy: RiskPolicy, facts: Facts): ReadonlySet<string> {
  const codes = new Set<string>()
  const deny = (code: string, isDenied: () => boolean): void => {
    try {
      if (!isDenied()) return
    } catch {
      // What cannot be worked out denies.
    }
    codes.add(code)
  }
  validity(facts, deny)
  if (codes.size > 0) return codes
  const denyEntry: Deny = facts.reduceOnly ? () => undefined : deny
  direction(policy, facts, deny, denyEntry)
  if (codes.size > 0) return codes
  market(policy, facts, denyEntry)
  lately(policy, facts, denyEntry)
  exposure(policy, facts, denyEntry)
  principals(policy, facts, denyEntry)
  if (codes.size > 0) return codes
  denyEntry('APPROVAL_REQUIRED', () => {
    if (facts.approved) return false
    const aboveAmount =
      policy.approvalAboveNotional !== undefined && isMore(worthInBase(facts), ratio(policy.approvalAboveNotional))
    const aboveFraction =
      policy.approvalAboveFraction !== undefined &&
      isMore(worthInBase(facts), multiply(equity(facts), ratio(policy.approvalAboveFraction)))
    return aboveAmount || aboveFraction
  })
  return codes
}

type Deny = (code: string, isDenied: () => boolean) => void

function price(facts: Facts): Ratio {
  if (facts.limitPrice !== undefined || facts.stopPrice !== undefined)
    return ratio(need(facts.limitPrice ?? facts.stopPrice))
  return met(facts)
}

/** The last price, or that of the quote which the order would meet where that is higher. */
function met(facts: Facts): Ratio {
  const { price: last, bid, ask } = need(facts.last)
  const quoted = facts.side === 'buy' ? ask : bid
  return quoted !== undefined && isMore(ratio(quoted), ratio(last)) ? ratio(quoted) : ratio(last)
}

function notional(facts: Facts, each: Ratio = price(facts)): Ratio {
  return multiply(multiply(each, ratio(facts.quantity)), ratio(facts.instrument?.multiplier ?? '1'))
}

/** What one unit may trade at: a buy without a limit at the market, a sale at the market, or at the level that sets it off. */
function highest(facts: Facts): Ratio {
  const { type, side, limitPrice, stopPrice } = facts
  const stated = price(facts)
  // Without a price at hand it counts at what it states; that there is none denies by itself.
  if (facts.last === undefined || type === 'market' || (side === 'buy' && limitPrice !== undefined)) return stated
  const isSetOff = stopPrice !== undefined && side === 'sell'
  const other = isSetOff ? ratio(stopPrice) : type === 'trailing-stop' && side === 'sell' ? stated : met(facts)
  return isMore(other, stated) ? other : stated
}

/** In the account's currency. */
function worthInBase(facts: Facts, amount: Ratio = notional(facts, highest(facts))): Ratio {
  return multiply(amount, rateOf(facts))
}

function rateOf({ foreign }: Facts): Ratio {
  return foreign === undefined ? one : ratio(need(foreign.rate).price)
}

function isContract({ instrument }: Facts): boolean {
  return instrument?.kind === 'perpetual' || instrument?.kind === 'future'
}

function priced<T>(facts: Facts, value: T): T {
  if (!facts.allPriced) throw new Error('a holding has no price')
  return value
}

function equity(facts: Facts): Ratio {
  return priced(
    facts,
    facts.holdings.reduce((sum, { worth }) => add(sum, ratio(worth)), ratio(facts.cash)),
  )
}

function worthOf({ worth, buys, sells }: Facts['holdings'][number]): Ratio {
  return add(size(ratio(worth)), add(ratio(buys), ratio(sells)))
}

function total(facts: Facts, amount: (holding: Facts['holdings'][number]) => Ratio): Ratio {
  return priced(
    facts,
    facts.holdings.reduce((sum, holding) => add(sum, amount(holding)), nothing),
  )
}

function validity(facts: Facts, deny: Deny): void {
  const { type, limitPrice, stopPrice, instrument } = facts
  deny('INSTRUMENT_NOT_FOUND', () => instrument === undefined)
  deny('UNSUPPORTED_ORDER_TYPE', () => {
    if (type === 'market') return limitPrice !== undefined || stopPrice !== undefined
    if (type === 'limit') return limitPrice === undefined || stopPrice !== undefined || facts.reduceOnly
    if (type === 'stop') return stopPrice === undefined || limitPrice !== undefined || facts.reduceOnly
    return true
  })
  deny('UNSUPPORTED_TIME_IN_FORCE', () => !['day', 'gtc', 'ioc'].includes(facts.timeInForce))
  deny('QUANTITY_BELOW_MINIMUM', () => !isMore(ratio(facts.quantity), nothing))
  deny('QUANTITY_PRECISION', () => {
    const quantity = ratio(facts.quantity)
    return instrument !== undefined && !isMultiple(quantity, ratio(instrument.lot))
  })
  for (const given of [limitPrice, stopPrice]) {
    if (given === undefined) continue
    deny(
      'PRICE_PRECISION',
      () =>
        !isMore(ratio(given), nothing) ||
        (instrument !== undefined && !isMultiple(ratio(given), ratio(instrument.tick))),
    )
  }
  deny('INVALID_CLIENT_ORDER_ID', () => {
    const { clientOrderId } = facts
    const letters = clientOrderId.split('')
    return letters.length < 1 || letters.length > 32 || letters.some((letter) => !/[a-zA-Z0-9]/.test(letter))
  })
  deny('DUPLICATE_CLIENT_ORDER_ID', () => facts.idInUse)
}

function direction(policy: RiskPolicy, facts: Facts, deny: Deny, denyEntry: Deny): void {
  const { side } = facts
  if (facts.reduceOnly)
    deny('REDUCE_ONLY_WOULD_INCREASE_POSITION', () => {
      const held = side === 'sell' ? ratio(facts.position) : negative(ratio(facts.position))
      return isMore(ratio(facts.quantity), subtract(held, ratio(facts.claimed)))
    })
  denyEntry(
    'NOT_SHORTABLE',
    () => side === 'sell' && !isContract(facts) && (!policy.allowShorts || facts.instrument?.shortable === false),
  )
  const makesWay = facts.reduceOnly && facts.type === 'market'
  if (!makesWay)
    deny('SELF_TRADE_PREVENTION', () => facts.openOrders.some((other) => other.side !== side && meets(facts, other)))
  denyEntry('TRADING_HALTED', () => facts.state === 'halted')
  denyEntry('TRADING_STATE_REDUCING', () => facts.state === 'reducing')
  denyEntry('RECONCILING', () => !facts.reconciled)
  denyEntry('AGENT_NOT_AUTHORIZED', () => {
    if (policy.principals === undefined) return false
    const mine = ownPrincipals(policy, facts)
    if (mine.length === 0) return true
    return mine.some(
      ({ symbols, sides }) =>
        (symbols !== undefined && !symbols.includes(facts.symbol)) ||
        (sides !== undefined && !(sides as readonly string[]).includes(side)),
    )
  })
}

/** Whether a buy reaches up to a sale. Market orders go 5 % off the last price, stops rest nowhere. */
function meets(facts: Facts, other: Facts['openOrders'][number]): boolean {
  if (facts.type === 'stop' || other.type === 'stop') return false
  const [buy, sell] = facts.side === 'buy' ? [facts, other] : [other, facts]
  if (buy.type === 'market' && sell.type === 'market') return true
  const reach = ratio(0.05)
  const at = (limit: string | undefined, way: Ratio): Ratio =>
    limit === undefined ? multiply(ratio(need(facts.last).price), add(ratio('1'), way)) : ratio(limit)
  const lowest =
    sell.limitPrice === undefined && facts.last === undefined ? nothing : at(sell.limitPrice, negative(reach))
  return !isMore(lowest, at(buy.limitPrice, reach))
}

function market(policy: RiskPolicy, facts: Facts, deny: Deny): void {
  const { last, instrument, time } = facts
  deny('NOTIONAL_BELOW_MINIMUM', () => isMore(ratio(need(instrument).minimumNotional), notional(facts)))
  const { minimumQuantity, maximumQuantity, maximumNotional } = need(instrument)
  if (minimumQuantity !== undefined)
    deny('QUANTITY_BELOW_MINIMUM', () => isMore(ratio(minimumQuantity), ratio(facts.quantity)))
  if (maximumQuantity !== undefined)
    deny('QUANTITY_EXCEEDS_MAXIMUM', () => isMore(ratio(facts.quantity), ratio(maximumQuantity)))
  if (maximumNotional !== undefined)
    deny('NOTIONAL_EXCEEDS_MAX_PER_ORDER', () => isMore(notional(facts), ratio(maximumNotional)))
  deny('STALE_MARKET_DATA', () => {
    const { bid, ask, sessionDate, time: seenAt } = need(last)
    if (bid !== undefined && ask !== undefined && isMore(ratio(bid), ratio(ask))) return true
    const isOld = (at: number, date: string): boolean =>
      policy.maximumQuoteAgeMs === undefined
        ? date < facts.closedSessionDate
        : time - at > policy.maximumQuoteAgeMs || at - time > (policy.maximumClockSkewMs ?? 1_000)
    if (isOld(seenAt, sessionDate) || facts.foreign === undefined) return isOld(seenAt, sessionDate)
    const { rate } = facts.foreign
    return rate === undefined || isOld(rate.time, rate.sessionDate)
  })
  deny('PRICE_COLLAR_BREACHED', () => {
    if (facts.type === 'market') return false
    const trade = ratio(need(last).price)
    return isMore(size(subtract(price(facts), trade)), multiply(trade, ratio(policy.priceCollarFraction)))
  })
  deny('CLOCK_SKEW_EXCEEDED', () => {
    if (facts.clockSkewMs === 'no-clock') return false
    return Math.abs(need(facts.clockSkewMs)) > (policy.maximumClockSkewMs ?? 1_000)
  })
  deny(
    'SYMBOL_DENIED',
    () =>
      policy.deniedSymbols?.includes(facts.symbol) === true ||
      policy.allowedSymbols?.includes(facts.symbol) === false ||
      isMore(ratio(policy.minimumPrice), worthInBase(facts, ratio(need(last).price))) ||
      isMore(ratio(policy.minimumAverageVolume), ratio(need(facts.averageVolume))),
  )
  deny('MARKET_CLOSED', () => facts.timeInForce === 'ioc' && !facts.marketOpen)
  deny('MISSING_PROTECTIVE_STOP', () => {
    if (facts.unprotected) return true
    if (facts.exits === undefined) return policy.requireProtectiveStop
    const { risk, reward } = distances(facts)
    const { maximumSessions, stopPrice } = facts.exits
    return (
      !isMore(risk, nothing) ||
      !isMore(reward, nothing) ||
      !Number.isInteger(maximumSessions) ||
      maximumSessions < 1 ||
      maximumSessions > 1_000 ||
      !isMore(ratio(stopPrice), nothing)
    )
  })
  if (policy.minimumRiskReward !== undefined && facts.exits !== undefined)
    deny('MIN_RISK_REWARD', () => {
      const { risk, reward } = distances(facts)
      return isMore(multiply(risk, ratio(need(policy.minimumRiskReward))), reward)
    })
}

/** From the price to stop and target, where these lie on the ticks that are nearer to the market. */
function distances(facts: Facts): { readonly risk: Ratio; readonly reward: Ratio } {
  const { stopPrice, targetPrice } = need(facts.exits)
  const tick = ratio(need(facts.instrument).tick)
  const [stop, target, at] = [ratio(stopPrice), ratio(targetPrice), price(facts)]
  return facts.side === 'buy'
    ? { risk: subtract(at, onStep(stop, tick, 'up')), reward: subtract(onStep(target, tick, 'down'), at) }
    : { risk: subtract(onStep(stop, tick, 'down'), at), reward: subtract(at, onStep(target, tick, 'up')) }
}

function lately(policy: RiskPolicy, facts: Facts, deny: Deny): void {
  const { time } = facts
  const within = (windowMs: number) => (event: { readonly time: number }) => time - event.time < windowMs
  deny('COOLDOWN_ACTIVE', () => facts.lastLossAt !== undefined && time - facts.lastLossAt < policy.cooldownAfterLossMs)
  const { consecutiveLosses, stopLossGuard, lowProfitSymbol, rejectionStreak, patternDayTrading } = policy
  if (consecutiveLosses !== undefined)
    deny(
      'CONSECUTIVE_LOSSES',
      () => facts.lossStreak >= consecutiveLosses.count && time - need(facts.streakLossAt) < consecutiveLosses.pauseMs,
    )
  if (stopLossGuard !== undefined)
    deny(
      'STOPLOSS_GUARD',
      () => facts.stopOuts.filter((at) => time - at < stopLossGuard.windowMs).length >= stopLossGuard.count,
    )
  if (lowProfitSymbol !== undefined)
    deny('LOW_PROFIT_SYMBOL', () => {
      const results = facts.results.filter(within(lowProfitSymbol.windowMs))
      const sum = results.reduce((all, { result }) => add(all, ratio(result)), nothing)
      return results.length >= lowProfitSymbol.trades && isMore(ratio(lowProfitSymbol.minimumResult), sum)
    })
  const { maxRepeatedExecutions: repeated, maxDuplicateOrders: duplicate } = policy
  if (repeated !== undefined)
    deny('REPEATED_EXECUTION_THROTTLE', () => {
      const same = facts.executions.filter(({ side, strategy }) => side === facts.side && strategy === facts.strategy)
      return same.filter(within(repeated.windowMs)).length >= repeated.count
    })
  if (duplicate !== undefined)
    deny('DUPLICATE_ORDER_PATTERN', () => {
      const same = facts.entries.filter(({ side, quantity }) => side === facts.side && quantity === facts.quantity)
      return same.filter(within(duplicate.windowMs)).length >= duplicate.count
    })
  if (rejectionStreak !== undefined)
    deny(
      'REJECTION_STREAK',
      () => facts.rejections >= rejectionStreak.count && time - need(facts.rejectedAt) < rejectionStreak.pauseMs,
    )
  if (patternDayTrading !== undefined && facts.instrument?.kind === 'equity')
    deny(
      'PDT_RESTRICTED',
      () =>
        facts.dayTrades + facts.possibleDayTrades >= patternDayTrading.maxDayTrades &&
        isMore(ratio(patternDayTrading.minimumEquity), equity(facts)),
    )
  deny('RATE_LIMIT_EXCEEDED', () => isSpent(facts.accountTaken, policy.maxOrderRate, time))
  deny('MAX_DAILY_LOSS', () => {
    const start = ratio(need(facts.dayStart))
    return isMore(subtract(start, equity(facts)), multiply(start, ratio(policy.maxDailyLossFraction)))
  })
  deny('MAX_DRAWDOWN', () => {
    const peak = ratio(need(facts.peak))
    return isMore(subtract(peak, equity(facts)), multiply(peak, ratio(policy.maxDrawdownFraction)))
  })
}

/** Tokens come back in fractions; an order needs a whole one. */
function isSpent(taken: Facts['accountTaken'], rate: RiskPolicy['maxOrderRate'], time: number): boolean {
  if (taken === undefined || rate === undefined) return false
  const back = { up: BigInt(time - taken.at), down: BigInt(rate.intervalMs) }
  const out = subtract(ratio(taken.count), back)
  return isMore(out.up < 0n ? nothing : out, ratio(rate.burst - 1))
}

function exposure(policy: RiskPolicy, facts: Facts, deny: Deny): void {
  const ofEquity = (fraction: number): Ratio => multiply(equity(facts), ratio(fraction))
  const own = facts.holdings.find(({ symbol }) => symbol === facts.symbol)
  const symbol = (): Ratio => priced(facts, add(own === undefined ? nothing : worthOf(own), worthInBase(facts)))
  const gross = (): Ratio => add(total(facts, worthOf), worthInBase(facts))
  deny('NOTIONAL_EXCEEDS_MAX_PER_ORDER', () => isMore(worthInBase(facts), ofEquity(policy.maxOrderFraction)))
  deny('MAX_POSITION', () => isMore(symbol(), ofEquity(policy.maxPositionFraction)))
  deny('MAX_CONCENTRATION', () => isMore(symbol(), ofEquity(policy.maxSymbolExposureFraction)))
  deny(
    'MAX_OPEN_POSITIONS',
    () => priced(facts, facts.holdings.length + (own === undefined ? 1 : 0)) > policy.maxOpenPositions,
  )
  deny('MAX_CORRELATED_EXPOSURE', () => {
    const along = priced(
      facts,
      facts.holdings.filter((other) => other !== own && other.movesAlong),
    )
    if (along.length === 0) return false
    const together = along.reduce((sum, other) => add(sum, worthOf(other)), symbol())
    return isMore(together, ofEquity(policy.maxCorrelatedExposureFraction))
  })
  deny('MAX_GROSS_EXPOSURE', () => {
    const most = ofEquity(policy.maxStressLossFraction)
    const { maxGrossExposureFraction: fraction } = policy
    if (fraction !== undefined && isMore(gross(), ofEquity(fraction))) return true
    return policy.stressShocks.some((shock) => isMore(multiply(gross(), ratio(-shock)), most))
  })
  const { maxNetExposureFraction, maxLeverage, maxOpenOrders, initialMarginFraction } = policy
  if (maxNetExposureFraction !== undefined)
    deny('MAX_NET_EXPOSURE', () => {
      const net = total(facts, ({ worth, buys, sells }) =>
        facts.side === 'buy' ? add(ratio(worth), ratio(buys)) : subtract(ratio(sells), ratio(worth)),
      )
      return isMore(add(net, worthInBase(facts)), ofEquity(maxNetExposureFraction))
    })
  if (maxLeverage !== undefined) deny('MAX_LEVERAGE', () => isMore(gross(), ofEquity(maxLeverage)))
  if (maxOpenOrders !== undefined)
    deny('MAX_OPEN_ORDERS', () => facts.holdings.reduce((sum, { entries }) => sum + entries, 1) > maxOpenOrders)
  if (initialMarginFraction !== undefined)
    deny('MARGIN_EXCEEDS_FREE_BALANCE', () => isMore(multiply(gross(), ratio(initialMarginFraction)), equity(facts)))
  const { cash, locked } = facts.foreign ?? facts
  const isAboveFree = (): boolean => isMore(setAside(policy, facts), subtract(ratio(cash), ratio(locked)))
  if (isContract(facts)) deny('MARGIN_EXCEEDS_FREE_BALANCE', isAboveFree)
  const paid = (isShort: () => boolean) => (): boolean => isShort() && !isContract(facts)
  deny(
    'NOTIONAL_EXCEEDS_FREE_BALANCE',
    paid(() => isMore(setAside(policy, facts), ratio(cash))),
  )
  deny(
    'CUM_NOTIONAL_EXCEEDS_FREE_BALANCE',
    paid(() => isAboveFree() && !isMore(setAside(policy, facts), ratio(cash))),
  )
  const { maxValueAtRiskFraction, maxConditionalValueAtRiskFraction, maxBeta } = policy
  if (maxValueAtRiskFraction !== undefined)
    deny('MAX_VALUE_AT_RISK', () => isMore(ratio(withOrder(facts).valueAtRisk), ratio(maxValueAtRiskFraction)))
  if (maxConditionalValueAtRiskFraction !== undefined)
    deny('MAX_CONDITIONAL_VALUE_AT_RISK', () =>
      isMore(ratio(withOrder(facts).tail), ratio(maxConditionalValueAtRiskFraction)),
    )
  if (maxBeta !== undefined) deny('MAX_BETA', () => isMore(size(ratio(withOrder(facts).beta)), ratio(maxBeta)))
}

/** Without a worth of the order nobody knows what the book would be with it. */
function withOrder(facts: Facts): NonNullable<Facts['portfolio']> {
  worthInBase(facts)
  return need(facts.portfolio)
}

/**
 * A limit price with the highest fee, or the price at hand with the buffer and the fee; of a contract its margin with that fee; and the
 * least fee, which is stated in the account's currency. In the currency that pays.
 */
function setAside(policy: RiskPolicy, facts: Facts): Ratio {
  const fee = ratio(policy.highestFeeFraction)
  const least = ratio(policy.highestFeeMinimum)
  const fixed = facts.foreign === undefined ? least : ceiling(divided(least, rateOf(facts)), 8)
  const buffer = facts.limitPrice === undefined ? add(one, ratio(policy.reservationBufferFraction)) : one
  if (!isContract(facts)) return add(multiply(multiply(notional(facts, highest(facts)), add(one, fee)), buffer), fixed)
  const margin = ceiling(divided(one, ratio(policy.contractLeverage ?? 1)), 12)
  const unit = multiply(multiply(highest(facts), ratio(facts.instrument?.multiplier ?? '1')), buffer)
  return add(multiply(ceiling(multiply(unit, add(margin, fee)), 18), ratio(facts.quantity)), fixed)
}

/** The same in the account's currency, of a contract as if all of it had to be paid. */
function budgeted(policy: RiskPolicy, facts: Facts): Ratio {
  const buffer = facts.limitPrice === undefined ? add(one, ratio(policy.reservationBufferFraction)) : one
  const paid = multiply(multiply(worthInBase(facts), add(one, ratio(policy.highestFeeFraction))), buffer)
  return add(paid, ratio(policy.highestFeeMinimum))
}

function ownPrincipals(policy: RiskPolicy, facts: Facts) {
  return (policy.principals ?? []).filter(
    ({ agent, strategy }) => (agent ?? facts.agent) === facts.agent && (strategy ?? facts.strategy) === facts.strategy,
  )
}

function principals(policy: RiskPolicy, facts: Facts, deny: Deny): void {
  for (const principal of ownPrincipals(policy, facts)) {
    const mine = facts.uses.filter(
      ({ agent, strategy }) => (principal.agent ?? agent) === agent && (principal.strategy ?? strategy) === strategy,
    )
    const sum = (amount: (use: Facts['uses'][number]) => Ratio): Ratio =>
      mine.reduce((all, use) => add(all, amount(use)), nothing)
    const { capital, maxDrawdown, modelBudget, maxOrderRate } = principal
    deny('AGENT_BUDGET_EXCEEDED', () => {
      const used = sum(({ openCost, outstanding }) => add(ratio(openCost), ratio(outstanding)))
      const fallen = sum(({ peak, realised }) => subtract(ratio(peak), ratio(realised)))
      const open = (): Ratio =>
        mine.length === 0
          ? nothing
          : priced(
              facts,
              sum(({ openResult }) => ratio(openResult)),
            )
      return (
        (capital !== undefined && isMore(add(used, budgeted(policy, facts)), ratio(capital))) ||
        (maxDrawdown !== undefined && isMore(subtract(fallen, open()), ratio(maxDrawdown))) ||
        (modelBudget !== undefined && isMore(ratio(need(facts.modelSpend)), ratio(modelBudget)))
      )
    })
    deny('RATE_LIMIT_EXCEEDED', () => isSpent(facts.principalTaken, maxOrderRate, facts.time))
  }
}
